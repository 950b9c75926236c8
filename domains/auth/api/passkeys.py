from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import answers, cookies, examples
from domains.auth.api import examples_passkeys as passkey_examples
from domains.auth.api.serializers_passkeys import (
    CREATION_OPTIONS,
    REQUEST_OPTIONS,
    NewPasskeySerializer,
    PasskeyAnswerSerializer,
    PasskeyNameSerializer,
    PasskeySerializer,
    RegisteredPasskeySerializer,
)
from domains.auth.contract.errors import (
    AccountClosing,
    AccountDisabled,
    CredentialsInvalid,
    EmailNotVerified,
    OriginNotAllowed,
    PasskeyInvalid,
    PasskeyNotFound,
    PasswordResetRequired,
    PasswordTooShortAlone,
    SessionRequired,
    TooManyPasskeys,
)
from domains.auth.services import passkey_list, passkey_sign_in, passkeys
from domains.auth.services.clients import present_client
from kernel.clock import now
from kernel.rest import Body, Limit, Listing, Public, caller, operation, paginate

# The largest part is an attestation, which nobody here asks for.
BODY = Body(max_bytes=65_536)
LISTING = Listing()


class PasskeyRegistrationOptionsView(APIView):
    step_up = frozenset({"POST"})

    @operation(
        "startPasskeyRegistration",
        "Get what the browser makes a passkey from",
        description="Good for one registration within five minutes.",
        response=CREATION_OPTIONS,
        problems=(SessionRequired, TooManyPasskeys),
        response_example=passkey_examples.CREATION_OPTIONS,
    )
    def post(self, request: Request) -> Response:
        options = passkeys.registration_options(caller(request), now=now())
        return _unstored(options)


class PasskeysView(APIView):
    body = BODY
    step_up = frozenset({"POST"})

    @operation(
        "listPasskeys",
        "List your passkeys",
        response=PasskeySerializer,
        listing=LISTING,
        problems=(SessionRequired,),
        response_example=passkey_examples.PASSKEY,
    )
    def get(self, request: Request) -> Response:
        rows = passkey_list.list_passkeys(caller(request))
        return Response(paginate(request, rows, listing=LISTING, represent=PasskeySerializer))

    @operation(
        "registerPasskey",
        "Register a passkey that the browser made",
        request=NewPasskeySerializer,
        description="With the first second factor come recovery codes, shown this once.",
        response=RegisteredPasskeySerializer,
        status=201,
        problems=(SessionRequired, TooManyPasskeys, PasskeyInvalid),
        request_example=passkey_examples.NEW_PASSKEY,
        response_example=passkey_examples.REGISTERED_PASSKEY,
    )
    def post(self, request: Request) -> Response:
        values = NewPasskeySerializer.parse(request)
        made = passkeys.register(caller(request), **values, now=now())
        codes = {"recovery_codes": made.recovery_codes}
        return _unstored(PasskeySerializer.render(made.passkey) | codes, status=201)


class PasskeyView(APIView):
    step_up = frozenset({"DELETE"})

    @operation(
        "renamePasskey",
        "Give a passkey another name",
        request=PasskeyNameSerializer,
        response=PasskeySerializer,
        problems=(SessionRequired, PasskeyNotFound),
        request_example=passkey_examples.NAME,
        response_example=passkey_examples.PASSKEY,
    )
    def patch(self, request: Request, passkey_id: UUID) -> Response:
        values = PasskeyNameSerializer.parse(request)
        named = passkey_list.rename_passkey(caller(request), passkey_id=passkey_id, **values)
        return Response(PasskeySerializer.render(named))

    @operation(
        "removePasskey",
        "Remove a passkey, and end all other sessions",
        status=204,
        problems=(SessionRequired, PasskeyNotFound, PasswordTooShortAlone),
    )
    def delete(self, request: Request, passkey_id: UUID) -> Response:
        passkey_list.remove_passkey(caller(request), passkey_id=passkey_id, now=now())
        return Response(status=204)


class PasskeySignInOptionsView(APIView):
    permission_classes = [Public]
    limits = (Limit(name="passkey-sign-in-options", quota=60, window=60),)

    @operation(
        "startPasskeySignIn",
        "Get what the browser asks a passkey for, to sign in",
        description="It names nobody: the passkey does. Good for one sign-in within five minutes.",
        response=REQUEST_OPTIONS,
        response_example=passkey_examples.REQUEST_OPTIONS,
    )
    def post(self, request: Request) -> Response:
        return _unstored(passkey_sign_in.options(now=now()))


class PasskeySignInView(cookies.CookieFlow):
    permission_classes = [Public]
    body = BODY
    limits = (Limit(name="passkey-sign-in", quota=60, window=60),)

    @operation(
        "signInWithPasskey",
        "Sign in with a passkey",
        description="A passkey verifies its user, so no second factor is asked for.",
        request=PasskeyAnswerSerializer,
        response=answers.SIGNED_IN,
        problems=(
            PasskeyInvalid,
            CredentialsInvalid,
            EmailNotVerified,
            AccountDisabled,
            AccountClosing,
            PasswordResetRequired,
            OriginNotAllowed,
        ),
        request_example=passkey_examples.SHOWN_PASSKEY,
        response_example=examples.TOKENS,
        query=cookies.QUERY,
    )
    def post(self, request: Request) -> Response:
        values = PasskeyAnswerSerializer.parse(request)
        outcome = passkey_sign_in.log_in(**values, client=present_client(), now=now())
        return answers.signed_in(request, outcome)


def _unstored(shown: dict[str, object], *, status: int = 200) -> Response:
    return Response(shown, status=status, headers={"Cache-Control": "no-store"})
