"""A client with tabs, a network that loses and delays, and a thief, against one session.

The model knows what an owner may expect, not how it is done: an honest client is never signed
out, whatever the network does to its answers; a stolen token and its owner's can't both go on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domains.auth.contract.data import Method
from domains.auth.contract.errors import RefreshTokenInvalid
from domains.auth.models import Account, Session
from domains.auth.services import refresh, sessions
from domains.auth.services.clients import Client
from kernel.crypto import hash_secret
from kernel.db import transaction

pytestmark = pytest.mark.django_db(databases="__all__")

WINDOW = timedelta(seconds=30)
OWNER = Client(address="203.0.113.7", user_agent="Firefox")
THIEF = Client(address="198.51.100.9", user_agent="curl/8.5.0")
TABS = st.integers(0, 2)


class Sessions(RuleBasedStateMachine):
    """Each rule is one thing that happens; `stored` is what the owner's tabs share.

    A tab whose answer was lost asks again within the window, as a client must, and one of its
    answers arrives in that time.
    """

    @initialize()
    def sign_in(self) -> None:
        self.now = datetime(2026, 1, 31, 12, tzinfo=UTC)
        account = Account.objects.get()
        with transaction("auth"):
            session, token = sessions.start_session(
                account, methods=(Method.PASSWORD,), client=OWNER, now=self.now
            )
        self.session_id = session.id
        self.stored = token
        self.waiting: dict[int, datetime] = {}
        self.loot: list[str] = []
        self.issued = [token]
        self.rotated_at: dict[str, datetime] = {}
        self.compromised = self.alarmed = False

    def show(self, token: str, client: Client) -> str | None:
        """Return what the server answers, and check it against what it has said before."""
        try:
            got = refresh.refresh(refresh_token=token, client=client, now=self.now).refresh_token
        except RefreshTokenInvalid:
            return None
        assert got != token
        if token in self.rotated_at:
            assert got == self.issued[self.issued.index(token) + 1], "the very same successor"
            assert self.now <= self.rotated_at[token] + WINDOW, "a used token counts no longer"
        else:
            assert token == self.issued[-1], "only the last one can have a new successor"
            self.rotated_at[token] = self.now
            self.issued.append(got)
        return got

    def session(self) -> Session:
        return Session.objects.get(id=self.session_id)

    # The owner's client, and the network.

    @rule(tab=TABS)
    def a_tab_refreshes_and_the_answer_arrives(self, tab: int) -> None:
        self.receive(tab, self.show(self.stored, OWNER))

    @rule(tab=TABS)
    def a_tab_refreshes_and_the_answer_is_lost(self, tab: int) -> None:
        if self.show(self.stored, OWNER) is None:
            self.honest_refusal()
        self.waiting.setdefault(tab, self.now)

    @rule(tabs=st.lists(TABS, min_size=2, max_size=3, unique=True))
    def tabs_refresh_with_the_same_token_at_once(self, tabs: list[int]) -> None:
        token = self.stored
        for got in [self.show(token, OWNER) for _ in tabs]:
            self.receive(tabs[0], got)

    @precondition(lambda self: not self.waiting)
    @rule(tab=TABS, seconds=st.sampled_from([0, 1, 15, 29, 30]), answers_lost=st.integers(1, 3))
    def an_answer_arrives_in_the_nick_of_time(
        self, tab: int, seconds: int, answers_lost: int
    ) -> None:
        for _ in range(answers_lost):
            self.a_tab_refreshes_and_the_answer_is_lost(tab)
        self.now += timedelta(seconds=seconds)
        self.receive(tab, self.show(self.stored, OWNER))

    def receive(self, tab: int, got: str | None) -> None:
        self.waiting.pop(tab, None)
        if got is None:
            self.honest_refusal()
        else:
            self.stored = got

    def honest_refusal(self) -> None:
        """The owner may be signed out because of a thief, and for nothing else."""
        assert self.compromised, "an honest client was signed out"
        assert self.session().revoked_reason == Session.Reason.REUSE

    # The thief.

    @rule()
    def a_thief_copies_what_the_client_stores(self) -> None:
        self.loot.append(self.stored)

    @precondition(lambda self: self.loot)
    @rule(which=st.integers(0, 9))
    def the_thief_shows_a_token(self, which: int) -> None:
        token = self.loot[which % len(self.loot)]
        used = token in self.rotated_at
        late = used and self.now > self.rotated_at[token] + WINDOW
        alive = self.session().revoked_at is None
        self.compromised = True
        got = self.show(token, THIEF)
        if got is not None:
            self.loot.append(got)
        if late and alive:
            assert got is None
            assert self.session().revoked_reason == Session.Reason.REUSE

    # Time.

    @rule(seconds=st.integers(1, 12))
    def a_moment_passes(self, seconds: int) -> None:
        """Whoever waits for an answer asks again before the window is over."""
        self.pass_time(timedelta(seconds=seconds))

    @precondition(lambda self: not self.waiting)
    @rule(minutes=st.integers(1, 600))
    def nobody_does_anything_for_long(self, minutes: int) -> None:
        self.pass_time(timedelta(minutes=minutes))

    def pass_time(self, by: timedelta) -> None:
        self.now += by
        overdue = [tab for tab, since in self.waiting.items() if self.now - since > WINDOW / 2]
        for tab in overdue:
            self.receive(tab, self.show(self.stored, OWNER))

    # What always holds.

    @invariant()
    def one_token_at_most_is_alive(self) -> None:
        session = self.session()
        assert session.rotations == len(self.issued) - 1
        assert session.refresh_hash == hash_secret(self.issued[-1])
        if session.revoked_at is not None:
            assert self.compromised, "nobody raised an alarm over nothing"
            assert session.successor_encrypted == ""

    def teardown(self) -> None:
        """Where both go on, the session ends at the second use after the window at the latest."""
        if not self.loot:
            return
        self.compromised = True
        for holder, token in ((THIEF, self.loot[-1]), (OWNER, self.stored)):
            self.now += timedelta(minutes=10)
            self.show(token, holder)
        assert self.session().revoked_reason == Session.Reason.REUSE


def test_an_honest_client_is_never_signed_out_and_a_thief_always_in_the_end(ada):
    run_state_machine_as_test(
        Sessions,
        settings=settings(max_examples=40, stateful_step_count=25),
    )
