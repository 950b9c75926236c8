"""What the roles of an organization may do with its people, teams, roles and trail."""

from kernel.permissions import EVERYBODY, Permission, Role

_OWNERS = (Role.OWNER,)
_MANAGERS = (Role.OWNER, Role.ADMIN)

ORGANIZATION_READ = Permission("users.organization:read", "See the organization", roles=EVERYBODY)
ORGANIZATION_WRITE = Permission(
    "users.organization:write", "Change the organization's name, slug and logo", roles=_MANAGERS
)
ORGANIZATION_POLICY = Permission(
    "users.organization:set_policy",
    "Set who may invite, and what members must do to get in",
    roles=_OWNERS,
)
ORGANIZATION_CLOSE = Permission(
    "users.organization:close", "Close the organization, and open it again", roles=_OWNERS
)
OWNERSHIP_TRANSFER = Permission(
    "users.ownership:transfer", "Offer the ownership to another member", roles=_OWNERS
)
MEMBER_READ = Permission("users.member:read", "See who belongs to it", roles=EVERYBODY)
MEMBER_INVITE = Permission(
    "users.member:invite", "Invite people, see and revoke invitations", roles=_MANAGERS
)
MEMBER_REMOVE = Permission("users.member:remove", "Remove members", roles=_MANAGERS)
ROLE_READ = Permission(
    "users.role:read",
    "See the roles, who has them, and why somebody may do something",
    roles=EVERYBODY,
)
ROLE_WRITE = Permission("users.role:write", "Make and change custom roles", roles=_MANAGERS)
ROLE_ASSIGN = Permission(
    "users.role:assign", "Give roles to members and teams, and take them", roles=_MANAGERS
)
TEAM_READ = Permission("users.team:read", "See the teams and who is in them", roles=EVERYBODY)
TEAM_WRITE = Permission(
    "users.team:write", "Make, change and delete teams, and say who is in them", roles=_MANAGERS
)
AUDIT_READ = Permission("users.audit:read", "Read the audit log", roles=_MANAGERS)
AUDIT_EXPORT = Permission("users.audit:export", "Export the audit log", roles=_MANAGERS)
