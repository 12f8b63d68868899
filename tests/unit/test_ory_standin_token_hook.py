"""The token hook's tries when nothing answers."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from local.ory import token_hook
from local.ory.errors import FlatError
from local.ory.grant import Grant
from local.ory.token_hook import TokenHook

GRANT = Grant(
    client_id="c",
    requested_scopes=(),
    scopes=(),
    audience=(),
    payload={},
    issued_at=datetime.now(UTC),
    expires_at=datetime.now(UTC),
)


async def test_a_hook_that_hangs_up_is_asked_three_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_hook, "PAUSES", (0.0, 0.0))
    calls = 0

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server, httpx.AsyncClient() as http:
        port = server.sockets[0].getsockname()[1]
        hook = TokenHook(http, f"http://127.0.0.1:{port}/", "key")
        with pytest.raises(FlatError) as raised:
            await hook.claims(GRANT, "issuer", "kid")
    assert (raised.value.status, raised.value.error) == (500, "server_error")
    assert calls == 3


async def test_a_refused_connection_fails_after_its_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_hook, "PAUSES", (0.0, 0.0))
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with httpx.AsyncClient() as http:
        with pytest.raises(FlatError, match="server_error"):
            await TokenHook(http, f"http://127.0.0.1:{port}/", "key").claims(GRANT, "issuer", "kid")
