"""The months after the first day: recorded by verbs, corrected as events, held to the statement of work."""

from datetime import date, timedelta
from typing import Any

import pytest

from governance.access import Role
from offers import workflow
from offers.errors import BadInput, NotInThisState, NotYours
from offers.lifecycle import Status
from offers.models import HireReview, Offer
from tests.offers.screen import Screen
from tests.offers.test_sow import publish

RECRUITER, HR, MANAGER = Role.RECRUITER, Role.HR_PARTNER, Role.HIRING_MANAGER


@pytest.fixture
def joined(desk) -> Offer:
    """Somebody who joined today, two months ago by now."""
    offer: Offer = desk.bring(Status.JOINED)
    desk.later(days=60)
    return offer


def last_day(desk) -> date:
    day: date = desk.now.date() - timedelta(days=3)
    return day


def left(offer: Offer) -> tuple[Any, ...]:
    return offer.left_on, offer.left_reason, offer.left_voluntary


@pytest.mark.parametrize(
    ("reason", "given", "voluntary"),
    [("Pay", {}, True), ("Redundancy", {}, False), ("Would not say", {"voluntary": False}, False)],
)
def test_a_leaving_is_a_day_and_a_reason_from_which_it_follows_whose_doing_it_was(
    desk, joined, reason, given, voluntary
):
    offer = desk.do("leave", joined, on=last_day(desk), reason=reason, **given)
    assert left(offer) == (last_day(desk), reason, voluntary)
    assert offer.status == Status.JOINED
    assert offer.events.latest("pgh_id").pgh_context["action"] == "offer.leave"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"on": date(2099, 1, 1)}, "left_on"),
        ({"on": date(2026, 11, 23)}, "left_on"),
        ({"reason": "Boredom"}, "reason"),
        ({"reason": ""}, "reason"),
        ({"voluntary": False}, "voluntary"),
        ({"reason": "Would not say"}, "voluntary"),
    ],
)
def test_a_leaving_that_cannot_be_names_its_field(desk, joined, given, field):
    with pytest.raises(BadInput) as error:
        desk.do("leave", joined, **{"on": last_day(desk), "reason": "Pay", **given})
    assert error.value.field == field


def test_nobody_leaves_who_has_not_joined(desk):
    with pytest.raises(NotInThisState, match="no months at work"):
        desk.do("leave", desk.bring(Status.ACCEPTED), on=desk.now.date(), reason="Pay")


def test_a_leaving_is_corrected_and_taken_back_and_history_keeps_each_word(desk, joined):
    offer = desk.do("leave", joined, on=last_day(desk), reason="Pay")
    offer = desk.do("leave", offer, on=last_day(desk), reason="Career")
    with pytest.raises(BadInput, match="what was wrong"):
        desk.do("take_back_leaving", offer, reason=" ")
    offer = desk.do("take_back_leaving", offer, reason="It was her namesake.")
    assert left(offer) == (None, "", None)
    said = [event.left_reason for event in offer.events.order_by("pgh_id")][-3:]
    assert said == ["Pay", "Career", ""]
    with pytest.raises(NotInThisState, match="No leaving"):
        desk.do("take_back_leaving", offer, reason="Again.")


def test_what_a_file_said_may_stay_as_the_reason(desk, joined):
    Offer.objects.filter(pk=joined.pk).update(left_on=last_day(desk), left_words="Resigned", left_voluntary=True)
    offer = desk.do("leave", joined, on=desk.now.date(), reason="Resigned")
    assert (left(offer), offer.why_left) == ((desk.now.date(), "", True), "Resigned")
    offer = desk.do("leave", offer, on=desk.now.date(), reason="Pay")
    assert (left(offer), offer.why_left) == ((desk.now.date(), "Pay", True), "Pay")


def test_undoing_the_first_day_takes_what_followed_with_it(desk):
    offer = desk.do("leave", desk.bring(Status.JOINED), on=desk.now.date(), reason="Pay")
    desk.do("review_hire", offer, manager_rating=10)
    offer = desk.do("undo", offer)
    assert (offer.status, offer.joined_on, left(offer)) == (Status.ACCEPTED, None, (None, "", None))
    assert not HireReview.objects.exists()


def test_satisfaction_is_the_candidates_answer_whatever_it_was(desk, joined):
    assert desk.do("rate", joined, satisfaction=9).satisfaction == 9
    assert desk.do("rate", desk.bring(Status.DECLINED), satisfaction=0).satisfaction == 0
    with pytest.raises(NotInThisState, match="once they have answered"):
        desk.do("rate", desk.draft(), satisfaction=5)
    with pytest.raises(BadInput):
        desk.do("rate", joined, satisfaction=11)


def test_a_hire_is_reviewed_by_whoever_works_on_it_or_its_own_manager(desk, joined):
    desk.do("review_hire", joined, manager_rating=70)
    desk.do("review_hire", joined, by=MANAGER, manager_rating=80, productive_on=last_day(desk))
    review = HireReview.objects.get(offer=joined)
    assert (review.manager_rating, review.productive_on) == (80, last_day(desk))
    other = desk.person(MANAGER)
    with pytest.raises(NotYours):
        workflow.review_hire(joined.pk, actor=other, now=desk.now, manager_rating=1)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "manager_rating"),
        ({"manager_rating": 101}, "manager_rating"),
        ({"productive_target_on": date(2026, 11, 1)}, "productive_target_on"),
        ({"productive_on": date(2026, 11, 1)}, "productive_on"),
        ({"productive_on": date(2099, 1, 1)}, "productive_on"),
    ],
)
def test_a_review_that_cannot_be_names_its_field(desk, joined, given, field):
    with pytest.raises(BadInput) as error:
        desk.do("review_hire", joined, **given)
    assert error.value.field == field


GIVEN: dict[str, dict[str, Any]] = {
    "leave": {"on": date(2026, 12, 1), "reason": "Pay"},
    "rate": {"satisfaction": 7},
    "review_hire": {"manager_rating": 70},
}


@pytest.mark.parametrize("action", GIVEN)
def test_all_of_it_is_the_capture_of_early_attrition(desk, action):
    publish(desk, attrition_capture="client_hr")
    offer = desk.bring(Status.JOINED)
    desk.later(days=60)
    with desk.undone(), pytest.raises(NotYours, match=r"capture of early attrition to client HR \(clause 9.9\)"):
        desk.do(action, offer, **GIVEN[action])
    assert desk.do(action, offer, by=HR, **GIVEN[action])


def test_the_satisfaction_of_somebody_lost_belongs_to_the_capture_of_declines(desk):
    publish(desk, attrition_capture="client_hr", decline_capture="provider")
    assert desk.do("rate", desk.bring(Status.DECLINED), satisfaction=3).satisfaction == 3


def test_the_page_offers_it_says_it_and_takes_it_back(desk, joined):
    screen = Screen(desk, RECRUITER)
    assert "Record a leaving" in screen.offer(joined)
    refused = screen.do(joined, "leave", on=last_day(desk).isoformat(), reason="")
    assert "This field is required." in refused.content.decode()
    screen.do(joined, "leave", on=last_day(desk).isoformat(), reason="Pay", comment="Twice as much next door.")
    screen.do(joined, "review-hire", manager_rating="70")
    page = screen.offer(joined)
    assert "After the start Left" in page
    assert "Why Pay" in page
    assert "Manager's rating 70 of 100" in page
    assert "“Twice as much next door.”" in page
    screen.do(joined, "take-back-leaving", reason="It was her namesake.")
    assert "After the start At work" in screen.offer(joined)


def test_the_page_says_the_clause_where_the_statement_gives_it_to_others(desk):
    publish(desk, attrition_capture="client_hr")
    page = Screen(desk, RECRUITER).offer(desk.bring(Status.JOINED))
    assert "Record a leaving The statement of work" in page


def test_the_list_of_reviews_leads_to_the_offer(desk, joined):
    desk.do("review_hire", joined, manager_rating=70)
    review = HireReview.objects.get()
    answer = Screen(desk, HR).get(f"/admin/offers/hirereview/{review.pk}/change/")
    assert answer.url.endswith(f"/admin/offers/offer/{joined.pk}/change/")
