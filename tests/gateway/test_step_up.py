"""Fresh proof is asked for before the domain is entered, by what the view says of itself."""

from __future__ import annotations

import pytest

from domains.auth.models import Session
from tests.gateway import views

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def entered(monkeypatch) -> list[str]:
    """Whoever came as far as the view."""
    seen = []
    original = views.Sensitive.post

    def post(self, request):
        seen.append(str(request.user.account_id))
        return original(self, request)

    monkeypatch.setattr(views.Sensitive, "post", post)
    return seen


def grow_old() -> None:
    for session in Session.objects.all():
        session.proven_at = session.proven_at.replace(year=session.proven_at.year - 1)
        session.save()


def test_a_fresh_session_enters(ada, entered):
    assert ada.api.post("t/sensitive").status_code == 200
    assert entered == [str(ada.account_id)]


def test_without_fresh_proof_the_view_is_never_entered(ada, entered):
    grow_old()
    refused = ada.api.post("t/sensitive")
    assert refused.status_code == 401
    assert refused.json()["code"] == "auth.step_up_required"
    assert refused.json()["methods"] == ["password"]
    assert entered == []


def test_other_methods_of_the_view_ask_for_nothing(ada, django_assert_num_queries):
    grow_old()
    ada.api.get("t/sensitive")
    with django_assert_num_queries(0, using="auth"):
        assert ada.api.get("t/sensitive").status_code == 200


def test_a_machine_is_not_asked_to_prove_anything(ada, entered):
    made = ada.api.post("auth/api-keys", {"name": "k", "permissions": ["users.member:read"]})
    machine = ada.api.as_(token=made.json()["secret"])
    refused = machine.post("t/sensitive")
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.session_required")
    assert entered == []


def test_who_is_not_signed_in_is_told_so_first(api, entered):
    refused = api.post("t/sensitive")
    assert (refused.status_code, refused.json()["code"]) == (401, "gateway.credentials_missing")


def test_a_stored_answer_is_not_shown_without_fresh_proof(ada, entered):
    assert ada.api.post("t/sensitive", Idempotency_Key="once").status_code == 200
    grow_old()
    assert ada.api.post("t/sensitive", Idempotency_Key="once").status_code == 401
