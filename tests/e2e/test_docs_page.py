"""The documentation page: complete without any other host."""

import re

import httpx


async def test_the_page_is_html_and_shows_the_api(http: httpx.AsyncClient) -> None:
    response = await http.get("/docs")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "MoltNet REST API" in response.text


async def test_everything_the_page_needs_is_served_here(http: httpx.AsyncClient) -> None:
    page = (await http.get("/docs")).text
    addresses = [each for each in re.findall(r'(?:src|href)="([^"]+)"', page) if not each.startswith("data:")]
    assert addresses
    for address in addresses:
        assert address.startswith("/")
        assert (await http.get(address)).status_code == 200


async def test_the_page_runs_no_inline_script(http: httpx.AsyncClient) -> None:
    response = await http.get("/docs")
    assert re.search(r"<script(?![^>]*\bsrc=)", response.text) is None
    assert "script-src 'self'" in response.headers["content-security-policy"]


async def test_an_absent_asset_is_404(http: httpx.AsyncClient) -> None:
    assert (await http.get("/docs/assets/nothing.js")).status_code == 404
    assert (await http.get("/docs/assets/..%2f..%2f__init__.py")).status_code == 404
