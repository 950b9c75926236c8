"""What billing says to everybody else: data, events, errors and permissions. The lowest layer."""

LISTENS_TO: tuple[str, ...] = ("auth.account_erased.v1", "users.organization_erased.v1")
