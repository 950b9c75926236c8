"""Signing in to the staff's pages."""

import pytest

from domains.auth import interface as auth

pytestmark = pytest.mark.django_db(databases="__all__")


def test_who_signs_in_on_the_login_page_itself_comes_to_the_first_page(client):
    account = auth.ensure_account(
        email="staff@example.com", password="correct horse battery staple", staff=True
    )
    form = {"username": account.email, "password": "correct horse battery staple"}
    answer = client.post("/admin/login/", form)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
