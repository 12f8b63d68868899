"""Public keys as text and their fingerprints. Private keys never reach a server.

A public key is `ed25519:` + base64 (standard alphabet, padded) of the 32 raw bytes. Its fingerprint is the
first 8 bytes of SHA-256 over those raw bytes, as `XXXX-XXXX-XXXX-XXXX`: a name for people, no security boundary.
"""

import base64
import binascii
import hashlib

from nacl.bindings import crypto_core_ed25519_is_valid_point

PREFIX = "ed25519:"
KEY_BYTES = 32


class InvalidPublicKey(ValueError):  # noqa: N818 - reads as what it says
    """The text is no usable Ed25519 public key; the message says why."""


def strict_base64(text: str) -> bytes:
    """Decode standard base64. Raises ValueError unless re-encoding gives the very same text."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as failure:
        raise ValueError("not base64") from failure
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not canonical base64")
    return raw


def parse_public_key(text: str) -> bytes:
    """The 32 raw bytes of `ed25519:<base64>`. Raises InvalidPublicKey.

    Refused besides malformed text: what is no point of the curve, non-canonical encodings, and points
    outside the main subgroup (small order), with which signatures would prove nothing.
    """
    if not text.startswith(PREFIX):
        raise InvalidPublicKey("A public key starts with 'ed25519:'.")
    try:
        raw = strict_base64(text.removeprefix(PREFIX))
    except ValueError as failure:
        raise InvalidPublicKey(f"The ed25519 key is {failure}.") from failure
    if len(raw) != KEY_BYTES:
        raise InvalidPublicKey("An ed25519 key has 32 bytes.")
    if not crypto_core_ed25519_is_valid_point(raw):
        raise InvalidPublicKey("The ed25519 key is no valid point of the curve.")
    return raw


def fingerprint_of(public_key: bytes) -> str:
    digits = hashlib.sha256(public_key).digest()[:8].hex().upper()
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))
