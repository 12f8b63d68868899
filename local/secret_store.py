"""The secrets one stack makes for itself, kept in `secrets.json` (mode 0600) under the variables' names."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet

from local.data_dir import write_private
from local.errors import StackError

OWNERS = ("diary", "identity", "signing")
NATS_USERS = ("gateway", *OWNERS, "embedder", "operator")
SUPERUSER_PASSWORD = "MOLTNET_POSTGRES_PASSWORD"  # noqa: S105 - the name of a secret
STAND_IN_PASSWORD = "ORY_STANDIN_DB_PASSWORD"  # noqa: S105 - the name of a secret


def database_password(owner: str) -> str:
    return f"{owner.upper()}_DB_PASSWORD"


def nats_password(user: str) -> str:
    return f"NATS_{user.upper()}_PASSWORD"


NAMES = (
    SUPERUSER_PASSWORD,
    STAND_IN_PASSWORD,
    *map(database_password, OWNERS),
    *map(nats_password, NATS_USERS),
    "ORY_ACTION_API_KEY",
    "RECOVERY_CHALLENGE_SECRET",
    "OPERATION_SECRET_KEY",
)


def load(data_dir: Path, caller: Mapping[str, str]) -> dict[str, str]:
    """Every secret in `NAMES`: the caller's where given, else the one kept, else a fresh one that is kept.

    The superuser's password is fixed when the database is made, so the caller's is not asked for.
    """
    path = data_dir / "secrets.json"
    kept = _read(path)
    complete = {name: kept.get(name) or _fresh(name) for name in NAMES}
    if complete != kept:
        write_private(path, json.dumps(complete, indent=2))
    given = {name: caller[name] for name in NAMES if name in caller and name != SUPERUSER_PASSWORD}
    return complete | given


def _read(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StackError(
            f"{path} cannot be read: restore it, or remove all data with `make clean`."
        ) from error
    if not isinstance(kept, dict):
        raise StackError(f"{path} holds no secrets: restore it, or remove all data with `make clean`.")
    return kept


def _fresh(name: str) -> str:
    if name == "OPERATION_SECRET_KEY":
        return Fernet.generate_key().decode()
    # NATS reads a variable as a number where it can: a leading letter keeps it a string.
    return f"m{secrets.token_hex(24)}"
