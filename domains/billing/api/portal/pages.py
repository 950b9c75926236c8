"""HTML in and out: the customers' page, which needs no script.

The link's pass goes into a cookie of this one page, and the address bar is without it from then on.
Forms are answered by a redirect to the page, which says what became of them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from rest_framework.request import Request
from rest_framework.views import APIView

from domains.billing.api.portal import rendering
from domains.billing.contract.portal import PortalFormInvalid, PortalPassInvalid
from domains.billing.services.portal import acting, showing, visiting
from domains.billing.services.portal.acting import Form
from kernel import clock
from kernel.errors import DomainError, NotFound
from kernel.rest import Body, Public

COOKIE = "billing_portal"
LONGEST_REASON = 200
_REFUSED = (PortalPassInvalid, PortalFormInvalid)


class SeeOther(HttpResponseRedirect):
    """Another page is fetched by GET, whatever this one was asked by (RFC 9110, 15.4.4)."""

    status_code = 303


class Page(APIView):
    """A page for whoever holds a pass; what is refused is a page, too."""

    permission_classes = [Public]
    schema = None

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Say on a page that the pass or the form doesn't count."""
        if isinstance(exc, _REFUSED):
            return rendering.refusal(locale=_wished(self.request), status=403)
        return super().handle_exception(exc)


class Link(Page):
    """What a link leads to: it gives the browser its cookie, and sends it on."""

    def get(self, request: Request, text: str) -> HttpResponse:
        granted = visiting.enter(text=text, now=clock.now())
        address = f"/billing/portal/{granted.id}"
        response = SeeOther(address)
        response.set_cookie(
            COOKIE,
            text,
            expires=granted.expires_at,
            path=address,
            secure=settings.HTTPS,
            httponly=True,
            # The visit begins with a link on a page elsewhere, which Strict would come without.
            samesite="Lax",
        )
        return response


class Portal(Page):
    """The page."""

    def get(self, request: Request, portal_id: UUID) -> HttpResponse:
        view = showing.show(
            text=_text(request),
            portal_id=portal_id,
            older_than=_id(request.query_params.get("older_than", "")),
            now=clock.now(),
        )
        said = request.query_params.get("said", "")
        return rendering.page(view, address=request.path, said=said)


class Deed(Page):
    """Something that is done by a form of the page."""

    body = Body(
        max_bytes=16_384,
        content_types=frozenset({"application/x-www-form-urlencoded"}),
        whole=True,
    )
    done = ""

    def post(self, request: Request, portal_id: UUID, **ids: UUID) -> HttpResponse:
        fields = QueryDict(request._request.body)
        form = Form(
            text=_text(request),
            portal_id=portal_id,
            token=fields.get("form_token", ""),
            sent_at=clock.now(),
        )
        try:
            self.do(form, fields, **ids)
        except _REFUSED:
            raise
        except DomainError as error:
            return _back(portal_id, said=error.code)
        return _back(portal_id, said=self.done)

    def do(self, form: Form, fields: QueryDict, **ids: Any) -> None:
        """Do it; may raise a `DomainError`."""
        raise NotImplementedError


class Cancel(Deed):
    """The plan is to end with its period."""

    done = "canceled"

    def do(self, form: Form, fields: QueryDict, **ids: Any) -> None:
        """Cancel, with the reason that was chosen and what was added to it."""
        given = (fields.get("reason", ""), fields.get("comment", ""))
        reason = ": ".join(text.strip() for text in given if text.strip())
        acting.cancel(form=form, reason=reason.replace("\0", "")[:LONGEST_REASON])


class Resume(Deed):
    """The plan is to go on."""

    done = "resumed"

    def do(self, form: Form, fields: QueryDict, **ids: Any) -> None:
        """Take the cancellation back."""
        acting.resume(form=form)


class ChooseDefault(Deed):
    """Another method is to be paid with."""

    done = "default_chosen"

    def do(self, form: Form, fields: QueryDict, **ids: Any) -> None:
        """Make the method the default."""
        acting.choose_default(form=form, method_id=ids["method_id"])


class Detach(Deed):
    """A method is to be forgotten."""

    done = "detached"

    def do(self, form: Form, fields: QueryDict, **ids: Any) -> None:
        """Forget the method."""
        acting.detach(form=form, method_id=ids["method_id"])


class InvoicePdf(Page):
    """An invoice on paper."""

    def get(self, request: Request, portal_id: UUID, invoice_id: UUID) -> HttpResponse:
        file = acting.get_invoice(
            text=_text(request), portal_id=portal_id, invoice_id=invoice_id, now=clock.now()
        )
        return rendering.pdf(file)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Say on a page that there is no such invoice of this organization."""
        if isinstance(exc, NotFound):
            return rendering.refusal(locale=_wished(self.request), status=404)
        return super().handle_exception(exc)


def _text(request: Request) -> str:
    return str(request.COOKIES.get(COOKIE, ""))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _back(portal_id: UUID, *, said: str) -> HttpResponse:
    return SeeOther(f"/billing/portal/{portal_id}?{urlencode({'said': said})}")


def _wished(request: Request) -> str:
    """Return the language that the browser would like best."""
    return str(request.headers.get("Accept-Language", ""))
