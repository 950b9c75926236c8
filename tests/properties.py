"""How property tests run: whatever else the machine does, and in CI with the same examples.

What a run in CI finds must come from the change that it runs for, so there no example is new; on
everybody's own machine they all are.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Deadlines and health checks hold the clock against a test, and a fixture that stays is wanted.
settings.register_profile(
    "tenon",
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=bool(os.environ.get("REQUIRE_ALL")),
)
settings.load_profile("tenon")
