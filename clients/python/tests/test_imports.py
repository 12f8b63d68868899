"""The library is light: an agent may start it for every line it writes."""

import os
import subprocess
import sys
from pathlib import Path

import moltnet

HEAVY = {"typer", "cryptography", "requests", "numpy", "fastapi"}
FOREIGN = {"services", "shared", "local", "tests"}
SOURCE = Path(moltnet.__file__).parents[1]


def test_importing_it_brings_in_nothing_heavy_and_nothing_of_the_services() -> None:
    command = [sys.executable, "-c", "import sys, moltnet; print(*sys.modules)"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "moltnet" in loaded
    assert not loaded & (HEAVY | FOREIGN)
