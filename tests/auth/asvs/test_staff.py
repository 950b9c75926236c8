"""Lines of ASVS 5.0 about what administrators may do, and how they come in."""

from __future__ import annotations

import pytest
from django.urls import reverse

from domains.auth.contract.errors import PasswordResetRequired
from domains.auth.models import Session
from domains.auth.services import login, sessions
from kernel import clock as real
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.test_admin_actions import ada, an_account, client_of, do, root, staff
from tests.auth.test_staff_login import app, is_in, log_in, show, ticket_of

__all__ = ["ada", "app", "root", "staff"]
pytestmark = pytest.mark.django_db(databases="__all__")


def test_asvs_v5_0_0_6_3_4(client, root, app):
    """The staff's pages are no way around the second factor."""
    ticket = ticket_of(log_in(client))
    assert not is_in(client)
    show(client, ticket, app.now())
    assert is_in(client)


def test_asvs_v5_0_0_6_4_6(staff, ada):
    """Staff have a reset begun, and neither choose nor learn the password."""
    do(staff, ada, "force_reset")
    with pytest.raises(PasswordResetRequired):
        login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=real.now())
    path = reverse("admin:auth_user_password_change", args=[ada.pk])
    chosen = {"password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD, "usable_password": "true"}
    assert staff.post(path, chosen).status_code == 403
    ada.refresh_from_db()
    assert not ada.check_password(OTHER_PASSWORD)


def test_asvs_v5_0_0_7_4_2(staff, ada):
    """A ban ends every session, those of a member of staff on their pages too."""
    helper = an_account("helper", is_staff=True)
    pages = client_of(helper)
    do(staff, ada, "ban")
    do(staff, helper, "ban")
    assert not Session.objects.filter(revoked_at=None).exists()
    assert not is_in(pages)


def test_asvs_v5_0_0_7_4_5(staff, ada):
    """Staff end the sessions of one account, or those that they choose from the list of all."""
    do(staff, ada, "revoke_sessions")
    begun = [an_account(name) for name in ("bob", "eve")]
    for account in begun:
        login.log_in(client=CLIENT, email=account.email, password=PASSWORD, now=real.now())
    one = str(Session.objects.first().pk)
    everything = {"action": "revoke", "select_across": "1", "_selected_action": [one]}
    everything["reason"] = "A leak"
    staff.post(reverse("admin:domains_auth_session_changelist"), everything)
    for session in Session.objects.all():
        assert not sessions.get_session_state(session_id=session.id, now=real.now()).active
