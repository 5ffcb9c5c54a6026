"""A policy built in a real browser: a rule said in a sentence while it is chosen, published, and then followed."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from governance.access import Role
from governance.models import ApprovalPolicy
from tests.browser.test_walk import Visit
from tests.offers.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAID = "Ask the finance leader when first-year cash is over 100,000 USD."


def build(page: Page) -> None:
    """One rule of an empty draft, by its fields; its sentence grows while they are filled in."""
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_role("combobox", name="Condition 1").select_option(label="First-year cash is over …")
    expect(page.get_by_label("Currency")).to_have_value("USD")
    page.get_by_role("combobox", name="Ask 1").select_option(label="Finance leader (1)")
    page.get_by_label("Over, amount").fill("100000")
    expect(page.locator(".says")).to_have_text(SAID)
    page.get_by_role("button", name="Save the rule").last.click()


def test_a_rule_is_built_in_a_sentence_published_and_followed(visit: Visit, desk: Desk) -> None:
    page = visit(desk.people[Role.HR_PARTNER])
    page.goto("/policies/new/")
    page.get_by_label("Begin with").select_option(label="No rules: every offer goes to the HR business partner")
    page.get_by_role("button", name="Begin the draft").click()
    build(page)
    expect(page.locator(".rule .sentence").first).to_have_text(SAID)
    page.get_by_role("link", name="Publish …").click()
    page.get_by_role("button", name=re.compile("^Publish")).click()
    expect(page.locator("h1 .pill")).to_have_text("In force")
    newest = ApprovalPolicy.objects.published().order_by("-published_at").first()
    assert newest is not None
    assert [rule["ask"][0]["role"] for rule in newest.document["rules"]] == ["finance_leader"]

    offer = desk.draft(base=120_000)
    page = visit(desk.people[Role.RECRUITER])
    page.goto(f"/admin/offers/offer/{offer.pk}/change/")
    expect(page.locator(".steps").first).to_contain_text("Finance leader")


def test_a_condition_that_is_picked_before_the_script_has_arrived_gets_its_fields(visit: Visit, desk: Desk) -> None:
    page = visit(desk.people[Role.HR_PARTNER])
    page.goto("/policies/new/")
    page.get_by_label("Begin with").select_option(label="No rules: every offer goes to the HR business partner")
    page.get_by_role("button", name="Begin the draft").click()
    rule = page.get_by_role("link", name="Add a rule").get_attribute("href")
    held: list[Route] = []
    page.route("**/builder*.js", lambda route: held.append(route))
    page.goto(str(rule), wait_until="commit")
    page.get_by_role("combobox", name="Condition 1").select_option(label="First-year cash is over …")
    expect(page.get_by_label("Currency")).to_have_count(0)
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.get_by_label("Currency")).to_have_value("USD")
