from __future__ import annotations

from importlib import import_module

import pytest

from kernel.events import subscriptions
from kernel.events.subscriptions import Subscription
from tests.kernel.events import probes


@pytest.fixture(scope="session")
def effect_tables(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        probes.create_effect_tables()


@pytest.fixture(autouse=True)
def _without_readers_of_everything(monkeypatch):
    """Nobody else listens to the probes: the mechanism stands alone."""
    readers = [each for each in subscriptions.of_domain("users") if "*" in each.listens_to]
    for each in readers:
        subscriptions.remove(each)
    interface = import_module("domains.users.interface")
    others = tuple(name for name in interface.LISTENS_TO if name != "*")
    monkeypatch.setattr(interface, "LISTENS_TO", others)
    subscriptions.forget_listeners()
    yield
    for each in readers:
        subscriptions.add(each)
    monkeypatch.undo()
    subscriptions.forget_listeners()


@pytest.fixture
def listen(monkeypatch, effect_tables):
    """Have a function handle the probe, as if it stood in the domain's handlers.py."""
    added: list[Subscription] = []

    def listen(handle, *, domain="users", name=probes.PROBE, reads=probes.Probe, **options):
        subscription = Subscription(domain, (name,), reads, handle, **options)
        interface = import_module(f"domains.{domain}.interface")
        monkeypatch.setattr(interface, "LISTENS_TO", (*interface.LISTENS_TO, name))
        subscriptions.forget_listeners()
        subscriptions.add(subscription)
        added.append(subscription)
        return subscription

    yield listen
    for subscription in added:
        subscriptions.remove(subscription)
    subscriptions.forget_listeners()
    probes.forget_effects()
