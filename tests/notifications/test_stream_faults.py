"""Streams whose server is killed: whoever comes back has missed nothing and hears nothing twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event as Signal
from typing import Any

import httpx
import pytest
from django.db import connections

from tests.admin.browser import window
from tests.notifications.feeds import numbers_of, signed_in, told
from tests.notifications.streams import Web, serving, stream
from tests.patience import eventually

pytestmark = [pytest.mark.django_db(transaction=True, databases="__all__"), pytest.mark.slow]

KILLS = 4
# Between two kills, so that each finds a stream that is being told something.
ITEMS = 40
FOLLOW = """
([token, last]) => {
    window.heard = [];
    window.counts = [];
    const follow = async () => {
        const headers = { Authorization: `Bearer ${token}` };
        const path = "/api/v1/notifications/stream";
        let answer;
        try {
            answer = await fetch(`${path}-ticket`, { method: "POST", headers });
        } catch {
            setTimeout(follow, 100);
            return;
        }
        const { ticket } = await answer.json();
        const source = new EventSource(`${path}?ticket=${ticket}&last_event_id=${last}`);
        source.addEventListener("counts", (event) => window.counts.push(JSON.parse(event.data)));
        source.addEventListener("notification", (event) => {
            last = event.lastEventId;
            window.heard.push([Number(last), JSON.parse(event.data)]);
        });
        source.onerror = () => {
            source.close();
            setTimeout(follow, 100);
        };
    };
    follow();
}
"""


@pytest.fixture
def web(tmp_path):
    with serving(tmp_path) as web:
        yield web


@pytest.fixture
def token(api, ada) -> str:
    return signed_in(api, ada).headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def beside():
    """Run something in another thread, with database connections of its own."""
    with ThreadPoolExecutor(1) as pool:

        def run(work: Callable[..., Any], *args: Any) -> Future[Any]:
            def with_own_connections() -> Any:
                try:
                    return work(*args)
                finally:
                    connections.close_all()

            return pool.submit(with_own_connections)

        yield run


def add_until(stopped: Signal, account) -> None:
    """Tell the account of one thing after the other."""
    number = 0
    while not stopped.is_set():
        told(account, f"{number}")
        number += 1


def follow(web: Web, token: str, kills: list[int]) -> list[int]:
    """Follow the feed past the last of the kills, each after so many; return what was heard."""
    heard: list[int] = []
    while True:
        try:
            with stream(web, token, after=heard[-1] if heard else 0) as events:
                for event in events:
                    heard += [event.id] if event.name == "notification" else []
                    if kills and len(heard) >= kills[0]:
                        kills.pop(0)
                        web.kill()
                        web.start()
                    elif not kills and len(heard) > KILLS * ITEMS + ITEMS:
                        return heard
        except httpx.TransportError:
            continue


def test_every_number_is_heard_once_though_the_server_is_killed(web, ada, token, beside):
    stopped = Signal()
    adding = beside(add_until, stopped, ada)
    try:
        kills = [n * ITEMS + random.randrange(ITEMS) for n in range(1, KILLS + 1)]
        heard = follow(web, token, kills)
    finally:
        stopped.set()
        adding.result()
    assert heard == list(range(1, len(heard) + 1))
    numbers = numbers_of(ada.id)
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.browser
def test_a_browser_follows_the_feed_over_a_restart(web, ada, token, beside):
    beside(told, ada, "old").result()
    with window(web.url) as opened:
        asked: list[str] = []
        page = opened.page
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{web.url}/api/docs")
        page.evaluate(FOLLOW, [token, 1])
        eventually(lambda: page.evaluate("window.counts.length") == 1)
        assert page.evaluate("window.counts[0]") == {"unread": 1, "unseen": 1, "last_sequence": 1}
        beside(told, ada, "one", "two").result()
        eventually(lambda: page.evaluate("window.heard.length") == 2)
        web.kill()
        beside(told, ada, "three").result()
        web.start()
        beside(told, ada, "four").result()
        eventually(lambda: page.evaluate("window.heard.length") == 4)
        heard = page.evaluate("window.heard")
    said = [(number, data["notification"]["title"], data["unread"]) for number, data in heard]
    assert [each[:2] for each in said] == [(2, "one"), (3, "two"), (4, "three"), (5, "four")]
    assert said[-1][2] == 5
    assert not any(token in url for url in asked)
