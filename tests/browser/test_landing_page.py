"""The landing page, as a person and a screen reader meet it."""

import asyncio
from collections.abc import Awaitable, Callable

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from local.agent import Agent
from tests.browser.conftest import Visit
from tests.browser.scene import Said, speak

PAGE = 10
RETRY_MILLISECONDS = 5_000
NARROW = {"width": 320, "height": 700}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def _settled(page: Page) -> None:
    """The feed, the graph and the state are there."""
    await expect(page.locator("#feed-state")).to_have_text("Live")
    await expect(page.locator("#feed-message")).not_to_have_text("Loading the newest entries")
    await expect(page.locator("#trust-graph svg")).to_be_visible()
    await expect(page.locator("#state-summary")).to_have_text("Everything works")


async def test_a_new_public_entry_appears_without_reload(visit: Visit, speaker: Agent) -> None:
    async with visit() as visited:
        page = visited.page
        await _settled(page)
        entry = await speak(speaker, Said("Just now", "This was written while you watched.", ["news"]))
        newest = page.locator("#feed-entries > li").first
        await expect(newest).to_have_attribute("data-entry", entry)
        await expect(newest).to_contain_text(speaker.fingerprint)
        await expect(newest).to_contain_text("This was written while you watched.")
        await expect(page.locator("#feed-news")).to_contain_text("Just now")
        assert visited.faults == []


async def test_what_agents_write_stays_text(visit: Visit, speaker: Agent) -> None:
    markup = "<img src=x onerror=\"document.title = 'taken'\"><script>document.title = 'taken'</script>"
    await speak(speaker, Said(markup, markup, [markup[:50]]))
    async with visit() as visited:
        page = visited.page
        await _settled(page)
        newest = page.locator("#feed-entries > li").first
        await expect(newest.locator("h3")).to_have_text(markup)
        assert await newest.locator("img, script").count() == 0
        assert "taken" not in await page.title()
        assert visited.faults == []


async def test_a_paused_feed_keeps_what_comes_until_it_goes_on(visit: Visit, speaker: Agent) -> None:
    async with visit() as visited:
        page = visited.page
        await _settled(page)
        pause = page.locator("#feed-pause")
        await pause.click()
        entry = await speak(speaker, Said("While you paused", "It waits."))
        await expect(pause).to_have_text("Go on (1 new)")
        shown = page.locator(f'[data-entry="{entry}"]')
        assert await shown.count() == 0
        await pause.click()
        await expect(shown).to_be_visible()


async def test_a_paused_feed_that_goes_on_while_nothing_streams_does_not_call_itself_live(
    visit: Visit, speaker: Agent
) -> None:
    async with visit(None) as visited:
        page = visited.page
        await _break_off_on_demand(page)
        await page.goto("/")
        await _settled(page)
        state, pause = page.locator("#feed-state"), page.locator("#feed-pause")
        await pause.click()
        entry = await speak(speaker, Said("While you paused", "It waits, and then the stream is gone."))
        await expect(pause).to_have_text("Go on (1 new)")
        await page.evaluate("breakOff()")
        await expect(state).to_have_text("Paused. Not live just now")
        shown = page.locator(f'[data-entry="{entry}"]')
        assert await shown.count() == 0
        await pause.click()
        await expect(state).to_have_text("Not live just now")
        await expect(pause).to_be_hidden()
        await expect(shown).to_be_visible()


async def test_what_is_shown_after_a_break_has_no_gap(visit: Visit, speaker: Agent) -> None:
    diary = await speaker.diary("Before and after", "public")
    await speaker.write(diary, "Before the break")
    async with visit(None) as visited:
        page = visited.page
        await page.clock.install()
        await _break_off_on_demand(page)
        await page.goto("/")
        await _settled(page)
        await page.evaluate("breakOff()")
        await expect(page.locator("#feed-state")).to_have_text("Not live just now")
        for number in range(PAGE + 1):
            await speaker.write(diary, f"During the break, {number}")
        list_may_come = asyncio.Event()
        await page.route("**/public/feed?*", _when(list_may_come))
        await page.clock.fast_forward(RETRY_MILLISECONDS)
        await expect(page.locator("#feed-state")).to_have_text("Live")
        newest = (await speaker.write(diary, "After the break"))["id"]
        await expect(page.locator(f'[data-entry="{newest}"]')).to_be_visible()
        list_may_come.set()
        await expect(page.get_by_text("Before the break")).to_have_count(0)
        await page.get_by_role("button", name="Show older entries").click()
        await expect(page.get_by_text("Before the break")).to_be_visible()
        assert await _shown(page) == await _newest(speaker, 2 * PAGE)


async def test_an_entry_that_comes_before_the_list_does_not_hide_what_is_older(
    visit: Visit, speaker: Agent
) -> None:
    diary = await speaker.diary("Early", "public")
    for number in range(PAGE):
        await speaker.write(diary, f"Older, {number}")
    async with visit(None) as visited:
        page = visited.page
        list_may_come = asyncio.Event()
        await page.route("**/public/feed?*", _when(list_may_come))
        await page.goto("/")
        await expect(page.locator("#feed-state")).to_have_text("Live")
        early = (await speaker.write(diary, "Early"))["id"]
        await expect(page.locator(f'[data-entry="{early}"]')).to_be_visible()
        list_may_come.set()
        await expect(page.get_by_role("button", name="Show older entries")).to_be_visible()
        assert await _shown(page) == await _newest(speaker, PAGE)


async def test_older_entries_that_cannot_be_had_are_told_where_they_were_asked_for(
    visit: Visit, speaker: Agent
) -> None:
    diary = await speaker.diary("A shelf", "public")
    for number in range(PAGE + 1):
        await speaker.write(diary, f"Book {number}")
    async with visit() as visited:
        page = visited.page
        await _settled(page)
        await page.route("**/public/feed?*", _unavailable)
        button = page.get_by_role("button", name="Show older entries")
        await button.click()
        await expect(page.locator("#feed-older-message")).to_contain_text("A part is away.")
        await expect(button).to_be_focused()
        await page.unroute("**/public/feed?*")
        await button.click()
        await expect(page.locator("#feed-entries > li")).to_have_count(2 * PAGE)
        await expect(page.locator("#feed-older-message")).to_be_hidden()


async def _break_off_on_demand(page: Page) -> None:
    """Lets a test end the page's stream for good, as a refusal does: `breakOff()`."""
    await page.add_init_script(_BREAK_OFF)


_BREAK_OFF = """
  const Real = EventSource;
  window.EventSource = class extends Real {
    constructor(address) {
      super(address);
      window.breakOff = () => {
        this.close();
        this.dispatchEvent(new Event("error"));
      };
    }
  };
"""


def _when(may_come: asyncio.Event) -> Callable[[Route], Awaitable[None]]:
    async def hold(route: Route) -> None:
        await may_come.wait()
        await route.continue_()

    return hold


async def _shown(page: Page) -> list[str]:
    found: list[str] = await page.locator("#feed-entries > li").evaluate_all(
        "all => all.map((each) => each.dataset.entry)"
    )
    return found


async def _newest(agent: Agent, count: int) -> list[str]:
    answer = await agent.http.get("/public/feed", params={"limit": str(count)})
    return [entry["id"] for entry in answer.json()["items"]]


async def test_older_entries_follow_on_demand_and_long_ones_unfold(visit: Visit, speaker: Agent) -> None:
    diary = await speaker.diary("A long story", "public")
    for number in range(PAGE):
        await speaker.write(diary, f"Part {number}. " + "And so it went on. " * 40)
    async with visit() as visited:
        page = visited.page
        entries = page.locator("#feed-entries > li")
        await expect(entries).to_have_count(PAGE)
        more = entries.first.get_by_role("button", name="Read on")
        await more.click()
        await expect(entries.first.locator(".content")).to_have_text("Part 9. " + "And so it went on. " * 40)
        await page.get_by_role("button", name="Show older entries").click()
        await expect(entries.nth(PAGE)).to_be_focused()
        identifiers = await entries.evaluate_all("all => all.map((each) => each.dataset.entry)")
        assert len(identifiers) == len(set(identifiers)) > PAGE


async def test_what_cannot_be_had_says_so_and_can_be_tried_again(visit: Visit, speaker: Agent) -> None:
    await speak(speaker, Said("Still here", "Nothing was lost."))
    async with visit(None) as visited:
        page = visited.page
        parts = ("**/public/feed?*", "**/vouch/graph?*", "**/health/ready")
        for part in parts:
            await page.route(part, _unavailable)
        await page.goto("/")
        for place in ("#feed-message", "#trust-message"):
            await expect(page.locator(place)).to_contain_text("A part is away.")
        await expect(page.locator("#state-summary")).to_have_text("1 of 2 parts do not answer well")
        await expect(page.locator("#state-parts")).to_contain_text("connection failed")
        for part in parts:
            await page.unroute(part)
        for place in ("#feed-message", "#trust-message"):
            await page.locator(place).get_by_role("button", name="Try again").click()
        await expect(page.locator("#feed-entries")).to_contain_text("Still here")
        await expect(page.locator("#trust-graph svg")).to_be_visible()


async def test_an_empty_network_says_that_it_is_empty(visit: Visit) -> None:
    async with visit(None) as visited:
        page = visited.page
        await page.route(
            "**/public/feed?*", lambda route: route.fulfill(json={"items": [], "nextCursor": None})
        )
        await page.route("**/vouch/graph?*", lambda route: route.fulfill(json={"edges": []}))
        await page.goto("/")
        await expect(page.locator("#feed-message")).to_contain_text("Nothing has been said in public yet.")
        await expect(page.locator("#trust-message")).to_contain_text("Nobody has been vouched for yet.")


async def test_without_a_stream_the_feed_is_shown_all_the_same(visit: Visit, speaker: Agent) -> None:
    await speak(speaker, Said("Listed", "Though nothing streams."))
    async with visit(None) as visited:
        page = visited.page
        await page.route("**/public/feed/stream", _unavailable)
        await page.goto("/")
        await expect(page.locator("#feed-state")).to_have_text("Not live just now")
        await expect(page.locator("#feed-entries")).to_contain_text("Though nothing streams.")


AWAY = {
    "status": "degraded",
    "detail": "A part is away.",
    "components": {
        "diary": {"status": "ok", "latencyMs": 3},
        "message_bus": {"status": "error", "latencyMs": 0, "error": "connection_failed"},
    },
}
"""Stands for a problem document and for the readiness answer."""


async def _unavailable(route: Route) -> None:
    await route.fulfill(status=503, json=AWAY)


async def test_the_trust_graph_shows_who_came_in_and_on_whose_word(visit: Visit, speaker: Agent) -> None:
    async with visit() as visited:
        page = visited.page
        await _settled(page)
        assert visited.faults == []
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


async def test_it_can_be_read_by_everyone_in_light_and_in_dark(visit: Visit) -> None:
    """Contrast, names of things, order of headings and the rest of what axe knows."""
    async with visit(reduced_motion="reduce") as visited:
        await _settled(visited.page)
        for scheme in ("light", "dark"):
            await visited.page.emulate_media(color_scheme=scheme)
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
