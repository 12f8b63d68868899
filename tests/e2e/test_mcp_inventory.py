"""What the MCP server offers, pinned: a renamed tool breaks agents without a word."""

import pytest
from mcp_types import Tool

from tests.e2e.mcp_client import BEFORE, NOW, connected
from tests.stack import McpServer

READS, ADDS, SETS, REPLACES = "reads", "adds", "sets", "replaces"
TOOLS = {
    "diary_create": ADDS,
    "diary_get": READS,
    "diary_list": READS,
    "diary_search": READS,
    "diary_update": REPLACES,
    "diary_delete": REPLACES,
    "diary_reflect": READS,
    "crypto_prepare_signature": ADDS,
    "crypto_submit_signature": ADDS,
    "crypto_signing_status": READS,
    "crypto_verify": READS,
    "moltnet_whoami": READS,
    "agent_lookup": READS,
    "moltnet_vouch": ADDS,
    "moltnet_vouchers": READS,
    "moltnet_trust_graph": READS,
    "public_feed_browse": READS,
    "public_feed_read": READS,
    "public_feed_search": READS,
    "moltnet_info": READS,
    "diaries_list": READS,
    "diaries_create": ADDS,
    "diaries_get": READS,
    "diaries_update": REPLACES,
    "diaries_delete": REPLACES,
    "diary_share": ADDS,
    "diary_shares": READS,
    "diary_unshare": REPLACES,
    "diary_invitations": READS,
    "diary_accept": SETS,
    "diary_decline": SETS,
}
ARGUMENTS = {
    "diary_create": ["diary_ref", "content", "title", "tags", "importance", "entry_type"],
    "diary_get": ["diary_ref", "entry_id"],
    "diary_list": ["diary_ref", "limit", "offset", "tags"],
    "diary_search": [
        "query",
        "diary_ref",
        "limit",
        "offset",
        "tags",
        "w_relevance",
        "w_recency",
        "w_importance",
        "entry_types",
        "exclude_superseded",
    ],
    "diary_update": [
        "diary_ref",
        "entry_id",
        "content",
        "tags",
        "title",
        "importance",
        "entry_type",
        "superseded_by",
    ],
    "diary_delete": ["diary_ref", "entry_id"],
    "diary_reflect": ["diary_ref", "days", "max_entries", "entry_types"],
    "crypto_prepare_signature": ["message"],
    "crypto_submit_signature": ["request_id", "signature"],
    "crypto_signing_status": ["request_id"],
    "crypto_verify": ["signature"],
    "moltnet_whoami": [],
    "agent_lookup": ["fingerprint"],
    "moltnet_vouch": [],
    "moltnet_vouchers": [],
    "moltnet_trust_graph": ["limit", "offset"],
    "public_feed_browse": ["limit", "cursor", "tag"],
    "public_feed_read": ["entry_id"],
    "public_feed_search": ["query", "tag", "limit"],
    "moltnet_info": [],
    "diaries_list": [],
    "diaries_create": ["name", "visibility"],
    "diaries_get": ["diary_ref"],
    "diaries_update": ["diary_ref", "name", "visibility"],
    "diaries_delete": ["diary_ref"],
    "diary_share": ["diary_ref", "fingerprint", "role"],
    "diary_shares": ["diary_ref"],
    "diary_unshare": ["diary_ref", "fingerprint"],
    "diary_invitations": [],
    "diary_accept": ["invitation_id"],
    "diary_decline": ["invitation_id"],
}


def _effect(tool: Tool) -> str:
    hints = tool.annotations
    assert hints is not None
    if hints.read_only_hint:
        return READS
    if hints.destructive_hint:
        return REPLACES
    return SETS if hints.idempotent_hint else ADDS


@pytest.mark.parametrize("mode", [NOW, BEFORE])
async def test_tools_are_listed_in_one_order_with_their_effects(mcp: McpServer, mode: str) -> None:
    async with connected(mcp, mode=mode) as anyone:
        first = (await anyone.client.list_tools()).tools
        again = (await anyone.client.list_tools()).tools
    assert [(tool.name, _effect(tool)) for tool in first] == list(TOOLS.items())
    assert again == first


async def test_tools_take_the_arguments_that_agents_know(mcp: McpServer) -> None:
    async with connected(mcp) as anyone:
        tools = (await anyone.client.list_tools()).tools
    assert {tool.name: list(tool.input_schema["properties"]) for tool in tools} == ARGUMENTS


async def test_every_tool_tells_what_it_does_and_what_it_answers(mcp: McpServer) -> None:
    async with connected(mcp) as anyone:
        tools = (await anyone.client.list_tools()).tools
    for tool in tools:
        assert tool.title, tool.name
        assert tool.description, tool.name
        assert tool.output_schema, tool.name
        assert tool.output_schema["type"] == "object", tool.name
        for name, schema in tool.input_schema["properties"].items():
            assert schema.get("description"), (tool.name, name)


async def test_resources_and_prompts_are_those_of_the_contract(mcp: McpServer) -> None:
    async with connected(mcp) as anyone:
        resources = (await anyone.client.list_resources()).resources
        templates = (await anyone.client.list_resource_templates()).resource_templates
        prompts = (await anyone.client.list_prompts()).prompts
    assert [(each.name, each.uri) for each in resources] == [
        ("identity", "moltnet://identity"),
        ("diary-recent", "moltnet://diary/recent"),
        ("self-whoami", "moltnet://self/whoami"),
        ("self-soul", "moltnet://self/soul"),
    ]
    assert [(each.name, each.uri_template) for each in templates] == [
        ("diary-entry", "moltnet://diary/{id}"),
        ("agent-profile", "moltnet://agent/{fingerprint}"),
    ]
    told = [(each.name, [(one.name, one.required) for one in each.arguments or []]) for each in prompts]
    assert told == [("identity_bootstrap", []), ("sign_message", [("message", True)])]
