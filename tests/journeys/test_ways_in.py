"""What happens to the ways into an account, from its owner's side: over HTTP, and by mail."""

from __future__ import annotations

import re

import pyotp
import pytest

from tests.journeys.person import PASSWORD, Person
from tests.patience import eventually

pytestmark = pytest.mark.slow

ANOTHER = "a horse of another colour"


def link_in(person: Person, subject: str, path: str) -> str:
    """Return the token of the link to the page, from the newest such mail."""
    mail = eventually(lambda: person.mails(subject))[-1]
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(rf"\S+{path}\?token=(\S+)", body.get_content())
    assert found, body.get_content()
    return found[1]


def enter(person: Person, answer: dict) -> None:
    """Go on in the session that the answer began."""
    person.refresh_token = answer["refresh_token"]
    person.http.headers["Authorization"] = f"Bearer {answer['access_token']}"


def leave(person: Person) -> None:
    person.http.headers.pop("Authorization", None)


def give_password(person: Person, password: str) -> dict:
    answer = person.call("POST", "auth/login", {"email": person.address, "password": password})
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(person: Person, status: int, path: str, body: dict) -> str:
    """Return the code of the problem that the request is answered with."""
    answer = person.call("POST", path, body)
    assert answer.status_code == status, answer.text
    return answer.json()["code"]


def a_new_code(authenticator: pyotp.TOTP, used: str) -> str:
    """Return a code of a step after the one of the used code: each step counts once."""
    return eventually(lambda: (code := authenticator.now()) != used and code)


def test_a_forgotten_password_is_reset_and_the_old_one_and_its_sessions_end(tenon):
    ada = Person(tenon, "ada")
    ada.register()
    ada.log_in()
    thief = ada.http.headers["Authorization"]
    leave(ada)
    ada.post("auth/forgot-password", {"email": ada.address.upper()})
    token = link_in(ada, "Choose a new password", "/reset-password")
    ada.post("auth/reset-password", {"token": token, "password": ANOTHER})
    assert refused(ada, 422, "auth/reset-password", {"token": token, "password": ANOTHER})

    ada.http.headers["Authorization"] = thief
    assert ada.call("GET", "users/me").status_code == 401
    leave(ada)
    old = {"email": ada.address, "password": PASSWORD}
    assert refused(ada, 401, "auth/login", old) == "auth.credentials_invalid"
    enter(ada, give_password(ada, ANOTHER))
    assert ada.get("users/me")["email"] == ada.address
    eventually(lambda: ada.mails("Your password was changed"))
    ada.notified_of("auth.password_changed", "auth.new_sign_in")


def test_a_second_factor_is_asked_for_and_a_recovery_code_stands_in_for_it_once(tenon):
    ada = Person(tenon, "ada")
    ada.register()
    ada.log_in()
    begun = ada.post("auth/totp")
    authenticator = pyotp.TOTP(begun["secret"])
    first = authenticator.now()
    codes = ada.post("auth/totp/confirm", {"code": first})["recovery_codes"]
    assert len(codes) == 10
    eventually(lambda: ada.mails("Added to your account: authenticator app"))

    leave(ada)
    asked = give_password(ada, PASSWORD)["mfa"]
    assert "access_token" not in asked
    assert set(asked["methods"]) == {"totp", "recovery_code"}
    answer = {"ticket": asked["ticket"], "method": "totp", "answer": first}
    assert refused(ada, 401, "auth/mfa", answer) == "auth.ticket_invalid"
    again = {"ticket": asked["ticket"], "method": "recovery_code", "answer": codes[0]}
    enter(ada, ada.post("auth/mfa", again))
    assert ada.get("users/me")["email"] == ada.address
    used = eventually(lambda: ada.mails("A recovery code was used"))[-1]
    assert "Codes left: 9." in used.get_body(("plain",)).get_content()

    leave(ada)
    asked = give_password(ada, PASSWORD)["mfa"]
    spent = {"ticket": asked["ticket"], "method": "recovery_code", "answer": codes[0]}
    assert refused(ada, 401, "auth/mfa", spent) == "auth.ticket_invalid"
    code = a_new_code(authenticator, first)
    totp = {"ticket": asked["ticket"], "method": "totp", "answer": code}
    enter(ada, ada.post("auth/mfa", totp))
    assert ada.get("users/me")["email"] == ada.address


def test_a_changed_address_is_taken_back_from_the_former_one(tenon):
    ada = Person(tenon, "ada")
    ada.register()
    ada.log_in()
    elsewhere = Person(tenon, "elsewhere")
    ada.post("auth/email-change", {"email": elsewhere.address})
    token = link_in(elsewhere, "Confirm your new e-mail address", "/confirm-email")
    leave(ada)
    ada.post("auth/email-change/confirm", {"token": token})
    moved = {"email": elsewhere.address, "password": PASSWORD}
    enter(elsewhere, elsewhere.post("auth/login", moved))
    assert elsewhere.get("users/me")["email"] == elsewhere.address

    undo = link_in(ada, "Your e-mail address was changed", "/undo-email-change")
    ada.post("auth/email-change/undo", {"token": undo})
    assert elsewhere.call("GET", "users/me").status_code == 401
    eventually(lambda: ada.mails("Your former e-mail address is back"))
    assert elsewhere.mails("Your e-mail address was changed") == []
    old = {"email": ada.address, "password": PASSWORD}
    assert refused(ada, 403, "auth/login", old) == "auth.password_reset_required"
    reset = link_in(ada, "Choose a new password", "/reset-password")
    ada.post("auth/reset-password", {"token": reset, "password": ANOTHER})
    enter(ada, give_password(ada, ANOTHER))
    assert ada.get("users/me")["email"] == ada.address


def test_a_closed_account_lets_nobody_in_until_its_mail_opens_it_again(tenon):
    ada = Person(tenon, "ada")
    ada.register()
    ada.log_in()
    ada.post("auth/account/close")
    assert ada.call("GET", "users/me").status_code == 401
    leave(ada)
    password = {"email": ada.address, "password": PASSWORD}
    assert refused(ada, 403, "auth/login", password) == "auth.account_closing"
    token = link_in(ada, "Your account was closed", "/reopen-account")
    ada.post("auth/account/reopen", {"token": token})
    eventually(lambda: ada.mails("Your account is open again"))
    enter(ada, give_password(ada, PASSWORD))
    assert ada.get("users/me")["email"] == ada.address
