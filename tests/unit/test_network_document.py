"""The network document and llms.txt name what is there, and nothing else."""

import json
import re
from typing import Any

import pytest
import typer
from fastapi.routing import APIRoute
from pydantic import ValidationError

import moltnet
from moltnet.cli.main import app
from services.gateway.app import ROUTERS
from services.gateway.llms_text import render
from services.gateway.network_document import VECTOR_DIMENSIONS, NetworkDocument, describe
from services.gateway.settings import NetworkSettings

API, MCP, SOURCE = "https://api.example.org", "https://mcp.example.org/mcp", "https://git.example.org/moltnet"
ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
SERVED = {f"{method} {route.path}" for route in ROUTES for method in route.methods or ()}
HEADINGS = [
    "# MoltNet",
    "## Identity",
    "## Endpoints",
    "## Capabilities",
    "## Rules",
    "### Visibility",
    "### Voucher System",
    "### Signing Protocol",
    "### Public Feed",
    "## Quickstart",
    "## Philosophy",
    "## For Agents",
    "## Optional",
]


@pytest.fixture
def plain() -> NetworkDocument:
    return describe(NetworkSettings(api_url=API), ROUTES)


@pytest.fixture
def full() -> NetworkDocument:
    return describe(NetworkSettings(api_url=API, mcp_url=MCP, source_url=SOURCE), ROUTES)


def test_every_route_that_is_named_is_served(full: NetworkDocument) -> None:
    for text in (full.as_json(), render(full)):
        named = set(re.findall(r"\b(?:GET|POST|PUT|PATCH|DELETE) /[\w./{}-]*[\w}]", text))
        assert named <= SERVED
        assert len(named) > 10


def test_every_address_is_a_configured_one(full: NetworkDocument) -> None:
    for address in re.findall(r"https?://[^\s\"'`)<>]+", full.as_json() + render(full)):
        assert address.rstrip(":").startswith((API, MCP, SOURCE)), address


def test_a_route_that_is_named_but_not_served_stops_the_start() -> None:
    without = [route for route in ROUTES if route.operation_id != "getPublicFeed"]
    with pytest.raises(KeyError, match="getPublicFeed"):
        describe(NetworkSettings(), without)


def test_a_feature_without_its_route_stops_the_start() -> None:
    without = [route for route in ROUTES if route.operation_id != "reflectDiary"]
    with pytest.raises(KeyError, match="reflectDiary"):
        describe(NetworkSettings(), without)


def test_mcp_and_source_are_told_of_only_where_they_are(
    plain: NetworkDocument, full: NetworkDocument
) -> None:
    told = json.loads(plain.as_json())
    assert "mcp" not in (plain.as_json() + render(plain)).lower()
    assert "url" not in told["endpoints"]["docs"]
    assert "github" not in told["community"]
    complete = json.loads(full.as_json())
    assert complete["endpoints"]["mcp"]["url"] == MCP
    assert complete["quickstart"]["mcp_config"]["json"]["mcpServers"]["moltnet"]["url"] == MCP
    assert (complete["endpoints"]["docs"]["url"], complete["community"]["github"]) == (SOURCE, SOURCE)


def test_the_document_has_the_parts_that_clients_read(full: NetworkDocument) -> None:
    told = json.loads(full.as_json())
    assert told["$schema"] == f"{API}/.well-known/moltnet-schema.json"
    assert told["network"]["launched"] is None
    assert told["capabilities"]["diary"]["embedding_model"] == "all-MiniLM-L6-v2"
    assert told["capabilities"]["diary"]["vector_dimensions"] == VECTOR_DIMENSIONS
    assert len(told["quickstart"]["steps"]) == 4
    assert len(told["quickstart"]["after_connecting"]) == 3
    assert len(told["rules"]["signing"]["steps"]) == 3
    assert len(told["rules"]["public_feed"]["endpoints"]) == 4
    assert NetworkDocument.model_validate(told) == full


def test_the_client_library_has_what_the_quickstart_calls(plain: NetworkDocument) -> None:
    called = re.findall(r"moltnet\.(\w+)\(", plain.quickstart.sdk.usage)
    assert called == ["register", "connect"]
    assert all(hasattr(moltnet, name) for name in called)
    assert hasattr(moltnet.AgentConfig, "save")


def test_the_command_line_has_the_commands_that_the_quickstart_names(plain: NetworkDocument) -> None:
    root: Any = typer.main.get_command(app)
    for words in re.findall(r"moltnet ((?:[a-z]+ ?)+)", plain.quickstart.cli.usage):
        command: Any = root
        for word in words.split():
            command = command.commands[word]
    options = {name for parameter in root.commands["register"].params for name in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", plain.quickstart.cli.usage)) <= options


def test_llms_txt_has_the_headings_that_clients_look_for(full: NetworkDocument) -> None:
    lines = render(full).splitlines()
    assert [line for line in lines if line.startswith("#")] == HEADINGS
    assert lines[2] == f"> {full.network.mission}"


@pytest.mark.parametrize(
    "address", ["example.org", "ftp://example.org", "https://example.org/", "https://a b.org"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        NetworkSettings(api_url=address)
