"""Public holidays by country and part of it: what would be new, what it does to clocks, and taking it in as rows."""

from datetime import date

import pytest

from governance import public_holidays
from governance.access import Role
from governance.models import BusinessCalendar, Holiday
from offers.models import Clock
from tests import factories
from tests.offers.desk import Desk
from tests.offers.screen import Screen, text


def page(desk: Desk) -> str:
    return f"/offers/calendars/{desk.calendar.pk}/holidays/"


def in_calendar(desk: Desk) -> set[tuple[date, str]]:
    return set(desk.calendar.holidays.values_list("date", "subdivision"))


def test_a_part_of_a_country_has_the_countrys_days_and_its_own() -> None:
    whole = {day.date for day in public_holidays.listed("DE", [2026])}
    bavaria = public_holidays.listed("DE", [2026], "BY")
    assert {day.date for day in bavaria if not day.subdivision} == whole
    assert date(2026, 1, 6) in {day.date for day in bavaria if day.subdivision == "BY"}
    assert public_holidays.listed("XX", [2026]) == []


def test_looking_says_what_is_new_and_which_clocks_would_move_and_writes_nothing(desk: Desk) -> None:
    offer = desk.draft()  # on Tuesday, due on Friday by then: Thursday is Thanksgiving
    seen = text(Screen(desk, Role.HR_PARTNER).get(page(desk), country="US", first=2026, last=2026))
    assert "Thanksgiving Day" in seen
    assert "1 would be due at another time" in seen
    assert offer.external_id in seen
    assert in_calendar(desk) == set()


def test_what_is_ticked_becomes_rows_and_no_clock_moves(desk: Desk) -> None:
    desk.draft()
    before = Clock.objects.get().target_at
    Screen(desk, Role.HR_PARTNER).post(
        page(desk), country="US", subdivision="", first=2026, last=2026, day=["2026-11-26", "2026-12-25", "2030-01-01"]
    )
    assert in_calendar(desk) == {(date(2026, 11, 26), ""), (date(2026, 12, 25), "")}
    assert Clock.objects.get().target_at == before


def test_a_day_that_is_closed_already_is_not_added_again_and_renamed_only_where_asked(desk: Desk) -> None:
    Holiday.objects.create(
        client=desk.client, calendar=desk.calendar, country="US", date=date(2026, 12, 25), name="Office closed"
    )
    partner = Screen(desk, Role.HR_PARTNER)
    given = {"country": "US", "subdivision": "", "first": 2026, "last": 2026, "day": ["2026-12-25"]}
    partner.post(page(desk), **given)
    assert [row.name for row in desk.calendar.holidays.all()] == ["Office closed"]
    partner.post(page(desk), **given, rename="on")
    assert [row.name for row in desk.calendar.holidays.all()] == ["Christmas Day"]


def test_a_part_of_the_country_chosen_before_is_forgotten(desk: Desk) -> None:
    seen = Screen(desk, Role.HR_PARTNER).get(page(desk), country="DE", subdivision="CA", first=2026, last=2026)
    assert "the whole country" in text(seen)
    assert "Bayern (BY)" in text(seen)


@pytest.mark.parametrize(("first", "last"), [(2027, 2026), (2026, 2036), ("x", 2026), (1, 2)])
def test_years_that_cannot_be_are_refused_in_words(desk: Desk, first, last) -> None:
    seen = Screen(desk, Role.HR_PARTNER).get(page(desk), country="US", first=first, last=last)
    assert seen.status_code == 409


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.AUDITOR, Role.HIRING_MANAGER])
def test_only_who_keeps_the_calendar_takes_holidays_in(desk: Desk, role: Role) -> None:
    assert Screen(desk, role).get(page(desk)).status_code in (403, 404)


def test_a_calendar_of_another_client_is_none(desk: Desk) -> None:
    other: BusinessCalendar = factories.BusinessCalendarFactory(client=factories.ClientFactory())
    assert Screen(desk, Role.HR_PARTNER).get(f"/offers/calendars/{other.pk}/holidays/").status_code == 404


def test_history_says_who_took_them_in(desk: Desk) -> None:
    Screen(desk, Role.HR_PARTNER).post(page(desk), country="US", first=2026, last=2026, day=["2026-12-25"])
    context = desk.calendar.holidays.get().events.get().pgh_context
    assert (context["actor"], context["action"]) == (desk.people[Role.HR_PARTNER].pk, "calendar.holidays")
