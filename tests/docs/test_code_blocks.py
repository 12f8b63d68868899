"""Every code block of the documents is what it says: commands run, answers are real, pictures are pictures."""

import ast
import asyncio
import json
from html.parser import HTMLParser

import asyncpg
import pytest
import yaml

from local.settings import ROOT
from local.stack import Stack
from tests.docs.conftest import Reader, Settle
from tests.docs.documents import Block, Document, documents
from tests.docs.running import differences, last_json, run

RUN = {
    "README.md": Reader.NEWCOMER,
    "docs/getting-started.md": Reader.NEWCOMER,
    "docs/rest-guide.md": Reader.NEWCOMER,
    "docs/agents.md": Reader.NEWCOMER,
    "docs/cli.md": Reader.NEWCOMER,
    "docs/mcp.md": Reader.NEWCOMER,
    "docs/errors.md": Reader.MEMBER,
    "docs/operating.md": Reader.OPERATOR,
}
"""Documents whose blocks are run, and whom they are written for. The client's README has a test of its own."""
EXECUTABLE = {"sh", "python"}
LANGUAGES = {"sh", "python", "json", "sql", "yaml", "mermaid", ""}
PICTURES = {"flowchart", "sequenceDiagram", "stateDiagram-v2", "erDiagram", "graph"}
RUNNING = [pytest.param(name, reader, id=name) for name, reader in RUN.items()]
NAMED = {f"{document.name}:{block.line}": block for document in documents() for block in document.blocks}
ALL = [pytest.param(block, id=name) for name, block in NAMED.items()]
SQL = [pytest.param(block, id=name) for name, block in NAMED.items() if block.language == "sql"]


@pytest.mark.parametrize(("name", "reader"), RUNNING)
async def test_the_commands_of_a_document_work_one_after_the_other(
    settle: Settle, name: str, reader: Reader
) -> None:
    document = Document(ROOT / name)
    place = await settle(reader)
    printed = iter(await run([block for block in document.blocks if block.language in EXECUTABLE], place))
    answer = ""
    for block in document.blocks:
        if block.language in EXECUTABLE:
            answer = next(printed)
        elif block.language == "json" and block.follows in EXECUTABLE:
            assert not differences(json.loads(block.text), last_json(answer)), f"{name}:{block.line}"


@pytest.mark.parametrize("block", ALL)
async def test_a_block_is_well_formed(block: Block) -> None:
    assert block.language in LANGUAGES
    assert block.text.strip()
    match block.language:
        case "sh":
            await _check_shell(block.text)
        case "python":
            ast.parse(block.text)
        case "json":
            json.loads(block.text)
        case "yaml":
            assert list(yaml.safe_load_all(block.text))
        case "mermaid":
            assert block.text.split()[0] in PICTURES


@pytest.mark.parametrize("block", SQL)
async def test_the_database_understands_its_statements(stack: Stack, block: Block) -> None:
    connection = await asyncpg.connect(stack.exports["DATABASE_URL"])
    try:
        for statement in filter(str.strip, block.text.split(";")):
            await connection.prepare(statement)
    finally:
        await connection.close()


async def _check_shell(text: str) -> None:
    process = await asyncio.create_subprocess_exec(
        "bash", "-n", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, complaints = await process.communicate(text.encode())
    assert process.returncode == 0, complaints.decode()


class _Steps(HTMLParser):
    """The commands of the landing page: the text of each `pre`."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "pre":
            self._inside = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


async def test_the_three_steps_of_the_landing_page_bring_an_agent_in(settle: Settle) -> None:
    place = await settle(Reader.NEWCOMER)
    page = (ROOT / "services" / "gateway" / "site" / "index.html").read_text()
    page = page.replace("the-64-digits-you-were-given", place.given["VOUCHER"])
    steps = _Steps(page).found
    assert len(steps) == 3
    printed = await run([Block("sh", step, line, None) for line, step in enumerate(steps, 1)], place)
    written = last_json(printed[-1])
    assert isinstance(written, dict)
    assert written["title"] == "Hello"
