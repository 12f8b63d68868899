"""The examples on the OpenAPI page are what its schemas say, and genuine."""

import base64
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

import moltnet
from services.diary.content import EntryText
from services.gateway import examples
from services.gateway.app import create_app
from shared.contracts.diary import FeedPosition

PAGE = create_app().openapi()
SCHEMAS = PAGE["components"]["schemas"]


def _bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that is sent or answered as JSON or as a form."""
    for path, methods in PAGE["paths"].items():
        for method, operation in methods.items():
            contents = [operation.get("requestBody", {}).get("content", {})]
            contents += [each.get("content", {}) for each in operation["responses"].values()]
            for content in contents:
                for kind, told in content.items():
                    if not kind.startswith("text/plain"):
                        yield f"{method} {path} {kind}", told


def _examples(content: dict[str, Any]) -> list[Any]:
    schema = content.get("schema", {})
    name = (schema.get("$ref") or schema.get("items", {}).get("$ref", "")).rpartition("/")[2]
    return [content["example"]] if "example" in content else SCHEMAS.get(name, {}).get("examples", [])


def test_whatever_is_sent_or_answered_has_an_example() -> None:
    without = [name for name, content in _bodies() if content.get("schema") and not _examples(content)]
    assert without == []


@pytest.mark.parametrize("name", examples.SCHEMAS)
def test_an_example_is_what_its_schema_says(name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": PAGE["components"]}
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(examples.SCHEMAS[name])


@pytest.mark.parametrize("name", examples.SCHEMAS)
def test_an_example_names_no_member_that_its_schema_does_not_have(name: str) -> None:
    assert set(examples.SCHEMAS[name]) <= set(SCHEMAS[name]["properties"])


def test_every_part_of_a_path_has_an_example() -> None:
    for methods in PAGE["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                assert parameter["in"] != "path" or parameter["example"]


def test_keys_signatures_and_content_ids_are_genuine() -> None:
    assert moltnet.fingerprint_of(examples.ADAS_KEY) == examples.ADAS_FINGERPRINT
    payload = examples.SCHEMAS["SigningRequest"]["signingPayload"].encode()
    assert moltnet.verify(examples.ADAS_KEY, payload, examples.SIGNATURE)
    entry = examples.SCHEMAS["DiaryEntry"]
    assert base64.b64decode(examples.SIGNING_INPUT) == payload
    text = EntryText(entry["title"], entry["content"], entry["tags"])
    assert text.hash(entry["entryType"]) == entry["contentHash"]


def test_the_cursor_is_one_that_the_feed_reads() -> None:
    position = FeedPosition.of_cursor(examples.CURSOR)
    assert (str(position.entry_id), position.cursor) == (examples.ENTRY, examples.CURSOR)
