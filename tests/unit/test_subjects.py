"""Subjects follow from the contracts; streams and consumers follow from the subjects."""

from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.base import Command, Query, Success
from shared.contracts.diary import CreateEntry, EntryCreated, GetEntry
from shared.contracts.embedder import EmbedPassage
from shared.contracts.identity import RegisterAgent, RegisteredAgent
from shared.contracts.signing import CreateSigningRequest
from shared.messaging.topology import commands, consumer_of, stream_of, streams
from tests.unit.nats_conf import covers


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        (CreateEntry, "cmd.diary.create_entry"),
        (GetEntry, "qry.diary.get_entry"),
        (EntryCreated, "evt.diary.entry_created"),
        (RegisterAgent, "cmd.identity.register_agent"),
        (CreateSigningRequest, "cmd.signing.create_signing_request"),
        (EmbedPassage, "cmd.embedder.embed_passage"),
    ],
)
def test_a_subject_is_made_of_owner_and_name(message: Any, subject: str) -> None:
    assert message.subject == subject


def test_a_command_knows_what_it_is_answered_with() -> None:
    assert RegisterAgent.answer is RegisteredAgent


def test_an_answer_must_be_told() -> None:
    with pytest.raises(TypeError, match="does not say"):
        type("Mute", (Command,), {"__module__": "shared.contracts.diary"})


def test_no_two_commands_share_a_subject() -> None:
    subjects = [command.subject for command in commands()]
    assert len(subjects) == len(set(subjects))


def test_every_command_has_one_stream_that_takes_it_and_one_consumer() -> None:
    by_name = {stream.name: stream for stream in streams()}
    for command in commands():
        subject = f"{command.subject}.{uuid4()}"
        takers = [name for name, stream in by_name.items() if _takes(stream.subjects, subject)]
        assert takers == [stream_of(command)]
        assert covers(consumer_of(command).filter_subject or "", subject)


def test_the_consumers_of_a_work_queue_do_not_overlap() -> None:
    filters = [consumer_of(command).filter_subject or "" for command in commands()]
    assert not [(a, b) for a in filters for b in filters if a != b and covers(a, b)]


def test_events_and_parked_commands_have_their_streams() -> None:
    for subject in (EntryCreated.subject, f"parked.{CreateEntry.subject}.{uuid4()}"):
        assert sum(_takes(stream.subjects, subject) for stream in streams()) == 1


def test_a_query_is_in_no_stream() -> None:
    class Ask(Query[Success]):
        __module__ = "shared.contracts.diary"

    assert not any(_takes(stream.subjects, Ask.subject) for stream in streams())


def _takes(patterns: list[str] | None, subject: str) -> bool:
    return any(covers(pattern, subject) for pattern in patterns or [])
