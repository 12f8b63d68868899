"""A client that does not send what it announced is not waited for."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest_asyncio

from local.stack import Stack
from tests.stack import running_gateway


@pytest_asyncio.fixture(scope="module")
async def impatient(stack: Stack) -> AsyncIterator[str]:
    async with running_gateway(stack, REQUEST_BODY_SECONDS="0.5") as url:
        yield url


async def test_a_body_that_never_comes_is_408(impatient: str) -> None:
    address = urlsplit(impatient)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    fields = ("host: x", "content-type: application/json", "content-length: 50", "", "")
    head = "\r\n".join(("POST /recovery/challenge HTTP/1.1", *fields))
    writer.write(f'{head}{{"publicKey"'.encode())
    async with asyncio.timeout(20):
        answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer
    writer.close()
