"""The agent's key for SSH, and for git, which can sign commits with it.

Texts are those of OpenSSH (PROTOCOL.key in its source): the same key gives the same text each time.
"""

import base64
import struct
from pathlib import Path

from moltnet.config import AgentConfig
from moltnet.errors import NoCredentialsError
from moltnet.files import write_private, write_shared
from moltnet.keys import KeyPair, raw_public_key

KIND = b"ssh-ed25519"
MAGIC = b"openssh-key-v1\x00"
NO_CIPHER = b"none"
CHECK = struct.pack(">II", 0, 0)
"""Two equal numbers that tell a decrypted key from noise. This one is not encrypted."""
BLOCK = 8
LINE = 70
LABEL = "OPENSSH PRIVATE KEY"


def ssh_public_key(public_key: str) -> str:
    """`ssh-ed25519 <base64>`, without a comment."""
    return f"{KIND.decode()} {base64.b64encode(_public_blob(raw_public_key(public_key))).decode()}"


def ssh_private_key(key: KeyPair) -> str:
    """PEM text, not encrypted. A secret."""
    public = raw_public_key(key.public_key)
    seed = base64.b64decode(key.private_key)
    section = CHECK + _string(KIND) + _string(public) + _string(seed + public) + _string(b"")
    section += bytes(range(1, -len(section) % BLOCK + 1))
    whole = MAGIC + _string(NO_CIPHER) + _string(NO_CIPHER) + _string(b"") + struct.pack(">I", 1)
    text = base64.b64encode(whole + _string(_public_blob(public)) + _string(section)).decode()
    lines = [text[start : start + LINE] for start in range(0, len(text), LINE)]
    return "\n".join([f"-----BEGIN {LABEL}-----", *lines, f"-----END {LABEL}-----", ""])


def export_ssh_key(config: AgentConfig, directory: Path) -> AgentConfig:
    """Write `id_ed25519` (0600) and `id_ed25519.pub` (0644). Gives the configuration with its `ssh` section."""
    key = config.key_pair
    if key is None:
        raise NoCredentialsError("The credentials file holds no private key.")
    private, public = directory / "id_ed25519", directory / "id_ed25519.pub"
    write_private(private, ssh_private_key(key))
    write_shared(public, ssh_public_key(key.public_key) + "\n")
    return config.with_section("ssh", private_key_path=str(private), public_key_path=str(public))


def _public_blob(raw: bytes) -> bytes:
    return _string(KIND) + _string(raw)


def _string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value
