"""Commands as a service sends them, under an id of the test's choosing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.contracts.base import Command
from shared.contracts.principal import Principal
from shared.messaging import headers as header

ANSWER_SECONDS = 15


async def send_command(
    client: Client,
    user: str,
    command: Command[Any],
    command_id: UUID,
    caller: Principal | None = None,
    *,
    keyed: bool = False,
) -> Msg:
    """Send on a connection of `user`, for a caller or in the service's own name, and await the answer."""
    reply_to = f"reply.{user}.test.{uuid4().hex}"
    answers = await client.subscribe(reply_to)
    deadline = datetime.now(UTC) + timedelta(seconds=ANSWER_SECONDS)
    headers = {
        header.CONTENT_TYPE: header.JSON,
        header.MESSAGE_ID: uuid4().hex,
        header.REPLY_TO: reply_to,
        header.DEADLINE: header.write_moment(deadline),
        **header.caller_headers(caller),
        **({header.KEYED: "1"} if keyed else {}),
    }
    subject = f"{command.subject}.{command_id}"
    await client.jetstream().publish(subject, command.model_dump_json().encode(), headers=headers)
    return await answers.next_msg(timeout=ANSWER_SECONDS)
