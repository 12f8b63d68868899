"""The AsyncAPI pages in docs/ are those of the code."""

import json
from typing import Any

import pytest

from local.message_pages import PAGES, SERVICES, pages
from shared.messaging.topology import commands

MADE = pages()


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [each for value in node.values() for each in _references(value)]
    if isinstance(node, list):
        return [each for value in node for each in _references(value)]
    return []


@pytest.mark.parametrize("service", SERVICES)
def test_the_page_is_up_to_date(service: str) -> None:
    assert (PAGES / f"{service}.json").read_text() == MADE[service], "run `make docs`"


@pytest.mark.parametrize("service", SERVICES)
def test_every_reference_leads_somewhere(service: str) -> None:
    page = json.loads(MADE[service])
    for reference in _references(page):
        place = page
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_command_is_on_its_services_page_with_its_answer() -> None:
    for command in commands():
        page = json.loads(MADE[command.owner])
        assert page["operations"][command.subject]["action"] == "receive"
        answer = page["components"]["messages"][f"{command.subject}:answer"]["payload"]["$ref"]
        assert answer == f"#/components/schemas/{command.answer.__name__}"


def test_members_are_named_as_they_travel() -> None:
    page = json.loads(MADE["diary"])
    assert "diary_id" in page["components"]["schemas"]["CreateEntry"]["properties"]


def test_events_are_told() -> None:
    operations = json.loads(MADE["diary"])["operations"]
    assert operations["evt.diary.entry_created"]["action"] == "send"
