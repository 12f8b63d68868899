"""The library is light: an agent may start it for every line it writes."""

import os
import subprocess
import sys
from pathlib import Path

import moltnet

HEAVY = {"anyio", "asyncio", "cryptography", "httpx", "httpx_sse", "rich", "ssl", "typer"}
FOREIGN = {"services", "shared", "local", "tests"}
SOURCE = Path(moltnet.__file__).parents[1]


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has after this code."""
    return set(printed_by(f"import sys; {code}; print(*sys.modules)").split())


def printed_by(code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_importing_it_brings_in_nothing_heavy_and_nothing_of_the_services() -> None:
    loaded = loaded_by("import moltnet")
    assert "moltnet.keys" in loaded
    assert not loaded & (HEAVY | FOREIGN)


def test_importing_it_builds_no_record() -> None:
    code = """
import moltnet.models
records = moltnet.models.Answer.__subclasses__()
print(len(records) > 10, [each for each in records if each.__pydantic_complete__])
"""
    assert printed_by(code) == "True []\n"


def test_blocking_code_does_not_load_the_other_client() -> None:
    loaded = loaded_by("from moltnet import MoltNet")
    assert "moltnet._sync.client" in loaded
    assert not loaded & {"moltnet._async.client", "typer"}
