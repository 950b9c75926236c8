"""The third step: one delivery is claimed, rendered, handed over and settled."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from liquid.exceptions import LiquidError

from domains.notifications.models import OPEN, Channel, Delivery, DeliveryState, Failure
from domains.notifications.services.catalogue.rules import Rule
from domains.notifications.services.catalogue.table import rule_of
from domains.notifications.services.channels import port
from domains.notifications.services.channels.port import AttemptFailed, DestinationGone, Parcel
from domains.notifications.services.channels.routes import ROUTES
from domains.notifications.services.fanout.resolution import NobodyToTell
from domains.notifications.services.sending import gate, letters, unsubscribing
from domains.notifications.services.sending.claims import (
    claim,
    mark_hand_over,
    reference_of,
    release,
    settle_failed,
    settle_sent,
    settle_suppressed,
)
from domains.notifications.services.sending.letters import Letter
from domains.notifications.services.sending.suppressions import is_mandatory, suppressed
from domains.notifications.services.sending.wanted import require_wanted
from domains.notifications.services.trace import Decision, Step, entry, rendered
from kernel.context import RequestContext, use
from kernel.db import transaction
from kernel.errors import TooMany, Unavailable

logger = logging.getLogger(__name__)

# What has just been written is left to the job that was rung for it.
GRACE = timedelta(seconds=5)
# Nothing was taken for certain, and it is not the message's fault: the next provider may take it.
FAILS_OVER = frozenset({Failure.UNREACHABLE, Failure.CONFIGURATION})


class Held(Exception):
    """Whoever could carry it may not be asked yet; it is no attempt."""

    def __init__(self, refusal: gate.Refusal) -> None:
        super().__init__(refusal.rule)
        self.refusal = refusal


def due_deliveries(*, now: datetime, limit: int) -> list[UUID]:
    """Return the deliveries that were forgotten, failed for now or lost their worker."""
    due = Delivery.objects.filter(state__in=OPEN, due_at__lte=now - GRACE)
    return list(due.order_by("due_at").values_list("id", flat=True)[:limit])


def send(*, delivery_id: UUID, now: datetime) -> None:
    """Send the delivery if it is due and nobody else does; record how that went."""
    delivery = claim(delivery_id=delivery_id, now=now)
    if delivery is None:
        return
    attempt = _Attempt(delivery=delivery, now=now)
    try:
        with use(RequestContext(traceparent=delivery.message.traceparent)):
            attempt.make()
    except Held as held:
        until = gate.later(held.refusal)
        release(delivery=delivery, until=until, rule=held.refusal.rule, now=now)
    except (NobodyToTell, DestinationGone) as outcome:
        rule = "recipient.gone" if isinstance(outcome, NobodyToTell) else "destination.gone"
        attempt.suppress(str(outcome), rule)
    except AttemptFailed as outcome:
        attempt.fail(outcome.failure, str(outcome), wait=outcome.wait)
    except Exception as error:
        logger.exception("A delivery failed", extra={"delivery_id": str(delivery.id)})
        attempt.fail(_failure_of(error, delivery), f"{type(error).__name__}: {error}")


def _failure_of(error: Exception, delivery: Delivery) -> Failure:
    if delivery.handed_over_at is not None:
        return Failure.UNCERTAIN
    return Failure.PERMANENT if isinstance(error, LiquidError) else Failure.TEMPORARY


@dataclass(kw_only=True)
class _Attempt:
    """One attempt, and what it adds to the trace."""

    delivery: Delivery
    now: datetime
    entries: list[dict[str, Any]] = field(default_factory=list)
    letter: Letter | None = None

    def make(self) -> None:
        """Hand the delivery to the first provider that takes it."""
        delivery, message = self.delivery, self.delivery.message
        rule = rule_of(message)
        try:
            recipient = require_wanted(rule=rule, delivery=delivery, now=self.now)
            route = ROUTES[delivery.channel](
                delivery=delivery, organization_id=message.organization_id
            )
            self._hand_to_one_of(route.providers, rule, recipient or route.address)
        except (Unavailable, TooMany) as error:
            raise AttemptFailed(Failure.TEMPORARY, str(error)) from error

    def _hand_to_one_of(
        self, providers: tuple[port.Provider, ...], rule: Rule, address: str
    ) -> None:
        refusals: list[gate.Refusal] = []
        failure: AttemptFailed | None = None
        for provider in providers:
            admission = gate.admit(provider=provider, now=self.now)
            if isinstance(admission, gate.Refusal):
                refusals.append(admission)
                self._note(Decision.DEFERRED, admission.rule, provider)
                continue
            try:
                self._hand_to(provider, rule, address)
            except AttemptFailed as error:
                self._failed(provider, admission, error)
                if error.failure not in FAILS_OVER:
                    raise
                failure = error
            else:
                gate.record_success(provider=provider, admission=admission)
                return
        if failure is not None:
            raise failure
        raise Held(min(refusals, key=lambda refusal: refusal.until))

    def _hand_to(self, provider: port.Provider, rule: Rule, address: str) -> None:
        # A secret is asked for once the server is there: a new one makes an earlier one worthless.
        with provider.connected() as connection:
            letter = self._letter_of(rule, address)
            self._require_open(letter.address, rule)
            marked = mark_hand_over(
                delivery=self.delivery,
                copy=letter.copy,
                address=letter.address,
                now=self.now,
                provider=provider.name,
            )
            if marked:
                connection.hand_over(self._parcel(letter, rule))
                self._note(Decision.PASSED, "provider.accepted", provider)
                settle_sent(delivery=self.delivery, now=self.now, entries=self.entries)

    def _letter_of(self, rule: Rule, address: str) -> Letter:
        if self.letter is None:
            self.letter = letters.write(
                rule=rule,
                delivery=self.delivery,
                address=address,
                unsubscribe=self._unsubscribe(rule),
            )
            self.entries.append(rendered(version=self.letter.content.version, at=self.now))
        return self.letter

    def _unsubscribe(self, rule: Rule) -> str:
        mandatory = is_mandatory(rule=rule, category=self.delivery.category)
        return "" if mandatory else unsubscribing.link_for(self.delivery)

    def _require_open(self, address: str, rule: Rule) -> None:
        """Raise `DestinationGone` if nothing may go to the address any more."""
        if self.delivery.channel == Channel.EMAIL and suppressed(
            channel=Channel.EMAIL,
            addresses=[address],
            category=self.delivery.category,
            organization_id=self.delivery.message.organization_id,
            mandatory=is_mandatory(rule=rule, category=self.delivery.category),
        ):
            raise DestinationGone("the address is on the suppression list")

    def _parcel(self, letter: Letter, rule: Rule) -> Parcel:
        mandatory = is_mandatory(rule=rule, category=self.delivery.category)
        return Parcel(
            reference=reference_of(self.delivery),
            address=letter.address,
            content=letter.content,
            kind=rule.kind,
            urgent=mandatory or rule.critical,
            unsubscribe=self._unsubscribe(rule),
        )

    def _failed(
        self, provider: port.Provider, admission: gate.Admission, error: AttemptFailed
    ) -> None:
        self._note(Decision.FAILED, f"failure.{error.failure.value}", provider, reason=str(error))
        if error.failure in gate.FAILURES_TO_OPEN:
            gate.record_failure(provider=provider, error=error, now=self.now)
        else:
            gate.record_success(provider=provider, admission=admission)

    def _note(self, decision: Decision, rule: str, provider: port.Provider, **details: str) -> None:
        self.entries.append(
            entry(
                step=Step.ATTEMPT,
                decision=decision,
                rule=rule,
                at=self.now,
                provider=provider.name,
                **details,
            )
        )

    def suppress(self, reason: str, rule: str) -> None:
        """Settle that it must not be sent."""
        settle_suppressed(
            delivery=self.delivery, reason=reason, rule=rule, now=self.now, entries=self.entries
        )

    def fail(self, failure: Failure, reason: str, *, wait: timedelta | None = None) -> None:
        """Settle that it failed, for now or for good."""
        settle_failed(
            delivery=self.delivery,
            failure=failure,
            reason=reason,
            now=self.now,
            entries=self.entries,
            wait=wait,
        )


def send_again(*, delivery_id: UUID, now: datetime) -> bool:
    """Have a settled delivery sent anew, as a message of its own, or one that waits sent at once.

    Return False for one that is being sent at this moment, or was merged into another.
    """
    with transaction("notifications"):
        found = Delivery.objects.select_for_update().filter(id=delivery_id)
        busy = (DeliveryState.CLAIMED, DeliveryState.MERGED)
        delivery = found.exclude(state__in=busy).exclude(channel=Channel.IN_APP).first()
        if delivery is None:
            return False
        if delivery.state not in (DeliveryState.PENDING, DeliveryState.DEFERRED):
            _start_over(delivery)
        delivery.due_at = now
        delivery.save()
        return True


def _start_over(delivery: Delivery) -> None:
    delivery.state = DeliveryState.PENDING
    delivery.attempts = delivery.uncertain_attempts = 0
    delivery.reason = delivery.failure = ""
    delivery.redrives += 1
