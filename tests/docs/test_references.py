"""The documents name no route and no place that is not there."""

import functools
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from fastapi.routing import APIRoute

from services.gateway.app import ROUTERS
from services.mcp.surroundings import HEALTH
from tests.docs.documents import Document, documents

NAMED = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/[^\s`,;)?|]*)")
CALLED = re.compile(r"\$API(/(?:\$\([^)]*\)|[^\s\"'?|)])*)")
VARIABLE = re.compile(r"\$\([^)]*\)|\$\{?\w+\}?|\{[^}]*\}")
BESIDE = {("GET", path) for path in ("/", "/docs", "/openapi.json", *HEALTH)}
"""What the gateway serves without its being part of the API, and the health of the MCP server."""
ROUTES = {
    (method, VARIABLE.sub("{}", route.path))
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
} | BESIDE
DOCUMENTS = [pytest.param(each, id=each.name) for each in documents()]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_route_that_a_document_names_is_served(document: Document) -> None:
    named = {(method, _template(path)) for method, path in NAMED.findall(document.text)}
    assert named <= ROUTES
    called = {_template(path) for path in CALLED.findall(document.text)}
    assert called <= {path for _, path in ROUTES}


def _template(path: str) -> str:
    return VARIABLE.sub("{}", path).rstrip(".:'\"")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document: Document) -> None:
    for link in document.links:
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme in ("http", "https", "mailto"), link
            continue
        target = (document.path.parent / unquote(parts.path)).resolve() if parts.path else document.path
        assert target.exists(), link
        if parts.fragment:
            assert parts.fragment in _anchors(target), link


@functools.cache
def _anchors(path: Path) -> set[str]:
    return Document(path).anchors


def test_pictures_in_the_documents_are_small() -> None:
    pictures = list((Path(__file__).parents[2] / "docs" / "images").iterdir())
    assert pictures
    assert all(picture.stat().st_size < 300_000 for picture in pictures)
