"""Finding people across organizations, for staff: by name, address or id."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

from domains.auth import interface as auth
from domains.users import models
from kernel.errors import DomainError

# So many accounts are asked of auth; whoever finds more has to say more.
ACCOUNTS_FOUND = 100
ROWS_FOUND = 200
_WORDS = re.compile(r"\w+")


def find_people(rows: QuerySet[models.Profile], query: str) -> QuerySet[models.Profile]:
    """Return those whose address or name begins so, or who have the id; at most some hundreds.

    While auth is away, names and ids alone find them.
    """
    found = [
        *ids_in(query),
        *_accounts(query),
        *found_by_words(models.Profile, "display_name", query),
    ]
    return rows.filter(pk__in=found)


def found_by_words(model: type[Any], field: str, query: str) -> list[UUID]:
    """Return the ids of rows in whose field each word of the query begins a word.

    They are looked up before the list is: joined by OR to other conditions, no index would help.
    """
    words = _WORDS.findall(query)
    if not words:
        return []
    wanted = SearchQuery(
        " & ".join(f"{word}:*" for word in words), search_type="raw", config="simple"
    )
    vector: Any = SearchVector(field, config="simple")
    found = model.objects.alias(words=vector).filter(words=wanted)
    return list(found.values_list("pk", flat=True)[:ROWS_FOUND])


def addresses_of(account_ids: list[UUID]) -> dict[UUID, str]:
    """Return the accounts' e-mail addresses; none of them while auth is away."""
    try:
        accounts = auth.get_accounts(account_ids=account_ids) if account_ids else []
    except (DomainError, OperationalError, InterfaceError):
        return {}
    return {account.id: account.email for account in accounts}


def _accounts(query: str) -> list[UUID]:
    try:
        return [a.id for a in auth.find_accounts(query=query, limit=ACCOUNTS_FOUND)]
    except (DomainError, OperationalError, InterfaceError):
        return []


def ids_in(query: str) -> list[UUID]:
    """Return the id that the query is, if it is one."""
    try:
        return [UUID(query.strip())]
    except ValueError:
        return []
