"""Streams and consumers, derived from the contracts. One one-shot job declares them; services use them.

* `CMD_<SERVICE>`: a work queue per service with commands, one pull consumer per command.
* `EVENTS`: every `evt.>`, kept for seven days.
* `PARKED`: commands that could not be handled, kept for an operator.

Commands are published as `<subject>.<command id>`, so that an unhandled one can be found by its id.
"""

from collections.abc import Iterator
from typing import Any

from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)

from shared.contracts import diary, embedder, identity, signing
from shared.contracts.base import Command

OWNERS = (diary, identity, signing, embedder)
ACK_WAIT_SECONDS = 5.0
MAX_DELIVERIES = 100
MAX_UNACKNOWLEDGED = 512
DUPLICATE_WINDOW_SECONDS = 120.0
DAY_SECONDS = 24 * 3600.0


def commands() -> Iterator[type[Command[Any]]]:
    """Every command class of every owner."""
    for owner in OWNERS:
        for member in vars(owner).values():
            if isinstance(member, type) and issubclass(member, Command) and "subject" in vars(member):
                yield member


def stream_of(command: type[Command[Any]]) -> str:
    return command_stream(command.owner)


def command_stream(owner: str) -> str:
    return f"CMD_{owner.upper()}"


def streams() -> list[StreamConfig]:
    owners = sorted({command.owner for command in commands()})
    return [*(_work_queue(owner) for owner in owners), _events(), _parked()]


def _work_queue(owner: str) -> StreamConfig:
    """What the embedder's queue holds is asked for again by whoever still needs it, so a day is enough."""
    passing = owner == "embedder"
    return StreamConfig(
        name=command_stream(owner),
        subjects=[f"cmd.{owner}.>"],
        retention=RetentionPolicy.WORK_QUEUE,
        storage=StorageType.FILE,
        max_age=DAY_SECONDS if passing else 0,
        discard=DiscardPolicy.NEW,
        max_bytes=(256 if passing else 2048) * 1024 * 1024,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
    )


def _events() -> StreamConfig:
    return StreamConfig(
        name="EVENTS",
        subjects=["evt.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=7 * DAY_SECONDS,
        max_bytes=1024 * 1024 * 1024,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
    )


def _parked() -> StreamConfig:
    return StreamConfig(
        name="PARKED",
        subjects=["parked.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_bytes=1024 * 1024 * 1024,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
    )


def consumer_of(command: type[Command[Any]]) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=command.name,
        filter_subject=f"{command.subject}.*",
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_SECONDS,
        max_deliver=MAX_DELIVERIES,
        max_ack_pending=MAX_UNACKNOWLEDGED,
    )
