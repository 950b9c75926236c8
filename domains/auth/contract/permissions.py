"""What the roles of an organization may do with its machines' ways in."""

from kernel.permissions import Permission, Role

API_KEY_WRITE = Permission(
    "auth.api_key:write", "See, create and revoke API keys", roles=(Role.OWNER, Role.ADMIN)
)
SERVICE_ACCOUNT_WRITE = Permission(
    "auth.service_account:write",
    "See, create and disable service accounts and their keys",
    roles=(Role.OWNER, Role.ADMIN),
)
