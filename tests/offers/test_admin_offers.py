"""The offer list: what a row says, what is found, what may be done to many at once."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.access import Role
from governance.models import Person
from offers.lifecycle import Status
from offers.models import Offer
from offers.sweep import sweep
from tests import factories
from tests.offers.desk import Desk
from tests.offers.screen import Screen, text

LIST = "/admin/offers/offer/"


def listed(screen: Screen, **query: str) -> set[str]:
    """The references on the list as it is asked for."""
    return {offer.external_id for offer in screen.get(LIST, **query).context["cl"].result_list}


def test_the_list_needs_ten_queries_for_one_offer_and_for_three(desk: Desk) -> None:
    screen, seen = Screen(desk, Role.COORDINATOR), []
    for more in (1, 2):
        for _ in range(more):
            desk.bring(Status.IN_REVIEW)
        with screen.signed_in(), CaptureQueriesContext(connection) as captured:
            screen.browser.get(LIST)
        seen.append(len(captured))
    assert seen == [10, 10]


def test_a_row_says_what_stands_where_since_when_and_with_whom(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    sweep(now=desk.later(hours=25))
    page = text(Screen(desk, Role.COORDINATOR).get(LIST))
    holder = desk.people[Role.ACCOUNT_DIRECTOR]
    for words in (
        f"{offer.external_id} {offer.candidate.display_name} Engineer, New York",
        "In review",
        "6 % below, in band",
        "25:01 h 24 h due in 22 h",
        str(holder),
    ):
        assert words in page


def test_an_offer_is_found_by_whatever_people_know_of_it(desk: Desk) -> None:
    offer = desk.draft()
    Person.objects.filter(pk=offer.candidate.person_id).update(name="Rita Moss")
    other = desk.draft(requisition=desk.open_requisition(title="Welder"))
    screen = Screen(desk, Role.COORDINATOR)
    assert listed(screen, q="rita") == {offer.external_id}
    assert listed(screen, q=offer.candidate.external_id) == {offer.external_id}
    assert listed(screen, q="welder") == {other.external_id}
    assert listed(screen, q=other.requisition.external_id) == {other.external_id}


def test_filters_are_kept_in_the_address_and_combine(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    critical = desk.draft(priority="critical", requisition=desk.open_requisition(business_unit="Lending"))
    desk.bring(Status.DECLINED)
    sweep(now=desk.later(hours=9))
    screen = Screen(desk, Role.ACCOUNT_DIRECTOR)
    recruiter = str(desk.people[Role.RECRUITER].pk)
    assert listed(screen, status="live") == {offer.external_id, critical.external_id}
    assert listed(screen, status="live", priority="critical") == {critical.external_id}
    assert listed(screen, queue="stuck") == {critical.external_id}
    assert listed(screen, queue="24") == set()
    assert listed(screen, queue="mine") == {offer.external_id}
    assert listed(screen, queue="own") == set()
    assert listed(screen, standing="second") == {offer.external_id}
    assert listed(screen, standing="below", status="draft") == set()
    assert listed(screen, unit="Lending") == {critical.external_id}
    assert len(listed(screen, location="New York", recruiter=recruiter)) == 3
    assert len(listed(screen, unit="Nowhere")) == 3  # what is no choice filters nothing


def test_a_filter_offers_only_what_the_person_sees(desk: Desk) -> None:
    factories.RequisitionFactory(client=factories.ClientFactory(), business_unit="Elsewhere")
    desk.draft(requisition=desk.open_requisition(business_unit="Lending"))
    specs = {spec.title: spec for spec in Screen(desk, Role.COORDINATOR).get(LIST).context["cl"].filter_specs}
    assert specs["business unit"].lookup_choices == [("Lending", "Lending")]
    assert "client" not in specs  # there is one


def test_a_hiring_manager_lists_their_own_offers_only(desk: Desk) -> None:
    offer = desk.draft()
    other = desk.person(Role.HIRING_MANAGER)
    assert listed(Screen(desk, Role.HIRING_MANAGER)) == {offer.external_id}
    assert listed(Screen(desk, other)) == set()
    assert Screen(desk, other).get("/admin/offers/candidate/").context["cl"].result_count == 0
    assert Screen(desk, other).get("/admin/offers/requisition/").context["cl"].result_count == 0


def test_the_address_of_an_offer_takes_no_form(desk: Desk) -> None:
    offer = desk.draft()
    Screen(desk, Role.COORDINATOR).post(reverse("admin:offers_offer_change", args=[offer.pk]), status="accepted")
    assert desk.fresh(offer).status == Status.DRAFT


def test_nobody_deletes_an_offer(desk: Desk) -> None:
    offer = desk.draft()
    for role in Role:
        path = reverse("admin:offers_offer_delete", args=[offer.pk])
        assert Screen(desk, role).post(path, post="yes").status_code == 403
    assert desk.fresh(offer)


# --- many at once


def chosen(action: str, *offers: Offer, **more: Any) -> dict[str, Any]:
    return {"action": action, "_selected_action": [offer.pk for offer in offers], "index": 0, **more}


def test_submitting_many_first_says_what_would_happen_to_each(desk: Desk) -> None:
    low, high, gone = desk.draft(94_000), desk.draft(), desk.bring(Status.DECLINED)
    page = text(Screen(desk, Role.RECRUITER).post(LIST, **chosen("submit_chosen", low, high, gone)))
    for words in (
        "Asks Account director, then HR business partner",
        "Approved at once.",
        "An offer that is declined cannot submit.",
        "2 can be done",
    ):
        assert words in page
    assert {desk.fresh(low).status, desk.fresh(high).status} == {Status.DRAFT}


def test_confirming_submits_each_by_itself_and_says_who_was_refused(desk: Desk) -> None:
    low, gone = desk.draft(94_000), desk.bring(Status.DECLINED)
    screen = Screen(desk, Role.RECRUITER)
    screen.post(LIST, **chosen("submit_chosen", low, gone, confirm="1"))
    assert (desk.fresh(low).status, desk.fresh(gone).status) == (Status.IN_REVIEW, Status.DECLINED)
    page = text(screen.get(LIST))
    assert "1 offer submitted." in page
    assert f"{gone}: An offer that is declined cannot submit." in page


def test_assigning_hands_the_chosen_offers_over(desk: Desk) -> None:
    offers, other = [desk.draft(), desk.draft()], desk.person(Role.RECRUITER)
    screen = Screen(desk, Role.COORDINATOR)
    page = text(screen.post(LIST, **chosen("assign_chosen", *offers)))
    assert f"Now with {desk.people[Role.RECRUITER]}" in page
    screen.post(LIST, **chosen("assign_chosen", *offers, confirm="1", recruiter=other.pk))
    assert set(Offer.objects.values_list("recruiter", "holder")) == {(other.pk, other.pk)}


def test_who_may_not_prepare_offers_submits_none(desk: Desk) -> None:
    offer = desk.draft()
    Screen(desk, Role.AUDITOR).post(LIST, **chosen("submit_chosen", offer, confirm="1"))
    assert desk.fresh(offer).status == Status.DRAFT


def test_what_is_seen_can_be_downloaded_and_starts_no_formula(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW, requisition=desk.open_requisition(title="=SUM(A1)"))
    body = Screen(desk, Role.COORDINATOR).post(LIST, **chosen("download_csv", offer)).content.decode()
    (row,) = csv.DictReader(io.StringIO(body))
    assert (row["external_id"], row["title"], row["base_salary"]) == (offer.external_id, "'=SUM(A1)", "94000")
    assert Decimal(row["gap"]) == Decimal("-0.06")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_download_holds_only_what_the_person_sees(desk: Desk, form: str) -> None:
    offer = desk.draft()
    other = Screen(desk, desk.person(Role.HIRING_MANAGER))
    response = other.post(LIST, **chosen(f"download_{form}", offer))
    assert offer.external_id.encode() not in response.content
