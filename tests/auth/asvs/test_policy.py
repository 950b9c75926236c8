"""The line of ASVS 5.0 that makes a second factor a duty: an organization's policy."""

from __future__ import annotations

import pyotp
import pytest

from domains.auth import interface as auth
from domains.users import interface as users
from tests.auth.answers import EMAIL, log_in
from tests.auth.conftest import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")


def test_asvs_v5_0_0_6_3_3(api, deliver_events):
    """Where an organization asks for it nobody gets in by a password alone, owners included."""
    account = auth.ensure_account(email=EMAIL, password=PASSWORD)
    deliver_events()
    organization_id = users.ensure_organization(account_id=account.id, name="Engines").id
    policy = f"users/organizations/{organization_id}/policy"
    one = api.as_(token=log_in(api).json()["access_token"])
    # Nobody asks for what they can't show themselves.
    refused = one.patch(policy, {"mfa_required": True})
    assert refused.json()["barrier"] == "users.mfa_required"

    app = pyotp.TOTP(one.post("auth/totp").json()["secret"])
    codes = one.post("auth/totp/confirm", {"code": app.now()}).json()["recovery_codes"]
    proof = {"method": "recovery_code", "answer": codes[0]}
    two = api.as_(token=one.post("auth/step-up", proof).json()["access_token"])
    assert two.patch(policy, {"mfa_required": True}).status_code == 200

    assert two.get(policy).status_code == 200
    assert two.get("files", Organization_Id=str(organization_id)).status_code == 200
    # The token from before the second factor was proven.
    assert one.get(policy).json()["code"] == "users.mfa_required"
    barred = one.get("files", Organization_Id=str(organization_id))
    assert (barred.status_code, barred.json()["code"]) == (403, "users.mfa_required")
    assert one.get("users/me").status_code == 200
