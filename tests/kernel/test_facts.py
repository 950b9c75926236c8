"""Facts that processes share."""

from __future__ import annotations

from kernel import facts


def test_facts_are_forgotten_by_how_their_keys_begin(monkeypatch):
    monkeypatch.setattr(facts, "AT_ONCE", 2)
    keys = [f"rate:{number}" for number in range(5)]
    for key in (*keys, "rates:1", "name:1"):
        facts.put(key, "known", ttl=60)
    facts.forget_all("rate:")
    assert [facts.get(key) for key in keys] == [None] * 5
    assert (facts.get("rates:1"), facts.get("name:1")) == ("known", "known")
