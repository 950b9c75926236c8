"""Providers that fail: who is asked instead, who is spared, and what the trace says of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.notifications.models import Delivery, Failure, Provider
from domains.notifications.services.channels.port import AttemptFailed
from domains.notifications.services.sending import attempts, claims, gate
from kernel.clock import now
from tests.notifications.conftest import an_open_delivery, send
from tests.notifications.mail_server import (
    MailServer,
    listening,
    mail_server,
    mute_server,
    sending_to,
    sending_to_either,
)
from tests.ports import free_port

pytestmark = pytest.mark.django_db(databases="__all__")


def steps(delivery: Delivery) -> list[tuple[str, str, str]]:
    return [(each["step"], each["decision"], each["rule"]) for each in delivery.trace]


class Somebody:
    """A provider that is only asked for."""

    name, key = "somebody", "test:somebody"

    def __init__(self, rate=None) -> None:
        self.rate = rate


def fail(failure: Failure, *, at, wait=None) -> None:
    error = AttemptFailed(failure, "away", wait=wait)
    gate.record_failure(provider=Somebody(), error=error, now=at)


def is_admitted(at, *, rate=None) -> bool:
    return isinstance(gate.admit(provider=Somebody(rate), now=at), gate.Admission)


def test_the_second_server_takes_what_the_first_can_not_once_it_died(ada):
    first, second = MailServer(), MailServer()
    with listening(second) as there:
        with listening(first) as here, sending_to_either(here, there):
            alive = send(an_open_delivery(ada))
        with sending_to_either(here, there):
            after_death = send(an_open_delivery(ada))
            spared = send(an_open_delivery(ada))
    assert (len(first.accepted), len(second.accepted)) == (1, 2)
    assert [each.provider for each in (alive, after_death, spared)] == [
        "server-0", "server-1", "server-1",
    ]  # fmt: skip
    assert steps(after_death) == [
        ("attempt", "failed", "failure.unreachable"),
        ("render", "passed", "template.shipped"),
        ("attempt", "passed", "provider.accepted"),
        ("result", "sent", "provider.accepted"),
    ]
    assert [each.get("provider") for each in after_death.trace] == [
        "server-0",
        None,
        "server-1",
        None,
    ]
    assert steps(spared)[0] == ("attempt", "deferred", gate.BREAKER)
    assert after_death.attempts == 1, "it is one attempt, whoever takes it"


def test_what_a_server_refuses_no_other_is_asked_to_take(ada):
    strict, lenient = MailServer(to_recipient="550 5.1.1 no such user"), MailServer()
    with listening(strict) as here, listening(lenient) as there, sending_to_either(here, there):
        delivery = send(an_open_delivery(ada))
    assert (delivery.state, lenient.accepted) == ("dead", [])


def test_what_may_have_arrived_is_not_given_to_another_server(ada):
    lost, other = MailServer(to_data="drop", keep_dropped=True), MailServer()
    with listening(lost) as here, listening(other) as there, sending_to_either(here, there):
        delivery = send(an_open_delivery(ada))
    assert (delivery.failure, len(lost.accepted), other.accepted) == (Failure.UNCERTAIN, 1, [])


def test_a_server_that_hangs_after_the_content_may_have_it(ada):
    with mail_server(pause=2.0) as server, sending_to(server_port(server), seconds=0.3):
        delivery = send(an_open_delivery(ada))
    assert (delivery.state, delivery.failure) == ("pending", Failure.UNCERTAIN)


def server_port(_server: MailServer) -> int:
    from django.conf import settings

    return settings.EMAIL_PORT


def test_a_greylisting_server_is_well(ada):
    with mail_server(to_recipient="451 4.7.1 come back later"):
        for _ in range(7):
            send(an_open_delivery(ada))
    assert not Provider.objects.filter(retry_at__isnull=False).exists()


def test_all_that_fails_is_in_the_trace_and_until_when_it_waits(ada):
    with sending_to(free_port()):
        delivery = send(an_open_delivery(ada))
    assert steps(delivery) == [
        ("attempt", "failed", "failure.unreachable"),
        ("result", "deferred", "retry.unreachable"),
    ]
    assert delivery.trace[-1]["until"] == delivery.due_at.isoformat()
    assert "refused" in delivery.trace[0]["reason"].lower()


def test_what_fan_out_decided_stays_before_what_sending_adds(ada):
    decided = {"step": "preferences", "decision": "passed", "rule": "preference.product", "at": "-"}
    with mail_server():
        delivery = send(an_open_delivery(ada, trace=[decided]))
    assert delivery.trace[0] == decided
    assert [each["step"] for each in delivery.trace[1:]] == ["render", "attempt", "result"]


def test_a_lost_worker_leaves_a_word_in_the_trace(ada):
    delivery = an_open_delivery(
        ada, state="claimed", handed_over_at=now() - timedelta(hours=1), attempts=1
    )
    claims.claim(delivery_id=delivery.id, now=now())
    delivery.refresh_from_db()
    assert steps(delivery) == [("result", "deferred", "retry.uncertain")]


def test_what_was_held_back_goes_when_its_time_has_come_and_not_before(ada):
    later = now() + timedelta(hours=3)
    delivery = an_open_delivery(ada, state="deferred", due_at=later)
    assert send(delivery).state == "deferred"
    due = attempts.due_deliveries(now=later + timedelta(minutes=1), limit=10)
    assert due == [delivery.id]
    assert send(delivery, later=timedelta(hours=4)).state == "sent"


def test_an_open_breaker_lets_one_attempt_through_once_its_time_has_come():
    at = now()
    fail(Failure.UNREACHABLE, at=at)
    assert not is_admitted(at + timedelta(seconds=1))
    later = at + timedelta(minutes=1)
    assert [is_admitted(later), is_admitted(later), is_admitted(later)] == [True, False, False]


def test_the_one_attempt_closes_it_or_opens_it_for_longer():
    at = now()
    fail(Failure.UNREACHABLE, at=at)
    pauses = []
    for _ in range(8):
        before = Provider.objects.get(key=Somebody.key).retry_at
        assert is_admitted(before)
        fail(Failure.UNREACHABLE, at=before)
        pauses.append(Provider.objects.get(key=Somebody.key).retry_at - before)
    assert pauses[0] < timedelta(minutes=1) < pauses[3]
    assert max(pauses) <= gate.LONGEST_PAUSE
    probe = Provider.objects.get(key=Somebody.key).retry_at
    admission = gate.admit(provider=Somebody(), now=probe)
    gate.record_success(provider=Somebody(), admission=admission)
    assert all(is_admitted(probe) for _ in range(3))
    assert Provider.objects.get(key=Somebody.key).failures == 0


@pytest.mark.parametrize("failure", [Failure.UNCERTAIN, Failure.CONFIGURATION])
def test_failures_in_a_row_open_it_and_a_success_between_them_does_not(failure):
    at = now()
    for _ in range(4):
        fail(failure, at=at)
    admission = gate.admit(provider=Somebody(), now=at)
    gate.record_success(provider=Somebody(), admission=admission)
    for _ in range(4):
        fail(failure, at=at)
    assert is_admitted(at)
    fail(failure, at=at)
    assert not is_admitted(at)


@pytest.mark.parametrize("failure", [Failure.TEMPORARY, Failure.PERMANENT])
def test_what_is_the_messages_own_fault_opens_nothing(failure):
    for _ in range(20):
        fail(failure, at=now())
    assert is_admitted(now())


def test_a_provider_that_says_for_how_long_is_left_alone_for_so_long():
    at = now()
    fail(Failure.UNREACHABLE, at=at, wait=timedelta(minutes=7))
    assert not is_admitted(at + timedelta(minutes=6, seconds=59))
    assert is_admitted(at + timedelta(minutes=7))


def test_a_rate_lets_its_burst_through_and_then_one_in_its_time():
    at, rate = now(), (3, 3600)
    assert [is_admitted(at, rate=rate) for _ in range(5)] == [True, True, True, False, False]
    after = at + timedelta(minutes=20, seconds=1)
    assert [is_admitted(after, rate=rate) for _ in range(2)] == [True, False]
    rested = at + timedelta(days=1)
    assert [is_admitted(rested, rate=rate) for _ in range(4)] == [True, True, True, False]


def test_what_the_rate_holds_back_was_no_attempt(ada, settings):
    settings.EMAIL_RATE = (1, 86_400)
    with mail_server() as server:
        send(an_open_delivery(ada))
        held = send(an_open_delivery(ada))
        assert (held.state, held.attempts) == ("pending", 0)
        assert steps(held) == [("attempt", "deferred", "provider.rate")]
        assert held.trace[0]["until"] == held.due_at.isoformat()
        assert held.due_at > now() + timedelta(hours=23)
        send(held, later=timedelta(days=2))
    assert len(server.accepted) == 2


def test_what_waits_for_long_says_so_once_and_until_when(ada, settings):
    settings.EMAIL_RATE = (1, 86_400)
    decided = {"step": "preferences", "decision": "passed", "rule": "preference.product", "at": "-"}
    with mail_server():
        send(an_open_delivery(ada))
        held = an_open_delivery(ada, trace=[decided])
        for _ in range(3):
            Delivery.objects.filter(id=held.id).update(due_at=now())
            send(held)
    assert held.trace[0] == decided
    assert steps(held)[1:] == [("attempt", "deferred", "provider.rate")]
    assert held.trace[-1]["until"] == held.due_at.isoformat()


def test_a_server_that_says_nothing_delays_nobody_else(ada):
    waiting = an_open_delivery(ada)
    with mute_server(hangs=True):
        send(an_open_delivery(ada))
        send(waiting)
    assert (waiting.state, waiting.attempts) == ("pending", 0)
    assert waiting.reason == f"waits: {gate.BREAKER}"


def test_far_sides_that_nothing_was_wrong_with_for_long_are_forgotten():
    at = now()
    fail(Failure.UNREACHABLE, at=at)
    gate.forget_healthy(now=at + timedelta(days=1))
    assert Provider.objects.filter(key=Somebody.key).exists()
    gate.forget_healthy(now=at + timedelta(days=9))
    assert not Provider.objects.filter(key=Somebody.key).exists()
