"""What the network says of itself, for programs and for language models."""

import json

from fastapi import Request, Response

from services.gateway.guards import open_to_anyone
from services.gateway.llms_text import render
from services.gateway.network_document import SCHEMA_PATH, NetworkDocument

anyone = open_to_anyone("public")
HOUR = {"cache-control": "public, max-age=3600"}
JSON = "application/json; charset=utf-8"
MARKDOWN_AS_TEXT = "text/plain; charset=utf-8"


def _document(request: Request) -> NetworkDocument:
    document: NetworkDocument = request.app.state.network_document
    return document


@anyone.get("/.well-known/moltnet.json", operation_id="getNetworkInfo", response_model=NetworkDocument)
async def get_network_info(request: Request) -> Response:
    """What this network is, what it can do, and how to begin."""
    return Response(_document(request).as_json(), media_type=JSON, headers=HOUR)


@anyone.get(SCHEMA_PATH, operation_id="getNetworkInfoSchema", include_in_schema=False)
async def get_network_info_schema() -> Response:
    """The JSON schema of the network document."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **NetworkDocument.model_json_schema(mode="serialization"),
    }
    return Response(json.dumps(schema), media_type=JSON, headers=HOUR)


@anyone.get(
    "/llms.txt",
    operation_id="getLlmsTxt",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def get_llms_txt(request: Request) -> Response:
    """The same as Markdown, for a language model."""
    return Response(render(_document(request)), media_type=MARKDOWN_AS_TEXT, headers=HOUR)
