"""What the tool reads. Each key has a class of its own: the two are never in one process part at a time."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr

from operations.errors import OperatorError
from shared.settings import OrySettings, Settings

MIN_PASSPHRASE = 12


class ProjectSettings(Settings):
    """A hosted project, whose configuration is read with the key of its workspace."""

    project_id: Annotated[str | None, Field(alias="ORY_PROJECT_ID")] = None
    workspace_key: Annotated[SecretStr | None, Field(alias="ORY_WORKSPACE_API_KEY")] = None
    console_url: Annotated[str, Field(alias="ORY_CONSOLE_API_URL")] = "https://api.console.ory.sh"


class DataSettings(OrySettings):
    """The servers whose data are read or written, and the key for that."""

    api_key: Annotated[
        SecretStr | None, Field(validation_alias=AliasChoices("ORY_PROJECT_API_KEY", "ORY_API_KEY"))
    ] = None


class BackupSettings(Settings):
    """Where backups lie, where the configuration of servers of one's own does, and which sets of keys are
    exported (a comma list)."""

    root: Annotated[Path, Field(alias="ORY_BACKUP_ROOT")] = Path(".ory-backups")
    config_dir: Annotated[Path, Field(alias="ORY_CONFIG_DIR")] = Path("deploy/ory")
    jwk_sets: Annotated[str, Field(alias="ORY_JWK_SET_IDS")] = ""


def passphrase_from(variable: str) -> str:
    """The passphrase that this variable holds."""
    passphrase = os.environ.get(variable, "")
    if not passphrase:
        raise OperatorError(f"{variable} is not set: name a passphrase, or say --skip-encryption.")
    if len(passphrase) < MIN_PASSPHRASE:
        raise OperatorError(f"{variable} is too short: {MIN_PASSPHRASE} characters or more.")
    return passphrase
