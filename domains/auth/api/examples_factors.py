"""What requests and answers about factors look like, for the OpenAPI document."""

TICKET = "Zk3uTq0v0h0m8wqkq2mZyq8y5bq1rj0mY0a3s9d1cXk"
MFA = {"ticket": TICKET, "method": "totp", "answer": "492039"}
MFA_PASSKEY_OPTIONS = {"ticket": TICKET}
STEP_UP = {"method": "password", "answer": "correct horse battery staple"}
ACCESS = {
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6Ii4uLiJ9.e30.c2ln",
    "token_type": "Bearer",
    "expires_in": 600,
}
PASSKEY_OPTIONS = {
    "challenge": "9mWq1Hk4c0Yt2LZ8nQxS3bDfGvJ7aRpE5uTiOwKyMhA",
    "timeout": 300000,
    "rpId": "example.com",
    "allowCredentials": [{"id": "AQIDBA", "type": "public-key"}],
    "userVerification": "required",
}
FACTORS = {
    "second_factors": ["totp", "recovery_code"],
    "strongest": ["totp", "recovery_code"],
    "totp_added_at": "2026-11-22T17:00:00Z",
    "recovery_codes_left": 10,
}
TOTP_BEGUN = {
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "uri": "otpauth://totp/Tenon:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    "&issuer=Tenon",
}
CODE = {"code": "492039"}
RECOVERY_CODES = {"recovery_codes": ["7K2M9Q-X4ZT0B-H6VWJ3-R8CNDP", "3FGY1S-8AQE5K-T0MRZ7-W2XHBJ"]}
