"""The categories of the product: what people switch on and off; organizations add their own."""

from __future__ import annotations

from dataclasses import dataclass

SECURITY, BILLING, TEAM, FILES, PRODUCT = "security", "billing", "team", "files", "product"


@dataclass(frozen=True, kw_only=True)
class BuiltIn:
    """One of the product's categories; a mandatory one can't be switched off."""

    key: str
    name: str
    description: str
    mandatory: bool = False


BUILT_IN: dict[str, BuiltIn] = {
    category.key: category
    for category in (
        BuiltIn(
            key=SECURITY,
            name="Security",
            description="The ways into your account, and what was done with it",
            mandatory=True,
        ),
        BuiltIn(
            key=BILLING,
            name="Billing",
            description="Plans and payments; what must be told, such as an invoice, always is",
        ),
        BuiltIn(key=TEAM, name="Team", description="Members, roles and organizations"),
        BuiltIn(key=FILES, name="Files", description="What happens to files"),
        BuiltIn(key=PRODUCT, name="Product", description="News, and everything else"),
    )
}
# Under these an organization may not speak: what they say is the product's own.
RESERVED = frozenset({SECURITY, BILLING})


def is_mandatory(category: str) -> bool:
    """Return whether nobody can switch it off."""
    known = BUILT_IN.get(category)
    return known is not None and known.mandatory
