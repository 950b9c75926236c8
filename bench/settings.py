"""Tenon's settings with one domain that listens to the probe."""

from tests.faults.settings import *  # noqa: F403  settings are names
from tests.faults.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS[:-1], "bench.wiring.BenchConfig"]
