"""The portal by keyboard alone: every stop is seen, and an offer is found and submitted without a mouse."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from governance.access import Role
from tests.offers.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Page]
MOST_STOPS = 80
LOOK = """element => {
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const outline = style.outlineStyle === "none" ? "" : style.outline;
  return [outline, style.boxShadow, style.borderColor, box.top, box.left].join();
}"""


def test_an_offer_is_found_and_submitted_without_a_mouse(visit: Visit, desk: Desk) -> None:
    offer = desk.draft()
    page = visit(desk.people[Role.RECRUITER])
    page.goto("/admin/")
    page.keyboard.press("/")
    page.keyboard.type(offer.external_id)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Offers", level=1)).to_be_visible()
    for words in (offer.external_id, "Submit for review", "Submit for review"):
        tab_to(page, words)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page.locator(".tags .pill").first).to_have_text("Approved")


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus begins with these words; no stop on the way may look as if it had none."""
    unseen = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop: Any = page.evaluate_handle("document.activeElement").as_element()
        focused = stop.evaluate(LOOK)
        stop.evaluate("element => element.blur()")
        if stop.evaluate(LOOK) == focused:
            unseen.append(stop.evaluate("element => element.outerHTML.slice(0, 80)"))
        stop.focus()
        if stop.text_content().strip().startswith(words):
            break
    else:
        raise AssertionError(f"{MOST_STOPS} stops, and none is “{words}”")
    assert unseen == []


def test_the_first_stop_leads_past_the_menu_to_the_content(visit: Visit, desk: Desk) -> None:
    page = visit(desk.people[Role.RECRUITER])
    page.goto("/admin/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
