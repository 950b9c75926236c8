"""What is decided about one delivery before it is sent: pure functions over facts.

Preferences come first, then quiet hours. What passes both is counted by its throttle and, where
the recipient wants it gathered, merged into a digest: those two are decided by the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domains.notifications.models import Channel, DeliveryState, Frequency
from domains.notifications.services.deciding.quiet import Beat, Quiet, next_digest, quiet_until
from domains.notifications.services.trace import Decision, Step, entry

GATHERED = frozenset({Frequency.HOURLY, Frequency.DAILY, Frequency.WEEKLY})
MANDATORY = "category.mandatory"
EIGHT = Beat()
UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What is told, as far as it decides: the same for all recipients."""

    category: str
    mandatory: bool = False
    critical: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of a recipient and a channel.

    `frequency` is what holds, `said_by` the rule that says so. `refusal` is why the address may
    not be written to, whoever wants it.
    """

    channel: str
    frequency: str = Frequency.IMMEDIATELY
    said_by: str = "preference.product"
    muted: bool = False
    refusal: str = ""
    quiet: Quiet | None = None
    beat: Beat = EIGHT
    zone: ZoneInfo = UTC_ZONE


@dataclass(kw_only=True, slots=True)
class Verdict:
    """What was decided so far, and every step's entry in the trace.

    What is `gathered`, so often, is told at `gathered_until` with all else that is.
    """

    state: str
    due_at: datetime
    trace: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""
    gathered: str = ""
    gathered_until: datetime | None = None

    @property
    def passes(self) -> bool:
        """Return whether it is still on its way to be sent, at once or later."""
        return self.state in (DeliveryState.PENDING, DeliveryState.DEFERRED)

    def suppress(self, *, step: Step, rule: str, reason: str, at: datetime, **details: Any) -> None:
        """Hold it back for good."""
        self.state, self.reason = DeliveryState.SUPPRESSED, reason
        self.trace.append(
            entry(step=step, decision=Decision.SUPPRESSED, rule=rule, at=at, **details)
        )

    def let_pass(self, *, step: Step, rule: str, at: datetime, **details: Any) -> None:
        """Note that a step has nothing against it."""
        self.trace.append(entry(step=step, decision=Decision.PASSED, rule=rule, at=at, **details))


def decide(*, subject: Subject, facts: Facts, fan_out: dict[str, Any], now: datetime) -> Verdict:
    """Return what preferences and quiet hours make of it; `fan_out` is the first entry."""
    verdict = Verdict(state=DeliveryState.PENDING, due_at=now, trace=[fan_out])
    if facts.refusal:
        rule, _, reason = facts.refusal.partition(": ")
        verdict.suppress(step=Step.PREFERENCES, rule=rule, reason=reason, at=now)
        return verdict
    _prefer(subject, facts, verdict, now)
    if verdict.passes:
        _keep_quiet(subject, facts, verdict, now)
    return verdict


def _prefer(subject: Subject, facts: Facts, verdict: Verdict, now: datetime) -> None:
    if subject.mandatory:
        verdict.let_pass(step=Step.PREFERENCES, rule=MANDATORY, at=now)
    elif facts.muted:
        verdict.suppress(
            step=Step.PREFERENCES, rule="mute.person", reason="what it is about is muted", at=now
        )
    elif facts.frequency == Frequency.OFF:
        verdict.suppress(
            step=Step.PREFERENCES, rule=facts.said_by, reason="it is switched off", at=now
        )
    else:
        if _is_gathered(subject, facts):
            verdict.gathered = facts.frequency
            verdict.gathered_until = next_digest(
                frequency=facts.frequency, beat=facts.beat, zone=facts.zone, at=now
            )
        verdict.let_pass(
            step=Step.PREFERENCES, rule=facts.said_by, at=now, frequency=str(facts.frequency)
        )


def _is_gathered(subject: Subject, facts: Facts) -> bool:
    """Return whether it waits for a digest: what is critical waits for nothing."""
    gathered = facts.frequency in GATHERED and facts.channel != Channel.IN_APP
    return gathered and not subject.critical


def _keep_quiet(subject: Subject, facts: Facts, verdict: Verdict, now: datetime) -> None:
    rule = _why_not_quiet(subject, facts, verdict)
    if rule or facts.quiet is None:
        verdict.let_pass(step=Step.QUIET_HOURS, rule=rule, at=now)
        return
    end = quiet_until(quiet=facts.quiet, zone=facts.zone, at=now)
    if end is None:
        verdict.let_pass(step=Step.QUIET_HOURS, rule="quiet_hours.outside", at=now)
        return
    verdict.state, verdict.due_at = DeliveryState.DEFERRED, end
    verdict.trace.append(
        entry(
            step=Step.QUIET_HOURS,
            decision=Decision.DEFERRED,
            rule="quiet_hours.person",
            at=now,
            until=end.isoformat(),
        )
    )


def _why_not_quiet(subject: Subject, facts: Facts, verdict: Verdict) -> str:
    if facts.channel == Channel.IN_APP:
        return "quiet_hours.silent_channel"
    if subject.critical:
        return "quiet_hours.critical"
    if verdict.gathered:
        return "quiet_hours.decided_by_digest"
    return "" if facts.quiet else "quiet_hours.none"
