"""The command line. See the package's docstring."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from operations.errors import OperatorError
from operations.ory_backup.folder import write_json
from operations.ory_deploy.applying import applied
from operations.ory_deploy.settings import (
    OtherKeySettings,
    ProjectValues,
    WorkspaceSettings,
    refuse_the_other_key,
)
from operations.ory_deploy.template import resolved
from shared.settings import load

OWNER_ONLY = 0o077


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        _deploy(chosen)
    except OperatorError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


def _deploy(chosen: argparse.Namespace) -> None:
    refuse_the_other_key(load(OtherKeySettings))
    deployment = resolved(chosen.config_dir, load(ProjectValues).by_variable())
    file = chosen.output or Path(tempfile.mkdtemp(prefix="moltnet-ory-")) / "project.json"
    if file.exists():
        raise OperatorError(f"{file} exists: name a new file.")
    write_json(file, deployment.project)
    services = deployment.project["services"].items()
    counts = ", ".join(f"{_count(service['config'])} keys of {name}" for name, service in services)
    sys.stdout.write(f"{file}: {counts}. It holds secrets: delete it when it is not needed any more.\n")
    if not chosen.apply:
        sys.stdout.write("Nothing was sent; --apply does that.\n")
        return
    for step in applied(deployment, load(WorkspaceSettings)):
        sys.stdout.write(f"applied: {step}\n")


def _count(value: Any) -> int:
    """The settings in it: all that is no object."""
    return sum(map(_count, value.values())) if isinstance(value, dict) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m operations.ory_deploy")
    parser.add_argument("--config-dir", type=Path, default=Path("deploy/ory"), help="deploy/ory by default")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="the filled template; a new file by default"
    )
    parser.add_argument("--apply", action="store_true", help="send it to the project")
    return parser


if __name__ == "__main__":
    os.umask(OWNER_ONLY)
    sys.exit(main())
