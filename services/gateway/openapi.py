"""The OpenAPI page: FastAPI's, with our problem document, the scopes that tokens need, and examples."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.gateway import examples
from services.gateway.guards import BUCKET, SCOPE
from services.gateway.network_document import NetworkDocument
from services.gateway.problems import MEDIA_TYPE, ProblemDocument

PROBLEM = MEDIA_TYPE.partition(";")[0]
REFERENCE = "#/components/schemas/{model}"
PROBLEM_RESPONSE = {
    "description": "A problem (RFC 9457)",
    "content": {PROBLEM: {"schema": {"$ref": REFERENCE.format(model=ProblemDocument.__name__)}}},
}


def describe(app: FastAPI, document: NetworkDocument, **told: Any) -> dict[str, Any]:
    """`told` goes to FastAPI: title, version, description and tags."""
    page = get_openapi(routes=app.routes, **told)
    schemas = page["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas[ProblemDocument.__name__] = ProblemDocument.model_json_schema(ref_template=REFERENCE)
    schemas |= schemas[ProblemDocument.__name__].pop("$defs", {})
    for name, example in {**examples.SCHEMAS, NetworkDocument.__name__: document.as_members()}.items():
        schemas[name]["examples"] = [example]
    for operation in _operations(page):
        _complete(operation)
    return page


def _complete(operation: dict[str, Any]) -> None:
    operation["responses"].pop("422", None)
    operation.pop(BUCKET, None)
    _name_scope(operation)
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in examples.PARAMETERS:
            parameter["example"] = examples.PARAMETERS[parameter["name"]]


def _name_scope(operation: dict[str, Any]) -> None:
    """OpenAPI 3.1 lets any security requirement list what it needs: here the scope of a token."""
    scope = operation.pop(SCOPE, None)
    for requirement in operation.get("security", ()):
        if scope and "bearerAuth" in requirement:
            requirement["bearerAuth"] = [scope]


def _operations(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in page["paths"].values() for operation in path.values()]
