"""One offer from draft to accepted, in a real browser, by the people whose work it is."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from governance.access import Role
from governance.models import User
from offers.lifecycle import Status
from tests.offers.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
Visit = Callable[..., Page]


def sign_in(page: Page, user: User) -> Page:
    """By the form, as people do."""
    user.set_password(PASSWORD)
    user.save()
    page.goto("/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good")
    return page


def choose_requisition(page: Page, words: str) -> None:
    box = page.get_by_role("combobox", name="Requisition").and_(page.locator(".select2-selection"))
    box.click()
    page.get_by_role("searchbox", name="Requisition").fill(words)
    page.get_by_role("option", name=words).click()


def step(page: Page, name: str) -> None:
    """Follow what can be done with the offer to its own page, and do it there."""
    page.get_by_role("link", name=name).first.click()
    page.get_by_role("button", name=name).click()


def expect_offer(page: Page, *, status: str, says: str, happened: str) -> None:
    """The workbench in this status, with this good news and this newest entry of its story."""
    expect(page.locator(".tags .pill").first).to_have_text(status)
    expect(page.get_by_role("status")).to_contain_text(says)
    expect(page.locator(".timeline li").first).to_contain_text(happened)


def test_an_offer_goes_from_draft_to_accepted_through_three_people(visit: Visit, desk: Desk) -> None:
    coordinator, partner, recruiter = (
        desk.people[role] for role in (Role.COORDINATOR, Role.HR_PARTNER, Role.RECRUITER)
    )
    page = sign_in(visit(), coordinator)
    draft(page, desk)
    step(page, "Record the verbal approval")
    expect_offer(page, status="Draft", says="Verbal approval recorded", happened="Verbal approval")
    step(page, "Submit for review")
    expect_offer(page, status="In review", says="Submitted: the terms are frozen.", happened="Submitted for review")
    offer = page.url

    page = sign_in(visit(), partner)
    page.get_by_role("link", name="Waiting for me").click()
    page.get_by_role("link", name=re.compile("^Decide")).click()
    expect(page.get_by_role("row", name="Base, year")).to_contain_text("122,000 USD")
    page.get_by_label("Comment").fill("Rare skills; worth it.")
    page.get_by_role("button", name="Approve these terms").click()
    expect_offer(page, status="Approved", says="is recorded", happened="Approved: the letter can go out")
    expect(page.locator(".timeline")).to_contain_text("Rare skills; worth it.")

    page = sign_in(visit(), recruiter)
    page.goto(offer)
    step(page, "Record the letter")
    expect_offer(page, status="Extended", says="Letter recorded.", happened="The written offer stands")
    step(page, "Record the yes")
    expect_offer(page, status="Accepted", says="Acceptance recorded.", happened="Accepted")


def draft(page: Page, desk: Desk) -> None:
    """Write a draft for a new candidate, watching where it stands at two amounts."""
    page.get_by_role("link", name="Offers", exact=True).click()
    page.get_by_role("link", name="Add offer").click()
    standing = page.get_by_role("complementary", name="Standing")
    expect(standing).to_contain_text("Nothing to judge yet")
    choose_requisition(page, desk.requisition.external_id)
    page.get_by_label("New candidate's reference").fill("C-77")
    page.get_by_label("Name", exact=True).fill("Noor Haddad")
    page.get_by_label("Base, full-time rate").fill("94000")
    expect(standing).to_contain_text("6 % below reference")
    expect(standing).to_contain_text("Account director")
    page.get_by_label("Base, full-time rate").fill("122000")
    expect(standing).to_contain_text("above band")
    expect(standing).not_to_contain_text("Account director")
    page.get_by_role("button", name="Draft the offer").click()
    expect_offer(page, status="Draft", says="is drafted", happened="Offer drafted")
    expect(page.locator(".sub")).to_contain_text("Noor Haddad (C-77)")


def test_a_rejection_needs_a_comment_and_sends_the_offer_back_with_it(visit: Visit, desk: Desk) -> None:
    desk.bring(Status.IN_REVIEW)
    page = visit(desk.people[Role.ACCOUNT_DIRECTOR])
    page.goto("/offers/waiting/")
    page.get_by_role("link", name=re.compile("^Decide")).click()
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why: a rejection needs a comment.")
    page.get_by_label("Comment").fill("Six percent below the market: we would lose her.")
    page.get_by_role("button", name="Reject").click()
    expect_offer(page, status="Draft", says="is recorded", happened="Back to draft")
    expect(page.locator(".timeline")).to_contain_text("Six percent below the market: we would lose her.")
