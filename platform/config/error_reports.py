"""Errors of ours, reported to whoever SENTRY_DSN names: what failed and where, not whose data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk.integrations.rq import RqIntegration

from kernel.context import current

if TYPE_CHECKING:
    from sentry_sdk.types import Event


def configure(dsn: str, *, release: str) -> None:
    """Have every error that is logged reported from now on; without a DSN do nothing.

    Requests, bodies, variables and the arguments of jobs stay here: they hold what no log may.
    """
    if not dsn:
        return
    sentry_sdk.init(
        dsn,
        release=release,
        integrations=[RqIntegration()],  # a forked job waits until its reports are sent
        auto_enabling_integrations=False,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=_prepare,
    )


def _prepare(report: Event, _hint: Any) -> Event:
    report.get("extra", {}).pop("rq-job", None)
    report.setdefault("tags", {})["request_id"] = current().request_id
    return report
