"""What auth says to everybody else: data, events, errors and permissions. The lowest layer."""

LISTENS_TO: tuple[str, ...] = (
    "auth.session_revoked.v1",
    "users.organization_erased.v1",
)
