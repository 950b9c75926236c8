"""Ids and words that say whose a row is, wherever they turn up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count
from uuid import UUID

_numbers = count(1)


@dataclass(frozen=True)
class Mark:
    """What every row of one side carries: a word in its texts, four digits in its ids."""

    word: str
    digits: str

    def new_id(self) -> UUID:
        """Return an id (UUIDv7 in form) that shows whose it is."""
        return self.id(next(_numbers))

    def id(self, number: int) -> UUID:
        """Return the id of that number, the same one each time."""
        return UUID(f"019aa3c5-{number:04x}-7{self.digits[1:]}-8{self.digits[1:]}-{number:012x}")

    def text(self, what: str) -> str:
        """Return a text that shows whose it is."""
        return f"{what} {self.word}"

    def email(self, who: str) -> str:
        """Return an address that shows whose it is."""
        return f"{who}@{self.word}.example"

    @property
    def pattern(self) -> str:
        """What is found in whatever holds an id or a text of this side: a POSIX expression."""
        return f"7{self.digits[1:]}-?8{self.digits[1:]}-?0000|{self.word}"

    def is_in(self, text: str) -> bool:
        """Return whether the text tells an id or a word of this side."""
        return re.search(self.pattern, text, re.IGNORECASE) is not None


OURS = Mark("aurora", "aaaa")
THEIRS = Mark("borealis", "bbbb")
# Of somebody who was a member once, and of what never was.
OUTSIDE = Mark("fjord", "ffff")
NOWHERE = Mark("nowhere", "cccc")
