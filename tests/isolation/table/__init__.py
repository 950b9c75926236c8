"""What every operation answers every actor. A new operation has no row: say here who may use it.

    "operationId": held(PERMISSION, 201).sends(body={"name": "New"}),

`everybody`, `signed_in` and `held` (tests/isolation/rows.py) are the kinds of operations there are;
`.but(viewer=200)` says what differs.
"""

from __future__ import annotations

from tests.isolation.rows import Row
from tests.isolation.table import auth, billing, files, notifications, users

BY_DOMAIN: dict[str, dict[str, Row]] = {
    "auth": auth.ROWS,
    "billing": billing.ROWS,
    "files": files.ROWS,
    "notifications": notifications.ROWS,
    "users": users.ROWS,
}
TABLE: dict[str, Row] = {name: row for rows in BY_DOMAIN.values() for name, row in rows.items()}
