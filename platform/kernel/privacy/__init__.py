"""What the domains agree on about people's data: how it is marked, exported and erased.

A domain marks the columns that tell of a person (`of_person`), declares in one table of `Holding`s
what it keeps of somebody and what becomes of that, and has `export_page` and `erase` work by that
table. `collect` asks a domain for its part, wherever it is served.
"""

from kernel.privacy.collection import Part, collect
from kernel.privacy.holdings import Holding, Person, erase, export_page
from kernel.privacy.marks import is_personal, of_person
from kernel.privacy.records import Erased, Fate, PersonalPage, PersonalSection

__all__ = [
    "Erased",
    "Fate",
    "Holding",
    "Part",
    "Person",
    "PersonalPage",
    "PersonalSection",
    "collect",
    "erase",
    "export_page",
    "is_personal",
    "of_person",
]
