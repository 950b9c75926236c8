"""What the requests and answers about other providers look like, for the OpenAPI document."""

PROVIDERS = {"data": [{"provider": "google", "name": "Google"}]}
START = {"redirect_uri": "https://app.example.com/sign-in/callback"}
STARTED = {
    "authorization_url": "https://accounts.google.com/o/oauth2/v2/auth?client_id=…&state=…",
    "ticket": "cW1kdmVyeXNlY3JldHRpY2tldG9mdGhpc2NsaWVudA0",
    "expires_in": 600,
}
FINISH = {
    "ticket": "cW1kdmVyeXNlY3JldHRpY2tldG9mdGhpc2NsaWVudA0",
    "state": "Zk3uTq0v0h0m8wqkq2mZyq8y5bq1rj0mY0a3s9d1cXk",
    "code": "4/0AX4XfWh…",
    "iss": "https://accounts.google.com",
}
IDENTITY = {
    "id": "0192f0c1-7d3e-7c1a-9b7e-3f5a1c2d4e6f",
    "provider": "google",
    "email": "ada@example.com",
    "created_at": "2026-11-22T17:00:00Z",
    "last_used_at": "2026-11-23T08:30:00Z",
}
LOGOUT_URL = {"url": "https://login.example.com/session/end?client_id=…&post_logout_redirect_uri=…"}
LOGOUT_TOKEN = {"logout_token": "eyJhbGciOiJSUzI1NiIsInR5cCI6ImxvZ291dCtqd3QifQ.e30.c2ln"}
