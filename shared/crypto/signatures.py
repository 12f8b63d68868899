"""Verification of plain signatures and of signing requests.

The bytes of a signing request are the UTF-8 of `message`, a dot, and the nonce (36 ASCII characters), so the
message is everything but the last 37 bytes. The framed form that older clients sign is accepted as well.
"""

import hashlib
from enum import StrEnum
from uuid import UUID

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from shared.crypto.keys import InvalidPublicKey, parse_public_key, strict_base64

FRAME_TAG = b"moltnet:v1"


class SignedForm(StrEnum):
    DOT = "dot"
    FRAMED = "framed"


def signing_payload(message: str, nonce: UUID) -> str:
    return f"{message}.{nonce}"


def framed_input(message: str, nonce: UUID) -> bytes:
    """Tag, then SHA-256 of the message and the nonce, each behind its length (4 bytes, big endian)."""
    digest = hashlib.sha256(message.encode()).digest()
    text = str(nonce).encode()
    return b"".join((FRAME_TAG, len(digest).to_bytes(4), digest, len(text).to_bytes(4), text))


def verify(signed: bytes, signature: str, public_key: str) -> bool:
    """Whether `signature` (base64 of 64 bytes) over `signed` is the key's. Garbage is simply not valid.

    libsodium refuses non-canonical and small-order components, so a signature has one form.
    """
    try:
        VerifyKey(parse_public_key(public_key)).verify(signed, strict_base64(signature))
    except (BadSignatureError, InvalidPublicKey, ValueError):
        return False
    return True


def matching_form(message: str, nonce: UUID, signature: str, public_key: str) -> SignedForm | None:
    """Which form of the request was signed, or None. The bare message is never enough."""
    if verify(signing_payload(message, nonce).encode(), signature, public_key):
        return SignedForm.DOT
    if verify(framed_input(message, nonce), signature, public_key):
        return SignedForm.FRAMED
    return None
