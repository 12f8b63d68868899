"""The credentials file: what is shown of it, and never throwing away a key that was in it."""

from pathlib import Path

from moltnet.config import AgentConfig, KeysSection

SUMMARY = ("identity_id", "fingerprint", "public_key", "api_url", "files")


def summary(config: AgentConfig, files: list[Path]) -> dict[str, object]:
    """Without any secret."""
    return {
        "identity_id": config.identity_id,
        "fingerprint": config.keys.fingerprint if config.keys else None,
        "public_key": config.keys.public_key if config.keys else None,
        "api_url": config.endpoints.api,
        "files": [str(file) for file in files],
    }


def set_aside(path: Path, config: AgentConfig) -> None:
    """Keep a registered agent, or anyone's private key, in a file of its own beside the credentials file."""
    if config.keys is not None and (config.oauth2 is not None or config.key_pair is not None):
        config.save(path.with_name(f"moltnet-{config.keys.fingerprint}.json"))


def is_of(config: AgentConfig, keys: KeysSection | None) -> bool:
    return config.keys is not None and keys is not None and config.keys.public_key == keys.public_key


def replace(path: Path, former: AgentConfig | None, config: AgentConfig) -> None:
    """Write the file. Another agent that was in it is kept beside it."""
    if former is not None and not is_of(former, config.keys):
        set_aside(path, former)
    config.save(path)
