"""An entry as everybody is shown it: in the API and in exports, the same."""

from __future__ import annotations

from typing import Any

from domains.users.models import AuditEntry
from domains.users.services.audit.chain import NOBODY, written_time


def document_of(entry: AuditEntry) -> dict[str, Any]:
    """Return the entry as plain JSON."""
    return {
        "id": str(entry.id),
        "sequence": entry.sequence,
        "occurred_at": written_time(entry.occurred_at),
        "action": entry.action,
        "actor": {
            "kind": entry.actor_kind,
            "id": str(entry.actor_id) if entry.actor_id != NOBODY else None,
        },
        "on_behalf_of": str(entry.on_behalf_of) if entry.on_behalf_of else None,
        "target": {"kind": entry.target_kind, "id": entry.target_id},
        "facts": entry.facts,
        "personal": entry.personal,
        "trace_id": entry.trace_id,
        "hash": bytes(entry.hash).hex(),
    }
