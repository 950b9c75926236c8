"""Live streams on the real web server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from domains.notifications.services.feed import changing
from kernel.clock import now
from tests import patience
from tests.notifications.conftest import person, principal
from tests.notifications.feeds import signed_in, told
from tests.notifications.streams import connect, serving, stream
from tests.patience import eventually

pytestmark = [pytest.mark.django_db(transaction=True, databases="__all__"), pytest.mark.slow]

STREAMS = 1_000
PEOPLE = 10
# The requests' own four, that of the streams, and those that ask databases for it.
THREADS = 8


@pytest.fixture
def web(tmp_path):
    with serving(tmp_path) as web:
        yield web


@pytest.fixture
def token(api, ada) -> str:
    return signed_in(api, ada).headers["Authorization"].removeprefix("Bearer ")


def get(web, token, path, method="GET"):
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{web.url}/api/v1/{path}"
    return httpx.request(method, url, headers=headers, timeout=patience.SECONDS)


def test_what_comes_is_told_at_once_with_its_number_and_the_counts(web, ada, token):
    told(ada, "before")
    with stream(web, token) as heard:
        first = next(heard)
        assert (first.name, first.id) == ("counts", 1)
        assert first.data == {"unread": 1, "unseen": 1, "last_sequence": 1}
        told(ada, "one", "two")
        one, two = next(heard), next(heard)
    assert [(e.name, e.id, e.data["notification"]["title"]) for e in (one, two)] == [
        ("notification", 2, "one"),
        ("notification", 3, "two"),
    ]
    assert (two.data["unread"], two.data["unseen"]) == (3, 3)
    shown = get(web, token, "notifications?limit=1").json()["data"][0]
    assert two.data["notification"] == shown


def test_what_is_read_elsewhere_changes_the_count_here(web, ada, token):
    told(ada, "one")
    with stream(web, token) as heard:
        next(heard)
        changing.mark_all_read(principal=principal(ada.id), up_to=None, now=now())
        changed = next(heard)
    assert (changed.name, changed.id, changed.data["unread"]) == ("counts", None, 0)


@pytest.mark.parametrize("by", ["after", "last_event_id"])
def test_a_client_that_comes_back_is_told_what_it_missed(web, ada, token, by):
    told(ada, *map(str, range(250)))
    with stream(web, token, **{by: 17}) as heard:
        first = next(heard)
        assert (first.name, first.id) == ("counts", 17)
        assert [next(heard).id for _ in range(233)] == list(range(18, 251))


def test_nobody_hears_of_anybody_elses(web, ada, token):
    other = person("other")
    with stream(web, token) as heard:
        next(heard)
        told(other, "theirs")
        told(ada, "mine")
        assert next(heard).data["notification"]["title"] == "mine"


def test_without_the_doorbell_it_is_told_all_the_same(tmp_path, ada, token, monkeypatch):
    from domains.notifications.services.feed import doorbell

    monkeypatch.setattr(doorbell, "CHANNEL", "nobody listens")
    with serving(tmp_path) as web, stream(web, token) as heard:
        next(heard)
        told(ada, "quietly")
        assert next(heard).id == 1


def test_the_requests_of_all_threads_are_answered_beside_more_streams_than_threads(web, ada, token):
    streams = [connect(web, token) for _ in range(8)]
    assert all(b"200 OK" in each.recv(4096) for each in streams)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: get(web, token, "notifications/counts"), range(40)))
    assert {each.status_code for each in answers} == {200}
    for each in streams:
        each.close()


def test_a_person_has_a_bounded_number_of_streams_and_closing_one_makes_room(web, ada, token):
    streams = [connect(web, token) for _ in range(10)]
    assert all(b"200 OK" in each.recv(4096) for each in streams)
    refused = get(web, token, "notifications/stream")
    assert (refused.status_code, refused.json()["code"]) == (429, "kernel.too_many_streams")
    assert refused.headers["Retry-After"] == "5"
    streams.pop().close()

    def again() -> bool:
        with connect(web, token) as retried:
            return b"200 OK" in retried.recv(4096)

    eventually(again)


def test_a_ticket_opens_one_stream_and_stands_in_no_log(web, ada, token):
    answer = get(web, token, "notifications/stream-ticket", "POST")
    ticket = answer.json()["ticket"]
    with stream(web, ticket=ticket) as heard:
        assert next(heard).name == "counts"
        told(ada, "one")
        assert next(heard).id == 1
    again = httpx.get(f"{web.url}/api/v1/notifications/stream", params={"ticket": ticket})
    assert again.status_code == 401
    assert again.json()["code"] == "notifications.stream_ticket_invalid"
    logged = web.log.read_text()
    assert '"path": "/api/v1/notifications/stream"' in logged
    assert f'"account_id": "{ada.id}"' in logged
    assert ticket[:20] not in logged
    assert token[-40:] not in logged


def test_a_stream_ends_with_its_session(tmp_path, ada, token):
    with serving(tmp_path, STREAM_HEARTBEAT_SECONDS="0.2") as web, stream(web, token) as heard:
        next(heard)
        assert get(web, token, "auth/logout", "POST").status_code == 204
        assert list(heard) == []


def test_a_stopping_server_ends_its_streams_as_the_protocol_asks(web, ada, token):
    with stream(web, token) as heard:
        next(heard)
        web.stop()
        assert list(heard) == []  # a body cut short would raise
    assert "Traceback" not in web.log.read_text()


def test_a_client_of_http_1_0_is_told_without_chunks(web, ada, token):
    told(ada, "one")
    with connect(web, token, version="1.0") as asked:
        said = asked.recv(4096)
        assert b"chunked" not in said
        told(ada, "two")
        eventually(lambda: b"id: 2\nevent: notification" in asked.recv(4096))


def memory(process: psutil.Process) -> float:
    """Return the megabytes that are the process's own: of a page shared by n, one nth."""
    return process.memory_full_info().pss / 1e6


def test_a_thousand_idle_streams_are_held_in_150_megabytes_beside_the_api(
    tmp_path, api, record_property
):
    tokens = []
    for number in range(PEOPLE):
        client = signed_in(api, person(f"p{number}"))
        tokens.append(client.headers["Authorization"].removeprefix("Bearer "))
    with serving(tmp_path, STREAMS_PER_PERSON="1000") as web:
        assert get(web, tokens[0], "notifications").status_code == 200
        (worker,) = web.workers
        before, threads = memory(worker), worker.num_threads()
        streams = []
        for number in range(STREAMS):
            opened = connect(web, tokens[number % PEOPLE])
            streams.append(opened)
            assert b"200 OK" in opened.recv(4096)
        held = memory(worker)
        record_property("megabytes", f"{before:.1f} before, {held:.1f} with {STREAMS} streams")
        assert held < 150
        assert get(web, tokens[0], "notifications").status_code == 200
        assert worker.num_threads() <= threads + THREADS
        for each in streams:
            each.close()
