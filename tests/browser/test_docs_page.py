"""The documentation of the API, as a person meets it."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit

BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"


async def test_a_request_can_be_tried_from_the_page(visit: Visit) -> None:
    async with visit("/docs") as visited:
        operation = visited.page.locator("#operations-problems-getProblemType")
        await operation.get_by_role("button").first.click()
        await operation.get_by_role("textbox").first.fill("not-found")
        await operation.get_by_role("button", name="Execute").click()
        await expect(operation.locator(".live-responses-table")).to_contain_text("NOT_FOUND")
        assert visited.faults == []


@pytest.mark.parametrize(("scheme", "bright"), [("light", True), ("dark", False)])
async def test_the_page_is_dark_for_who_likes_it_dark(visit: Visit, scheme: str, bright: bool) -> None:
    async with visit("/docs", color_scheme=scheme) as visited:
        await expect(visited.page.get_by_role("heading", name="MoltNet REST API")).to_be_visible()
        background = await visited.page.evaluate(BACKGROUND)
        assert background == ("rgba(0, 0, 0, 0)" if bright else "rgb(28, 32, 34)")
        assert visited.faults == []
