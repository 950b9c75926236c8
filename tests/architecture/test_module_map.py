"""docs/MODULES.md says what the code says."""

from config.modulemap import module_map
from tests.architecture.copies import ROOT


def test_the_map_of_the_modules_is_up_to_date():
    assert (ROOT / "docs/MODULES.md").read_text() == module_map(), "stale: run `make map`"


def test_the_map_names_every_kind_of_thing():
    text = module_map()
    assert "- `get_entitlements(*, organization_ids: list[UUID]) -> list[Entitlements]`: " in text
    assert "- `users.member_joined.v1 {organization_id, account_id, role, invitation_id}`" in text
    assert "### Listens to" in text
    assert "- `PUT /api/v1/billing/subscription`" in text
    assert "- `subscription`: " in text
