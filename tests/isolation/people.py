"""People and machines of the world: an account each, in a session that was proven just now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from domains.auth import models as auth
from domains.auth.contract.data import Method
from domains.auth.services import keys, tokens
from domains.users import models as users
from kernel import api_key_format
from kernel.clock import now
from kernel.crypto import hash_secret
from kernel.permissions import Role
from tests.isolation.filling import make
from tests.isolation.naming import Mark


@dataclass
class Person:
    """An account with a session, and by the names of path parameters the ids of what is its own."""

    mark: Mark
    account: auth.Account
    token: str
    personal_id: UUID
    own: dict[str, object] = field(default_factory=dict)


def person(mark: Mark, name: str) -> Person:
    """Return somebody who is signed in, and has one of everything that people have."""
    account = make(
        mark,
        auth.Account,
        email=mark.email(name),
        email_verified_at=now(),
        password="!",
        last_login=None,
    )
    make(mark, users.Profile, account_id=account.id, display_name=mark.text(name))
    someone = Person(
        mark=mark,
        account=account,
        token=_token(mark, account),
        personal_id=_personal(mark, account),
    )
    someone.own = {"account_id": account.id, "email": account.email} | _factors(mark, account)
    return someone


def _personal(mark: Mark, account: auth.Account) -> UUID:
    home = make(mark, users.Organization, personal=True, slug=None, created_by=account.id)
    join(mark, home, account.id, Role.OWNER)
    return home.id


def join(mark: Mark, organization: users.Organization, account_id: UUID, role: str):
    """Make the account a member."""
    return make(
        mark,
        users.Membership,
        organization=organization,
        account_id=account_id,
        role=role,
        custom_role=None,
    )


def _session(mark: Mark, account: auth.Account) -> auth.Session:
    moment = now()
    return make(
        mark,
        auth.Session,
        account=account,
        refreshed_at=moment,
        expires_at=moment + timedelta(days=1),
        proven_at=moment,
        methods=[Method.PASSWORD, Method.TOTP, Method.PASSKEY],
        impersonation_reason="",
    )


def _token(mark: Mark, account: auth.Account) -> str:
    signer = keys.get_signer(now=now())
    session = _session(mark, account)
    return tokens.make_access(signer=signer, session=session, now=now()).access_token


def _factors(mark: Mark, account: auth.Account) -> dict[str, object]:
    """Give the account a second session, and one of everything else that signs people in."""
    make(mark, auth.Totp, account=account, confirmed_at=now())
    make(mark, auth.RecoveryCode, account=account)
    make(mark, auth.KnownDevice, account=account, first_seen_at=now(), last_seen_at=now())
    challenge = {"purpose": auth.PasskeyChallenge.Purpose.SIGN_IN}
    make(mark, auth.PasskeyChallenge, account=account, **challenge)
    passkey = make(mark, auth.Passkey, account=account, sign_count=0)
    identity = make(mark, auth.Identity, account=account, issuer="https://acme.example")
    flow = {"purpose": auth.FederationFlow.Purpose.LINK}
    make(mark, auth.FederationFlow, account=account, session_id=None, **flow)
    registration = make(mark, auth.Registration, account=account)
    make(mark, auth.VerificationToken, registration=registration)
    proof = make(mark, auth.MailProof, account=account, purpose=auth.MailProof.Purpose.EMAIL_CHANGE)
    make(mark, auth.MailProofSecret, proof=proof)
    make(mark, auth.SignInTicket, account=account, proven=["password"])
    make(
        mark, auth.SignInThrottle, subject_hash=mark.new_id().hex, account=account, scope="account"
    )
    return {
        "session_id": _session(mark, account).id,
        "passkey_id": passkey.id,
        "identity_id": identity.id,
    }


def ban(someone: Person) -> None:
    """Ban the account, whose sessions end by that."""
    row = someone.account
    row.is_active, row.banned_at, row.ban_reason = False, now(), "spam"
    row.save()
    row.sessions.update(revoked_at=now(), revoked_reason=auth.Session.Reason.BAN)


def api_key(
    mark: Mark, organization_id: UUID, *, name: str, by: Person, **facts
) -> tuple[UUID, str]:
    """Return the id and the secret of a key of the organization's own."""
    secret = api_key_format.new_api_key()
    key = make(
        mark,
        auth.ApiKey,
        organization_id=organization_id,
        created_by=by.account.id,
        name=mark.text(name),
        prefix=api_key_format.prefix_of(secret),
        key_hash=hash_secret(secret),
        # Its use is noted once a minute: not while the tests look at what has changed.
        last_used_at=now() + timedelta(days=1),
        networks=["127.0.0.1", "127.0.0.0/24"],
        **facts,
    )
    return key.id, secret
