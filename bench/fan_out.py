"""How many deliveries of one event are decided in a second on one core, memory staying flat.

    python -m bench.fan_out [--recipients 100000]

Seeds a throw-away PostgreSQL with an organization of so many members: accounts, profiles in
several time zones and languages, and preferences, quiet hours, digests and mutes of a part of
them. Then one message to all of them, in the app and by mail, is expanded by one process as a
worker does it: who they are, what they want, quiet hours, throttle, digest, feed items and
deliveries with their traces. Fails below the target, or where memory grows by more than a tenth
between a tenth of the pages and the end.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench.telling import megabytes, say

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "platform"))
TARGET, GROWTH = 2_000, 1.10
PERSON, ORGANIZATION = (
    "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid",
    "00000000-0000-7000-9000-000000000001",
)
# The same people in each database, each with what that domain knows of them.
PEOPLE = "FROM generate_series(1, %(people)s) AS n"
AUTH = f"""
    INSERT INTO account (id, email, password, email_verified_at, is_active, is_staff,
            is_superuser, email_sign_in, ban_reason,
            password_is_short, created_at)
        SELECT {PERSON}, 'p' || n || '@example.com', '!', now(), true, false, false, false, '',
            false, now()
        {PEOPLE};
    ANALYZE account
"""
USERS = f"""
    INSERT INTO profile (account_id, display_name, locale, time_zone, preferences, created_at,
            updated_at)
        SELECT {PERSON}, 'Person ' || n, (ARRAY['en', 'de', 'de-AT'])[1 + n %% 3],
            (ARRAY['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo'])[1 + n %% 4],
            '{{}}', now(), now() {PEOPLE};
    INSERT INTO organization (id, name, slug, personal, created_at, updated_at, who_may_invite,
            allowed_email_domains, allowed_networks, mfa_required)
        VALUES (%(organization)s, 'Engines', 'engines', false, now(), now(), 'admins', '{{}}',
            '{{}}', false);
    INSERT INTO membership (id, organization_id, account_id, role, created_at)
        SELECT gen_random_uuid(), %(organization)s, {PERSON},
            CASE WHEN n = 1 THEN 'owner' ELSE 'member' END, now() {PEOPLE};
    ANALYZE profile, membership
"""
NOTIFICATIONS = f"""
    INSERT INTO preference (id, account_id, category, channel, frequency, changed_at)
        SELECT gen_random_uuid(), {PERSON}, 'product', 'email',
            (ARRAY['off', 'daily', 'immediately', 'weekly'])[1 + n %% 4], now()
        {PEOPLE} WHERE n %% 3 = 0;
    INSERT INTO rhythm (account_id, quiet_from, quiet_until, quiet_days, digest_hour, digest_day)
        SELECT {PERSON}, '22:00', '07:00', '{{0,1,2,3,4,5,6}}', 8, 0 {PEOPLE} WHERE n %% 2 = 0;
    INSERT INTO mute (id, account_id, subject_id, created_at)
        SELECT gen_random_uuid(), {PERSON}, %(organization)s, now() {PEOPLE} WHERE n %% 50 = 0;
    INSERT INTO category_throttle (id, organization_id, category, most, period)
        VALUES (gen_random_uuid(), %(organization)s, 'product', 10, 3600);
    ANALYZE preference, rhythm, mute
"""


def main() -> None:
    """Seed, expand, tell; exit with 1 beyond a target."""
    parser = argparse.ArgumentParser(prog="python -m bench.fan_out")
    parser.add_argument("--recipients", type=int, default=100_000)
    asked = parser.parse_args()
    from tests import servers

    servers.ENVIRONMENT |= {"TESTING": "false", "METRICS_PORT": "1", "LOG_LEVEL": "ERROR"}
    with servers.started():
        _prepare()
        _seed(asked.recipients)
        sys.exit(0 if _measure(asked.recipients) else 1)


def _prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate_domains", verbosity=0, stdout=io.StringIO())


def _seed(people: int) -> None:
    from django.conf import settings
    from django.db import connections, transaction

    begun = time.monotonic()
    values = {"people": people, "organization": ORGANIZATION}
    for domain, script in (("auth", AUTH), ("users", USERS), ("notifications", NOTIFICATIONS)):
        # An organization without an owner isn't committed.
        with transaction.atomic(using=domain), connections[domain].cursor() as cursor:
            for statement in script.split(";\n"):
                cursor.execute(statement, values)
    with psycopg.connect(str(settings.DATABASE_OWNER_URL), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    say(f"seeded {people:,} members in {time.monotonic() - begun:.0f} s")


def _measure(people: int) -> bool:
    from domains.notifications.models import Delivery, Notification

    message = _message()
    begun, cpu, early, pages = time.monotonic(), time.process_time(), 0.0, 0
    while _expand(message.id):
        pages += 1
        if pages == max(people // 10_000, 1):
            early = megabytes()
    seconds, peak = time.monotonic() - begun, megabytes()
    cpu = time.process_time() - cpu
    decided = Delivery.objects.filter(message=message).count()
    items = Notification.objects.filter(message=message).count()
    rate, growth = decided / seconds, peak / (early or peak)
    say(f"{decided:,} deliveries to {people:,} recipients, {items:,} items in feeds")
    for state in _states(message):
        say(f"  {state['channel']} {state['state']}: {state['count']:,}")
    say(f"{rate:,.0f} deliveries decided a second (target {TARGET:,}); {seconds:.0f} s")
    say(f"{1000 * cpu / decided:.2f} ms of the process's own time a delivery")
    say(f"{peak:.0f} MB at the end, {growth:.2f} times those after a tenth of the pages")
    return rate >= TARGET and growth <= GROWTH and decided == 2 * people


def _message() -> Any:
    from domains.notifications.models import Message, Source
    from kernel.ids import uuid7

    at = datetime.now(UTC)
    return Message.objects.create(
        event_id=uuid7(),
        source=Source.CUSTOMER,
        kind="notifications.custom",
        category="product",
        channels=["in_app", "email"],
        organization_id=ORGANIZATION,
        audience={"organization": True},
        facts={"subject_id": ORGANIZATION},
        context={"subject": "The engine runs", "text": "As fast as it did yesterday."},
        occurred_at=at,
        created_at=at,
        due_at=at,
    )


def _expand(message_id: Any) -> bool:
    from domains.notifications.services.fanout import expansion

    return expansion.expand(message_id=message_id, now=datetime.now(UTC)).more


def _states(message: Any) -> Any:
    from django.db.models import Count

    from domains.notifications.models import Delivery

    rows = Delivery.objects.filter(message=message).values("channel", "state")
    return rows.annotate(count=Count("id")).order_by("channel", "state")


if __name__ == "__main__":
    main()
