"""The bus's configuration lets every service do what the contracts ask of it, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.settings import ROOT
from shared.contracts.base import Event, Query
from shared.contracts.diary import DiscardPrivateDiary, GetSigningStatement, OpenPrivateDiary
from shared.contracts.embedder import EmbedPassage, EmbedQuery
from shared.contracts.health import health_subject
from shared.contracts.identity import GetAgent, ListAgents
from shared.contracts.operations import GetOperation
from shared.contracts.signing import GetSigningRequest
from shared.messaging.topology import OWNERS, command_stream, commands, streams
from shared.settings import inbox_prefix
from tests.unit.nats_conf import users

USERS = users(ROOT / "deploy" / "nats" / "nats.conf")
SERVICES = ("diary", "identity", "signing", "embedder")
INTERNAL = (OpenPrivateDiary, DiscardPrivateDiary, EmbedPassage)
SENT_BY: dict[str, list[Any]] = {
    "diary": [EmbedPassage],
    "identity": [OpenPrivateDiary, DiscardPrivateDiary],
}
ASKED_BY: dict[str, list[Any]] = {
    "diary": [EmbedQuery, GetAgent, ListAgents, GetSigningRequest],
    "signing": [GetAgent, GetSigningStatement],
}


def _members(kind: type) -> Iterator[Any]:
    for owner in OWNERS:
        for member in vars(owner).values():
            if isinstance(member, type) and issubclass(member, kind) and "subject" in vars(member):
                yield member


@pytest.mark.parametrize("command", list(commands()), ids=lambda command: command.subject)
def test_a_command_can_be_sent_by_whom_it_is_meant_for_alone(command: Any) -> None:
    senders = {service for service, sent in SENT_BY.items() if command in sent}
    expected = senders or {"gateway"}
    if command in INTERNAL:
        assert "gateway" not in expected
    allowed = {user for user in USERS if USERS[user].may_publish(f"{command.subject}.id")}
    assert allowed == expected


@pytest.mark.parametrize("query", list(_members(Query)), ids=lambda query: query.subject)
def test_a_query_can_be_asked_by_the_gateway_or_by_the_services_that_need_it(query: Any) -> None:
    needed = {service for service, asked in ASKED_BY.items() if query in asked}
    if query.owner != "embedder":
        needed.add("gateway")
    assert needed <= {user for user in USERS if USERS[user].may_publish(query.subject)}


@pytest.mark.parametrize("event", list(_members(Event)), ids=lambda event: event.subject)
def test_an_event_can_be_told_by_its_owner_alone(event: Any) -> None:
    assert {user for user in USERS if USERS[user].may_publish(event.subject)} == {event.owner}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_its_own_queries_and_may_answer(service: str) -> None:
    assert USERS[service].may_answer()
    for subject in (f"qry.{service}.anything", health_subject(service), GetOperation.subject_of(service)):
        assert {user for user in USERS if USERS[user].may_subscribe(subject)} == {service}


@pytest.mark.parametrize("service", SERVICES)
def test_the_gateway_may_ask_each_service_for_its_health(service: str) -> None:
    assert USERS["gateway"].may_publish(health_subject(service))


@pytest.mark.parametrize("service", ["diary", "identity", "signing"])
def test_the_gateway_may_ask_what_became_of_an_operation(service: str) -> None:
    assert USERS["gateway"].may_publish(GetOperation.subject_of(service))
    assert USERS["gateway"].may_publish(f"$JS.API.STREAM.MSG.GET.{command_stream(service)}")


@pytest.mark.parametrize("command", list(commands()), ids=lambda command: command.subject)
def test_a_service_can_fetch_and_acknowledge_its_own_commands_alone(command: Any) -> None:
    stream = command_stream(command.owner)
    for subject in (
        f"$JS.API.CONSUMER.INFO.{stream}.{command.name}",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{command.name}",
        f"$JS.ACK.{stream}.{command.name}.1.2.3.4.5",
        f"parked.{command.subject}.id",
    ):
        allowed = {user for user in USERS if USERS[user].may_publish(subject)}
        assert allowed - {"operator"} == {command.owner}, subject


@pytest.mark.parametrize("sender", ["gateway", "identity", "diary"])
def test_whoever_is_sent_commands_can_answer_their_sender(sender: str) -> None:
    targets = SENT_BY.get(sender, [command for command in commands() if command not in INTERNAL])
    for owner in {command.owner for command in targets}:
        assert USERS[owner].may_publish(f"reply.{sender}.inbox.token")


@pytest.mark.parametrize("user", USERS)
def test_a_user_hears_its_own_replies_and_nobody_elses(user: str) -> None:
    for other in USERS:
        for subject in (f"reply.{other}.inbox.token", f"{inbox_prefix(other)}.x.y"):
            heard = USERS[user].may_subscribe(subject)
            if user != other:
                assert not heard, subject
            elif user != "operator" or subject.startswith("_INBOX"):
                assert heard, subject


@pytest.mark.parametrize("user", USERS)
def test_nobody_hears_commands_or_everything(user: str) -> None:
    for subject in (
        ">",
        "cmd.>",
        "cmd.diary.create_entry.*",
        "parked.>",
        "reply.>",
        "$JS.API.>",
        "$SYS.>",
    ):
        assert not USERS[user].may_subscribe(subject), subject


def test_events_are_heard_and_read_by_the_gateway_alone() -> None:
    reading = "$JS.API.STREAM.MSG.GET.EVENTS"
    assert {user for user in USERS if USERS[user].may_publish(reading)} == {"gateway", "operator"}
    for subject in ("evt.>", "evt.diary.entry_created"):
        assert {user for user in USERS if USERS[user].may_subscribe(subject)} == {"gateway"}


@pytest.mark.parametrize("user", [user for user in USERS if user != "operator"])
def test_only_the_operator_changes_streams_and_consumers(user: str) -> None:
    for stream in streams():
        for verb in ("CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE"):
            assert not USERS[user].may_publish(f"$JS.API.STREAM.{verb}.{stream.name}")
        for verb in ("CREATE", "DURABLE.CREATE", "DELETE"):
            assert not USERS[user].may_publish(f"$JS.API.CONSUMER.{verb}.{stream.name}.any")


def test_the_operator_may_declare_everything_and_act_for_nobody() -> None:
    operator = USERS["operator"]
    for stream in streams():
        assert operator.may_publish(f"$JS.API.STREAM.CREATE.{stream.name}")
    for subject in (
        "cmd.diary.create_entry.id",
        "qry.diary.get_diary",
        "evt.diary.diary_created",
        "reply.gateway.x",
    ):
        assert not operator.may_publish(subject)
