"""What requests and answers look like, for the OpenAPI document."""

CREDENTIALS = {"email": "ada@example.com", "password": "correct horse battery staple"}
ACCEPTED = {"detail": "A mail with the next step is on its way to the address."}
EMAIL_PROOF = {"token": "Zk3uTq0v0h0m8wqkq2mZyq8y5bq1rj0mY0a3s9d1cXk"}
REFRESH_TOKEN = "pVb8b0b3nqg1r5c9w2h6j4k7m0s3t5v8…"  # noqa: S105  of nobody
REFRESH = {"refresh_token": REFRESH_TOKEN}
TOKENS = {
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6Ii4uLiJ9.e30.c2ln",
    "refresh_token": REFRESH_TOKEN,
    "token_type": "Bearer",
    "expires_in": 600,
}
KEY_SET = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            "kid": "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
            "use": "sig",
            "alg": "ES256",
        }
    ]
}
