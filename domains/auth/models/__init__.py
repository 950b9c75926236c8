from domains.auth.models.account import IN_BYTES, Account, AccountManager
from domains.auth.models.factors import Passkey, PasskeyChallenge, RecoveryCode, Totp
from domains.auth.models.federation import FederationFlow, Identity
from domains.auth.models.machines import ApiKey, ServiceAccount
from domains.auth.models.proofs import MailProof, MailProofSecret
from domains.auth.models.registration import Registration, VerificationToken
from domains.auth.models.session import KnownDevice, Session
from domains.auth.models.sign_in import SignInThrottle, SignInTicket
from domains.auth.models.signing_key import SigningKey

__all__ = [
    "IN_BYTES",
    "Account",
    "AccountManager",
    "ApiKey",
    "FederationFlow",
    "Identity",
    "KnownDevice",
    "MailProof",
    "MailProofSecret",
    "Passkey",
    "PasskeyChallenge",
    "RecoveryCode",
    "Registration",
    "ServiceAccount",
    "Session",
    "SignInThrottle",
    "SignInTicket",
    "SigningKey",
    "Totp",
    "VerificationToken",
]
