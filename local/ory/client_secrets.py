"""Secrets of OAuth 2.0 clients."""

import hmac
import secrets
import string

_ALPHABET = string.ascii_letters + string.digits + "-_.~"
_LENGTH = 26
_SALT_BYTES = 16


def generate_secret() -> str:
    """A new secret in Hydra's form: 26 characters, some 157 random bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def hash_secret(secret: str) -> bytes:
    """What is kept of a secret: a random salt and an HMAC-SHA-256 under it.

    One cheap hash is enough: clients hold 128 and more random bits, which no amount of guessing finds, so a
    slow password hash would only slow down every token request.
    """
    salt = secrets.token_bytes(_SALT_BYTES)
    return salt + hmac.digest(salt, secret.encode(), "sha256")


def matches(secret: str, hashed: bytes) -> bool:
    """Whether ``secret`` is the one hashed; takes the same time wherever they differ."""
    salt, digest = hashed[:_SALT_BYTES], hashed[_SALT_BYTES:]
    return hmac.compare_digest(hmac.digest(salt, secret.encode(), "sha256"), digest)


NOBODYS_HASH = hash_secret(generate_secret())
"""Compared against when there is no client, so that its absence takes no less time."""
