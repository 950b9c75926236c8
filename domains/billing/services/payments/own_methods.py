"""What members do with the payment methods of their organization."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.contract.payment_errors import PaymentMethodInUse, PaymentMethodNotFound
from domains.billing.contract.permissions import PAYMENT_METHODS_READ, PAYMENT_METHODS_WRITE
from domains.billing.models import ENDED_STATES, PaymentMethod, Subscription
from domains.billing.services.customers import lock_customer
from domains.billing.services.payments import customers, dunning, methods, providers
from domains.billing.services.payments.port import MethodSetup
from kernel.db import transaction
from kernel.principal import Principal


def list_methods(*, principal: Principal) -> list[PaymentMethod]:
    """Return the current organization's methods, the default first; may raise `Forbidden`."""
    principal.require(PAYMENT_METHODS_READ)
    return list(methods.list_attached(organization_id=principal.organization_id))


def set_up(*, principal: Principal, now: datetime) -> MethodSetup:
    """Let the client enter a card at the provider.

    Raises `Forbidden`, `PaymentsNotConfigured` and `PaymentProviderUnavailable`.
    """
    principal.require(PAYMENT_METHODS_WRITE)
    customer = customers.ensure(organization_id=principal.organization_id, now=now)
    return providers.current().set_up_method(customer=customer)


def attach(*, principal: Principal, reference: str, now: datetime) -> PaymentMethod:
    """Keep a method that the client entered; raises what `methods.attach` does, and `Forbidden`."""
    principal.require(PAYMENT_METHODS_WRITE)
    return methods.attach(
        organization_id=principal.organization_id,
        account_id=principal.account_id,
        reference=reference,
        now=now,
    )


def choose_default(*, principal: Principal, method_id: UUID, now: datetime) -> PaymentMethod:
    """Pay with the method from now on, what is overdue too.

    Raises `Forbidden` and `PaymentMethodNotFound`.
    """
    principal.require(PAYMENT_METHODS_WRITE)
    owner = principal.organization_id
    with transaction("billing"):
        lock_customer(organization_id=owner, now=now)
        method = _find(owner, method_id)
        if not method.is_default:
            methods.make_default(method)
            dunning.hurry(organization_id=owner, now=now)
    return method


def detach(*, principal: Principal, method_id: UUID, now: datetime) -> None:
    """Forget the method, here and then at the provider.

    Raises `Forbidden`, `PaymentMethodNotFound`, `PaymentProviderUnavailable`, and
    `PaymentMethodInUse` for the last one while a subscription has to be paid.
    """
    principal.require(PAYMENT_METHODS_WRITE)
    owner = principal.organization_id
    with transaction("billing", final=False):
        lock_customer(organization_id=owner, now=now)
        method = _find(owner, method_id)
        if _is_needed(method):
            raise PaymentMethodInUse
        methods.forget(method, now=now)
    customer = customers.find(organization_id=owner, provider=method.provider)
    if customer:
        provider = providers.named(method.provider)
        provider.detach(reference=method.reference, customer=customer)


def _find(organization_id: UUID, method_id: UUID) -> PaymentMethod:
    found = methods.list_attached(organization_id=organization_id).filter(id=method_id).first()
    if found is None:
        raise PaymentMethodNotFound
    return found


def _is_needed(method: PaymentMethod) -> bool:
    others = methods.list_attached(organization_id=method.organization_id).exclude(id=method.id)
    mine = Subscription.objects.within(method.organization_id).filter(comped=False)
    return not others.exists() and mine.exclude(state__in=ENDED_STATES).exists()
