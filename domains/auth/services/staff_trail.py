"""Telling what staff did: of every page, whichever domain's it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from domains.auth.contract.events import StaffActed
from kernel.events import publish
from kernel.staff import StaffDeed


def tell(*, deed: StaffDeed, **_: Any) -> None:
    """Publish the deed in the transaction in which it is logged."""
    publish(StaffActed(**asdict(deed)))
