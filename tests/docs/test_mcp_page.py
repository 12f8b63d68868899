"""docs/mcp.md lists what the MCP server serves: no more, no less, and what each takes."""

import re

from mcp_types import Tool

from local.settings import ROOT
from local.stack import Stack
from services.mcp.door import CODES
from tests.e2e.mcp_client import connected
from tests.stack import mcp_of

PAGE = (ROOT / "docs" / "mcp.md").read_text()
TOOL = re.compile(r"^\| `([a-z_]+)` \| (.*?) \|", re.MULTILINE)
RESOURCE = re.compile(r"^\| `(moltnet://\S+)` \|", re.MULTILINE)
PROMPT = re.compile(r"^\| ([a-z_]+) \| (.*?) \|", re.MULTILINE)
STATUS = re.compile(r"^\| (\d{3}(?:, \d{3})*) \|", re.MULTILINE)
OF_THE_PROTOCOL = {400, 403, 406, 413, 421}
"""Statuses with which the protocol's own library refuses."""
NAME = re.compile(r"`([a-z_]+\??)`")


def _taken(tool: Tool) -> list[str]:
    """The arguments, with a question mark after those that may be left out."""
    required = tool.input_schema.get("required", [])
    return [name if name in required else f"{name}?" for name in tool.input_schema["properties"]]


async def test_every_tool_is_told_with_what_it_takes(stack: Stack) -> None:
    async with connected(mcp_of(stack)) as anyone:
        served = (await anyone.client.list_tools()).tools
    told = {name: NAME.findall(taken) for name, taken in TOOL.findall(PAGE)}
    assert told == {tool.name: _taken(tool) for tool in served}


async def test_the_tools_that_need_no_login_are_named(stack: Stack) -> None:
    async with connected(mcp_of(stack)) as anyone:
        served = (await anyone.client.list_tools()).tools
    (sentence,) = re.findall(r"^Open to anyone are (.*?);", PAGE, re.MULTILINE | re.DOTALL)
    assert set(NAME.findall(sentence)) == {
        tool.name for tool in served if "Needs no login" in (tool.description or "")
    }


async def test_every_resource_and_prompt_is_told(stack: Stack) -> None:
    async with connected(mcp_of(stack)) as anyone:
        resources = (await anyone.client.list_resources()).resources
        templates = (await anyone.client.list_resource_templates()).resource_templates
        prompts = (await anyone.client.list_prompts()).prompts
    uris = [*(each.uri for each in resources), *(each.uri_template for each in templates)]
    assert RESOURCE.findall(PAGE) == uris
    assert {name: NAME.findall(taken) for name, taken in PROMPT.findall(PAGE)} == {
        each.name: [argument.name for argument in each.arguments or []] for each in prompts
    }


def test_every_refusal_is_told() -> None:
    told = {int(status) for row in STATUS.findall(PAGE) for status in row.split(", ")}
    assert told == OF_THE_PROTOCOL | {int(status) for status in CODES}
