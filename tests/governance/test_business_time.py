import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.business_time import WEEKDAYS, Calendar, add_business_time, business_time_between, is_open

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = [("09:00", "12:00"), ("13:00", "17:00")]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

# Days around which each zone moves its clocks: by an hour, by half an hour, and (St. John's until 2011) at one minute
# past midnight, so that the date itself runs back. Kolkata does not move, and stands half an hour off.
NIGHTS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Asia/Kolkata", date(2026, 3, 29)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/St_Johns", date(2026, 3, 8)),
    ("America/St_Johns", date(2010, 11, 7)),
]


def office(**changes: Any) -> Calendar:
    return Calendar(**{"tz": "Europe/Berlin", "week": dict.fromkeys(WEEKDAYS[:5], OFFICE), **changes})


def every_day(tz: str, *spans: tuple[str, str]) -> Calendar:
    return Calendar(tz, dict.fromkeys(WEEKDAYS, spans))


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)


def day_length(tz: str, *day: int) -> timedelta:
    zone = ZoneInfo(tz)
    start = datetime(*day, tzinfo=zone)
    return business_time_between(start, start + timedelta(days=1), every_day(tz, ("00:00", "24:00")))


# The oracle: read the wall clock minute by minute, knowing nothing but the definition.


def oracle_open(instant: datetime, calendar: Calendar) -> bool:
    wall = instant.astimezone(ZoneInfo(calendar.tz))
    spans = calendar.week.get(WEEKDAYS[wall.weekday()], ())
    if wall.date() in calendar.holidays:
        spans = ()
    spans = calendar.overrides.get(wall.date(), spans)
    shown = wall.time().isoformat("minutes")
    return any(opens <= shown < closes for opens, closes in spans)


def oracle_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    minutes = (start + number * MINUTE for number in range((end - start) // MINUTE))
    return sum(oracle_open(minute, calendar) for minute in minutes) * MINUTE


def oracle_add(start: datetime, minutes: int, calendar: Calendar, until: datetime) -> datetime | None:
    instant, left = start, minutes
    while instant < until:
        opened = oracle_open(instant, calendar)
        if opened and left == 0:
            return instant
        instant, left = instant + MINUTE, left - opened
        if opened and left == 0:
            return instant
    return None


@st.composite
def day_spans(draw: st.DrawFn) -> list[tuple[str, str]]:
    # Quarter hours, and the odd minute beside midnight, hit every edge of the clock changes.
    quarters = st.integers(0, 96).map(lambda quarter: quarter * 15)
    edges = sorted(draw(st.sets(quarters | st.sampled_from([1, 1439]), max_size=6)))
    clock = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in edges]
    return list(zip(clock[::2], clock[1::2], strict=False))


@st.composite
def calendars_near_a_night(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    tz, night = draw(st.sampled_from(NIGHTS))
    near = st.integers(-2, 3).map(lambda days: night + timedelta(days=days))
    calendar = Calendar(
        tz,
        draw(st.dictionaries(st.sampled_from(WEEKDAYS), day_spans(), min_size=3)),
        holidays=draw(st.sets(near, max_size=2)),
        overrides=draw(st.dictionaries(near, day_spans(), max_size=2)),
    )
    midnight = datetime(night.year, night.month, night.day, tzinfo=UTC)
    return calendar, midnight + MINUTE * draw(st.integers(-2 * 1440, 1440))


@st.composite
def busy_calendars(draw: st.DrawFn) -> Calendar:
    """Calendars that surely open each week, with exceptions all over 2026."""
    days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    return Calendar(
        draw(st.sampled_from(NIGHTS))[0],
        {**draw(st.dictionaries(st.sampled_from(WEEKDAYS), day_spans(), max_size=4)), "tue": OFFICE},
        holidays=draw(st.sets(days, max_size=4)),
        overrides=draw(st.dictionaries(days, day_spans(), max_size=4)),
    )


instants = st.timedeltas(timedelta(0), timedelta(days=730)).map(datetime(2025, 6, 1, tzinfo=UTC).__add__)
amounts = st.timedeltas(timedelta(0), timedelta(days=120))

# No deadline: the first look at a zone's year is slower than the rest.
walks = settings(max_examples=60, deadline=None)
laws = settings(max_examples=40, deadline=None)


# Against the oracle


@walks
@given(calendars_near_a_night(), st.integers(0, 2 * 1440))
def test_measuring_agrees_with_reading_the_wall_clock_minute_by_minute(near, minutes):
    calendar, start = near
    end = start + minutes * MINUTE

    assert business_time_between(start, end, calendar) == oracle_between(start, end, calendar)
    assert is_open(end, calendar) == oracle_open(end, calendar)


@walks
@given(calendars_near_a_night(), st.integers(0, 1440))
def test_adding_agrees_with_reading_the_wall_clock_minute_by_minute(near, minutes):
    calendar, start = near
    until = start + timedelta(days=2)
    try:
        found = add_business_time(start, minutes * MINUTE, calendar)
    except ValueError:  # never open again
        found = until + HOUR

    expected = oracle_add(start, minutes, calendar, until)

    assert found == expected if expected else found >= until


# Laws


@laws
@given(busy_calendars(), instants, amounts)
def test_adding_then_measuring_gives_the_amount_back_and_not_a_moment_sooner(calendar, start, amount):
    reached = add_business_time(start, amount, calendar)

    assert business_time_between(start, reached, calendar) == amount
    if amount:
        assert business_time_between(start, reached - timedelta(microseconds=1), calendar) < amount


@laws
@given(busy_calendars(), instants, instants, instants)
def test_measuring_is_additive(calendar, first, second, third):
    whole = business_time_between(first, third, calendar)
    parts = business_time_between(first, second, calendar) + business_time_between(second, third, calendar)

    assert parts == whole


@laws
@given(busy_calendars(), instants, instants)
def test_measuring_backwards_is_the_negative(calendar, start, end):
    assert business_time_between(end, start, calendar) == -business_time_between(start, end, calendar)


@laws
@given(busy_calendars(), instants, amounts, amounts)
def test_measuring_is_monotone_and_never_exceeds_elapsed_time(calendar, start, one, other):
    shorter, longer = sorted([one, other])

    measured = business_time_between(start, start + shorter, calendar)

    assert measured <= business_time_between(start, start + longer, calendar)
    assert timedelta(0) <= measured <= shorter


# Hours of a day


def test_adding_runs_over_lunch_night_and_weekend():
    friday = berlin(2026, 6, 5, 16)

    assert add_business_time(friday, 5 * HOUR, office()) == berlin(2026, 6, 8, 14)


def test_a_sum_is_given_in_utc():
    assert add_business_time(berlin(2026, 6, 5, 10), HOUR, office()).isoformat() == "2026-06-05T09:00:00+00:00"


def test_a_sum_that_ends_at_closing_time_is_that_closing_time():
    assert add_business_time(berlin(2026, 6, 5, 9), 3 * HOUR, office()) == berlin(2026, 6, 5, 12)
    assert add_business_time(berlin(2026, 6, 5, 9), 7 * HOUR, office()) == berlin(2026, 6, 5, 17)


@pytest.mark.parametrize(
    ("start", "opening"),
    [
        (berlin(2026, 6, 5, 8), berlin(2026, 6, 5, 9)),
        (berlin(2026, 6, 5, 9), berlin(2026, 6, 5, 9)),
        (berlin(2026, 6, 5, 10, 30), berlin(2026, 6, 5, 10, 30)),
        (berlin(2026, 6, 5, 12), berlin(2026, 6, 5, 13)),
        (berlin(2026, 6, 5, 17), berlin(2026, 6, 8, 9)),
    ],
)
def test_adding_zero_gives_the_instant_while_open_and_else_the_next_opening(start, opening):
    assert add_business_time(start, timedelta(0), office()) == opening


def test_a_span_holds_its_start_and_not_its_end():
    assert is_open(berlin(2026, 6, 5, 9), office())
    assert not is_open(berlin(2026, 6, 5, 12), office())
    assert not is_open(berlin(2026, 6, 5, 8, 59, 59, 999_999), office())
    assert is_open(berlin(2026, 6, 5, 11, 59, 59, 999_999), office())


def test_spans_are_read_in_any_order_and_may_touch():
    calendar = office(week={"fri": [("12:00", "17:00"), ("09:00", "12:00")]})

    assert is_open(berlin(2026, 6, 5, 12), calendar)
    assert add_business_time(berlin(2026, 6, 5, 11), 2 * HOUR, calendar) == berlin(2026, 6, 5, 13)


def test_twenty_four_hours_is_midnight_at_the_days_end():
    night_shift = office(week={"fri": [("22:00", "24:00")], "sat": [("00:00", "06:00")]})

    assert business_time_between(berlin(2026, 6, 5, 12), berlin(2026, 6, 6, 12), night_shift) == 8 * HOUR
    assert is_open(berlin(2026, 6, 6), night_shift)
    assert add_business_time(berlin(2026, 6, 5, 22), 2 * HOUR, night_shift) == berlin(2026, 6, 6)


def test_a_holiday_is_closed():
    calendar = office(holidays={date(2026, 6, 5)})

    assert add_business_time(berlin(2026, 6, 4, 16), 2 * HOUR, calendar) == berlin(2026, 6, 8, 10)


def test_an_override_beats_the_week_and_a_holiday():
    saturday, holiday, closed = date(2026, 6, 6), date(2026, 6, 5), date(2026, 6, 4)
    calendar = office(
        holidays={holiday}, overrides={saturday: [("10:00", "14:00")], holiday: [("10:00", "11:00")], closed: []}
    )

    assert business_time_between(berlin(2026, 6, 4), berlin(2026, 6, 5), calendar) == timedelta(0)
    assert business_time_between(berlin(2026, 6, 5), berlin(2026, 6, 6), calendar) == HOUR
    assert business_time_between(berlin(2026, 6, 6), berlin(2026, 6, 7), calendar) == 4 * HOUR


def test_the_zone_of_the_instant_does_not_matter():
    same = berlin(2026, 6, 5, 9).astimezone(ZoneInfo("Asia/Kolkata"))

    assert is_open(same, office())
    assert add_business_time(same, HOUR, office()) == berlin(2026, 6, 5, 10)


# Daylight saving


@pytest.mark.parametrize(
    ("tz", "spring", "autumn", "shift"),
    [
        ("Europe/Berlin", (2026, 3, 29), (2026, 10, 25), HOUR),
        ("America/New_York", (2026, 3, 8), (2026, 11, 1), HOUR),
        ("America/St_Johns", (2026, 3, 8), (2026, 11, 1), HOUR),
        ("Australia/Lord_Howe", (2026, 10, 4), (2026, 4, 5), HOUR / 2),
    ],
)
def test_a_whole_day_is_as_long_as_it_elapses(tz, spring, autumn, shift):
    assert day_length(tz, *spring) == 24 * HOUR - shift
    assert day_length(tz, *autumn) == 24 * HOUR + shift


def test_a_date_that_a_zone_skipped_has_no_time():
    assert day_length("Pacific/Apia", 2011, 12, 30) == timedelta(0)


def test_a_date_that_runs_back_over_midnight_is_counted_where_the_wall_clock_shows_it():
    # St. John's, 2010: at 00:01 on Sunday the clock went back to 23:01 on Saturday.
    calendar = Calendar("America/St_Johns", {"sun": [("00:00", "24:00")]})
    before_midnight = datetime(2010, 11, 7, 2, 29, tzinfo=UTC)

    opened = [is_open(before_midnight + number * MINUTE, calendar) for number in (0, 1, 2, 60, 61)]

    assert opened == [False, True, False, False, True]
    assert business_time_between(before_midnight, before_midnight + 2 * HOUR, calendar) == 60 * MINUTE


@pytest.mark.parametrize(
    ("span", "length"),
    [
        (("01:00", "05:00"), 3 * HOUR),
        (("02:30", "05:00"), 2 * HOUR),  # starts in the gap: opens at the jump
        (("01:00", "02:30"), 1 * HOUR),  # ends in the gap: closes at the jump
        (("02:15", "02:45"), 0 * HOUR),  # never comes
    ],
)
def test_wall_clock_times_that_the_spring_night_skips_never_come(span, length):
    calendar = every_day("Europe/Berlin", span)

    assert business_time_between(berlin(2026, 3, 29), berlin(2026, 3, 30), calendar) == length


@pytest.mark.parametrize(
    ("span", "length"),
    [
        (("01:00", "05:00"), 5 * HOUR),
        (("02:30", "05:00"), 3 * HOUR),
        (("01:00", "02:30"), 2 * HOUR),
        (("02:15", "02:45"), 1 * HOUR),
    ],
)
def test_wall_clock_times_that_the_autumn_night_shows_twice_count_twice(span, length):
    calendar = every_day("Europe/Berlin", span)

    assert business_time_between(berlin(2026, 10, 25), berlin(2026, 10, 26), calendar) == length


def test_both_passes_of_an_ambiguous_instant_are_told_apart():
    calendar = every_day("Europe/Berlin", ("00:00", "24:00"))
    first = berlin(2026, 10, 25, 2, 30)

    assert business_time_between(first, first.replace(fold=1), calendar) == HOUR
    assert add_business_time(first, HOUR, calendar) == first.replace(fold=1).astimezone(UTC)


def test_opening_on_a_spring_night_waits_for_the_jump():
    calendar = every_day("Europe/Berlin", ("02:30", "05:00"))

    assert add_business_time(berlin(2026, 3, 29, 1, 30), timedelta(0), calendar) == berlin(2026, 3, 29, 3)


# Years


def steps(work: Callable[[], object]) -> int:
    """How many Python calls the work makes."""
    seen = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal seen
        seen += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return seen


def test_twenty_years_take_fewer_steps_than_they_have_days():
    holidays = {date(year, 12, day) for year in range(2020, 2050) for day in (24, 25, 26)}
    calendar, start = office(holidays=holidays), berlin(2026, 1, 1)
    end = add_business_time(start, 36_000 * HOUR, calendar)  # also reads the zone's clock changes, once a process

    assert end.year == 2045
    assert steps(lambda: business_time_between(start, end, calendar)) < 20 * 60
    assert steps(lambda: add_business_time(start, 36_000 * HOUR, calendar)) < 20 * 60


def test_twenty_years_of_weeks_add_up():
    calendar, start = office(tz="UTC"), datetime(2026, 1, 5, tzinfo=UTC)

    assert add_business_time(start, 1040 * 35 * HOUR, calendar) == datetime(2045, 12, 8, 17, tzinfo=UTC)


# Refusals


@pytest.mark.parametrize(
    "call",
    [
        lambda naive: add_business_time(naive, HOUR, office()),
        lambda naive: business_time_between(naive, berlin(2026, 6, 5), office()),
        lambda naive: business_time_between(berlin(2026, 6, 5), naive, office()),
        lambda naive: is_open(naive, office()),
    ],
    ids=["add from", "measure from", "measure to", "ask about"],
)
def test_a_naive_datetime_is_refused(call):
    with pytest.raises(ValueError, match="naive"):
        call(datetime(2026, 6, 5, 9))  # noqa: DTZ001


def test_adding_a_negative_amount_is_refused():
    with pytest.raises(ValueError, match="negative"):
        add_business_time(berlin(2026, 6, 5), -HOUR, office())


@pytest.mark.parametrize(
    "overrides", [{}, {date(2026, 6, 4): OFFICE}, {date(2026, 6, 6): []}], ids=["none", "past", "closed"]
)
@pytest.mark.parametrize("amount", [timedelta(0), HOUR, timedelta.max])
def test_adding_where_the_calendar_never_opens_again_is_refused(overrides, amount):
    with pytest.raises(ValueError, match="not enough open time"):
        add_business_time(berlin(2026, 6, 5), amount, office(week={}, overrides=overrides))


def test_the_last_open_date_is_used_to_its_end_and_no_further():
    honolulu = ZoneInfo("Pacific/Honolulu")
    calendar = office(tz="Pacific/Honolulu", week={}, overrides={date(2026, 6, 8): [("00:00", "24:00")]})

    assert add_business_time(berlin(2026, 6, 5), 24 * HOUR, calendar) == datetime(2026, 6, 9, tzinfo=honolulu)
    with pytest.raises(ValueError, match="not enough open time"):
        add_business_time(berlin(2026, 6, 5), 24 * HOUR + MINUTE, calendar)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tz": "Europe/Atlantis"}, "Europe/Atlantis"),
        ({"tz": "Europe"}, "Europe"),
        ({"week": {"monday": OFFICE}}, "monday"),
        ({"week": {"tue": [("09:00", "12:00"), ("11:59", "17:00")]}}, "tue: .* overlap"),
        ({"week": {"wed": [("17:00", "09:00")]}}, "wed: .* before it has begun"),
        ({"week": {"wed": [("09:00", "09:00")]}}, "wed: .* before it has begun"),
        ({"week": {"thu": [("9:00", "17:00")]}}, "thu: .* not a span"),
        ({"week": {"thu": [("09:00", "24:01")]}}, "thu: .* not a span"),
        ({"week": {"thu": [("09:00",)]}}, "thu: .* not a span"),
        ({"overrides": {date(2026, 6, 5): [("14:00", "10:00")]}}, "2026-06-05: .* before it has begun"),
        ({"holidays": {berlin(2026, 6, 5)}}, "not a date"),
        ({"overrides": {"2026-06-05": OFFICE}}, "not a date"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_and_the_day_named(changes, message):
    with pytest.raises(ValueError, match=message):
        office(**changes)


# Values


def test_calendars_with_the_same_zone_and_hours_are_one_key():
    same = office(holidays=[date(2026, 6, 5)])
    other = office(holidays={date(2026, 6, 5)}, week={**dict.fromkeys(WEEKDAYS[:5], OFFICE), "sun": []})

    assert {same: "found"}[other] == "found"
    assert same != office()


def test_a_calendar_keeps_its_hours_when_the_callers_dict_changes():
    week = {"fri": list(OFFICE)}
    calendar = office(week=week)
    week["fri"].clear()

    assert calendar == office(week={"fri": OFFICE})
    assert calendar.week == {"fri": tuple(OFFICE)}
