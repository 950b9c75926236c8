"""A compiled query answers what the queryset would, for the values of each call."""

from datetime import UTC, datetime

import pytest
from django.db import connections, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from domains.auth.models import Account, Session
from kernel.queries import CompiledQuery, CompiledUpdate, Given, each

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def _account(email):
    return Account.objects.create(email=email, password="!", created_at=NOW)


def _session(account, name):
    return Session.objects.create(
        account=account,
        created_at=NOW,
        refreshed_at=NOW,
        proven_at=NOW,
        expires_at=NOW.replace(year=2027),
        methods=["password", "totp"],
        family_hash=name,
        refresh_hash=name,
    )


@pytest.fixture
def ada():
    return _account("ada@example.com")


@pytest.fixture
def bob():
    return _account("bob@example.com")


def test_each_call_has_values_of_its_own(ada, bob):
    by_email = CompiledQuery(lambda: Account.objects.filter(email=Given("email")))
    assert by_email(email=ada.email) == [ada]
    assert by_email(email=bob.email) == [bob]
    assert by_email.first(email="nobody@example.com") is None


def test_rows_are_those_of_the_queryset_in_every_field(ada):
    _session(ada, "one")
    query = CompiledQuery(
        lambda: (
            Session.objects.filter(family_hash=Given("name"))
            .select_related("account")
            .annotate(so_often=F("rotations") + 1)
        )
    )
    [found] = query(name="one")
    expected = Session.objects.select_related("account").get(family_hash="one")
    for instance, twin in ((found, expected), (found.account, expected.account)):
        for field in type(instance)._meta.concrete_fields:
            assert getattr(instance, field.attname) == getattr(twin, field.attname)
        assert instance._state.db == "auth"
        assert not instance._state.adding
    assert found.so_often == 1


def test_related_rows_are_there_without_another_query(ada):
    _session(ada, "one")
    query = CompiledQuery(
        lambda: Session.objects.filter(family_hash=Given("name")).select_related("account")
    )
    query(name="one")
    with CaptureQueriesContext(connections["auth"]) as asked:
        assert query(name="one")[0].account.email == ada.email
    assert len(asked) == 1


def test_a_field_that_was_left_out_is_asked_for_when_it_is_needed(ada):
    query = CompiledQuery(lambda: Account.objects.filter(id=Given("id")).only("email"))
    [found] = query(id=ada.id)
    assert "created_at" not in vars(found)
    assert found.created_at == NOW


def test_a_list_may_be_given(ada, bob):
    by_ids = CompiledQuery(lambda: Account.objects.filter(id__in=each("ids", "uuid")))
    assert set(by_ids(ids=[ada.id, bob.id])) == {ada, bob}
    assert by_ids(ids=[bob.id]) == [bob]
    assert by_ids(ids=[]) == []


def test_the_values_of_the_queryset_itself_stand(ada):
    query = CompiledQuery(
        lambda: Account.objects.filter(is_active=True, email=Given("email")).order_by("id")
    )
    assert query(email=ada.email) == [ada]
    Account.objects.update(is_active=False)
    assert query(email=ada.email) == []


def test_a_value_is_a_value_and_no_sql(ada):
    by_email = CompiledQuery(lambda: Account.objects.filter(email=Given("email")))
    assert by_email(email="' OR ''='") == []


def test_the_queryset_is_made_once(ada):
    made = []

    def make():
        made.append(1)
        return Account.objects.filter(id=Given("id"))

    query = CompiledQuery(make)
    query(id=ada.id)
    query(id=ada.id)
    assert made == [1]


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_lock_needs_a_transaction():
    locked = CompiledQuery(lambda: Account.objects.filter(id=Given("id")).select_for_update())
    nobody = "01890a5d-ac96-774b-bcce-b302099a8057"
    for _ in range(2):
        with transaction.atomic(using="auth"):
            assert locked(id=nobody) == []
        with pytest.raises(transaction.TransactionManagementError):
            locked(id=nobody)


def test_an_update_takes_the_values_of_each_call(ada, bob):
    changed = CompiledUpdate(
        lambda: Session.objects.filter(family_hash=Given("name")),
        previous_hash=F("refresh_hash"),
        refresh_hash=Given("fresh"),
        rotations=F("rotations") + 1,
    )
    _session(ada, "one")
    _session(bob, "two")
    assert changed(name="one", fresh="1st") == 1
    assert changed(name="one", fresh="2nd") == 1
    assert changed(name="nobody", fresh="3rd") == 0
    one, two = Session.objects.order_by("family_hash")
    assert (one.previous_hash, one.refresh_hash, one.rotations) == ("1st", "2nd", 2)
    assert (two.refresh_hash, two.rotations) == ("two", 0)
