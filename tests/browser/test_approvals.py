"""Several approvals answered at once for somebody who is away, in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from governance.access import Role
from offers.lifecycle import Status
from offers.models import Decision
from tests.browser.test_walk import Visit
from tests.factories import DelegationFactory
from tests.offers.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_stand_in_answers_two_at_once_where_each_is_shown(visit: Visit, desk: Desk) -> None:
    director, other = desk.people[Role.ACCOUNT_DIRECTOR], desk.people[Role.TALENT_LEADER]
    now = timezone.now()
    DelegationFactory(
        client=desk.client, from_user=director, to_user=other, starts_at=now, ends_at=now + timedelta(days=3)
    )
    for _ in range(2):
        desk.bring(Status.IN_REVIEW)
    page = visit(other)
    page.goto("/offers/waiting/")
    expect(page.get_by_role("table")).to_contain_text(f"for {director}")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Look at the chosen ones together").click()
    expect(page.locator("body")).to_contain_text("Nothing is decided yet")
    for answer in page.get_by_label("Approve these terms").all():
        answer.check()
    page.get_by_role("button", name="Record these answers").click()
    expect(page.get_by_role("status").first).to_contain_text("is recorded")
    assert set(Decision.objects.values_list("user", "on_behalf_of")) == {(other.pk, director.pk)}
