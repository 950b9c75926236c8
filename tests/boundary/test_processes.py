"""Calls between real processes, over a real socket."""

from __future__ import annotations

from uuid import uuid4

import pytest

from domains.auth import interface as auth
from domains.users import interface as users
from kernel import context
from kernel.errors import Unavailable
from tests.boundary.processes import serving

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

PASSWORD = "correct horse battery staple"
ANOTHER_KEY = "another-key-" * 4


@pytest.fixture
def elsewhere(settings, tmp_path):
    """Auth in a process of its own."""
    with serving("auth", log=tmp_path / "auth.log") as server:
        settings.REMOTE_DOMAINS = {"auth": server.url}
        yield server


def test_a_domain_in_another_process_answers_as_if_it_were_here(elsewhere):
    made = auth.ensure_account(email="ada@example.com", password=PASSWORD)
    assert auth.get_accounts(account_ids=[made.id, uuid4()]) == [made]
    from domains.auth.models import Account

    assert Account.objects.get().id == made.id
    with pytest.raises(auth.EmailAlreadyVerified):
        auth.issue_email_verification(account_id=made.id)
    with pytest.raises(auth.AccountNotFound):
        auth.issue_email_verification(account_id=uuid4())


def test_a_process_that_was_killed_is_unavailable_and_found_again(elsewhere, tmp_path):
    assert auth.get_accounts(account_ids=[uuid4()]) == []
    elsewhere.kill()
    with pytest.raises(Unavailable):
        auth.get_accounts(account_ids=[uuid4()])
    bind = elsewhere.url.removeprefix("http://")
    with serving("auth", log=tmp_path / "again.log", bind=bind):
        assert auth.get_accounts(account_ids=[uuid4()]) == []


def test_processes_without_a_common_key_do_not_serve_each_other(settings, tmp_path):
    with serving("auth", log=tmp_path / "auth.log", BOUNDARY_KEYS=ANOTHER_KEY) as server:
        settings.REMOTE_DOMAINS = {"auth": server.url}
        with pytest.raises(Unavailable):
            auth.get_accounts(account_ids=[uuid4()])
        settings.BOUNDARY_KEYS = [ANOTHER_KEY]
        assert auth.get_accounts(account_ids=[uuid4()]) == []


def test_a_call_passes_through_one_process_to_the_next(elsewhere, settings, tmp_path):
    account = auth.ensure_account(email="ada@example.com", password=PASSWORD)
    with serving("users", log=tmp_path / "users.log", AUTH_URL=elsewhere.url) as second:
        settings.REMOTE_DOMAINS = {"auth": elsewhere.url, "users": second.url}
        with context.use(context.RequestContext(request_id="r-1", actor_id=account.id)):
            access = users.get_access(account_id=account.id, organization_id=None)
            with pytest.raises(users.OrganizationNotFound):
                users.get_access(account_id=account.id, organization_id=uuid4())
    assert access.account_id == account.id
    assert access.memberships[0].role == "owner"


def test_no_process_logs_what_it_was_sent(elsewhere, tmp_path):
    auth.ensure_account(email="ada@example.com", password=PASSWORD)
    text = (tmp_path / "auth.log").read_text()
    assert PASSWORD not in text
    assert "ada@example.com" not in text
