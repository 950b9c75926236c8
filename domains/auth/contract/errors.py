"""Why auth refuses something."""

from kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)


class AccountNotFound(NotFound):
    code = "auth.account_not_found"
    title = "There is no such account"


class EmailInvalid(Invalid):
    code = "auth.email_invalid"
    title = "This is not an e-mail address"


class EmailNotVerified(Forbidden):
    code = "auth.email_not_verified"
    title = "Confirm your e-mail address first"


class EmailAlreadyVerified(Conflict):
    code = "auth.email_already_verified"
    title = "The e-mail address is confirmed already"


class RegistrationExpired(Conflict):
    code = "auth.registration_expired"
    title = "The registration is too old; register again"


class VerificationTokenInvalid(Invalid):
    code = "auth.verification_token_invalid"
    title = "The token is unknown, used or too old"


class CredentialsInvalid(Unauthenticated):
    code = "auth.credentials_invalid"
    title = "E-mail address or password is wrong"


class AccountDisabled(Forbidden):
    code = "auth.account_disabled"
    title = "The account is disabled"


class RefreshTokenInvalid(Unauthenticated):
    code = "auth.refresh_token_invalid"
    title = "The refresh token is unknown, used, too old or revoked"


class SessionRequired(Forbidden):
    code = "auth.session_required"
    title = "This needs a person who is signed in, not an API key"


class ApiKeyInvalid(Unauthenticated):
    code = "auth.api_key_invalid"
    title = "The API key is unknown, expired or revoked"


class ApiKeyNotFound(NotFound):
    code = "auth.api_key_not_found"
    title = "There is no such API key"


class ApiKeyAlreadyRotated(Conflict):
    code = "auth.api_key_already_rotated"
    title = "The key has a successor; revoke that first to get another"


class PermissionNotGrantable(Invalid):
    code = "auth.permission_not_grantable"
    title = "You don't hold this permission in the organization"


class ExpiryInPast(Invalid):
    code = "auth.expiry_in_past"
    title = "The expiry must be in the future"


class HashingBusy(Unavailable):
    code = "auth.busy"
    title = "Too many sign-ins at this moment"


class AccountClosing(Forbidden):
    code = "auth.account_closing"
    title = "The account is being closed; the mail about it says how to undo that"


class PasswordResetRequired(Forbidden):
    code = "auth.password_reset_required"
    title = "Choose a new password first: a mail says how"


class SignInLocked(TooMany):
    code = "auth.sign_in_locked"
    title = "Too many sign-ins failed; wait, or reset the password"


class StepUpRequired(Unauthenticated):
    """`methods` says by which of them the account's owner can prove who they are."""

    code = "auth.step_up_required"
    title = "Prove again who you are"


class StepUpFailed(Invalid):
    code = "auth.step_up_failed"
    title = "This proves nothing"


class TicketInvalid(Unauthenticated):
    code = "auth.ticket_invalid"
    title = "The ticket or the code is wrong, used or too old"


class PasswordWrong(Invalid):
    code = "auth.password_wrong"
    title = "The present password is another one"


class PasswordTooShortAlone(Conflict):
    code = "auth.password_too_short_alone"
    title = "The password is too short without a second factor; change it first"


class MailTokenInvalid(Invalid):
    code = "auth.mail_token_invalid"
    title = "The token is unknown, used or too old"


class EmailUnavailable(Conflict):
    code = "auth.email_unavailable"
    title = "The address can't be taken any more"


class StaffStays(Conflict):
    code = "auth.staff_stays"
    title = "An account of staff can't be closed; have the staff's rights taken first"


class SessionNotFound(NotFound):
    code = "auth.session_not_found"
    title = "There is no such session"


class ImpersonationForbids(Forbidden):
    code = "auth.impersonation_forbids"
    title = "Staff who act as somebody else may not do this"


class NextKeyTooNew(Conflict):
    code = "auth.next_key_too_new"
    title = "Not everybody who verifies tokens may know the next key yet"


class OriginNotAllowed(Forbidden):
    code = "auth.origin_not_allowed"
    title = "Pages of this origin may not use the session's cookie"


class TotpInUse(Conflict):
    code = "auth.totp_in_use"
    title = "There is an authenticator app already; remove it first"


class TotpNotFound(NotFound):
    code = "auth.totp_not_found"
    title = "There is no authenticator app"


class CodeInvalid(Invalid):
    code = "auth.code_invalid"
    title = "The code is wrong, used or too old"


class FactorRequired(Conflict):
    code = "auth.factor_required"
    title = "This needs a second factor: add one first"


class PasskeyNotFound(NotFound):
    code = "auth.passkey_not_found"
    title = "There is no such passkey"


class TooManyPasskeys(Conflict):
    code = "auth.too_many_passkeys"
    title = "The account has as many passkeys as it may; remove one first"


class PasskeyInvalid(Invalid):
    code = "auth.passkey_invalid"
    title = "The passkey's answer doesn't fit"


class ProviderNotFound(NotFound):
    code = "auth.provider_not_found"
    title = "There is no such sign-in provider"


class ProviderUnavailable(Unavailable):
    code = "auth.provider_unavailable"
    title = "The sign-in provider doesn't answer as it should"


class FederationFailed(Unauthenticated):
    code = "auth.federation_failed"
    title = "The provider's answer can't be trusted"


class RedirectUriUnknown(Invalid):
    code = "auth.redirect_uri_unknown"
    title = "Nobody may be sent back to this URI"


class FederatedEmailUnverified(Forbidden):
    code = "auth.federated_email_unverified"
    title = "The provider doesn't say that your e-mail address is verified"


class LinkRequired(Conflict):
    code = "auth.link_required"
    title = "The address has an account: sign in to it and link the provider there"


class LogoutTokenInvalid(Malformed):
    code = "auth.logout_token_invalid"
    title = "The logout token can't be trusted"


class IdentityNotFound(NotFound):
    code = "auth.identity_not_found"
    title = "There is no such linked identity"


class IdentityTaken(Conflict):
    code = "auth.identity_taken"
    title = "This identity belongs to another account"


class LastWayIn(Conflict):
    code = "auth.last_way_in"
    title = "Without this nobody could sign in to the account"


class ServiceAccountNotFound(NotFound):
    code = "auth.service_account_not_found"
    title = "There is no such service account"
