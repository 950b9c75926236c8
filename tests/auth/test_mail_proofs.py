from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from domains.auth import interface as auth
from domains.auth.contract.errors import MailTokenInvalid
from domains.auth.models import Account, MailProof, MailProofSecret
from domains.auth.services import expiry, mail_proofs
from kernel import clock as real
from kernel.crypto import decrypt
from kernel.db import transaction
from kernel.ids import uuid7
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")
Purpose = MailProof.Purpose


def open_proof(account, now, purpose=Purpose.PASSWORD_RESET) -> MailProof:
    return mail_proofs.open_proof(
        Account.objects.get(id=account.id),
        purpose=purpose,
        address="Ada@example.com",
        lifetime=timedelta(minutes=30),
        now=now,
    )


def redeem(token, now, purpose=Purpose.PASSWORD_RESET) -> MailProof:
    with transaction("auth"):
        return mail_proofs.redeem(token=token, purpose=purpose, now=now)


def issue(proof, now) -> str:
    return mail_proofs.issue_secret(proof_id=proof.id, now=now).token


def test_a_mail_carries_the_address_and_a_token_that_is_kept_as_a_hash_alone(ada, clock):
    proof = open_proof(ada, clock.now)
    secret = mail_proofs.issue_secret(proof_id=proof.id, now=clock.now)
    assert (secret.address, secret.code) == ("Ada@example.com", "")
    assert secret.expires_at == clock.now + timedelta(minutes=30)
    row = MailProofSecret.objects.get()
    assert secret.token not in (row.token_hash, row.code_encrypted)
    assert len(row.token_hash) == 64


def test_a_token_is_good_once(ada, clock):
    proof = open_proof(ada, clock.now)
    token = issue(proof, clock.now)
    assert redeem(token, clock.now).id == proof.id
    with pytest.raises(MailTokenInvalid) as refused:
        redeem(token, clock.now)
    assert refused.value.pointer == "/token"


def test_every_rendering_has_its_own_token_and_one_use_ends_them_all(ada, clock):
    proof = open_proof(ada, clock.now)
    first, second = issue(proof, clock.now), issue(proof, clock.now)
    assert first != second
    redeem(first, clock.now)
    with pytest.raises(MailTokenInvalid):
        redeem(second, clock.now)
    with pytest.raises(MailTokenInvalid):
        issue(proof, clock.now)


def test_a_proof_lives_as_long_as_it_was_given(ada, clock):
    proof = open_proof(ada, clock.now)
    token = issue(proof, clock.now)
    clock.advance(minutes=30)
    with pytest.raises(MailTokenInvalid):
        issue(proof, clock.now)
    with pytest.raises(MailTokenInvalid):
        redeem(token, clock.now)
    expiry.delete_expired(now=clock.now)
    assert not MailProof.objects.exists()


def test_a_token_is_good_for_its_purpose_alone(ada, clock):
    token = issue(open_proof(ada, clock.now), clock.now)
    with pytest.raises(MailTokenInvalid):
        redeem(token, clock.now, Purpose.SIGN_IN)
    assert redeem(token, clock.now)


@pytest.mark.parametrize("token", ["", "x", "ä" * 40])
def test_an_unknown_token_proves_nothing(ada, clock, token):
    issue(open_proof(ada, clock.now), clock.now)
    with pytest.raises(MailTokenInvalid):
        redeem(token, clock.now)


def test_a_code_to_type_is_for_signing_in_and_is_kept_encrypted(ada, clock):
    proof = open_proof(ada, clock.now, Purpose.SIGN_IN)
    codes = {mail_proofs.issue_secret(proof_id=proof.id, now=clock.now).code for _ in range(5)}
    rows = MailProofSecret.objects.all()
    assert {decrypt(row.code_encrypted) for row in rows} == codes
    assert all(len(code) == 8 and code.isdigit() for code in codes)
    assert len(codes) > 1


def test_nothing_is_issued_or_redeemed_for_an_account_that_is_gone(ada, clock):
    proof = open_proof(ada, clock.now)
    token = issue(proof, clock.now)
    Account.objects.update(erased_at=clock.now, is_active=False, password="!")
    with pytest.raises(MailTokenInvalid):
        issue(proof, clock.now)
    with pytest.raises(MailTokenInvalid):
        redeem(token, clock.now)


def test_dropping_what_is_under_way_leaves_what_undoes(ada, clock):
    for purpose in Purpose:
        open_proof(ada, clock.now, purpose)
    mail_proofs.drop_proofs(ada)
    assert set(MailProof.objects.values_list("purpose", flat=True)) == set(mail_proofs.UNDOING)


def test_other_domains_ask_for_secrets_by_the_proofs_id(ada):
    proof = open_proof(ada, real.now())
    assert auth.issue_mail_secret(proof_id=proof.id).address == "Ada@example.com"
    with pytest.raises(auth.MailTokenInvalid):
        auth.issue_mail_secret(proof_id=uuid7())


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_of_several_tokens_at_once_one_counts(member, clock):
    proof = open_proof(member, clock.now)
    tokens = [issue(proof, clock.now) for _ in range(3)]
    results = at_once(*[partial(redeem, token, clock.now) for token in tokens * 2])
    assert sum(isinstance(result, MailProof) for result in results) == 1
    assert sum(isinstance(result, MailTokenInvalid) for result in results) == 5
