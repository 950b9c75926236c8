"""Passwords that are guessed first, whoever guesses: common ones, and what is near at hand.

Passwords come here normalized (NFKC); case never makes one rarer.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path

from django.conf import settings

from domains.auth.services.normalization import nfkc

DATA = Path(__file__).resolve().parent.parent / "data"
# Rows of keyboards and what everybody counts in, written out so that a run may begin anywhere.
RUNS = tuple(
    4 * row
    for row in (
        "abcdefghijklmnopqrstuvwxyz",
        "0123456789",
        "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiopasdfghjklyxcvbnm",
        "azertyuiopqsdfghjklmwxcvbn",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
        "q1w2e3r4t5y6u7i8o9p0",
        "1q2w3e4r5t6y7u8i9o0p",
    )
)
LONGEST_RHYTHM = 4
SHORTEST_WORD = 4
# What must be left of a password without the words that anybody would try first.
OWN_CHARACTERS = 8
_DISGUISE = str.maketrans("013457@$!", "oieastasi")
_BETWEEN = re.compile(r"[\W_]+")
_WORDS = re.compile(r"[^\W\d_]+")


def is_common(password: str) -> bool:
    """Return whether the password is a common one, two of them, a run, or one repeated."""
    folded = password.casefold()
    forms = {folded, folded.translate(_DISGUISE)}
    forms |= {_BETWEEN.sub("", form) for form in forms}
    return any(_is_common(form) for form in forms if form)


def is_expected(password: str, *, email: str, name: str = "") -> bool:
    """Return whether little is left of the password without the words near at hand.

    `name` is what the account's owner is called, "" where nobody knows.
    """
    folded = password.casefold()
    expected = _near_at_hand(email, nfkc(name))
    return any(_is_made_of(form, expected) for form in (folded, folded.translate(_DISGUISE)))


def _is_common(form: str) -> bool:
    rhythm = form[: (2 * form).find(form, 1)]
    if {form, rhythm} & _common() or (rhythm != form and len(rhythm) <= LONGEST_RHYTHM):
        return True
    if any(form in run or form in run[::-1] for run in RUNS):
        return True
    longest = _longest_common()
    # Neither half can be longer than the longest entry: a long password takes no longer.
    cuts = range(max(1, len(form) - longest), min(len(form), longest + 1))
    return any(form[:cut] in _common() and form[cut:] in _common() for cut in cuts)


def _is_made_of(form: str, expected: frozenset[str]) -> bool:
    left = form
    for word in sorted(expected, key=len, reverse=True):
        left = left.replace(word, " ")
    return left != form and len(_BETWEEN.sub("", left)) < OWN_CHARACTERS


def _near_at_hand(email: str, name: str) -> frozenset[str]:
    """Return the words of address and name, of the product, and those that are written down."""
    local, _, domain = email.casefold().rpartition("@")
    labels = domain.split(".")[:-1]
    own = {local, *_WORDS.findall(local), *labels, *_WORDS.findall(domain.rpartition(".")[0])}
    named = _forms(settings.PRODUCT_NAME) | _forms(name)
    return frozenset(w for w in own | named | _context_words() if len(w) >= SHORTEST_WORD)


def _forms(name: str) -> set[str]:
    """Return the name as it stands, in one word, and each of its words."""
    folded = name.casefold()
    return {folded, _BETWEEN.sub("", folded), *_WORDS.findall(folded)}


@cache
def _common() -> frozenset[str]:
    entries: set[str] = set()
    for path in sorted(DATA.glob("*.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            entries.update(line.rstrip("\n") for line in lines)
    return frozenset(entries - {""})


@cache
def _longest_common() -> int:
    return max(map(len, _common()))


@cache
def _context_words() -> frozenset[str]:
    return frozenset((DATA / "context-words.txt").read_text(encoding="utf-8").split())
