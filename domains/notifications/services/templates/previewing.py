"""What a version would say with given values: shown, or mailed to whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from liquid.exceptions import LiquidError

from domains.auth import interface as auth
from domains.notifications.contract.errors import PersonRequired, TemplateNotRendered
from domains.notifications.models import Channel, TemplateVersion
from domains.notifications.services.rendering.content import Content
from domains.notifications.services.rendering.rendering import render_from
from domains.notifications.services.rendering.sources import Stored
from domains.notifications.services.templates.checking import check_values
from domains.notifications.services.templates.faults import faults_of_variables
from domains.notifications.services.templates.reading import get_version
from domains.notifications.services.templates.samples import contexts_of
from domains.notifications.services.templates.variables import declared, words_for
from kernel.jobs import ring
from kernel.principal import Principal


def preview(
    *,
    principal: Principal,
    template_id: UUID,
    number: int,
    channel: str,
    locale: str = "",
    values: Mapping[str, Any] | None = None,
) -> Content:
    """Return what the version says with the values; without any, with its examples.

    Raise `TemplateNotFound`, `TemplateVersionNotFound`, `Forbidden`, `TemplateValuesInvalid` or
    `TemplateNotRendered`.
    """
    version = get_version(principal=principal, template_id=template_id, number=number)
    return shown(version, channel=channel, locale=locale, values=values)


def shown(
    version: TemplateVersion,
    *,
    channel: str,
    locale: str = "",
    values: Mapping[str, Any] | None = None,
) -> Content:
    """Return what the version says; raise `TemplateValuesInvalid` or `TemplateNotRendered`."""
    if values is None:
        for fault in faults_of_variables(declared(version.variables)):
            raise TemplateNotRendered(fault.detail)
        context = contexts_of(version)[0]
    else:
        check_values(version=version, values=values)
        context = words_for(declared(version.variables), values)
    wanted = locale or version.default_locale
    source = Stored(row=version, wanted=wanted)
    try:
        return render_from(source, channel=channel, context=context, locale=wanted)
    except LiquidError as error:
        raise TemplateNotRendered(str(error).splitlines()[0][:300]) from error


def send_test(
    *,
    principal: Principal,
    template_id: UUID,
    number: int,
    locale: str = "",
    values: Mapping[str, Any] | None = None,
) -> str:
    """Have the version's mail sent to the caller's own confirmed address, which is returned.

    Raise as `preview` does, and `PersonRequired`.
    """
    account_id = principal.account_id
    if principal.kind != "account" or account_id is None:
        raise PersonRequired
    version = get_version(principal=principal, template_id=template_id, number=number)
    address = _address_of(account_id)
    if not address:
        raise PersonRequired("Your own e-mail address has to be confirmed first.")
    mail_test(version, account_id=account_id, locale=locale, values=values)
    return address


def mail_test(
    version: TemplateVersion,
    *,
    account_id: UUID,
    locale: str = "",
    values: Mapping[str, Any] | None = None,
) -> None:
    """Ring for the job that mails it to the account; raise as `shown` does."""
    content = shown(version, channel=Channel.EMAIL, locale=locale, values=values)
    said = (content.subject, content.text, content.html)
    ring("notifications.send_test_mail", str(account_id), *said)


def deliver_test(*, account_id: UUID, subject: str, text: str, html: str) -> None:
    """Mail it to the account's confirmed address, once: who misses it asks again."""
    address = _address_of(account_id)
    if not address:
        return
    message = EmailMultiAlternatives(
        subject=f"[Test] {subject}",
        body=text,
        to=[address],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(html, "text/html")
    message.send()


def _address_of(account_id: UUID) -> str:
    accounts = auth.get_accounts(account_ids=[account_id])
    return accounts[0].email if accounts and accounts[0].email_verified else ""
