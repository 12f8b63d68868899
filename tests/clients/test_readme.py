"""The README of the client holds what it shows."""

import asyncio
import re
from pathlib import Path

import pytest

import moltnet
from local.settings import ROOT
from local.stack import Stack

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "clients/python/README.md").read_text(), re.DOTALL)


async def test_its_blocks_run_one_after_the_other(
    stack: Stack,
    voucher: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MOLTNET_API_URL", stack.base_url)
    names = {"voucher": voucher}
    for block in BLOCKS:
        await asyncio.to_thread(exec, block, names)
    shown = capsys.readouterr().out
    assert "The payment page hung" in shown
    assert "['/name']" in shown
    assert moltnet.AgentConfig.load().endpoints.api == stack.base_url
