"""NATS takes each user."""

import asyncio
import contextlib
from collections.abc import Iterator

import nats
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from operations.preflight.agreement import BUS_USERS
from operations.preflight.answers.asking import SECONDS, address
from operations.preflight.findings import Finding
from operations.preflight.installation import Installation
from shared.settings import inbox_prefix


def check(installation: Installation) -> Iterator[Finding]:
    yield from asyncio.run(_users(installation))


async def _users(installation: Installation) -> list[Finding]:
    asked = [
        _user(url, user, password)
        for service, user in BUS_USERS.items()
        if (url := address(installation, service, "NATS_URL"))
        and (password := installation.value(service, "NATS_PASSWORD"))
    ]
    return list(await asyncio.gather(*asked))


async def _user(url: str, user: str, password: str) -> Finding:
    async def silent(_: Exception) -> None:
        """What goes wrong is raised as well."""

    try:
        client = await nats.connect(
            url,
            user=user,
            password=password,
            inbox_prefix=inbox_prefix(user).encode(),
            connect_timeout=SECONDS,
            allow_reconnect=False,
            max_reconnect_attempts=1,  # of a first connection too
            reconnect_time_wait=0,
            error_cb=silent,
        )
    except (NatsError, OSError, TimeoutError) as failure:
        return Finding("nats", f"does not let {user} in ({type(failure).__name__})")
    try:
        if user == "operator":
            await client.jetstream(timeout=SECONDS).account_info()
    except (NatsError, JetStreamError, TimeoutError) as failure:
        return Finding("nats", f"has no JetStream for {user} ({type(failure).__name__})")
    finally:
        with contextlib.suppress(NatsError):
            await client.close()
    return Finding("nats", f"lets {user} in", wrong=False)
