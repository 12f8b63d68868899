"""Runs the blocks of a document, in order, as a reader would: in one shell, in one directory, against a real stack."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.settings import ROOT
from tests.docs.documents import Block

SECONDS = 120
LOCAL_API, LOCAL_MCP = "http://127.0.0.1:8000", "http://127.0.0.1:8001/mcp"
"""Where the documents expect the API and the MCP server."""
PREAMBLE = """set -euo pipefail
# A refused request ends the script.
curl() { command curl --fail-with-body --max-time 30 "$@"; }
# The library is on the path, without being installed.
moltnet() { python3 -m moltnet "$@"; }
# The stack of the tests is running already.
make() {
  case $1 in
    up) ;;
    voucher) echo "$VOUCHER" ;;
    env) ;;  # an operator has the variables already
    *) echo "no stand-in for make $1" >&2; return 2 ;;
  esac
}
"""


@dataclass(frozen=True)
class Place:
    """Where blocks run. `given`: variables that the reader has beforehand; API and VOUCHER at least."""

    directory: Path
    api: str
    mcp: str
    given: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        library = str(ROOT / "clients" / "python" / "src")
        home = {"HOME": str(self.directory), "XDG_CACHE_HOME": str(self.directory / ".cache")}
        return {**os.environ, **home, "PATH": path, "PYTHONPATH": library, "API": self.api, **self.given}


async def run(blocks: Sequence[Block], place: Place) -> list[str]:
    """What each block printed. Fails with the line of the block that did not end well."""
    (place.directory / ".venv").symlink_to(ROOT / ".venv")
    script = [PREAMBLE]
    for number, block in enumerate(blocks):
        script += [
            f"echo 'the block at line {block.line}' >&2",
            "{",
            _command(block),
            f"}} > .printed-{number}",
        ]
    await _run("\n".join(script).replace(LOCAL_MCP, place.mcp).replace(LOCAL_API, place.api), place)
    return [(place.directory / f".printed-{number}").read_text() for number in range(len(blocks))]


def _command(block: Block) -> str:
    """Python runs in an interpreter of its own, with what the shell has exported."""
    return block.text if block.language == "sh" else f"python3 - <<'END OF BLOCK'\n{block.text}\nEND OF BLOCK"


async def _run(script: str, place: Place) -> None:
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        script,
        cwd=place.directory,
        env=place.environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaints = await asyncio.wait_for(process.communicate(), SECONDS)
    printed = sorted(place.directory.glob(".printed-*"), key=lambda file: file.stat().st_mtime)
    last = printed[-1].read_text()[-1000:] if printed else ""
    assert process.returncode == 0, f"{complaints.decode()[-3000:]}\nprinted last: {last}"


def last_json(printed: str) -> object:
    """The last JSON object or array in what a block printed; curl puts no line ends between answers."""
    decoder, at, found = json.JSONDecoder(), 0, None
    while at < len(printed):
        try:
            found, at = decoder.raw_decode(printed, at)
        except ValueError:
            at += 1
    return found


def differences(documented: object, real: object, at: str = "") -> list[str]:
    """Where a documented answer has other names or types than the real one. Null stands for anything."""
    if documented is None or real is None:
        return []
    if isinstance(documented, dict) and isinstance(real, dict):
        missing = [f"{at}/{name} is on one side only" for name in documented.keys() ^ real.keys()]
        common = [
            differences(documented[name], real[name], f"{at}/{name}")
            for name in documented.keys() & real.keys()
        ]
        return missing + [each for part in common for each in part]
    if isinstance(documented, list) and isinstance(real, list):
        if not documented or not real:
            return []
        return differences(documented[0], real[0], f"{at}/0")
    return [] if type(documented) is type(real) else [f"{at or '/'} has another type"]
