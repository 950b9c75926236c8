"""Lines of ASVS 5.0 about what is written down, held against the code that does it."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver

from domains.auth import interface as auth
from domains.auth.api import answers
from domains.auth.models import Account
from domains.auth.services import guessable, lockout
from tests.patience import shipped

SECURITY = (Path(__file__).parents[3] / "docs/SECURITY.md").read_text()
WORDS = " ".join(SECURITY.split())
# What answers with a session's first tokens, and is no way in of its own.
GOES_ON = {"mfa"}


def test_asvs_v5_0_0_6_1_1():
    """The figures that are written down are those that hold."""
    quota = lockout.QUOTA
    assert quota[lockout.Scope.ACCOUNT] == quota[lockout.Scope.PAIR] == 10
    assert (quota[lockout.Scope.NETWORK], lockout.WINDOW) == (100, timedelta(hours=1))
    assert (lockout.FIRST_DELAY.seconds, lockout.LONGEST_DELAY) == (30, timedelta(hours=1))
    assert "10 failures within an hour" in WORDS
    assert "100 from one network" in WORDS
    assert "30 seconds, then twice as long each time, one hour at most" in WORDS
    assert shipped["hashes"] == 2
    assert "more than two seconds gets 503" in WORDS


def test_asvs_v5_0_0_6_1_2():
    """The documented words are those that are refused."""
    assert "domains/auth/data/context-words.txt" in SECURITY
    assert (guessable.DATA / "context-words.txt").read_text().split()


def test_asvs_v5_0_0_6_1_3():
    """Every way in stands in the table, and the table names no other."""
    named = set(re.findall(r"^\| `POST auth/([^`]+)` \|", SECURITY, re.MULTILINE))
    assert named == ways_in() - GOES_ON


def test_asvs_v5_0_0_6_3_4():
    """Every way in answers what the one door answers: a session, or a ticket for more proof."""
    assert "services/sign_in.py" in SECURITY
    assert ways_in() >= {"login", "mfa", "passkeys/sign-in", "email-sign-in/verify"}


def ways_in() -> set[str]:
    """Return the paths below auth/ that answer with a session."""
    return {
        path.replace("<slug:provider>", "{provider}")
        for path, view in views_of_auth()
        if getattr(getattr(view, "post", None), "operation", None)
        and view.post.operation.response is answers.SIGNED_IN
    }


def views_of_auth():
    from domains.auth.api.urls import _paths

    return [(str(found.pattern), found.callback.cls) for found in _paths]


def test_asvs_v5_0_0_6_2_4():
    """The lists hold more than 3,000 passwords that the rules about length would let through."""
    entries = {
        line
        for path in guessable.DATA.glob("*.txt.gz")
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
    }
    assert sum(len(entry) >= 15 for entry in entries) > 3000
    assert len(entries) > 10_000
    assert not [entry for entry in entries if len(entry) >= 15 and not guessable.is_common(entry)]


def test_asvs_v5_0_0_6_2_10():
    """Nothing in an account says when its password ends."""
    fields = {field.name for field in Account._meta.get_fields()}
    assert {name for name in fields if "password" in name} == {
        "password",
        "password_changed_at",
        "password_is_short",
        "password_reset_required_at",
    }
    assert "never expire by age" in WORDS


def test_asvs_v5_0_0_6_4_2():
    """There is no place for a hint, a question or an answer to one."""
    text = str(get_resolver().reverse_dict.keys()).lower()
    fields = {field.name for model in auth_models() for field in model._meta.get_fields()}
    assert not [name for name in fields if "hint" in name or "question" in name]
    assert "question" not in text


def auth_models():
    from django.apps import apps

    return apps.get_app_config("domains_auth").get_models()


@pytest.mark.django_db(databases="__all__")
def test_asvs_v5_0_0_6_2_6(client):
    """The password's field on the one page that has one masks what is typed."""
    page = client.get("/admin/login/").content.decode()
    (field,) = re.findall(r'<input[^>]*name="password"[^>]*>', page)
    assert 'type="password"' in field


@pytest.mark.django_db(databases="__all__")
def test_asvs_v5_0_0_6_2_7(client):
    """Password managers are told what the field is, and nothing keeps anybody from pasting."""
    page = client.get("/admin/login/").content.decode()
    (field,) = re.findall(r'<input[^>]*name="password"[^>]*>', page)
    assert 'autocomplete="current-password"' in field
    assert "onpaste" not in page


@pytest.mark.django_db(databases="__all__")
def test_asvs_v5_0_0_6_3_2():
    """A database that was just made holds nobody."""
    assert not Account.objects.exists()


@pytest.mark.django_db(databases="__all__")
def test_asvs_v5_0_0_7_4_4(client):
    """Each of the staff's pages leads out."""
    staff = auth.ensure_account(
        email="staff@example.com", password="correct horse battery staple", staff=True
    )
    client.force_login(Account.objects.get(id=staff.id))
    for path in ("/admin/", "/admin/domains_auth/account/", "/admin/domains_auth/session/"):
        assert "/admin/logout/" in client.get(path).content.decode()


def test_asvs_v5_0_0_7_1_1():
    """The lifetimes that are written down are the defaults, with what deviates from NIST."""
    assert (settings.SESSION_IDLE.days, settings.SESSION_ABSOLUTE.days) == (14, 90)
    assert "Idle for 14 days" in WORDS
    assert "90 days old" in WORDS
    assert "NIST SP 800-63B asks for less" in WORDS


def test_asvs_v5_0_0_7_1_2():
    assert "any number of sessions at once" in WORDS


def test_asvs_v5_0_0_7_1_3():
    assert "A session that began at another provider" in WORDS
    assert "Back-Channel Logout" in WORDS
