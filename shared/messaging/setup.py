"""`python -m shared.messaging.setup`: declare every stream and consumer. Safe to run again."""

import asyncio
import sys

import nats
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from nats.js.errors import NotFoundError

from shared.messaging.topology import commands, consumer_of, stream_of, streams
from shared.settings import NatsSettings, load


async def declare(jetstream: JetStreamContext) -> None:
    for stream in streams():
        await _declare_stream(jetstream, stream)
    for command in commands():
        await jetstream.add_consumer(stream_of(command), consumer_of(command))


async def _declare_stream(jetstream: JetStreamContext, stream: StreamConfig) -> None:
    try:
        await jetstream.update_stream(stream)
    except NotFoundError:
        await jetstream.add_stream(stream)


async def main() -> int:
    settings = load(NatsSettings)
    client = await nats.connect(
        settings.url,
        user=settings.user,
        password=settings.password.get_secret_value(),
        inbox_prefix=settings.inbox_prefix,
        max_reconnect_attempts=10,
        reconnect_time_wait=1,
    )
    try:
        await declare(client.jetstream(timeout=10))
    finally:
        await client.close()
    sys.stdout.write(f"{len(streams())} streams and {len(list(commands()))} consumers declared\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
