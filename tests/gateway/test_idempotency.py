"""One effect and one answer for one key, whatever happens in between."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import OperationalError, connections

from gateway import repeats
from kernel import idempotency
from kernel.clock import now
from kernel.db import answer_scope, transaction
from kernel.idempotency import Answer, Claim, ClaimLost, KeyInUse
from kernel.models import FailedEvent, IdempotencyRecord
from tests.client import Api
from tests.gateway.views import MARKER, make_row

pytestmark = pytest.mark.django_db(databases="__all__")

KEY = {"Idempotency_Key": "k-1"}


def rows():
    return FailedEvent.objects.using("billing").count()


def records():
    return IdempotencyRecord.objects.using("billing")


def code(response):
    return (response.status_code, response.json()["code"])


def test_a_repeat_gets_the_first_answer_and_no_second_effect(api):
    first = api.post("t/write", {"a": 1}, **KEY)
    again = api.post("t/write", {"a": 1}, **KEY)
    assert rows() == 1
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Location"] == first["Location"] == "/made"
    assert again["Content-Type"] == first["Content-Type"]
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first


def test_a_repeat_is_a_request_of_its_own(api):
    first = api.post("t/write", {}, **KEY)
    again = api.post("t/write", {}, **KEY)
    assert first["X-Request-Id"] != again["X-Request-Id"]
    assert first["RateLimit"] != again["RateLimit"]


def test_without_a_key_each_request_has_its_effect(api):
    for _ in range(2):
        assert api.post("t/write").status_code == 201
    assert rows() == 2
    assert not records().exists()


def test_the_same_key_with_another_request_is_refused(api, ada):
    api.post("t/write", {"a": 1}, **KEY)
    assert code(api.post("t/write", {"a": 2}, **KEY)) == (422, "gateway.idempotency_key_reused")
    assert code(api.post("t/write?x=1", {"a": 1}, **KEY))[0] == 422
    assert code(api.post("t/no-effect", {"a": 1}, **KEY))[0] == 422
    assert rows() == 1


def test_the_organization_is_part_of_the_request(ada):
    from domains.users import interface as users

    other = users.ensure_organization(account_id=ada.account_id, name="Other")
    assert ada.api.post("t/me", {}, **KEY).status_code == 201
    response = ada.api.post("t/me", {}, Organization_Id=str(other.id), **KEY)
    assert code(response) == (422, "gateway.idempotency_key_reused")


def test_a_key_is_each_callers_own(ada, sign_in):
    bob = sign_in("bob")
    first = ada.api.post("t/me", {}, **KEY)
    second = bob.api.post("t/me", {}, **KEY)
    assert first.json()["id"] == str(ada.account_id)
    assert second.json()["id"] == str(bob.account_id)
    assert "Idempotency-Replayed" not in second


def test_anonymous_callers_are_told_apart_by_address(api):
    for address in ("198.51.100.1", "198.51.100.2"):
        response = api.client.post(
            "/api/v1/t/write",
            {},
            content_type="application/json",
            headers={"Idempotency-Key": "k"},
            REMOTE_ADDR=address,
        )
        assert "Idempotency-Replayed" not in response
    assert rows() == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", '"', '"a', '"a"b"', "ü", "\x7f"])
def test_a_key_that_cannot_be_read_is_refused(api, key):
    response = api.post("t/write", {}, Idempotency_Key=key)
    assert code(response) == (400, "gateway.idempotency_key_malformed")
    assert rows() == 0


def test_a_quoted_key_is_the_same_as_a_bare_one(api):
    api.post("t/write", {}, Idempotency_Key='"k-1"')
    assert api.post("t/write", {}, **KEY)["Idempotency-Replayed"] == "true"


def test_where_money_moves_a_key_is_demanded(api):
    assert code(api.post("t/money")) == (400, "kernel.idempotency_key_required")
    assert api.post("t/money", None, **KEY).json() == {"key": "k-1"}


def test_an_error_inside_the_transaction_undoes_the_effect_and_frees_the_key(api):
    assert api.post("t/write", {"then": "raise inside"}, **KEY).status_code == 409
    assert rows() == 0
    assert not records().exists()


def test_an_error_after_the_transaction_keeps_the_effect_and_is_replayed(api):
    first = api.post("t/write", {"then": "raise after"}, **KEY)
    again = api.post("t/write", {"then": "raise after"}, **KEY)
    assert (first.status_code, rows()) == (409, 1)
    assert again["Idempotency-Replayed"] == "true"
    assert again["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("headers", [{}, KEY])
def test_a_failure_of_ours_undoes_the_effect_and_frees_the_key(api, headers):
    body = {"then": "break after"}
    assert code(api.post("t/write", body, **headers)) == (500, "gateway.internal_error")
    assert rows() == 0
    assert not records().exists()


def test_a_refusal_without_an_effect_frees_the_key(api):
    assert api.post("t/no-effect", {"refuse": True}, **KEY).status_code == 422
    assert "Idempotency-Replayed" not in api.post("t/no-effect", {}, **KEY)


def test_a_success_without_an_effect_is_replayed_too(api):
    first = api.post("t/no-effect", {}, **KEY)
    again = api.post("t/no-effect", {}, **KEY)
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"


def test_reads_have_no_use_for_a_key(api):
    assert api.get("t/public", **KEY).status_code == 200
    assert not records().exists()


def test_a_streamed_body_is_not_stored(api):
    for _ in range(2):
        response = api.client.put(
            "/api/v1/t/upload", b"x", content_type="image/png", headers={"Idempotency-Key": "k"}
        )
        assert response.json() == {"size": 1}
        assert "Idempotency-Replayed" not in response


def whole(api, text, **named):
    return api.client.generic(
        "POST",
        "/api/v1/t/whole",
        text,
        content_type="text/csv",
        headers={"Idempotency-Key": "k"},
        **named,
    )


def test_a_body_that_is_taken_whole_is_known_again(api):
    first, again = whole(api, "a,b"), whole(api, "a,b")
    assert again.json() == first.json() == {"text": "a,b"}
    assert again["Idempotency-Replayed"] == "true"
    assert rows() == 1
    assert code(whole(api, "a,c")) == (422, "gateway.idempotency_key_reused")


def test_half_a_body_is_refused_and_can_be_sent_again(api):
    cut = {"CONTENT_LENGTH": "50", "wsgi.input": BytesIO(b"a,b")}
    assert code(whole(api, "a,b", **cut)) == (400, "gateway.body_cut_short")
    assert rows() == 0
    assert whole(api, "a,b").status_code == 200
    assert rows() == 1


def test_what_is_stored_cannot_be_read_or_guessed_by_who_reads_the_table(api):
    api.post("t/write", {"password": "hunter2"}, **KEY)
    record = records().get()
    kept = " ".join(str(value) for value in vars(record).values())
    assert MARKER not in kept
    assert "hunter2" not in kept
    import hashlib

    for material in (b'{"password": "hunter2"}', b"hunter2"):
        assert hashlib.sha256(material).hexdigest() not in kept


def test_a_rotated_key_still_replays(api, settings):
    first = api.post("t/write", {}, **KEY)
    settings.SIGNING_KEYS = ("new", *settings.SIGNING_KEYS)
    settings.FIELD_ENCRYPTION_KEYS = ("new", *settings.FIELD_ENCRYPTION_KEYS)
    assert api.post("t/write", {}, **KEY).content == first.content


def test_after_a_day_the_key_is_free_again(api):
    api.post("t/write", {}, **KEY)
    kept_until = records().get().expires_at
    assert timedelta(hours=23, minutes=59) < kept_until - now() <= timedelta(hours=24)
    records().update(expires_at=now())
    assert "Idempotency-Replayed" not in api.post("t/write", {"other": 1}, **KEY)
    assert rows() == 2


def test_what_has_expired_is_purged_and_nothing_else(api, monkeypatch):
    monkeypatch.setattr(idempotency, "BATCH", 2)
    for n in range(5):
        api.post("t/write", {}, Idempotency_Key=f"old-{n}")
    records().update(expires_at=now())
    api.post("t/write", {}, **KEY)
    idempotency.purge_expired("billing", now())
    assert [record.key for record in records()] == ["k-1"]


def test_the_purge_is_scheduled_for_every_domain(settings):
    from kernel import periodic

    for domain in settings.DOMAINS:
        names = [task.name for task in periodic.of_domain(domain)]
        assert f"{domain}.purge_idempotency_records" in names


def test_an_effect_is_told_only_after_it_was_committed(api, tmp_path, transactional_db):
    path = tmp_path / "told"
    assert api.post("t/told", {"path": str(path)}).json() == {"before": False}
    assert path.exists()


def claim(key="k", request=b"r", at=None):
    return idempotency.claim(alias="billing", scope="s", key=key, request=request, now=at or now())


def test_a_claim_whose_holder_died_is_taken_over_after_its_lease():
    first = claim()
    with pytest.raises(KeyInUse):
        claim()
    second = claim(at=now() + idempotency.LEASE)
    assert isinstance(second, Claim)
    assert second != first


def test_of_two_attempts_only_the_one_with_the_claim_can_commit():
    late = claim()
    claim(at=now() + idempotency.LEASE)
    with pytest.raises(ClaimLost), answer_scope("billing"):
        with transaction("billing"):
            make_row()
        idempotency.record(late, Answer(status=200, headers={}, body=""))
    assert rows() == 0


def test_giving_up_does_not_free_what_another_holds_or_has_answered():
    late = claim()
    current = claim(at=now() + idempotency.LEASE)
    idempotency.release(late)
    with pytest.raises(KeyInUse):
        claim()
    idempotency.record(current, Answer(status=200, headers={}, body="x"))
    idempotency.release(current)
    assert claim() == Answer(status=200, headers={}, body="x")


def test_a_commit_that_fails_frees_the_key(api, monkeypatch):
    real = repeats.answer_scope

    @contextmanager
    def failing(alias):
        with real(alias) as inner:
            yield inner
            inner.fail()
        raise OperationalError("the connection was lost while committing")

    monkeypatch.setattr(repeats, "answer_scope", failing)
    assert api.post("t/write", {}, **KEY).status_code == 503
    assert not records().exists()


@pytest.mark.django_db(databases="__all__", transaction=True)
class TestAtOnce:
    def run(self, count, call):
        answers, barrier = [], threading.Barrier(count)

        def work(n):
            barrier.wait()
            try:
                answers.append(call(n))
            finally:
                connections.close_all()

        workers = [threading.Thread(target=work, args=(n,)) for n in range(count)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return answers

    def test_of_many_at_once_one_has_an_effect(self):
        answers = self.run(12, lambda _: Api().post("t/write", {}, **KEY))
        statuses = [answer.status_code for answer in answers]
        assert rows() == 1
        assert set(statuses) <= {201, 409}
        fresh = [a for a in answers if a.status_code == 201 and not a.get("Idempotency-Replayed")]
        assert len(fresh) == 1

    def test_while_the_first_runs_a_repeat_is_told_to_wait(self, tmp_path):
        started, go = tmp_path / "started", tmp_path / "go"
        body = {"then": "wait", "started": str(started), "go": str(go)}
        answers = []

        def first():
            answers.append(Api().post("t/write", body, **KEY))
            connections.close_all()

        running = threading.Thread(target=first)
        running.start()
        while not started.exists():
            pass
        refused = Api().post("t/write", body, **KEY)
        go.touch()
        running.join()
        assert code(refused) == (409, "gateway.idempotency_key_in_use")
        assert refused["Retry-After"] == "1"
        assert answers[0].status_code == 201
        assert Api().post("t/write", body, **KEY)["Idempotency-Replayed"] == "true"

    def test_one_that_was_thought_dead_is_rolled_back(self, tmp_path):
        started, go = tmp_path / "started", tmp_path / "go"
        body = {"then": "wait", "started": str(started), "go": str(go)}
        answers = []

        def first():
            answers.append(Api().post("t/write", body, **KEY))
            connections.close_all()

        running = threading.Thread(target=first)
        running.start()
        while not started.exists():
            pass
        records().update(leased_until=now())
        go.touch()
        second = Api().post("t/write", body, **KEY)
        running.join()
        assert sorted([second.status_code, answers[0].status_code]) in ([201, 201], [201, 409])
        assert rows() == 1
