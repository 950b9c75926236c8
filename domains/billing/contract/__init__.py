"""What billing says to everybody else: data, events, errors and permissions. The lowest layer."""

LISTENS_TO: tuple[str, ...] = (
    "auth.account_erased.v1",
    "users.invitation_revoked.v1",
    "users.member_erased.v1",
    "users.member_invited.v1",
    "users.member_joined.v1",
    "users.member_removed.v1",
    "users.organization_created.v1",
    "users.organization_erased.v1",
)
