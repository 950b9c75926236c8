"""What is given within an organization is all of that organization, and organizations have slugs.

Django's foreign keys have one column each; these have two, so that no row can tie a role, team or
member of one organization to another's.
"""

from django.db import migrations

PAIRS = [
    ("membership", "custom_role_id", "custom_role"),
    ("invitation", "custom_role_id", "custom_role"),
    ("role_assignment", "custom_role_id", "custom_role"),
    ("role_assignment", "membership_id", "membership"),
    ("role_assignment", "team_id", "team"),
    ("role_assignment", "scope_id", "team"),
    ("team", "parent_id", "team"),
    ("team_membership", "team_id", "team"),
    ("team_membership", "membership_id", "membership"),
]


def _name(table: str, column: str) -> str:
    return f"{table}_{column.removesuffix('_id')}_of_one"


FORWARDS = "\n".join(
    f"ALTER TABLE {table} ADD CONSTRAINT {_name(table, column)}"
    f" FOREIGN KEY (organization_id, {column}) REFERENCES {target} (organization_id, id)"
    " DEFERRABLE INITIALLY DEFERRED;"
    for table, column, target in PAIRS
)
BACKWARDS = "\n".join(
    f"ALTER TABLE {table} DROP CONSTRAINT {_name(table, column)};" for table, column, _ in PAIRS
)
# The end of a UUIDv7 is random: enough to tell organizations of one name apart.
SLUGS = """
UPDATE organization SET slug = trim(both '-' FROM left(
    regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'), 35)) || '-' || right(id::text, 12)
WHERE NOT personal AND slug IS NULL;
UPDATE organization SET slug = ltrim(slug, '-') WHERE slug LIKE '-%';
"""


class Migration(migrations.Migration):
    dependencies = [("domains_users", "0004_users_in_depth")]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.RunSQL(SLUGS, migrations.RunSQL.noop),
    ]
