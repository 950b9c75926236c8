"""What the roles of an organization may do with its notifications."""

from kernel.permissions import EVERYBODY, Permission, Role

_MANAGERS = (Role.OWNER, Role.ADMIN)

MESSAGE_SEND = Permission(
    "notifications.message:send", "Send messages to members and addresses", roles=_MANAGERS
)
MESSAGE_READ = Permission(
    "notifications.message:read",
    "See the organization's messages and what became of them",
    roles=_MANAGERS,
)
CATEGORY_READ = Permission(
    "notifications.category:read", "See the categories and what holds in them", roles=EVERYBODY
)
CATEGORY_WRITE = Permission(
    "notifications.category:write",
    "Make and change categories, their limits, and what members are told unless they say",
    roles=_MANAGERS,
)
CHAT_READ = Permission(
    "notifications.chat:read", "See where the organization's chat takes messages", roles=_MANAGERS
)
CHAT_WRITE = Permission(
    "notifications.chat:write", "Say where its chat takes messages, and which", roles=_MANAGERS
)

TEMPLATE_READ = Permission(
    "notifications.template:read", "See and preview templates", roles=_MANAGERS
)
TEMPLATE_WRITE = Permission(
    "notifications.template:write",
    "Write, publish and roll back templates",
    roles=_MANAGERS,
)
