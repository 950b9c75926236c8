"""How often who may ask: one Redis round trip, and what holds the limits while Redis is away."""

from gateway.limits.admission import Admission, Asked, admit, failures, try_shared
from gateway.limits.shared import plan_window
from gateway.limits.windows import Count, LimitExceeded, Window, refuse_exceeded

__all__ = [
    "Admission",
    "Asked",
    "Count",
    "LimitExceeded",
    "Window",
    "admit",
    "failures",
    "plan_window",
    "refuse_exceeded",
    "try_shared",
]
