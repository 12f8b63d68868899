"""What is measured: each is one thing that an agent does, and raises when the answer is not the right one."""

import base64
from collections.abc import Awaitable, Callable

from bench.population import Client, fresh_entry, fresh_question
from bench.vouchers import VoucherStock
from local.agent import Agent

Operation = Callable[[Client], Awaitable[None]]


async def health(client: Client) -> None:
    """The null request: what the client, HTTP and the gateway's outermost layer cost."""
    (await client.connection.get("/health")).expect(200)


async def token_check(client: Client) -> None:
    """A token is verified and limits are counted; nothing is sent behind the gateway."""
    (await client.connection.get("/crypto/identity", client.token)).expect(200)


async def whoami(client: Client) -> None:
    """One query over NATS that reads one row."""
    (await client.connection.get("/agents/whoami", client.token)).expect(200)


async def read_diary(client: Client) -> None:
    """One query over NATS that reads one row and asks the permission server."""
    (await client.connection.get(f"/diaries/{client.diary_id}", client.token)).expect(200)


async def get_token(client: Client) -> None:
    (await client.connection.post_form("/oauth2/token", client.credentials)).expect(200)


async def create_entry(client: Client) -> None:
    path = f"/diaries/{client.diary_id}/entries"
    (await client.connection.post(path, fresh_entry(), client.token)).expect(201)


async def get_entry(client: Client) -> None:
    path = f"/diaries/{client.diary_id}/entries/{client.entry_ids[0]}"
    (await client.connection.get(path, client.token)).expect(200)


async def list_entries(client: Client) -> None:
    path = f"/diaries/{client.diary_id}/entries?limit=20"
    (await client.connection.get(path, client.token)).expect(200)


async def search(client: Client) -> None:
    criteria = {"query": fresh_question(), "diaryId": client.diary_id}
    (await client.connection.post("/diaries/search", criteria, client.token)).expect(200)


async def request_signature(client: Client) -> None:
    """One durable command, without the embedder and the permission server."""
    await _requested(client)


async def sign(client: Client) -> None:
    """Two requests: ask for the bytes to sign, then submit the signature and get the verdict."""
    identifier, signing_input = await _requested(client)
    signature = client.agent.sign(base64.b64decode(signing_input))
    path = f"/crypto/signing-requests/{identifier}/sign"
    answer = await client.connection.post(path, {"signature": signature}, client.token)
    assert answer.expect(200)["valid"] is True


async def _requested(client: Client) -> tuple[str, str]:
    answer = await client.connection.post(
        "/crypto/signing-requests", {"message": "I was here."}, client.token
    )
    made = answer.expect(201)
    return made["id"], made["signingInput"]


def register_with(vouchers: VoucherStock) -> Operation:
    """A registration for each of the vouchers."""

    async def register(client: Client) -> None:
        newcomer = Agent(client.agent.http)
        body = {"public_key": newcomer.public_key, "voucher_code": vouchers.take()}
        (await client.connection.post("/auth/register", body)).expect(200)

    return register
