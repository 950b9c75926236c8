"""How passwords are hashed, for the API and for staff alike: named in PASSWORD_HASHERS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher
from nacl import pwhash
from nacl.exceptions import InvalidkeyError

from domains.auth.contract.errors import HashingBusy
from domains.auth.services.normalization import nfkc

WAIT_SECONDS = 2.0
# How a hash of ours begins; older and foreign ones have other parameters.
PRESENT = "argon2$argon2id$v=19$m=19456,t=2,p=1$"
# More at once than there are processors makes each slower, and takes 19 MiB each.
_lanes = BoundedSemaphore(len(os.sched_getaffinity(0)))


class CappedArgon2Hasher(Argon2PasswordHasher):
    """argon2id as OWASP's Password Storage Cheat Sheet sets it, a bounded number at a time.

    The first hash that can't begin in time raises `HashingBusy`: a flood of logins costs
    neither the memory nor the processors of everything else.
    """

    time_cost = 2
    memory_cost = 19456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _lane():
            return super().encode(nfkc(password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _lane():
            if encoded.startswith(PRESENT):
                return _is_of(nfkc(password), encoded.removeprefix("argon2"))
            return super().verify(nfkc(password), encoded)


class CappedPBKDF2Hasher(PBKDF2PasswordHasher):
    """Passwords that were hashed elsewhere, until their owner signs in and has them hashed anew."""

    def verify(self, password: str, encoded: str) -> bool:
        with _lane():
            return super().verify(password, encoded)


def _is_of(password: str, encoded: str) -> bool:
    """Return whether the hash is the password's; libsodium takes half of argon2-cffi's time."""
    try:
        return pwhash.verify(encoded.encode(), password.encode())
    except InvalidkeyError:
        return False


@contextmanager
def _lane() -> Iterator[None]:
    if not _lanes.acquire(timeout=WAIT_SECONDS):
        raise HashingBusy(retry_after=1)
    try:
        yield
    finally:
        _lanes.release()
