"""Recovery challenges: the vector holds, and each altered part is refused for its own reason."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nacl.signing import SigningKey

from services.identity.recovery import Challenges, check_signature
from shared.contracts.identity import RecoveryProof
from shared.problems import InvalidChallenge, InvalidSignature
from tests.unit.vectors import RECOVERY, RECOVERY_SECRET, A, B

ISSUED = datetime(2026, 1, 1, tzinfo=UTC)
PROOF = RecoveryProof(
    challenge=RECOVERY.challenge, hmac=RECOVERY.hmac, signature=RECOVERY.signature, public_key=B.public_key
)


def _challenges(after: timedelta = timedelta(), secret: str = RECOVERY_SECRET) -> Challenges:
    """As they are so long after the vector's challenge was issued."""
    return Challenges(secret, lambda: ISSUED + after)


def _altered(**members: str) -> RecoveryProof:
    return RecoveryProof(**{**PROOF.model_dump(), **members})


def _rewritten(old: str, new: str) -> RecoveryProof:
    """With another challenge, and the HMAC that a server with the same secret would give it."""
    challenge = PROOF.challenge.replace(old, new)
    assert challenge != PROOF.challenge
    return _altered(challenge=challenge, hmac=_challenges()._hmac(challenge))


def test_the_vector_is_good() -> None:
    checked = _challenges().check(PROOF)
    assert checked.nonce == "00112233445566778899aabbccddeeff" * 2
    check_signature(PROOF)


def test_the_vectors_signature_is_that_of_its_key() -> None:
    signed = SigningKey(bytes.fromhex(B.seed)).sign(RECOVERY.challenge.encode()).signature
    assert _altered(signature=base64.b64encode(signed).decode()) == PROOF


def test_a_challenge_of_ours_has_the_form_of_the_vector() -> None:
    issued = _challenges().issue(B.public_key)
    *head, nonce, moment = issued.challenge.split(":")
    assert ":".join(head) == f"moltnet:recovery:{B.public_key}"
    assert (len(nonce), moment) == (64, "1767225600000")
    assert _challenges().issue(B.public_key).challenge != issued.challenge


@pytest.mark.parametrize("age", [timedelta(seconds=-2), timedelta(), timedelta(minutes=5)], ids=str)
def test_a_challenge_lives_for_five_minutes(age: timedelta) -> None:
    _challenges(age).check(PROOF)


@pytest.mark.parametrize(
    ("age", "reason"),
    [(timedelta(minutes=5, milliseconds=1), "expired"), (timedelta(seconds=-3), "future")],
    ids=["too old", "not yet"],
)
def test_a_challenge_is_good_in_its_time_only(age: timedelta, reason: str) -> None:
    with pytest.raises(InvalidChallenge, match=reason):
        _challenges(age).check(PROOF)


REFUSED: dict[str, tuple[Any, str]] = {
    "another purpose": (_rewritten("moltnet:recovery", "moltnet:register"), "form"),
    "another algorithm": (_rewritten("ed25519", "ed448"), "form"),
    "a part too many": (_rewritten(":176", "::176"), "form"),
    "another key in the challenge": (_rewritten(B.public_key, A.public_key), "another key"),
    "another key beside the challenge": (_altered(public_key=A.public_key), "another key"),
    "another nonce": (_altered(challenge=PROOF.challenge.replace(":0011", ":1100")), "altered"),
    "another time": (_altered(challenge=PROOF.challenge.replace("5600000", "5600001")), "altered"),
    "another hmac": (_altered(hmac="0" * 64), "altered"),
    "trailing junk": (_rewritten("5600000", "5600000x"), "readable"),
    "digits of another script": (_rewritten("1767225600000", "١٧٦٧٢٢٥٦٠٠٠٠٠"), "readable"),
    "a time beyond all calendars": (_rewritten("1767225600000", "9" * 40), "readable"),
}


@pytest.mark.parametrize(("proof", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_an_altered_challenge_is_refused_for_its_reason(proof: RecoveryProof, reason: str) -> None:
    with pytest.raises(InvalidChallenge, match=reason):
        _challenges().check(proof)


def test_a_server_with_another_secret_does_not_know_the_challenge() -> None:
    with pytest.raises(InvalidChallenge, match="altered"):
        _challenges(secret="another secret entirely").check(PROOF)


def test_a_signature_of_another_key_is_wrong() -> None:
    signature = SigningKey(bytes.fromhex(A.seed)).sign(PROOF.challenge.encode()).signature
    with pytest.raises(InvalidSignature):
        check_signature(_altered(signature=base64.b64encode(signature).decode()))
