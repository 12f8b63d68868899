"""The landing page as it is served. How it behaves in a browser: tests/browser."""

import re

import httpx
import pytest

ADDRESS = re.compile(r'(?:src|href)="([^"]+)"')
IMPORT = re.compile(r'from "\./([a-z]+\.js)"')


async def _linked(http: httpx.AsyncClient) -> set[str]:
    page = (await http.get("/")).text
    return set(ADDRESS.findall(page))


async def test_the_door_is_a_page(http: httpx.AsyncClient) -> None:
    response = await http.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "MoltNet" in response.text


async def test_whatever_the_page_names_is_served_here(http: httpx.AsyncClient) -> None:
    page = (await http.get("/")).text
    for address in await _linked(http):
        if address.startswith("#"):
            assert f'id="{address[1:]}"' in page
        else:
            assert address.startswith("/")
            assert (await http.get(address)).status_code == 200, address


async def test_scripts_import_only_what_is_there(http: httpx.AsyncClient) -> None:
    scripts = {address for address in await _linked(http) if address.endswith(".js")}
    imported = {name for script in scripts for name in IMPORT.findall((await http.get(script)).text)}
    assert {"dom.js", "seal.js"} <= imported
    for name in imported:
        assert (await http.get(f"/site/{name}")).headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/", "/site/style.css", "/site/icon.svg"])
async def test_what_a_browser_has_is_not_sent_again(http: httpx.AsyncClient, path: str) -> None:
    first = await http.get(path)
    assert first.headers["cache-control"] == "no-cache"
    again = await http.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    changed = await http.get(path, headers={"if-none-match": '"another"'})
    assert changed.content == first.content


async def test_the_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(
    http: httpx.AsyncClient,
) -> None:
    response = await http.get("/")
    rules = dict(
        rule.strip().split(" ", 1) for rule in response.headers["content-security-policy"].split(";")
    )
    assert rules["default-src"] == "'none'"
    assert {rules[kind] for kind in ("script-src", "style-src", "img-src", "connect-src")} == {"'self'"}
    assert re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", response.text) is None


@pytest.mark.parametrize("path", ["/", "/site/style.css", "/docs"])
async def test_the_page_takes_no_other_method(http: httpx.AsyncClient, path: str) -> None:
    response = await http.post(path)
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]
    assert (await http.head(path)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/site", "/site/", "/site/nothing.js", "/site/..%2flanding.py", "/index.html"]
)
async def test_nothing_else_is_served(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404
