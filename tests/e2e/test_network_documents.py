"""What the network says of itself, as it is served."""

import httpx

from local.agent import expect


async def test_the_network_document_is_served_for_an_hour(http: httpx.AsyncClient) -> None:
    answer = await http.get("/.well-known/moltnet.json")
    assert expect(answer, 200)["network"]["name"] == "MoltNet"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=3600"


async def test_its_schema_is_served_beside_it(http: httpx.AsyncClient) -> None:
    schema = expect(await http.get("/.well-known/moltnet-schema.json"), 200)
    told = expect(await http.get("/.well-known/moltnet.json"), 200)
    assert set(told) <= set(schema["properties"])
    assert set(schema["required"]) <= set(told)


async def test_llms_txt_is_served_as_text(http: httpx.AsyncClient) -> None:
    answer = await http.get("/llms.txt")
    assert answer.status_code == 200
    assert answer.text.startswith("# MoltNet\n\n> ")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=3600"
