"""What somebody is told about the ways into their account, so that they notice another's hand.

Each goes to the account even if it was banned or closed since: a thief may do that last.
"""

from __future__ import annotations

from functools import partial

from domains.notifications.services.catalogue import categories, readings
from domains.notifications.services.catalogue.rules import (
    EMAIL,
    IN_APP,
    PERSONAL,
    Audience,
    Rule,
    Secret,
)

_told = partial(Rule, category=categories.SECURITY, critical=True)
_notice = partial(_told, to=Audience.PERSON, channels=PERSONAL, to_disabled=True)
_account = partial(_notice, reads=readings.AccountFact)
_proof = partial(_told, to=Audience.PROOF, channels=EMAIL, reads=readings.ProofFact)
_undo = partial(_told, to=Audience.PROOF, channels=EMAIL, reads=readings.UndoFact)
_key = partial(_told, to=Audience.HOLDER, channels=PERSONAL)

SECURITY: tuple[Rule, ...] = (
    _told(
        event="auth.session_started.v1",
        reads=readings.SessionFact,
        kind="auth.new_sign_in",
        to=Audience.PERSON,
        channels=IN_APP,
        applies=lambda session: not session.new_device,
    ),
    _notice(
        event="auth.session_started.v1",
        reads=readings.SessionFact,
        kind="auth.new_device",
        applies=lambda session: session.new_device,
    ),
    _notice(
        event="auth.refresh_token_reused.v1",
        reads=readings.ClientFact,
        kind="auth.refresh_token_reused",
    ),
    _notice(event="auth.account_locked.v1", reads=readings.LockFact, kind="auth.account_locked"),
    _account(event="auth.password_changed.v1", kind="auth.password_changed"),
    _proof(
        event="auth.password_reset_requested.v1",
        kind="auth.password_reset",
        secret=Secret.PASSWORD_RESET,
    ),
    _proof(
        event="auth.password_reset_forced.v1",
        kind="auth.password_reset_forced",
        secret=Secret.PASSWORD_RESET,
    ),
    _proof(
        event="auth.email_change_requested.v1",
        kind="auth.email_change",
        secret=Secret.EMAIL_CHANGE,
    ),
    _told(
        event="auth.email_changed.v1",
        reads=readings.UndoFact,
        kind="auth.email_changed",
        to=Audience.PERSON,
        channels=IN_APP,
    ),
    _undo(
        event="auth.email_changed.v1",
        kind="auth.email_change_undo",
        secret=Secret.EMAIL_CHANGE_UNDO,
    ),
    _account(event="auth.email_change_undone.v1", kind="auth.email_change_undone"),
    _proof(
        event="auth.sign_in_by_email_requested.v1",
        kind="auth.sign_in_by_email",
        secret=Secret.SIGN_IN,
    ),
    _undo(event="auth.account_closed.v1", kind="auth.account_closed", secret=Secret.CLOSING_UNDO),
    _account(event="auth.account_reopened.v1", kind="auth.account_reopened"),
    _account(event="auth.account_banned.v1", kind="auth.account_banned", channels=EMAIL),
    _account(event="auth.account_unbanned.v1", kind="auth.account_unbanned", channels=EMAIL),
    _notice(event="auth.factor_added.v1", reads=readings.FactorFact, kind="auth.factor_added"),
    _notice(
        event="auth.factor_removed.v1",
        reads=readings.RemovedFactorFact,
        kind="auth.factor_removed",
    ),
    _account(event="auth.recovery_codes_made.v1", kind="auth.recovery_codes_made"),
    _notice(
        event="auth.recovery_code_used.v1",
        reads=readings.RecoveryCodeFact,
        kind="auth.recovery_code_used",
    ),
    _notice(
        event="auth.passkey_suspected.v1",
        reads=readings.PasskeyFact,
        kind="auth.passkey_suspected",
    ),
    _notice(
        event="auth.identity_linked.v1", reads=readings.IdentityFact, kind="auth.identity_linked"
    ),
    _notice(
        event="auth.identity_unlinked.v1",
        reads=readings.IdentityFact,
        kind="auth.identity_unlinked",
    ),
    # At the start: an impersonation may run out without a word.
    _account(event="auth.impersonation_started.v1", kind="auth.impersonation_started"),
    _key(event="auth.api_key_created.v1", reads=readings.KeyFact, kind="auth.api_key_created"),
    _key(
        event="auth.api_key_rotated.v1", reads=readings.RotatedKeyFact, kind="auth.api_key_rotated"
    ),
    _key(
        event="auth.api_key_used_from_new_network.v1",
        reads=readings.KeyUseFact,
        kind="auth.api_key_used_from_new_network",
    ),
    _told(
        event="auth.service_account_created.v1",
        reads=readings.ServiceAccountFact,
        kind="auth.service_account_created",
        to=Audience.OWNERS,
        channels=PERSONAL,
    ),
)
