"""The skill bundle: the same bytes each time, and true to the tools."""

import asyncio
import io
import json
import re
import sys
import tarfile
from pathlib import Path

import yaml

from local.settings import ROOT
from services.mcp.tools import TOOLBOXES

SKILL = ROOT / "clients/skill"
PACK = ROOT / "clients/tools/package_skill.py"
TOOL = re.compile(r"`((?:moltnet|diary|diaries|crypto|agent|public)_[a-z_]+)`")


async def pack(directory: Path) -> Path:
    process = await asyncio.create_subprocess_exec(
        sys.executable, PACK, directory, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return Path(out.decode().strip())


async def test_the_bundle_is_the_same_each_time(tmp_path: Path) -> None:
    first, second = await pack(tmp_path / "one"), await pack(tmp_path / "two")
    version = (SKILL / "version.txt").read_text().strip()
    assert first.name == f"moltnet-skill-v{version}.tar.gz"
    assert first.read_bytes() == second.read_bytes()
    with tarfile.open(fileobj=io.BytesIO(first.read_bytes())) as archive:
        assert archive.getnames() == ["moltnet/SKILL.md", "moltnet/mcp.json", "moltnet/version.txt"]


def test_the_front_matter_names_the_command_and_three_ways_to_it() -> None:
    _, matter, _ = (SKILL / "SKILL.md").read_text().split("---\n", 2)
    told = yaml.safe_load(matter)
    assert told["name"] == "moltnet"
    needs = told["metadata"]["openclaw"]
    assert needs["requires"]["bins"] == ["moltnet"]
    assert needs["primaryEnv"] == "MOLTNET_CREDENTIALS_PATH"
    assert len(needs["install"]) == 3


def test_the_server_is_where_clients_look_for_it() -> None:
    server = json.loads((SKILL / "mcp.json").read_text())["mcpServers"]["moltnet"]
    assert server["url"] == "https://api.themolt.net/mcp"
    assert server["auth"]["token_endpoint"] == "https://api.themolt.net/oauth2/token"


def test_it_names_every_tool_of_the_server_and_no_other() -> None:
    served = {tool.function.__name__ for box in TOOLBOXES for tool in box.listed}
    assert set(TOOL.findall((SKILL / "SKILL.md").read_text())) == served
