"""Who may open a stream: with a token or a ticket, and what they are told who may not."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from domains.auth import interface as auth
from domains.notifications import interface as notifications
from domains.notifications.api.stream import hub
from domains.notifications.models import StreamTicket
from domains.notifications.services.feed import tickets
from domains.notifications.tasks import clear_feeds
from kernel.clock import now
from kernel.ids import uuid7
from kernel.principal import Principal
from kernel.redis import connection
from kernel.streams.handover import Handover, StreamsUnsupported, require_socket
from tests.client import Api
from tests.notifications.conftest import principal
from tests.notifications.feeds import signed_in

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def mine(api, ada) -> Api:
    return signed_in(api, ada)


def ticket_of(mine: Api) -> str:
    answer = mine.post("notifications/stream-ticket")
    assert answer.status_code == 201
    assert answer.json()["expires_in"] == 60
    return answer.json()["ticket"]


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_server_that_cant_hand_the_connection_over_says_so(mine):
    answer = mine.get("notifications/stream")
    assert code(answer) == (503, "kernel.streams_unsupported")
    assert answer.headers["Retry-After"] == "60"
    assert hub.size == 0


def test_strangers_open_nothing(api):
    assert code(api.get("notifications/stream")) == (401, "gateway.credentials_missing")
    assert api.post("notifications/stream-ticket").status_code == 401


@pytest.mark.parametrize("id_", ["x", "-1", "1.5", "9" * 19, "\u0661"])
def test_an_id_that_no_event_has_is_refused(mine, id_):
    answer = mine.get(f"notifications/stream?last_event_id={id_}")
    assert code(answer) == (400, "notifications.last_event_id_malformed")


def test_a_ticket_stands_for_the_session_once(api, mine):
    ticket = ticket_of(mine)
    assert code(api.get(f"notifications/stream?ticket={ticket}"))[0] == 503  # let in
    answer = api.get(f"notifications/stream?ticket={ticket}")
    assert code(answer) == (401, "notifications.stream_ticket_invalid")


def test_a_ticket_opens_nothing_but_the_stream(api, mine):
    answer = api.get(f"notifications?ticket={ticket_of(mine)}")
    assert code(answer) == (401, "gateway.credentials_missing")


def test_a_ticket_of_a_session_that_has_ended_opens_nothing(api, mine):
    ticket = ticket_of(mine)
    assert mine.post("auth/logout").status_code == 204
    connection().flushdb()  # what tells of it comes with the commit, which is the test's own
    answer = api.get(f"notifications/stream?ticket={ticket}")
    assert code(answer) == (401, "gateway.session_ended")


def a_principal(account_id, **more) -> Principal:
    return Principal(
        kind="account",
        account_id=account_id,
        session_id=uuid7(),
        proven_at=now(),
        organization_id=uuid7(),
        memberships={},
        **more,
    )


def test_a_ticket_keeps_what_the_token_said(ada):
    asks = a_principal(ada.id, mfa=True, impersonator_id=uuid7())
    grant = tickets.redeem(ticket=tickets.issue(principal=asks, now=now()), now=now())
    assert (grant.account_id, grant.session_id) == (ada.id, asks.session_id)
    assert (grant.impersonator_id, grant.mfa) == (asks.impersonator_id, True)
    assert grant.proven_at == asks.proven_at


def test_a_ticket_is_good_for_a_minute_and_swept_after_it(ada):
    issued = now()
    ticket = tickets.issue(principal=a_principal(ada.id), now=issued)
    with pytest.raises(notifications.StreamTicketInvalid):
        tickets.redeem(ticket=ticket, now=issued + timedelta(seconds=60))
    clear_feeds(now=issued + timedelta(seconds=59))
    assert StreamTicket.objects.count() == 1
    clear_feeds(now=issued + timedelta(seconds=60))
    assert StreamTicket.objects.count() == 0


def test_what_was_never_given_out_is_refused_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0, using="notifications"):
        for invented in ("", ".", "x", "a" * 43 + "." + "0" * 64, "é.é"):
            with pytest.raises(notifications.StreamTicketInvalid):
                tickets.redeem(ticket=invented, now=now())


def test_only_somebody_in_a_session_gets_one(ada):
    key = Principal(
        kind="api_key",
        account_id=ada.id,
        api_key_id=uuid7(),
        organization_id=uuid7(),
        memberships={},
    )
    with pytest.raises(notifications.PersonRequired):
        tickets.issue(principal=key, now=now())
    with pytest.raises(auth.SessionRequired):
        tickets.issue(principal=principal(ada.id), now=now())


@pytest.fixture
def pair():
    near, far = socket.socketpair()
    with near, far:
        yield near, far


def test_the_connection_lives_on_when_the_server_has_closed_its_own(pair):
    near, far = pair
    taken: list[socket.socket] = []
    body = Handover(near, opening=b"first", take=taken.append, leave=taken.clear)
    assert list(body) == [b"first"]
    with pytest.raises(BrokenPipeError):
        near.sendall(b"0\r\n\r\n")
    near.shutdown(socket.SHUT_WR)
    near.close()
    body.close()
    (kept,) = taken
    kept.sendall(b"second")
    assert far.recv(100) == b"second"
    kept.close()
    assert far.recv(100) == b""


def test_a_response_that_is_never_sent_leaves_its_place(pair):
    left: list[str] = []
    body = Handover(pair[0], opening=b"first", take=print, leave=lambda: left.append("left"))
    body.close()
    body.close()
    assert left == ["left"]


def test_a_connection_that_nobody_takes_is_closed(pair):
    def refuse(_: socket.socket) -> None:
        raise RuntimeError

    left: list[str] = []
    body = Handover(pair[0], opening=b"first", take=refuse, leave=lambda: left.append("left"))
    assert next(body) == b"first"
    with pytest.raises(RuntimeError):
        next(body)
    body.close()
    assert (left, pair[1].recv(100)) == (["left"], b"")


@pytest.mark.parametrize("version", ["HTTP/2.0", None])
def test_a_connection_that_others_share_is_not_taken(pair, version):
    with pytest.raises(StreamsUnsupported):
        require_socket({"gunicorn.socket": pair[0], "SERVER_PROTOCOL": version})
