"""What a client that asked for a mail to sign in with holds, and must show with what is in it.

Sealed, so that a ticket for nobody looks and weighs like any other, and still says whose failure
is counted when it is shown with a wrong code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from kernel.crypto import CannotDecrypt, decrypt, encrypt, hash_secret, new_secret
from kernel.ids import uuid7


@dataclass(frozen=True, kw_only=True)
class EmailTicket:
    """The address that was typed, and the proof that mail to it carries if there is one."""

    email: str
    proof_id: UUID = field(default_factory=uuid7)
    secret: str = field(default_factory=new_secret, repr=False)

    @property
    def hash(self) -> str:
        """Return what the proof keeps of the ticket."""
        return hash_secret(self.secret)

    def sealed(self) -> str:
        """Return the ticket as its client gets it."""
        return encrypt(f"{self.proof_id} {self.secret} {self.email}")


def opened(sealed: str) -> EmailTicket:
    """Return what was sealed; a ticket for nobody if it is none of ours."""
    try:
        proof_id, secret, email = decrypt(sealed).split(" ", 2)
        return EmailTicket(proof_id=UUID(proof_id), secret=secret, email=email)
    except (CannotDecrypt, ValueError):
        return EmailTicket(email="")
