"""A browser, and pages of the stack that note whatever goes wrong on them."""

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Error, Page, Request

from local.agent import Agent
from local.stack import Stack
from tests.browser.chromium import EXECUTABLE, launched

Visit = Callable[..., AbstractAsyncContextManager["Visited"]]


@dataclass
class Visited:
    """An open page. `faults`: what the browser complained of, and requests to other hosts."""

    page: Page
    own: str
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", self._failed)
        self.page.on("console", self._said)
        self.page.on("request", self._asked)

    def _failed(self, error: Error) -> None:
        self.faults.append(str(error))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(self.own):
            self.faults.append(f"asked {request.url}")


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if EXECUTABLE is None:
        pytest.skip("no Chromium is installed (on Debian: apt-get install chromium)")
    async with launched() as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def speaker(stack: Stack) -> AsyncIterator[Agent]:
    """An agent that vouched for another, so that there is a trust graph."""
    async with httpx.AsyncClient(base_url=stack.base_url, timeout=30) as http:
        founder = await Agent(http).join(await stack.voucher())
        yield await Agent(http).join(await founder.vouch())


@pytest.fixture
def visit(browser: Browser, stack: Stack, speaker: Agent) -> Visit:
    """Opens the landing page in a browser window of its own. Takes what `Browser.new_context` takes.

    With the path None the page is left for the test to open.
    """

    @contextlib.asynccontextmanager
    async def visiting(path: str | None = "/", **settings: Any) -> AsyncIterator[Visited]:
        context = await browser.new_context(base_url=stack.base_url, **settings)
        visited = Visited(await context.new_page(), stack.base_url)
        if path is not None:
            await visited.page.goto(path)
        try:
            yield visited
        finally:
            await context.close()

    return visiting
