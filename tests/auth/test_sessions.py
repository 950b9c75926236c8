from __future__ import annotations

from datetime import timedelta

import jwt
import pytest

from domains.auth import interface as auth
from domains.auth.api import sessions as views
from domains.auth.contract.errors import RefreshTokenInvalid
from domains.auth.models import Session
from domains.auth.services import login, refresh, sessions
from kernel import clock as real
from kernel.ids import uuid7
from tests.auth.conftest import CLIENT, PASSWORD
from tests.auth.said import said

# What other processes are told, they are told after the commit.
COMMITTED = pytest.mark.django_db(transaction=True, databases="__all__")
EMAIL = "ada@example.com"
pytestmark = pytest.mark.django_db(databases="__all__")


def begin(ada, clock) -> Session:
    login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=clock.now)
    return Session.objects.order_by("id").last()


def test_all_sessions_but_one_can_be_ended(ada, clock):
    kept, *others = [begin(ada, clock) for _ in range(3)]
    ended = sessions.revoke_sessions(
        reason=Session.Reason.PASSWORD, now=clock.now, account_id=ada.id, except_id=kept.id
    )
    assert ended == 2
    assert {s.id for s in Session.objects.filter(revoked_at__isnull=True)} == {kept.id}
    assert {s.revoked_reason for s in Session.objects.filter(id__in=[o.id for o in others])} == {
        Session.Reason.PASSWORD
    }


class TestOverHTTP:
    """Two sessions of ada; `me` asks from the later one."""

    @pytest.fixture(autouse=True)
    def _two(self, api, deliver_events):
        auth.ensure_account(email=EMAIL, password=PASSWORD)
        deliver_events()
        credentials = {"email": EMAIL, "password": PASSWORD}
        tokens = [
            api.post("auth/login", credentials, User_Agent=agent).json()
            for agent in (CLIENT.user_agent, "curl/8.5.0")
        ]
        self.other, self.me = (api.as_(token=t["access_token"]) for t in tokens)
        self.other_id, self.my_id = Session.objects.order_by("id").values_list("id", flat=True)

    def stranger(self, api):
        account = auth.ensure_account(email="eve@example.com", password=PASSWORD)
        api.post("auth/login", {"email": "eve@example.com", "password": PASSWORD})
        return Session.objects.get(account_id=account.id)

    def test_sessions_are_listed_with_what_their_owner_knows_them_by(self, api):
        self.stranger(api)
        answer = self.me.get("auth/sessions").json()
        assert answer["next_cursor"] is None
        mine, other = answer["data"]
        assert (mine["id"], other["id"]) == (str(self.my_id), str(self.other_id))
        assert (mine["current"], other["current"]) == (True, False)
        assert (mine["device"], other["device"]) == ("curl", "Firefox on Linux")
        assert mine["place"] == mine["network"] == "127.0.0.0/24"
        assert mine["methods"] == ["password"]
        assert mine["created_at"] == mine["last_used_at"]
        assert mine["impersonated"] is False
        assert "hash" not in str(answer)

    def test_the_list_has_pages(self):
        first = self.me.get("auth/sessions?limit=1").json()
        second = self.me.get(f"auth/sessions?limit=1&cursor={first['next_cursor']}").json()
        assert [s["id"] for s in first["data"] + second["data"]] == [
            str(self.my_id),
            str(self.other_id),
        ]

    @pytest.mark.parametrize(
        "over",
        [
            {"expires_at": real.now()},
            {"refreshed_at": real.now() - timedelta(days=14)},
            {"revoked_at": real.now(), "revoked_reason": "staff"},
        ],
    )
    def test_what_ended_is_not_listed_and_can_not_be_ended(self, over):
        began = real.now() - timedelta(days=90)
        Session.objects.filter(id=self.other_id).update(created_at=began, **over)
        (listed,) = self.me.get("auth/sessions").json()["data"]
        assert listed["current"]
        assert self.me.delete(f"auth/sessions/{self.other_id}").status_code == 404

    @COMMITTED
    def test_another_session_is_ended(self):
        assert self.other.get("users/me").status_code == 200
        assert self.me.delete(f"auth/sessions/{self.other_id}").status_code == 204
        assert self.other.get("users/me").status_code == 401
        assert self.me.get("users/me").status_code == 200
        assert Session.objects.get(id=self.other_id).revoked_reason == Session.Reason.ELSEWHERE
        assert [said["reason"] for _, said in said("auth.session_revoked.v1")] == ["elsewhere"]

    @COMMITTED
    def test_ending_ones_own_is_signing_out(self):
        assert self.me.get("users/me").status_code == 200
        assert self.me.delete(f"auth/sessions/{self.my_id}").status_code == 204
        assert self.me.get("users/me").status_code == 401
        assert Session.objects.get(id=self.my_id).revoked_reason == Session.Reason.LOGOUT

    def test_nobody_elses_session_can_be_ended_or_told_from_none(self, api):
        eves = self.stranger(api)
        answers = [self.me.delete(f"auth/sessions/{id_}") for id_ in (eves.id, uuid7())]
        assert {a.status_code for a in answers} == {404}
        assert {a.json()["code"] for a in answers} == {"auth.session_not_found"}
        eves.refresh_from_db()
        assert eves.revoked_at is None

    @COMMITTED
    def test_all_others_are_ended_at_once(self, api):
        eves = self.stranger(api)
        assert self.other.get("users/me").status_code == 200
        assert self.me.delete("auth/sessions").status_code == 204
        assert self.other.get("users/me").status_code == 401
        assert self.me.get("users/me").status_code == 200
        eves.refresh_from_db()
        assert eves.revoked_at is None

    def test_a_machine_has_no_sessions(self, api):
        made = self.me.post("auth/api-keys", {"name": "CI", "permissions": ["auth.api_key:write"]})
        machine = api.as_(token=made.json()["secret"])
        for answer in (
            machine.get("auth/sessions"),
            machine.delete("auth/sessions"),
            machine.delete(f"auth/sessions/{self.my_id}"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "auth.session_required")

    def test_ending_others_needs_fresh_proof(self):
        """The gateway asks for it where a view says so."""
        from gateway.policies import policy_of

        for view in (views.SessionsView, views.SessionView):
            assert policy_of(view.as_view()).step_up == {"DELETE"}


class TestImpersonated:
    """A session that staff began as somebody else."""

    @pytest.fixture
    def token(self, ada):
        staff = auth.ensure_account(email="staff@example.com", password=PASSWORD, staff=True)
        now = real.now()
        began = login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=now)
        Session.objects.update(impersonator_id=staff.id, impersonation_reason="Ticket 7")
        self.staff_id = staff.id
        return refresh.refresh(refresh_token=began.refresh_token, client=CLIENT, now=now)

    def test_every_answer_says_so(self, token, api, deliver_events):
        deliver_events()
        me = api.as_(token=token.access_token)
        for path in ("users/me", "nothing", "auth/sessions?limit=x"):
            assert me.get(path)["Impersonated-By"] == "staff", path
        assert me.get("auth/sessions").json()["data"][0]["impersonated"] is True

    def test_nobody_else_is_marked(self, api, ada, deliver_events):
        deliver_events()
        tokens = login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=real.now())
        assert "Impersonated-By" not in api.as_(token=tokens.access_token).get("users/me")
        assert "act" not in claims_of(tokens.access_token)

    def test_the_token_names_the_staff(self, token):
        assert claims_of(token.access_token)["act"] == {"sub": str(self.staff_id)}

    def test_it_lives_for_an_hour_whatever_is_refreshed(self, token):
        began = Session.objects.get().created_at
        later = began + timedelta(minutes=55)
        renewed = refresh.refresh(refresh_token=token.refresh_token, client=CLIENT, now=later)
        assert renewed.expires_in == 5 * 60
        with pytest.raises(RefreshTokenInvalid):
            refresh.refresh(
                refresh_token=renewed.refresh_token,
                client=CLIENT,
                now=began + timedelta(minutes=60),
            )
        session = Session.objects.get()
        assert not sessions.is_active(session, now=began + timedelta(minutes=60))
        assert sessions.is_active(session, now=began + timedelta(minutes=59))


def claims_of(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def test_one_refresh_token_can_not_be_shown_without_end(api):
    """Tabs and retries have room; a loop has not, and takes nothing from other tokens."""
    shown = [api.post("auth/refresh", {"refresh_token": "a" * 86}).status_code for _ in range(121)]
    assert set(shown[:50]) == {401}
    assert shown[-1] == 429
    assert api.post("auth/refresh", {"refresh_token": "b" * 86}).status_code == 401
