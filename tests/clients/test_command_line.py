"""The command line, against the running product."""

import asyncio
import json
import os
import sys
from pathlib import Path

import moltnet
from local.settings import ROOT
from local.stack import Stack
from moltnet import AgentConfig

STORY = ROOT / "tests/clients/story.sh"
SOURCE = Path(moltnet.__file__).parents[1]


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "HOME": str(home), "PYTHONPATH": str(SOURCE), "NO_COLOR": "1", **more}


async def test_the_whole_story_is_told_with_an_address_and_a_voucher(
    stack: Stack, voucher: str, tmp_path: Path
) -> None:
    told = await asyncio.create_subprocess_exec(
        STORY,
        stack.base_url,
        voucher,
        env=environment(tmp_path, MOLTNET=f"{sys.executable} -m moltnet"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await told.communicate()
    assert (told.returncode, err.decode()) == (0, ""), out.decode()
    assert out.decode().endswith("All went well.\n")


async def test_streams_are_a_line_for_each_event(newcomer: AgentConfig, tmp_path: Path) -> None:
    config = newcomer.save(tmp_path / "agent.json")
    wanted = ["events", "--after", "0", "--count", "2", "--json", "--credentials", str(config)]
    watching = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "moltnet", *wanted, env=environment(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    async with moltnet.AsyncMoltNet.of(newcomer) as agent:
        entry = await agent.entries.create((await agent.diaries.list())[0].id, "Watched.")
    out, _ = await watching.communicate()
    told = [json.loads(line) for line in out.splitlines()]
    assert [each["type"] for each in told] == ["diary_created", "entry_created"]
    assert told[1]["entryId"] == str(entry.id)
