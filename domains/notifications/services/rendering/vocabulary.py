"""Single words in the languages of the product, by their keys."""

from __future__ import annotations

from domains.notifications.services.rendering import locales

ENGLISH = {
    "somebody": "Somebody",
    "role.owner": "owner",
    "role.admin": "admin",
    "role.member": "member",
    "role.viewer": "viewer",
    "role.gone": "a role that is gone",
    "method.password": "password",
    "method.email": "sign-in by e-mail",
    "method.federated": "sign-in with another provider",
    "method.totp": "authenticator app",
    "method.recovery_code": "recovery code",
    "method.passkey": "passkey",
    "category.security": "Security",
    "category.billing": "Billing",
    "category.team": "Team",
    "category.files": "Files",
    "category.product": "Product",
}
GERMAN = {
    "somebody": "Jemand",
    "role.owner": "Inhaber/in",
    "role.admin": "Admin",
    "role.member": "Mitglied",
    "role.viewer": "Betrachter/in",
    "role.gone": "eine Rolle, die es nicht mehr gibt",
    "method.password": "Passwort",
    "method.email": "Anmeldung per E-Mail",
    "method.federated": "Anmeldung über einen anderen Anbieter",
    "method.totp": "Authentifizierungs-App",
    "method.recovery_code": "Wiederherstellungscode",
    "method.passkey": "Passkey",
    "category.security": "Sicherheit",
    "category.billing": "Abrechnung",
    "category.team": "Team",
    "category.files": "Dateien",
    "category.product": "Produkt",
    "reason.card_declined": "Die Karte wurde abgelehnt",
    "reason.generic_decline": "Die Bank hat abgelehnt",
    "reason.insufficient_funds": "Das Konto war nicht gedeckt",
    "reason.expired_card": "Die Karte ist abgelaufen",
    "reason.incorrect_cvc": "Die Prüfnummer der Karte ist falsch",
    "reason.lost_card": "Die Karte wurde als verloren gemeldet",
    "reason.stolen_card": "Die Karte wurde als gestohlen gemeldet",
    "reason.do_not_honor": "Die Bank hat abgelehnt",
    "reason.processing_error": "Die Karte konnte nicht belastet werden",
    "reason.authentication_required": "Die Bank verlangt eine Bestätigung",
    "reason.payment_method_missing": "Es gibt keine Zahlungsart",
    "reason.overdue": "Sie ist überfällig",
}
_LANGUAGES = {"en": ENGLISH, "de": GERMAN}


def word(key: str, *, locale: str) -> str:
    """Return the word in the language; what has none is said by its key, as words."""
    words = _LANGUAGES[locales.lookup(wanted=locale, available=_LANGUAGES)]
    return words.get(key) or key.rpartition(".")[2].replace("_", " ")
