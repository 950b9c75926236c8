"""Transactions and the scope of an answer, on real connections."""

import pytest
from django.db import connections

from kernel.db import answer_scope, in_transaction, run_after_commit, transaction

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def notes():
    with connections["auth"].cursor() as cursor:
        cursor.execute("CREATE TABLE note (text text)")
    yield _Notes()
    with connections["auth"].cursor() as cursor:
        cursor.execute("DROP TABLE note")


class _Notes:
    def add(self, text):
        with connections["auth"].cursor() as cursor:
            cursor.execute("INSERT INTO note VALUES (%s)", [text])

    def committed(self):
        connection = connections["auth"].copy()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT text FROM note ORDER BY text")
                return [row[0] for row in cursor.fetchall()]
        finally:
            connection.close()


def test_a_transaction_commits_at_its_end_outside_of_an_answer(notes):
    with transaction("auth"):
        notes.add("a")
    assert notes.committed() == ["a"]


def test_an_effect_waits_for_the_answer(notes):
    with answer_scope("auth"):
        with transaction("auth"):
            notes.add("a")
        assert in_transaction("auth")
        assert notes.committed() == []
    assert notes.committed() == ["a"]
    assert not in_transaction("auth")


def test_a_failed_answer_undoes_the_effect(notes):
    with answer_scope("auth") as scope:
        with transaction("auth"):
            notes.add("a")
        scope.fail()
    assert notes.committed() == []


def test_an_error_after_the_effect_undoes_it(notes):
    with pytest.raises(RuntimeError), answer_scope("auth"):
        with transaction("auth"):
            notes.add("a")
        raise RuntimeError
    assert notes.committed() == []
    assert not in_transaction("auth")


def test_an_error_inside_the_block_undoes_it_and_the_answer_goes_on(notes):
    with answer_scope("auth"):
        with pytest.raises(RuntimeError), transaction("auth"):
            notes.add("a")
            raise RuntimeError
        with transaction("auth"):
            notes.add("b")
    assert notes.committed() == ["b"]


def test_an_intent_is_committed_before_the_answer(notes):
    with answer_scope("auth") as scope:
        with transaction("auth", final=False):
            notes.add("intent")
        assert notes.committed() == ["intent"]
        scope.fail()
    assert notes.committed() == ["intent"]


def test_later_transactions_of_one_answer_are_one_commit(notes):
    with answer_scope("auth"):
        with transaction("auth"):
            notes.add("a")
        with transaction("auth"):
            notes.add("b")
        assert notes.committed() == []
    assert notes.committed() == ["a", "b"]


def test_what_runs_after_the_commit_waits_for_the_answer(notes):
    seen = []
    with answer_scope("auth"):
        with transaction("auth"):
            run_after_commit("auth", lambda: seen.append(notes.committed()))
            notes.add("a")
        assert seen == []
    assert seen == [["a"]]


def test_another_domains_transaction_is_not_held_back(notes):
    with answer_scope("users"):
        with transaction("auth"):
            notes.add("a")
        assert notes.committed() == ["a"]
