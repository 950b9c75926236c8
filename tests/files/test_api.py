"""Files over HTTP, through the whole gateway."""

import hashlib
from urllib.parse import urlsplit

import pytest

from domains.auth import interface as auth
from tests.files.conftest import PNG

pytestmark = pytest.mark.django_db(databases="__all__")
PASSWORD = "correct horse battery staple"


def signed_in(api, name):
    account = auth.ensure_account(email=f"{name}@example.com", password=PASSWORD)
    answer = api.post("auth/login", {"email": account.email, "password": PASSWORD})
    return api.as_(token=answer.json()["access_token"])


@pytest.fixture
def owner(api, local_storage):
    return signed_in(api, "owner")


def facts_of(data, **changes):
    facts = {
        "name": "note.txt",
        "size": len(data),
        "content_type": "text/plain",
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return facts | changes


def bring(client, upload, data):
    parts = urlsplit(upload["url"])
    return client.client.generic(
        "PUT", f"{parts.path}?{parts.query}", data, content_type=upload["headers"]["Content-Type"]
    )


def uploaded(client, data, **changes):
    opened = client.post("files", facts_of(data, **changes))
    assert opened.status_code == 201, opened.content
    assert bring(client, opened.json()["upload"], data).status_code == 204
    answer = client.post(f"files/{opened.json()['id']}/complete")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_file_is_opened_brought_completed_and_read(owner):
    ready = uploaded(owner, b"hello", name="grüße 😀.txt")
    assert (ready["state"], ready["content_type"]) == ("ready", "text/plain")
    content = owner.get(f"files/{ready['id']}/content")
    assert b"".join(content.streaming_content) == b"hello"
    assert content["Content-Length"] == "5"
    assert content["Content-Disposition"].startswith("attachment; filename*=utf-8''gr%C3%BC")
    assert content["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in content["Content-Security-Policy"]


def test_only_a_raster_image_is_shown_inline(owner):
    image = uploaded(owner, PNG, name="a.png", content_type="image/png")
    page = uploaded(owner, b"<script>alert(1)</script>", name="a.html", content_type="text/html")
    assert owner.get(f"files/{image['id']}/content")["Content-Disposition"].startswith("inline")
    shown = owner.get(f"files/{page['id']}/content")
    assert shown["Content-Disposition"].startswith("attachment")
    assert shown["Content-Type"].startswith("text/plain")


def test_content_that_is_known_is_not_sent_again(owner):
    ready = uploaded(owner, b"hello")
    tag = owner.get(f"files/{ready['id']}/content")["ETag"]
    again = owner.get(f"files/{ready['id']}/content", If_None_Match=tag)
    assert (again.status_code, again["ETag"]) == (304, tag)


def test_a_binary_body_may_be_large_and_is_not_parsed(owner):
    data = b'{"a":' * 400_000
    assert uploaded(owner, data, name="deep.json", content_type="application/json")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"size": -1}, "/size"),
        ({"size": "5"}, "/size"),
        ({"size": 10**30}, "/size"),
        ({"size": True}, "/size"),
        ({"sha256": "x" * 64}, "/sha256"),
        ({"content_type": "text"}, "/content_type"),
        ({"content_type": "text/plain\r\nX-Evil: 1"}, "/content_type"),
        ({"name": "../../etc/passwd"}, "/name"),
        ({"name": "a\u0000b"}, "/name"),
        ({"name": ["a"]}, "/name"),
        ({"state": "ready"}, "/state"),
        ({"organization_id": "x"}, "/organization_id"),
    ],
)
def test_a_wrong_fact_is_refused_where_it_is_wrong(owner, changes, pointer):
    answer = owner.post("files", facts_of(b"hello", **changes))
    assert answer.status_code == 422, answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert owner.get("files").json()["data"] == []


def test_a_forged_upload_link_is_refused(owner, api):
    opened = owner.post("files", facts_of(b"hello")).json()
    path = f"/api/v1/files/{opened['id']}/upload"
    for query in ("", "?expires=1&signature=x", "?expires=9999999999&signature=" + "0" * 64):
        answer = api.client.generic("PUT", path + query, b"hello", content_type="text/plain")
        assert answer.status_code == 404
        assert answer.json()["code"] == "files.upload_link_invalid"


def test_a_strangers_file_is_like_one_that_never_was(owner, api):
    stranger = signed_in(api, "stranger")
    ready = uploaded(owner, b"hello")
    unknown = "01936f1e-8c5b-7a61-9d1f-2f6f0a6f8f11"
    for method, path in [
        ("GET", "files/{}"),
        ("DELETE", "files/{}"),
        ("POST", "files/{}/complete"),
        ("GET", "files/{}/content"),
    ]:
        answers = [stranger.request(method, path.format(i)).json() for i in (ready["id"], unknown)]
        for answer in answers:
            del answer["instance"], answer["request_id"]
        assert answers[0] == answers[1]
        assert answers[0]["status"] == 404
    assert owner.get(f"files/{ready['id']}").status_code == 200


def test_a_deleted_file_is_gone(owner):
    ready = uploaded(owner, b"hello")
    assert owner.delete(f"files/{ready['id']}").status_code == 204
    assert owner.get(f"files/{ready['id']}").status_code == 404
    assert owner.delete(f"files/{ready['id']}").status_code == 404
    assert owner.get("files").json() == {"data": [], "next_cursor": None}


def test_a_repeated_opening_reserves_once(owner):
    first = owner.post("files", facts_of(b"hello"), Idempotency_Key="one")
    again = owner.post("files", facts_of(b"hello"), Idempotency_Key="one")
    assert again.json() == first.json()
    assert len(owner.get("files").json()["data"]) == 1


def test_the_list_is_paged_newest_first(owner):
    ids = [uploaded(owner, bytes([i]) * 3)["id"] for i in range(48, 53)]
    first = owner.get("files?limit=3").json()
    rest = owner.get(f"files?limit=3&cursor={first['next_cursor']}").json()
    assert [f["id"] for f in first["data"] + rest["data"]] == ids[::-1]
    assert rest["next_cursor"] is None
