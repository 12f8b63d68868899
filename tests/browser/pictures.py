"""The pictures of the landing page in docs/images: `python -m tests.browser.pictures`. Starts a stack of its own."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser, ViewportSize, expect

from local.settings import ROOT
from tests.browser.chromium import launched
from tests.browser.scene import SAYINGS, play
from tests.stack import running_stack

DIRECTORY = ROOT / "docs" / "images"
WIDE: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}


async def main() -> None:
    DIRECTORY.mkdir(exist_ok=True)
    async with running_stack() as stack, launched() as browser:
        await play(stack)
        await take_all(browser, stack.base_url, DIRECTORY)


async def take_all(browser: Browser, url: str, directory: Path) -> None:
    await take(browser, url, directory / "landing-wide.png", WIDE)
    await take(browser, url, directory / "landing-feed.png", WIDE, part="#feed")
    await take(browser, url, directory / "landing-dark.png", WIDE, part="#trust", dark=True)
    await take(browser, url, directory / "landing-phone.png", PHONE)


async def take(
    browser: Browser, url: str, file: Path, viewport: ViewportSize, *, part: str = "body", dark: bool = False
) -> None:
    """The page from this part on, once everything is there. Of the graph, one line is followed."""
    page = await browser.new_page(
        viewport=viewport, color_scheme="dark" if dark else "light", reduced_motion="reduce"
    )
    await page.goto(url)
    await expect(page.locator("#feed-entries > li")).to_have_count(len(SAYINGS))
    await expect(page.locator("#state-parts > div").first).to_be_visible()
    await page.locator(part).evaluate("part => scrollTo(0, part.offsetTop)")
    if part == "#trust":
        await page.locator("#trust-graph .dot").last.hover()
    await page.screenshot(path=file)
    await page.close()


if __name__ == "__main__":
    asyncio.run(main())
