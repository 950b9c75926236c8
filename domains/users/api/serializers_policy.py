"""The JSON of an organization's policy."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from domains.users import models
from domains.users.contract.data import WhoMayInvite
from kernel.addresses import dns_name, parse_network
from kernel.rest import Serializer

MOST = 100
SHORTEST_LIFETIME = 300
LONGEST_LIFETIME = 365 * 24 * 3600


class NetworkField(serializers.CharField):
    """A network in CIDR notation, written in one way (RFC 4632, RFC 5952)."""

    def to_internal_value(self, data: Any) -> str:
        """Return the network without what stands behind its prefix."""
        try:
            return str(parse_network(super().to_internal_value(data)))
        except ValueError as error:
            detail = "This is no network, such as 203.0.113.0/24."
            raise serializers.ValidationError(detail, "network") from error


class EmailDomainField(serializers.CharField):
    """The part of e-mail addresses after the @, as the DNS spells it."""

    def to_internal_value(self, data: Any) -> str:
        """Return the domain in lower case, and in ASCII."""
        return dns_name(super().to_internal_value(data))


class PolicyIn(Serializer):
    """What an organization asks of its members."""

    who_may_invite = serializers.ChoiceField(
        [who.value for who in WhoMayInvite],
        help_text="Owners alone, admins too, or members as well.",
    )
    allowed_email_domains = serializers.ListField(
        child=EmailDomainField(
            max_length=models.DOMAIN_LENGTH, validators=[models.validate_email_domain]
        ),
        max_length=MOST,
        help_text="Members' verified addresses are of one of these domains; none allows all.",
    )
    mfa_required = serializers.BooleanField(
        help_text="Members have proven a second factor, or a passkey."
    )
    session_lifetime = serializers.IntegerField(
        min_value=SHORTEST_LIFETIME,
        max_value=LONGEST_LIFETIME,
        allow_null=True,
        help_text="Seconds after which members prove anew who they are; null asks for nothing.",
    )
    allowed_networks = serializers.ListField(
        child=NetworkField(max_length=models.NETWORK_LENGTH, validators=[models.validate_network]),
        max_length=MOST,
        help_text="Requests come from one of these networks (CIDR); none allows all.",
    )

    def validate_allowed_email_domains(self, values: list[str]) -> list[str]:
        """Return each domain once."""
        return list(dict.fromkeys(values))

    def validate_allowed_networks(self, values: list[str]) -> list[str]:
        """Return each network once."""
        return list(dict.fromkeys(values))
