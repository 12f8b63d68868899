"""The library is light: an agent may start it for every line it writes."""

import os
import subprocess
import sys
from pathlib import Path

import moltnet

HEAVY = {"httpx", "typer", "anyio"}
FOREIGN = {"services", "shared", "local", "tests"}
SOURCE = Path(moltnet.__file__).parents[1]


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has after this code."""
    command = [sys.executable, "-c", f"import sys; {code}; print(*sys.modules)"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_it_brings_in_nothing_heavy_and_nothing_of_the_services() -> None:
    loaded = loaded_by("import moltnet")
    assert "moltnet.keys" in loaded
    assert not loaded & (HEAVY | FOREIGN)


def test_blocking_code_does_not_load_the_other_client() -> None:
    loaded = loaded_by("from moltnet import MoltNet")
    assert "moltnet._sync.client" in loaded
    assert not loaded & {"moltnet._async.client", "typer"}
