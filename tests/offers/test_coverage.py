"""Coverage: every open role that cannot be judged, why, and the form that mends it."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access import Role
from governance.models import Benchmark, MarketSource
from offers.coverage import coverage
from offers.models import Requisition
from tests.offers.screen import Screen, text


def covered(desk):
    return coverage(Requisition.objects.all(), today=desk.now.date())


def test_a_role_with_band_match_and_reference_is_complete(desk):
    (found,) = covered(desk)
    assert (found.complete, found.reference, found.openings) == (True, "", 10)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"note": "suppressed"}, "suppressed"),
        ({"currency": "EUR"}, "currency"),
        ({"period": "hour"}, "period"),
        ({"p50": None}, "missing"),
        ({"p50": None, "note": "top-coded"}, "top_coded"),
        ({"p10": D(0), "p25": D(0), "p50": D(0)}, "zero"),
    ],
)
def test_an_unusable_reference_says_why(desk, change, why):
    Benchmark.objects.update(**change)
    assert [each.reference for each in covered(desk)] == [why]


@pytest.mark.parametrize(("left", "why"), [(61, ""), (60, "ageing"), (0, "ageing"), (-1, "stale")])
def test_a_reference_ages_within_60_days_and_is_stale_past_its_last(desk, left, why):
    Benchmark.objects.update(as_of=desk.now.date() + timedelta(days=left - 730))
    (found,) = covered(desk)
    assert (found.reference, found.good_until) == (why, desk.now.date() + timedelta(days=left))


def test_another_country_is_said_and_closed_requisitions_are_left_out(desk):
    MarketSource.objects.update(country="DE")
    desk.open_requisition(role_code="OPS", status="filled")
    assert [(each.role_code, each.reference) for each in covered(desk)] == [("ENG", "country")]


def test_it_takes_as_many_queries_for_many_roles_as_for_one(desk):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as found:
            covered(desk)
        return len(found)

    few = queries()
    for number in range(5):
        desk.open_requisition(role_code=f"R{number}")
    assert (few, queries()) == (5, 5)


def test_each_gap_leads_to_the_form_that_mends_it(desk):
    desk.open_requisition(role_code="OPS", location="Reno")
    page = Screen(desk, Role.HR_PARTNER).get("/offers/coverage/")
    html = page.content.decode()
    assert "1 of 2 open roles" in text(page)
    assert "/admin/governance/salaryband/add/?client=" in html
    assert "/admin/governance/jobmatch/add/?client=" in html
    form = Screen(desk, Role.HR_PARTNER).get(
        f"/admin/governance/jobmatch/add/?role_code=OPS&location=Reno&client={desk.client.pk}"
    )
    assert 'value="OPS"' in form.content.decode()


def test_others_see_the_gaps_without_the_forms(desk):
    desk.open_requisition(role_code="OPS", location="Reno")
    html = Screen(desk, Role.RECRUITER).get("/offers/coverage/").content.decode()
    assert "/jobmatch/add/" not in html
    assert Screen(desk, Role.HIRING_MANAGER).get("/offers/coverage/").status_code == 403
    sheet = Screen(desk, Role.RECRUITER).get("/offers/coverage/", format="csv").content.decode()
    assert f"{desk.client.code},Engineering,OPS,G5,Reno,USD,1,10,,no match," in sheet
