"""The landing page, as a person and a screen reader meet it."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from local.agent import Agent
from tests.browser.conftest import Visit

NARROW = {"width": 320, "height": 700}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def _settled(page: Page) -> None:
    """The graph and the state are there."""
    await expect(page.locator("#trust-graph svg")).to_be_visible()
    await expect(page.locator("#state-summary")).to_have_text("Everything works")


async def test_the_trust_graph_shows_who_came_in_and_on_whose_word(visit: Visit, speaker: Agent) -> None:
    async with visit() as visited:
        page = visited.page
        await _settled(page)
        await page.locator(f'[data-agent="{speaker.fingerprint}"]').hover()
        await expect(page.locator("#trust-told")).to_contain_text(f"{speaker.fingerprint} came in")
        await page.get_by_text("Read it as a list").click()
        line = page.locator("#trust-list li", has_text=speaker.fingerprint)
        await expect(line).to_contain_text("vouched for")


async def test_the_commands_name_this_server_and_can_be_copied(visit: Visit) -> None:
    async with visit(permissions=["clipboard-read", "clipboard-write"]) as visited:
        page = visited.page
        await page.get_by_role("button", name="Copy the commands of “Register with the voucher”").click()
        await expect(page.locator("#copied")).to_have_text("Copied")
        copied = await page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(f"API={page.url.rstrip('/')}\n")
        assert copied == await page.locator("#join pre").nth(1).text_content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_can_be_read_by_everyone(visit: Visit, scheme: str) -> None:
    """Contrast, names of things, order of headings and the rest of what axe knows."""
    async with visit(color_scheme=scheme, reduced_motion="reduce") as visited:
        await _settled(visited.page)
        found = await Axe().run(visited.page, options=WCAG)
        assert found.violations_count == 0, found.generate_report()


async def test_a_narrow_screen_needs_no_sideways_scrolling(visit: Visit) -> None:
    async with visit(viewport=NARROW) as visited:
        await _settled(visited.page)
        width = await visited.page.evaluate("document.documentElement.scrollWidth")
        assert width == NARROW["width"]


async def test_everything_can_be_reached_by_keyboard(visit: Visit) -> None:
    async with visit() as visited:
        page = visited.page
        await _settled(page)
        wanted = await page.evaluate(_REACHABLE)
        reached = []
        for _ in wanted:
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate("reachable(document.activeElement)"))
        assert reached == wanted


_REACHABLE = """() => {
  window.reachable = (each) => each.id || each.getAttribute("href") || each.textContent.trim();
  const all = document.querySelectorAll("a, button, summary");
  return [...all].filter((each) => each.checkVisibility()).map(reachable);
}"""
