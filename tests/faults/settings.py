"""Tenon's settings with a probe that two domains listen to, and a web that does nothing else."""

from config.settings import *  # noqa: F403  settings are names
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.wiring.FaultsConfig"]
ROOT_URLCONF = "tests.faults.web"
MIDDLEWARE = []
