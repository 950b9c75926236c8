"""What the roles of an organization may do with its notifications."""

from kernel.permissions import Permission, Role

_MANAGERS = (Role.OWNER, Role.ADMIN)

TEMPLATE_READ = Permission(
    "notifications.template:read", "See and preview templates", roles=_MANAGERS
)
TEMPLATE_WRITE = Permission(
    "notifications.template:write",
    "Write, publish and roll back templates",
    roles=_MANAGERS,
)
