"""What the admin pages are built from."""

from kernel.staff.deeds import NOT_DONE, Deed, DeedForm, DeedsAdmin
from kernel.staff.glance import EventsAtAGlance, events_at_a_glance, rounded
from kernel.staff.pages import CorrectableAdmin, ReadOnlyAdmin, ReasonedAdmin
from kernel.staff.reasons import FOCUSED, LONGEST_REASON, ReasonForm, changed_in, reason_of
from kernel.staff.trail import StaffDeed, acted, record, staff_of

__all__ = [
    "FOCUSED",
    "LONGEST_REASON",
    "NOT_DONE",
    "CorrectableAdmin",
    "Deed",
    "DeedForm",
    "DeedsAdmin",
    "EventsAtAGlance",
    "ReadOnlyAdmin",
    "ReasonForm",
    "ReasonedAdmin",
    "StaffDeed",
    "acted",
    "changed_in",
    "events_at_a_glance",
    "reason_of",
    "record",
    "rounded",
    "staff_of",
]
