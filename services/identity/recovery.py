"""Recovery by signature alone: a challenge that we keep nothing of, and what proves that it was answered.

A challenge is `moltnet:recovery:ed25519:<key>:<64 hex>:<Unix time in ms>`, with its HMAC-SHA256 (contract/crypto 5).
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.contracts.identity import RecoveryChallenge, RecoveryProof
from shared.crypto.signatures import verify
from shared.problems import InvalidChallenge, InvalidSignature

PURPOSE = "moltnet:recovery"
NONCE_BYTES = 32
LIVES = timedelta(minutes=5)
CLOCK_SKEW = timedelta(seconds=2)
"""Between replicas: a challenge may have been made by another one."""
PARTS = 6
WRONG_SIGNATURE = "The signature does not match."
"""Told of a wrong signature and of a key that no agent has alike."""


@dataclass(frozen=True)
class CheckedChallenge:
    """A challenge of ours that is still good: its nonce in hex, and until when the nonce must be remembered."""

    nonce: str
    remembered_until: datetime


def _now() -> datetime:
    return datetime.now(UTC)


class Challenges:
    """Makes challenges and knows its own. `secret` is shared by all replicas."""

    def __init__(self, secret: str, clock: Callable[[], datetime] = _now) -> None:
        self._secret = secret.encode()
        self._clock = clock

    def issue(self, public_key: str) -> RecoveryChallenge:
        """For any well-formed key, whether an agent has it or not."""
        nonce = secrets.token_hex(NONCE_BYTES)
        challenge = f"{PURPOSE}:{public_key}:{nonce}:{_milliseconds(self._clock())}"
        return RecoveryChallenge(challenge=challenge, hmac=self._hmac(challenge))

    def check(self, proof: RecoveryProof) -> CheckedChallenge:
        """Raises InvalidChallenge with the first reason found; signature and nonce are not looked at."""
        parts = proof.challenge.split(":")
        if len(parts) != PARTS or parts[:3] != [*PURPOSE.split(":"), "ed25519"]:
            raise InvalidChallenge("The challenge does not have the form of one.")
        if f"ed25519:{parts[3]}" != proof.public_key:
            raise InvalidChallenge("The challenge was issued for another key.")
        if not hmac.compare_digest(bytes.fromhex(self._hmac(proof.challenge)), bytes.fromhex(proof.hmac)):
            raise InvalidChallenge("The challenge was altered: its hmac does not match.")
        issued = _moment(parts[5])
        age = self._clock() - issued
        if age < -CLOCK_SKEW:
            raise InvalidChallenge("The challenge is from the future.")
        if age > LIVES:
            raise InvalidChallenge("The challenge has expired.")
        return CheckedChallenge(parts[4], issued + LIVES + CLOCK_SKEW)

    def _hmac(self, challenge: str) -> str:
        return hmac.new(self._secret, challenge.encode(), hashlib.sha256).hexdigest()


def check_signature(proof: RecoveryProof) -> None:
    """Raises InvalidSignature unless the key that the challenge names signed it."""
    if not verify(proof.challenge.encode(), proof.signature, proof.public_key):
        raise InvalidSignature(WRONG_SIGNATURE)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(text: str) -> datetime:
    if not (text.isascii() and text.isdigit()):
        raise InvalidChallenge("The challenge has no readable time.")
    try:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    except (ValueError, OverflowError, OSError) as failure:
        raise InvalidChallenge("The challenge has no readable time.") from failure
