"""What users says to everybody else: data, events, errors and permissions."""

# Everything: whatever somebody does becomes an entry of the audit.
LISTENS_TO: tuple[str, ...] = (
    "auth.account_registered.v1",
    "auth.account_reopened.v1",
    "auth.account_erased.v1",
    "files.file_deleted.v1",
    "*.person_erased.v1",
    "*",
)
