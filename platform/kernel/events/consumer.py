"""The listening side: RQ calls these with a batch of envelopes or with failed events to retry.

An event is acknowledged once each of its handlers has either handled it or has it as a row of
`failed_event`. What dies in between is sent again when its lease ends.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

from rq.timeouts import BaseTimeoutException

from kernel import clock, context, db, dispatch, scope
from kernel.context import RequestContext
from kernel.events import failures, inbox, subscriptions
from kernel.events.envelope import Envelope, Wire, open_envelope
from kernel.events.subscriptions import Subscription

log = logging.getLogger(__name__)

SUSPECT_FROM = 3  # attempts: the first and its one repetition may just have met a restart


def consume(domain: str, publisher: str, body: str) -> None:
    """Give the events of the job's body to the domain's handlers.

    Without its body there is nothing to do: another run of this job has taken it, or Redis has
    lost it, and then the events are sent again.
    """
    wires = dispatch.current().take_body(body)
    if wires:
        deliver(domain, publisher, json.loads(wires))


def deliver(domain: str, publisher: str, wires: list[Wire]) -> None:
    """Give the events to the domain's handlers and acknowledge them to their publisher.

    An event that no handler here knows isn't acknowledged: newer code will get it.
    """
    names = {wire["name"] for wire in wires}
    known: set[str] = set()
    for subscription in subscriptions.of_domain(domain):
        wanted = {name for name in names if subscription.matches(name)}
        if wanted:
            _deliver(subscription, [wire for wire in wires if wire["name"] in wanted])
            known |= wanted
    if known < names:
        log.error("%s has no handler for some events of %s", domain, publisher)
    handled = sorted(wire["id"] for wire in wires if wire["name"] in known)
    if handled:
        dispatch.current().acknowledge(publisher, dispatch.Acknowledgement(domain, handled))


def _deliver(subscription: Subscription, wires: Sequence[Wire]) -> None:
    """Give the handler what it can safely be given.

    What was sent before and never acknowledged may be what kills workers: it is taken charge of
    first and tried alone later.
    """
    suspects = [wire for wire in wires if wire["attempt"] >= SUSPECT_FROM]
    if suspects:
        failures.record(subscription, suspects, error="", now=clock.now())
    others = [wire for wire in wires if wire["attempt"] < SUSPECT_FROM]
    _isolate(subscription, sorted(others, key=lambda wire: wire["version"]))


def _isolate(subscription: Subscription, wires: Sequence[Wire]) -> None:
    """Handle the batch in one transaction; if that raises, each half of it in its own.

    So a poisonous event ends up alone, and the others stay in batches as large as can be.
    """
    try:
        handle(subscription, wires)
    except BaseTimeoutException:
        raise
    except Exception as error:
        middle = len(wires) // 2
        if middle:
            _isolate(subscription, wires[:middle])
            _isolate(subscription, wires[middle:])
            return
        log.exception("%s failed on %s", subscription.handler, wires[0]["id"])
        failures.record(subscription, wires, error=failures.describe(error), now=clock.now())


def handle(subscription: Subscription, wires: Sequence[Wire]) -> None:
    """Run the handler, in one transaction, on those of the events that it has not handled yet."""
    if not wires:
        return
    with db.transaction(subscription.domain):
        new = inbox.claim(subscription.domain, subscription.handler, wires)
        if subscription.ignore_stale:
            new = inbox.without_stale(subscription.domain, subscription.handler, new)
        _run(subscription, [open_envelope(wire, subscription.adapter) for wire in new])


def _run(subscription: Subscription, envelopes: list[Envelope]) -> None:
    if subscription.batch and envelopes:
        organizations = scope.of(*{each.organization_id for each in envelopes})
        with context.use(_shared_context(envelopes)), scope.use(organizations):
            subscription.handle(envelopes)
        return
    for envelope in envelopes:
        with context.use(envelope.context), scope.use(scope.of(envelope.organization_id)):
            subscription.handle(envelope)


def _shared_context(envelopes: list[Envelope]) -> RequestContext:
    """Return the context of a batch: its only event's, or one that claims nobody."""
    return envelopes[0].context if len(envelopes) == 1 else RequestContext()


def retry(domain: str, failed_ids: list[str]) -> None:
    """Try these failed events of the domain once more, each alone.

    The attempt is counted before it is made, so that an event that kills its worker ends dead
    like one that raises.
    """
    for failed_id in failed_ids:
        failed = failures.begin_attempt(domain, failed_id, now=clock.now())
        if failed:
            _retry(domain, failed)


def _retry(domain: str, failed: failures.Attempt) -> None:
    subscription = subscriptions.of_handler(failed.handler, failed.wire["name"])
    if subscription is None:
        failures.fail(domain, failed.id, error="The handler is gone", now=clock.now())
        return
    try:
        with db.transaction(domain):
            handle(subscription, [failed.wire])
            failures.settle(domain, failed.id)
    except Exception as error:
        log.exception("%s failed again on %s", failed.handler, failed.wire["name"])
        failures.fail(domain, failed.id, error=failures.describe(error), now=clock.now())
        if isinstance(error, BaseTimeoutException):
            raise
