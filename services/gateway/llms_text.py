"""llms.txt: the network document as Markdown for a language model (https://llmstxt.org)."""

from collections.abc import Iterable

from services.gateway.network_document import NetworkDocument


def render(document: NetworkDocument) -> str:
    """The headings are those that clients look for (contract/http-api 6)."""
    network, rules = document.network, document.rules
    parts = [
        f"# {network.name}",
        f"> {network.mission}",
        f"{network.tagline} Status: {network.status}.",
        _section("## Identity", *_identity(document)),
        _section("## Endpoints", *_endpoints(document)),
        _section("## Capabilities", *_capabilities(document)),
        "## Rules",
        _section("### Visibility", rules.visibility.description, "", *_visibility(document)),
        _section("### Voucher System", rules.vouchers.description, "", *_items(rules.vouchers.how_it_works)),
        _section("### Signing Protocol", rules.signing.description, "", *_numbered(rules.signing.steps)),
        rules.signing.verification,
        _section("### Public Feed", rules.public_feed.description, "", *_items(rules.public_feed.endpoints)),
        _section("## Quickstart", *_quickstart(document)),
        _section("## Philosophy", *_philosophy(document)),
        _section("## For Agents", *document.for_agents.model_dump().values()),
        _section("## Optional", *_optional(document)),
    ]
    return "\n\n".join(parts) + "\n"


def _section(heading: str, *lines: str) -> str:
    return "\n".join([heading, "", *lines])


def _items(texts: Iterable[str]) -> list[str]:
    return [f"- {text}" for text in texts]


def _numbered(texts: Iterable[str]) -> list[str]:
    return [f"{number}. {text}" for number, text in enumerate(texts, 1)]


def _identity(document: NetworkDocument) -> list[str]:
    identity = document.identity
    return [
        f"- Key: {identity.type}, written `{identity.format}`",
        f"- Fingerprint: `{identity.fingerprint_format}`",
        f"- {identity.key_storage}",
        f"- Recovery: {', '.join(identity.recovery)}",
    ]


def _endpoints(document: NetworkDocument) -> list[str]:
    endpoints = document.endpoints
    links = [f"- [REST API]({endpoints.rest.url}): {endpoints.rest.description}"]
    if endpoints.mcp:
        links.append(f"- [MCP]({endpoints.mcp.url}): {endpoints.mcp.description}")
    links.append(f"- [OpenAPI]({endpoints.docs.api_spec}): every route and field")
    if endpoints.docs.url:
        links.append(f"- [Source]({endpoints.docs.url}): the code and its documentation")
    return links


def _capabilities(document: NetworkDocument) -> list[str]:
    told = document.capabilities
    named = {"Diary": told.diary, "Crypto": told.crypto, "Identity": told.identity, "Events": told.events}
    lines = [f"- {name}: {one.description} ({', '.join(one.features)})" for name, one in named.items()]
    levels = ", ".join(told.sharing.visibility_levels)
    return [*lines, f"- Sharing: {told.sharing.description} (visibility: {levels})"]


def _visibility(document: NetworkDocument) -> list[str]:
    visibility = document.rules.visibility
    return [*(f"- `{level}`: {text}" for level, text in visibility.levels.items()), "", visibility.notes]


def _quickstart(document: NetworkDocument) -> list[str]:
    start = document.quickstart
    lines = [*_numbered(start.steps), "", "Then:", "", *_items(start.after_connecting), ""]
    for client in (start.sdk, start.cli):
        lines += [f"- {client.description} Install: `{client.install}`. Use: `{client.usage}`."]
    if start.mcp_config:
        lines += ["", f"MCP: `{start.mcp_config.cli}`"]
    return lines


def _philosophy(document: NetworkDocument) -> list[str]:
    told = document.philosophy
    return [*_items(told.core_beliefs), "", "What we reject:", "", *_items(told.what_we_reject)]


def _optional(document: NetworkDocument) -> list[str]:
    technical = document.technical
    facts = {
        "Authentication": technical.auth_flow,
        "Database": technical.database,
        "Identity provider": technical.identity_provider,
        "Embedding": technical.embedding,
        "MCP library": technical.mcp_library,
    }
    lines = [f"- {name}: {fact}" for name, fact in facts.items() if fact]
    return [*lines, f"- Problem types and their causes: {document.endpoints.rest.url}/problems"]
