"""Publish so many probes, so many in one transaction; says "go" when it begins."""

from __future__ import annotations

import os
import sys

import django

django.setup()

from kernel import context
from kernel.context import RequestContext
from kernel.ids import uuid7
from tests.kernel.events.probes import send

# Somebody, so that the audit makes an entry of each where it listens.
somebody = RequestContext(actor_id=uuid7()) if "BENCH_AUDITED" in os.environ else RequestContext()
events, batch = int(sys.argv[1]), int(sys.argv[2])
sys.stdout.write("go\n")
sys.stdout.flush()
with context.use(somebody):
    for start in range(0, events, batch):
        send(*(str(number) for number in range(start, start + batch)))
