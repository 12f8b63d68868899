"""The bundle: a folder as tar.gz, sealed with AES-256-GCM under a key that scrypt makes of a passphrase.

Nothing here knows what the folder holds. The metadata stand beside the ciphertext, in base64; the numbers of
scrypt are those of RFC 7914, section 2, with N = 16384, r = 8, p = 1.
"""

import base64
import binascii
import gzip
import io
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from operations.errors import OperatorError

SALT_BYTES, KEY_BYTES, IV_BYTES, TAG_BYTES = 16, 32, 12, 16
KIND = {
    "type": "ory-backup-bundle",
    "version": 1,
    "algorithm": "aes-256-gcm",
    "kdf": "scrypt",
    "archive": "tar.gz",
}


def pack(folder: Path) -> bytes:
    """The files of a folder as tar.gz. The same files give the same bytes."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = tarfile.TarInfo(file.relative_to(folder).as_posix())
            content = file.read_bytes()
            entry.size, entry.mode = len(content), 0o600
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def unpack(packed: bytes, folder: Path) -> None:
    """Write the files of an archive below `folder`; one that would lie outside is refused."""
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, gzip.BadGzipFile) as failure:
        raise OperatorError(f"The bundle holds no archive that can be unpacked: {failure}.") from failure


def seal(archive: bytes, passphrase: str) -> tuple[bytes, dict[str, object]]:
    """The ciphertext, and the metadata that opening it needs besides the passphrase."""
    salt, iv = os.urandom(SALT_BYTES), os.urandom(IV_BYTES)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(iv, archive, None)
    ciphertext, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
    return ciphertext, {**KIND, "salt": _encoded(salt), "iv": _encoded(iv), "tag": _encoded(tag)}


def unseal(ciphertext: bytes, metadata: Mapping[str, object], passphrase: str) -> bytes:
    """The archive. OperatorError when anything was changed, or the passphrase is another."""
    if {name: metadata.get(name) for name in KIND} != KIND:
        raise OperatorError("These are not the metadata of a bundle that this tool can open.")
    salt = _decoded(metadata, "salt", SALT_BYTES)
    iv = _decoded(metadata, "iv", IV_BYTES)
    tag = _decoded(metadata, "tag", TAG_BYTES)
    try:
        return AESGCM(_key(passphrase, salt)).decrypt(iv, ciphertext + tag, None)
    except InvalidTag as failure:
        raise OperatorError(
            "The bundle was changed, or the passphrase is not the one it was made with."
        ) from failure


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=2**14, r=8, p=1).derive(passphrase.encode())


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _decoded(metadata: Mapping[str, object], name: str, length: int) -> bytes:
    try:
        value = base64.b64decode(str(metadata.get(name)), validate=True)
    except binascii.Error:
        value = b""
    if len(value) != length:
        raise OperatorError(f"The metadata's {name} is not {length} bytes in base64.")
    return value
