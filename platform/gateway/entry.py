"""The way of a request through the gateway, from top to bottom."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch

from gateway import bodies, credentials, limits, policies, principals, repeats
from gateway.credentials import Credentials
from gateway.errors import problem
from gateway.policies import PAGE, MethodNotAllowed, Policy
from kernel import context, scope
from kernel.context import ActorKind
from kernel.errors import DomainError
from kernel.principal import Principal

PROBES = frozenset({"/livez", "/readyz"})
INTERNAL = "/internal/"


def answer(request: HttpRequest) -> HttpResponseBase:
    """Return the answer to a request; every error has become a problem document."""
    try:
        if request.path_info in PROBES or request.path_info.startswith(INTERNAL):
            return _call(request, _resolve(request))
        request.get_host()
        return _serve(request)
    except Exception as error:  # noqa: BLE001  the boundary of the process: nothing passes
        return problem(error, request)


def _serve(request: HttpRequest) -> HttpResponseBase:
    try:
        return _pass(request)
    except (DomainError, Http404):
        if not hasattr(request, "limits"):  # refused before it was known whose it is
            _admit(request, PAGE, None)
        raise


def _pass(request: HttpRequest) -> HttpResponseBase:
    match = _resolve(request)
    policy = policies.policy_of(match.func)
    request.retirement = policy.retirement  # type: ignore[attr-defined]
    if request.method == "OPTIONS":
        _admit(request, PAGE, None)
        return HttpResponse(status=204, headers={"Allow": ", ".join(policy.methods)})
    _check_method(request, policy)
    _read(request, policy)
    principal = _identify(request, policy)
    request.principal = principal  # type: ignore[attr-defined]
    subject = _subject(principal)
    seen = principal.organization_ids if principal else None
    with context.use(_context_of(principal)), scope.use(seen):
        call = partial(_call, request, match)
        return repeats.perform(request, policy, subject=subject, call=call)


def _resolve(request: HttpRequest) -> ResolverMatch:
    match = policies.resolved(request)
    request.resolver_match = match
    return match


def _check_method(request: HttpRequest, policy: Policy) -> None:
    if request.method not in policy.methods:
        allow = ", ".join(policy.methods)
        raise MethodNotAllowed(f"This path takes {allow}.", allow=allow)


def _read(request: HttpRequest, policy: Policy) -> None:
    request.json = {}  # type: ignore[attr-defined]
    bodies.check(request, policy.body)
    if request.method in policies.READS:
        return
    if policy.body.whole:
        bodies.read_whole(request)
    elif not policy.body.streamed:
        document = bodies.read_json(request, max_members=policy.body.max_members)
        request.json = document  # type: ignore[attr-defined]


def _identify(request: HttpRequest, policy: Policy) -> Principal | None:
    """Return who asks, or None where nobody needs to say; the limits are counted either way."""
    if policy.public:
        _admit(request, policy, None)
        return None
    request.credentials = None  # type: ignore[attr-defined]
    shown = credentials.of_request(request, by_ticket=policy.by_ticket)
    request.credentials = shown  # type: ignore[attr-defined]
    organization = principals.organization_id(request)
    fact = principals.access_fact(shown, organization)
    admission = _admit(request, policy, shown, access_fact=fact)
    address = context.current().client_address
    principal = principals.principal_of(
        shown, organization=organization, address=address, admission=admission
    )
    if request.method in policy.step_up:
        principals.require_step_up(shown)
    return principal


def _admit(
    request: HttpRequest, policy: Policy, shown: Credentials | None, *, access_fact: str = ""
) -> limits.Admission:
    admission = limits.admit(
        limits.Asked(
            method=request.method or "",
            address=context.current().client_address,
            policy=policy,
            credentials=shown,
            document=getattr(request, "json", None),
            access_fact=access_fact,
        )
    )
    request.limits = admission.counts  # type: ignore[attr-defined]
    limits.refuse_exceeded(admission.waits)
    return admission


def _subject(principal: Principal | None) -> str:
    if principal is None:
        return f"address:{context.current().client_address}"
    return f"{principal.kind}:{principal.api_key_id or principal.account_id}"


def _context_of(principal: Principal | None) -> context.RequestContext:
    if principal is None:
        return context.current()
    return replace(
        context.current(),
        actor_id=_actor(principal),
        actor_kind=_kind(principal),
        on_behalf_of=_whom(principal),
        api_key_id=principal.api_key_id,
        organization_id=principal.organization_id,
    )


def _actor(principal: Principal) -> UUID | None:
    """Return who really acts: the staff behind an account, or the machine that no account is of."""
    person = principal.impersonator_id or principal.account_id
    return person or principal.service_account_id or principal.api_key_id


def _kind(principal: Principal) -> ActorKind:
    if principal.impersonator_id:
        return ActorKind.STAFF
    if principal.service_account_id:
        return ActorKind.SERVICE_ACCOUNT
    return ActorKind.API_KEY if principal.api_key_id else ActorKind.ACCOUNT


def _whom(principal: Principal) -> UUID | None:
    """Return the account that another acts as or for: staff, or a key of that person's."""
    return principal.account_id if principal.impersonator_id or principal.api_key_id else None


def _call(request: HttpRequest, match: ResolverMatch) -> HttpResponseBase:
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    render = getattr(response, "render", None)
    return render() if callable(render) else response


def is_staff_path(path: str) -> bool:
    """Return whether a path is the admin's or a static file's: Django's own chain serves those."""
    return path.startswith(("/admin/", settings.STATIC_URL)) or path == "/admin"
