"""The whole check of the audit, as the command asks for it."""

from __future__ import annotations

from itertools import chain, islice
from uuid import UUID

from domains.users.contract.data import AuditBreak, AuditKey, AuditVerdict
from domains.users.services.audit import keys
from domains.users.services.audit.anchor_check import check_anchors
from domains.users.services.audit.verification import Tally, check_trails

MOST_BROKEN = 100


def verify_audit(*, organization_id: UUID | None) -> AuditVerdict:
    """Check one organization's trail, or (None) all of them, and the anchors.

    Of each trail and anchor the first broken place is named, of at most a hundred.
    """
    tally = Tally()
    found = chain(
        check_trails(organization_id=organization_id, tally=tally),
        check_anchors(organization_id=organization_id, tally=tally),
    )
    broken = [
        AuditBreak(where=each.where, sequence=each.sequence, what=each.what)
        for each in islice(found, MOST_BROKEN)
    ]
    return AuditVerdict(
        trails=tally.trails, entries=tally.entries, anchors=tally.anchors, broken=tuple(broken)
    )


def get_audit_keys() -> list[AuditKey]:
    """Return the public keys that anchors are checked with, the one that signs first."""
    known = keys.public_keys().items()
    return [AuditKey(id=id_, public=key.public_bytes_raw().hex()) for id_, key in known]
