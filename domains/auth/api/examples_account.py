"""What requests and answers about the account itself look like, for the OpenAPI document."""

ADDRESS = {"email": "ada@example.com"}
NEW_ADDRESS = {"email": "ada@lovelace.example"}
TOKEN = {"token": "Zk3uTq0v0h0m8wqkq2mZyq8y5bq1rj0mY0a3s9d1cXk"}
RESET = {**TOKEN, "password": "an entirely different phrase"}
CHANGE = {
    "current_password": "correct horse battery staple",
    "new_password": "an entirely different phrase",
}
ACCOUNT = {
    "id": "0192f0c0-1111-7222-8333-444455556666",
    "email": "ada@example.com",
    "email_verified": True,
    "email_sign_in": False,
    "has_password": True,
    "password_changed_at": "2026-11-22T17:00:00Z",
    "created_at": "2026-01-31T12:00:00Z",
}
ACCOUNT_CHANGE = {"email_sign_in": True}
CLOSING = {"erase_at": "2026-11-29T17:00:00Z"}
