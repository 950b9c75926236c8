"""What each entry of a timeline says: what happened, how it stands, how much it was about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domains.billing.admin.money import shown


@dataclass(frozen=True, kw_only=True)
class Words:
    """`title` says what happened, `says` and `amount` are made from the row.

    The title has the tone, or that of the row's column `state`.
    """

    title: str
    says: Callable[[Any], str]
    amount: Callable[[Any], str] | None = None
    tone: str = ""
    state: str = ""

    def amount_of(self, row: Any) -> str:
        """Return how much it was about."""
        return self.amount(row) if self.amount else ""

    def tone_of(self, row: Any) -> str:
        """Return the tone of a label (`kernel.staff.panels.Cell`)."""
        return _TONES.get(getattr(row, self.state), "info") if self.state else self.tone


def _money(name: str) -> Callable[[Any], str]:
    return lambda row: shown(getattr(row, name), row.currency)


def _of_intent(row: Any) -> str:
    return shown(row.amount, row.intent.currency)


def _joined(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)


def _item(row: Any) -> str:
    return f"{row.quantity} of {row.product} ({row.price})"


def _payment(row: Any) -> str:
    what = row.invoice or (f"plan {row.plan}" if row.plan else "")
    return _joined(row.provider, what, row.reason)


def _dunning(row: Any) -> str:
    due = f"next step on {row.next_at:%Y-%m-%d %H:%M}" if row.next_at else ""
    return _joined(row.invoice, f"{row.step} steps taken", row.reason, due)


def _grant(row: Any) -> str:
    return _joined(f"{row.remaining} of {row.amount} {row.feature} left", row.reason)


def _change(row: Any) -> str:
    due = f"due on {row.due_at:%Y-%m-%d %H:%M}"
    return _joined(row.get_kind_display(), row.change.get("plan", ""), due)


def _uses_left(row: Any) -> str:
    left = "every invoice" if row.periods_left is None else f"{row.periods_left} invoices left"
    return _joined(row.coupon, left)


_TONES = {
    "succeeded": "success",
    "paid": "success",
    "won": "success",
    "applied": "success",
    "failed": "danger",
    "lost": "danger",
    "uncollectible": "danger",
    "exhausted": "danger",
}


WORDS = {
    "coupon_redeemed": Words(title="Coupon redeemed", says=_uses_left),
    "coupon_ended": Words(title="Coupon used up", says=lambda row: str(row.coupon)),
    "subscription_begun": Words(
        title="Subscription begun",
        says=lambda row: _joined(
            f"now {row.get_state_display().lower()}", "given by staff" if row.comped else ""
        ),
    ),
    "subscription_ended": Words(
        title="Subscription ended",
        says=lambda row: _joined(row.get_state_display(), row.cancel_reason),
        tone="warning",
    ),
    "past_due": Words(
        title="Payment overdue",
        says=lambda row: f"now {row.get_state_display().lower()}",
        tone="danger",
    ),
    "paused": Words(
        title="Paused",
        says=lambda row: f"until {row.resumes_at:%Y-%m-%d}" if row.resumes_at else "",
        tone="warning",
    ),
    "item_begun": Words(title="Charged by", says=_item),
    "item_ended": Words(title="No longer charged by", says=_item),
    "change_scheduled": Words(title="Change scheduled", says=_change),
    "change_settled": Words(
        title="Change settled",
        says=lambda row: _joined(row.get_state_display(), _change(row)),
        state="state",
    ),
    "grant_made": Words(title="Grant", says=_grant),
    "invoice_issued": Words(
        title="Invoice",
        says=lambda row: _joined(row, row.get_cause_display()),
        amount=_money("total"),
    ),
    "invoice_settled": Words(
        title="Invoice settled",
        says=lambda row: _joined(row, row.get_state_display()),
        amount=_money("total"),
        state="state",
    ),
    "payment_begun": Words(title="Payment begun", says=_payment, amount=_money("amount")),
    "payment_settled": Words(
        title="Payment settled",
        says=lambda row: _joined(row.get_state_display(), _payment(row)),
        amount=_money("amount"),
        state="state",
    ),
    "dunning_begun": Words(title="Dunning begun", says=_dunning, tone="warning"),
    "dunning_ended": Words(
        title="Dunning ended",
        says=lambda row: _joined(row.get_outcome_display(), _dunning(row)),
        state="outcome",
    ),
    "credit_note_issued": Words(
        title="Credit note",
        says=lambda row: _joined(row, f"for {row.invoice}", row.reason),
        amount=_money("total"),
    ),
    "refund_begun": Words(title="Refund begun", says=lambda row: row.reason, amount=_of_intent),
    "refund_settled": Words(
        title="Refund settled",
        says=lambda row: row.get_state_display(),
        amount=_of_intent,
        state="state",
    ),
    "dispute_opened": Words(
        title="Dispute opened",
        says=lambda row: row.reason,
        amount=_of_intent,
        tone="danger",
    ),
    "dispute_closed": Words(
        title="Dispute closed",
        says=lambda row: row.get_state_display(),
        amount=_of_intent,
        state="state",
    ),
}
