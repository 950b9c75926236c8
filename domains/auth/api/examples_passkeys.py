"""What the requests and answers about passkeys look like, for the OpenAPI document."""

_ID = "1sW8m0pZ2m2vJ0cJ8gk1cQ"
_CHALLENGE = "2Zl1r2dW0c9u2pTQm3m5y5d6aKk1rj0mY0a3s9d1cXk"
_CLIENT_DATA = "eyJ0eXBlIjoid2ViYXV0aG4uLi4ifQ"
CREATION_OPTIONS = {
    "rp": {"name": "Tenon", "id": "app.example.com"},
    "user": {
        "id": "AZLwwRERciKDM0REVVVmZg",
        "name": "ada@example.com",
        "displayName": "ada@example.com",
    },
    "challenge": _CHALLENGE,
    "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
    "timeout": 300000,
    "excludeCredentials": [],
    "authenticatorSelection": {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    },
    "attestation": "none",
}
REQUEST_OPTIONS = {
    "challenge": _CHALLENGE,
    "timeout": 300000,
    "rpId": "app.example.com",
    "allowCredentials": [],
    "userVerification": "required",
}
NEW_PASSKEY = {
    "name": "Ada's phone",
    "credential": {
        "id": _ID,
        "rawId": _ID,
        "type": "public-key",
        "response": {
            "clientDataJSON": _CLIENT_DATA,
            "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVg",
            "transports": ["internal", "hybrid"],
        },
        "clientExtensionResults": {},
    },
}
SHOWN_PASSKEY = {
    "credential": {
        "id": _ID,
        "rawId": _ID,
        "type": "public-key",
        "response": {
            "clientDataJSON": _CLIENT_DATA,
            "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAQ",
            "signature": "MEUCIQDx2kX0bq",
            "userHandle": "AZLwwRERciKDM0REVVVmZg",
        },
        "clientExtensionResults": {},
    }
}
PASSKEY = {
    "id": "0192f0c1-7d3e-7c1a-9b7e-3f5a1c2d4e6f",
    "name": "Ada's phone",
    "transports": ["hybrid", "internal"],
    "backed_up": True,
    "created_at": "2026-11-22T17:00:00Z",
    "last_used_at": None,
    "suspected_at": None,
}
REGISTERED_PASSKEY = {**PASSKEY, "recovery_codes": ["7K2M9Q-X4ZT0B-H6VWJ3-R8CNDP"]}
NAME = {"name": "Ada's old phone"}
