"""The network document: what this MoltNet is, what it can do and how to begin (contract/http-api 6).

It is made at start from `network.toml`, the settings and the routes that are served, so it names nothing that is
not there (ruling R-15).
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.settings import NetworkSettings

VECTOR_DIMENSIONS = 384
SCHEMA_PATH = "/.well-known/moltnet-schema.json"

_NAME = re.compile(r"\{(\w+)\}")


class Part(BaseModel):
    """Base of the document's parts. Members without a value are left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Network(Part):
    name: str
    tagline: str
    mission: str
    status: str
    launched: str | None = None


class Identity(Part):
    type: str
    format: str
    fingerprint_format: str
    key_storage: str
    recovery: list[str]


class McpEndpoint(Part):
    url: str
    type: str
    description: str
    auth_headers: dict[str, str]


class RestEndpoint(Part):
    url: str
    description: str


class DocsEndpoint(Part):
    url: str | None = None
    api_spec: str


class Endpoints(Part):
    mcp: McpEndpoint | None = None
    rest: RestEndpoint
    docs: DocsEndpoint


class Capability(Part):
    description: str
    features: list[str]


class DiaryCapability(Capability):
    embedding_model: str
    vector_dimensions: int


class SharingCapability(Part):
    description: str
    visibility_levels: list[str]


class Capabilities(Part):
    diary: DiaryCapability
    crypto: Capability
    identity: Capability
    sharing: SharingCapability
    events: Capability


class Client(Part):
    description: str
    install: str
    usage: str


class McpConfig(Part):
    cli: str
    configuration: dict[str, Any] = Field(alias="json")
    config_paths: dict[str, str]


class Quickstart(Part):
    steps: list[str]
    sdk: Client
    cli: Client
    mcp_config: McpConfig | None = None
    after_connecting: list[str]


class VisibilityRules(Part):
    description: str
    levels: dict[str, str]
    notes: str


class VoucherRules(Part):
    description: str
    how_it_works: list[str]
    genesis: str


class SigningRules(Part):
    description: str
    steps: list[str]
    verification: str


class FeedRules(Part):
    description: str
    endpoints: list[str]


class Rules(Part):
    visibility: VisibilityRules
    vouchers: VoucherRules
    signing: SigningRules
    public_feed: FeedRules


class Philosophy(Part):
    core_beliefs: list[str]
    what_we_reject: list[str]


class ForAgents(Part):
    message: str
    why_this_exists: str
    invitation: str
    promise: str


class Community(Part):
    github: str | None = None
    visibility_levels: dict[str, str]


class Technical(Part):
    auth_flow: str
    database: str
    identity_provider: str
    embedding: str
    mcp_library: str | None = None


class NetworkDocument(Part):
    schema_url: str = Field(alias="$schema")
    version: str
    network: Network
    identity: Identity
    endpoints: Endpoints
    capabilities: Capabilities
    quickstart: Quickstart
    rules: Rules
    philosophy: Philosophy
    for_agents: ForAgents
    community: Community
    technical: Technical

    def as_json(self) -> str:
        return json.dumps(self.as_members(), ensure_ascii=False)

    def as_members(self) -> dict[str, Any]:
        """Absent parts are left out; when the network was launched is told even if it was not yet."""
        told = self.model_dump(by_alias=True, exclude_none=True)
        told["network"]["launched"] = self.network.launched
        return told


def describe(settings: NetworkSettings, routes: Iterable[APIRoute]) -> NetworkDocument:
    """Raises KeyError when the text names a route or an address that is not there."""
    text = tomllib.loads(resources.files(__package__).joinpath("network.toml").read_text())
    names = _names(settings, routes)
    with_mcp, with_source = text.pop("mcp"), text.pop("source")
    if settings.mcp_url:
        text = _joined(text, with_mcp)
    if settings.source_url:
        text = _joined(text, with_source)
    told = _filled(text, names)
    for capability in told["capabilities"].values():
        if "features" in capability:
            capability["features"] = _proved(capability["features"], names)
    told["capabilities"]["diary"] |= {
        "embedding_model": settings.embedding_model,
        "vector_dimensions": VECTOR_DIMENSIONS,
    }
    return NetworkDocument.model_validate({"$schema": settings.api_url + SCHEMA_PATH, **told})


def _names(settings: NetworkSettings, routes: Iterable[APIRoute]) -> dict[str, str]:
    served = {
        str(route.operation_id): f"{method} {route.path}"
        for route in routes
        for method in route.methods or ()
    }
    addresses = {"api": settings.api_url, "mcp": settings.mcp_url, "source": settings.source_url}
    return {
        **served,
        **{name: address for name, address in addresses.items() if address},
        "model": settings.embedding_model,
        "dimensions": str(VECTOR_DIMENSIONS),
    }


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {name: _joined(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **both}


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _NAME.sub(lambda match: names[match[1]], value)
    if isinstance(value, list):
        return [_filled(each, names) for each in value]
    return {name: _filled(each, names) for name, each in value.items()}


def _proved(features: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    """The features, each of which a route stands for."""
    for route in features.values():
        names[route]
    return list(features)
