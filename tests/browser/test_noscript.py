"""With JavaScript off, somebody who is asked can still decide."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from governance.access import Role
from offers.lifecycle import Status
from tests.offers.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_approval_is_found_and_given_without_javascript(visit: Callable[..., Page], desk: Desk) -> None:
    desk.bring(Status.IN_REVIEW)
    page = visit(desk.people[Role.ACCOUNT_DIRECTOR], script=False)
    page.goto("/admin/")
    page.get_by_role("link", name="Waiting for me").click()
    page.get_by_role("link", name=re.compile("^Decide")).click()
    page.get_by_role("button", name="Approve these terms").click()
    expect(page.get_by_role("status")).to_contain_text("is recorded")
    expect(page.locator(".timeline")).to_contain_text("Approved: Account director")
