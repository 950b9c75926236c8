"""Has auth, whose schema holds the log of staff, tell what is written there."""

from __future__ import annotations

from domains.auth.services import staff_trail
from kernel.staff import acted

acted.connect(staff_trail.tell)
