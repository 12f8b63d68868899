"""Finds a model's files, and refuses any that is not byte for byte the pinned one."""

import hashlib
import hmac
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from services.embedder.config import EmbedderConfig
from services.embedder.errors import ModelFilesError
from services.embedder.models import HubRepository, InstalledPackage, ModelSpec


def locate(spec: ModelSpec, config: EmbedderConfig) -> dict[str, Path]:
    """Path of each file the model needs, by file name, every one checked against its SHA-256.

    Raises ModelFilesError if one is missing, cannot be fetched or differs.
    """
    found = {name: _find(spec, name, config) for name in spec.sha256}
    for name, path in found.items():
        _check(path, spec.sha256[name])
    return found


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _find(spec: ModelSpec, name: str, config: EmbedderConfig) -> Path:
    if config.model_dir is not None:
        return config.model_dir / name
    match spec.source:
        case InstalledPackage():
            return _installed(spec.source, name)
        case HubRepository():
            return _from_hub(spec.source, spec.revision, name, config.cache_dir / "hub")


def _installed(source: InstalledPackage, name: str) -> Path:
    try:
        listed = files(source.distribution) or []
    except PackageNotFoundError:
        raise ModelFilesError(
            f"the package {source.distribution} is not installed; "
            "install it with pip --no-deps, or name a folder with the model's files"
        ) from None
    wanted = f"{source.folder}/{name}"
    for file in listed:
        if file.as_posix() == wanted:
            return Path(str(file.locate()))
    raise ModelFilesError(f"the package {source.distribution} holds no {wanted}")


def _from_hub(source: HubRepository, revision: str, name: str, cache_dir: Path) -> Path:
    # Only this path needs the hub's client, and its import is slow.
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(hf_hub_download(source.repository, name, revision=revision, cache_dir=cache_dir))
    except (OSError, HfHubHTTPError, LocalEntryNotFoundError) as error:
        raise ModelFilesError(
            f"cannot fetch {name} of {source.repository} at {revision}: {type(error).__name__}"
        ) from error


def _check(path: Path, expected: str) -> None:
    try:
        actual = sha256_of(path)
    except OSError as error:
        raise ModelFilesError(f"cannot read the model file {path}: {error.strerror}") from error
    if not hmac.compare_digest(actual, expected):
        raise ModelFilesError(f"{path} is not the pinned file: its SHA-256 is {actual}, not {expected}")
