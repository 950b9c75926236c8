from __future__ import annotations

from domains.auth.contract.permissions import API_KEY_WRITE, SERVICE_ACCOUNT_WRITE
from tests.isolation.rows import PEOPLE_ONLY, Row, everybody, held, signed_in

WRONG_TOKEN = {"token": "that nobody has"}
VISIT = {"code": "code", "state": "state", "ticket": "ticket"}
REDIRECT = {"redirect_uri": "https://app.example/callback"}
UNCONFIGURED = {"provider": "acme"}
EMAIL = {"email": "$email"}
PASSWORD = "a phrase that nobody has guessed"

IN_AND_OUT: dict[str, Row] = {
    "getKeySet": everybody(),
    "listSignInProviders": everybody(),
    "register": everybody(202).sends(body={"email": "new@elsewhere.example", "password": PASSWORD}),
    "login": everybody(401).sends(body={**EMAIL, "password": PASSWORD}),
    "finishSignIn": everybody(401).sends(
        body={"ticket": "that nobody has", "method": "totp", "answer": "123456"}
    ),
    "finishSignInPasskeyOptions": everybody(401).sends(body={"ticket": "that nobody has"}),
    "refreshTokens": everybody(401).sends(body={"refresh_token": "that nobody has"}),
    "startEmailSignIn": everybody(202).sends(body=EMAIL),
    "signInByEmail": everybody(401).sends(body={"ticket": "that nobody has", "code": "12345678"}),
    "startPasskeySignIn": everybody(),
    "signInWithPasskey": everybody(422).sends(body={"credential": {"id": "AAAA"}}),
    "verifyEmail": everybody(422).sends(body=WRONG_TOKEN),
    "resendVerification": everybody(202).sends(body=EMAIL),
    "forgotPassword": everybody(202).sends(body=EMAIL),
    "resetPassword": everybody(422).sends(body={**WRONG_TOKEN, "password": PASSWORD}),
    "confirmEmailChange": everybody(422).sends(body=WRONG_TOKEN),
    "undoEmailChange": everybody(422).sends(body=WRONG_TOKEN),
    "reopenAccount": everybody(422).sends(body=WRONG_TOKEN),
    "logout": signed_in(204),
}
# No provider is configured: whoever gets so far is told so.
FEDERATION: dict[str, Row] = {
    "startFederatedSignIn": everybody(404).sends(path=UNCONFIGURED, body=REDIRECT),
    "finishFederatedSignIn": everybody(404).sends(path=UNCONFIGURED, body=VISIT),
    "receiveFederatedLogout": everybody(404).sends(
        path=UNCONFIGURED,
        body="logout_token=that-nobody-has",
        content_type="application/x-www-form-urlencoded",
    ),
    "getFederatedLogoutUrl": signed_in(),
    "startLinkingIdentity": signed_in(404).sends(path=UNCONFIGURED, body=REDIRECT),
    "finishLinkingIdentity": signed_in(404, keys=404).sends(path=UNCONFIGURED, body=VISIT),
    "startFederatedStepUp": signed_in(404, keys=404).sends(path=UNCONFIGURED, body=REDIRECT),
    "finishFederatedStepUp": signed_in(404, keys=404).sends(path=UNCONFIGURED, body=VISIT),
    "listIdentities": signed_in(),
    "unlinkIdentity": signed_in(204),
}
OWN_ACCOUNT: dict[str, Row] = {
    "getAccount": signed_in(),
    "changeAccount": signed_in().sends(body={"email_sign_in": True}),
    "closeAccount": signed_in(202),
    "requestEmailChange": signed_in(202).sends(body={"email": "new@elsewhere.example"}),
    "changePassword": signed_in(422)
    .sends(body={"current_password": PASSWORD, "new_password": PASSWORD})
    .noting("auth.outbox", "auth.sign_in_throttle"),
    "getFactors": signed_in(),
    "beginTotp": signed_in(409),
    "confirmTotp": signed_in(409).sends(body={"code": "123456"}),
    "removeTotp": signed_in(204),
    "makeRecoveryCodes": signed_in(201),
    "listPasskeys": signed_in(),
    "startPasskeyRegistration": signed_in(),
    "registerPasskey": signed_in(422).sends(body={"name": "New", "credential": {"id": "AAAA"}}),
    "renamePasskey": signed_in().sends(body={"name": "New"}),
    "removePasskey": signed_in(204),
    "listSessions": signed_in(),
    "endSession": signed_in(204),
    "endOtherSessions": signed_in(204),
    "stepUp": signed_in(422)
    .sends(body={"method": "totp", "answer": "123456"})
    .noting("auth.outbox", "auth.sign_in_throttle"),
    "stepUpPasskeyOptions": signed_in(),
}
MACHINES: dict[str, Row] = {
    "listApiKeys": held(API_KEY_WRITE, home=200),
    "createApiKey": held(API_KEY_WRITE, 201, keys=PEOPLE_ONLY, home=201).sends(
        body={"name": "New", "permissions": ["files.file:read"]}
    ),
    "revokeApiKey": held(API_KEY_WRITE, 204, keys=PEOPLE_ONLY),
    "rotateApiKey": held(API_KEY_WRITE, 201, keys=PEOPLE_ONLY).sends(body={}),
    "listServiceAccounts": held(SERVICE_ACCOUNT_WRITE, home=200),
    "createServiceAccount": held(SERVICE_ACCOUNT_WRITE, 201, keys=PEOPLE_ONLY, home=201).sends(
        body={"name": "New", "permissions": ["files.file:read"]}
    ),
    "getServiceAccount": held(SERVICE_ACCOUNT_WRITE),
    "disableServiceAccount": held(SERVICE_ACCOUNT_WRITE, 204, keys=PEOPLE_ONLY),
}
ROWS: dict[str, Row] = IN_AND_OUT | FEDERATION | OWN_ACCOUNT | MACHINES
