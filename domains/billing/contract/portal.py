"""What the customers' page refuses."""

from __future__ import annotations

from kernel.errors import Forbidden, Invalid


class ReturnUrlNotAllowed(Invalid):
    """Pages lead back to the product's own pages alone: FRONTEND_URL and CORS_ALLOWED_ORIGINS."""

    code = "billing.return_url_not_allowed"
    title = "The page can't lead back to there"


class PortalPassInvalid(Forbidden):
    """Never issued, altered, for another organization's page, expired, or signed out meanwhile."""

    code = "billing.portal_pass_invalid"
    title = "This page is not valid, or has expired"


class PortalFormInvalid(Forbidden):
    """Not sent by the page that it seems to come from."""

    code = "billing.portal_form_invalid"
    title = "This form was not sent by the page"
