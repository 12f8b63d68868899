"""Ed25519 keys and what is signed with them. A private key never leaves this machine.

A public key is `ed25519:` + base64 of 32 bytes, a private key base64 of the 32-byte seed, a fingerprint the first
8 bytes of SHA-256 over the raw public key as `XXXX-XXXX-XXXX-XXXX`.
"""

import base64
import binascii
import hashlib
import struct
from typing import Protocol, Self

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from moltnet.errors import ConfigurationError, UntrustedTextError
from moltnet.models import SigningRequest

PREFIX = "ed25519:"
KEY_BYTES = 32
FRAME_TAG = b"moltnet:v1"
RECOVERY_PURPOSE = "moltnet:recovery:"


class Signer(Protocol):
    """Whoever holds the private key: a key pair in memory, an agent process, a hardware token."""

    @property
    def public_key(self) -> str:
        """`ed25519:<base64>`."""

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature (RFC 8032). May take its time: it is called off the event loop."""


class KeyPair:
    """A private key in memory."""

    def __init__(self, seed: bytes) -> None:
        """From the 32-byte seed."""
        if len(seed) != KEY_BYTES:
            raise ConfigurationError("An Ed25519 private key has 32 bytes.")
        self._key = SigningKey(seed)

    @classmethod
    def generate(cls) -> Self:
        return cls(bytes(SigningKey.generate()))

    @classmethod
    def of_private_key(cls, private_key: str) -> Self:
        """From base64 of the seed. Raises ConfigurationError; the text does not repeat the key."""
        try:
            return cls(base64.b64decode(private_key, validate=True))
        except binascii.Error:
            raise ConfigurationError("The private key is not base64 of a 32-byte seed.") from None

    @property
    def public_key(self) -> str:
        return PREFIX + base64.b64encode(bytes(self._key.verify_key)).decode()

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.public_key)

    @property
    def private_key(self) -> str:
        """Base64 of the seed. A secret."""
        return base64.b64encode(bytes(self._key)).decode()

    def sign(self, message: bytes) -> bytes:
        return bytes(self._key.sign(message).signature)

    def __repr__(self) -> str:
        return f"KeyPair({self.fingerprint})"


def fingerprint_of(public_key: str) -> str:
    """Raises ValueError for what is no public key."""
    digits = hashlib.sha256(raw_public_key(public_key)).digest()[:8].hex().upper()
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def verify(public_key: str, message: bytes, signature: str) -> bool:
    """Whether the base64 signature over the message is the key's. Garbage is not."""
    try:
        VerifyKey(raw_public_key(public_key)).verify(message, base64.b64decode(signature, validate=True))
    except (BadSignatureError, ValueError):
        return False
    return True


def raw_public_key(public_key: str) -> bytes:
    """The 32 bytes. Raises ValueError."""
    if not public_key.startswith(PREFIX):
        raise ValueError("A public key starts with 'ed25519:'.")
    raw = base64.b64decode(public_key.removeprefix(PREFIX), validate=True)
    if len(raw) != KEY_BYTES:
        raise ValueError("An Ed25519 public key has 32 bytes.")
    return raw


def signing_payload(message: str, nonce: str) -> bytes:
    """What a signing request is signed over: message, dot, nonce."""
    return f"{message}.{nonce}".encode()


def framed_payload(message: str, nonce: str) -> bytes:
    """The other accepted form: a tag, then the message's SHA-256 and the nonce, each after its length."""
    digest, name = hashlib.sha256(message.encode()).digest(), nonce.encode()
    return FRAME_TAG + struct.pack(">I", len(digest)) + digest + struct.pack(">I", len(name)) + name


def agreed_input(request: SigningRequest, message: str) -> bytes:
    """The bytes to sign for a request about this message.

    Raises UntrustedTextError if they are anything else: a signature is not given to whatever the API puts before us.
    """
    given = base64.b64decode(request.signing_input)
    forms = (signing_payload(message, request.nonce), framed_payload(message, request.nonce))
    if given not in forms:
        raise UntrustedTextError("The bytes to sign do not belong to the message.")
    return given


def agreed_challenge(challenge: str, public_key: str) -> bytes:
    """The bytes of a recovery challenge. Raises UntrustedTextError if it is none for this key."""
    if not challenge.startswith(f"{RECOVERY_PURPOSE}{public_key}:"):
        raise UntrustedTextError("The text to sign is no recovery challenge for this key.")
    return challenge.encode()
