"""How pay, times and clocks are said."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from governance.market import percent_text
from offers.models import Clock, OfferVersion
from offers.presentation import (
    Voice,
    clock_card,
    face,
    highest_flag,
    leading,
    preferred_locale,
    reading,
    span,
    standing_pill,
)
from tests.factories import NOW

VOICE = Voice(NOW)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def clock(elapsed: float, *, target: float | None = 48, flagged: int = 0, kind: str = "verbal_to_written") -> Clock:
    began = NOW - hours(elapsed)
    return Clock(
        kind=kind,
        started_at=began,
        target_hours=target,
        target_at=began + hours(target) if target else None,
        thresholds=[24, 48, 72],
        due_instants=[began + hours(mark) for mark in (24, 48, 72)],
        flagged=flagged,
    )


def version(**fields: object) -> OfferVersion:
    judged = {"submitted_at": NOW, "gap": Decimal("-0.059"), "band_position": "inside"}
    return OfferVersion(currency="USD", base=Decimal(1), **{**judged, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "95,000\u00a0USD"), ("de", "95.000\u00a0USD"), ("fr", "95\u202f000\u00a0USD")]
)
def test_pay_is_written_as_the_reader_writes_numbers(locale: str, said: str) -> None:
    assert Voice(NOW, locale=locale).money(Decimal("95000.0000"), "USD") == said


@pytest.mark.parametrize(
    ("header", "locale"),
    [("de-CH,en;q=0.5", "de_CH"), ("xx,fr;q=0.7", "fr"), ("", "en"), ("*", "en"), ("not a language", "en")],
)
def test_the_browser_names_the_readers_locale(header: str, locale: str) -> None:
    assert preferred_locale(header) == locale


@pytest.mark.parametrize(
    ("share", "said"), [("0.05", "5\u00a0%"), ("-0.0594", "-5.9\u00a0%"), ("0.0005", "0.1\u00a0%"), (None, "–")]
)
def test_shares_have_one_decimal_where_they_need_one(share: str | None, said: str) -> None:
    assert VOICE.percent(Decimal(share) if share else None) == said


@pytest.mark.parametrize("gap", ["-0.0705", "0.02996", "0.050001", "0.0500001", "-0.06", "0.1"])
def test_a_gap_is_one_figure_wherever_it_is_told(gap: str) -> None:
    share = Decimal(gap)
    rule = percent_text(abs(Fraction(share))).replace(" %", "\u00a0%")
    assert VOICE.distance(share) == rule
    assert VOICE.distance(share, signed=True).replace("+", "").replace("−", "") == rule


def test_a_gap_in_a_list_is_the_figure_of_its_page() -> None:
    assert standing_pill(version(gap=Decimal("0.02996")), VOICE).text == "2.996\u00a0% above, in band"


def test_a_gap_is_written_as_the_reader_writes_numbers() -> None:
    assert Voice(NOW, locale="de").distance(Decimal("-0.0704"), signed=True) == "−7,04\u00a0%"


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (0, "just now"),
        (-0.5, "30 min ago"),
        (0.25, "in 15 min"),
        (-2, "today 07:00"),
        (8, "today 17:00"),
        (-10, "yesterday 23:00"),
        (24, "tomorrow 09:00"),
        (-72, "Sat 09:00"),
        (-24 * 7, "17 Nov 2026"),
    ],
)
def test_times_are_said_as_people_say_them(ahead: float, said: str) -> None:
    assert VOICE.moment(NOW + hours(ahead)).text == said


def test_the_exact_time_is_the_readers_own() -> None:
    berlin = Voice(NOW, ZoneInfo("Europe/Berlin")).moment(datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    assert (berlin.text, berlin.exact) == ("Sat 00:30", "Sat 21 Nov 2026, 00:30 CET")


def test_days_name_their_month() -> None:
    assert (VOICE.day(date(2027, 1, 2)), VOICE.day(None)) == ("2 Jan 2027", "–")


@pytest.mark.parametrize(
    ("length", "said"),
    [(0.75, "45 min"), (4, "4 h"), (4 + 20 / 60, "4 h 20 min"), (26.5, "26 h"), (74, "3 days 2 h"), (72, "3 days")],
)
def test_spans_are_said_in_the_unit_that_matters(length: float, said: str) -> None:
    assert span(hours(length)) == said


@pytest.mark.parametrize(
    ("length", "said"), [(19 + 2 / 3, "19:40 h"), (0, "0:00 h"), (99.5, "99:30 h"), (123, "5 d 3 h")]
)
def test_a_clock_reads_in_hours_until_days_say_more(length: float, said: str) -> None:
    assert reading(hours(length)) == said


def test_a_draft_has_no_standing_yet() -> None:
    assert standing_pill(version(submitted_at=None), VOICE).text == "Not judged yet"


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"second_review": True}, "bad", "5.9\u00a0% below, in band"),
        ({"gap": Decimal("0.02")}, "ok", "2\u00a0% above, in band"),
        ({"gap": Decimal("0.0000001")}, "ok", "at reference, in band"),
        ({"gap": None, "unknown_reason": "stale"}, "warn", "reference unknown, in band"),
        ({"gap": None, "band_position": "none"}, "warn", "no reference, no band"),
        (
            {"gap": Decimal("0.2"), "band_position": "above", "second_review": True},
            "bad",
            "20\u00a0% above, above band",
        ),
        ({"gap": Decimal("0.01"), "band_position": "none"}, "warn", "1\u00a0% above, no band"),
    ],
)
def test_the_traffic_light_has_words(fields: dict[str, object], kind: str, words: str) -> None:
    found = standing_pill(version(**fields), VOICE)
    assert (found.kind, found.text) == (kind, words)


@pytest.mark.parametrize(
    ("row", "kind", "due"),
    [
        (clock(10), "ok", "due in 38 h"),
        (clock(25, flagged=1), "warn", "due in 23 h"),
        (clock(37), "warn", "due in 11 h"),
        (clock(48), "bad", "overdue by 0 min"),
        (clock(74, flagged=3), "bad", "overdue by 26 h"),
        (clock(10, target=None), "ok", "no target"),
    ],
)
def test_a_clock_says_when_it_is_due(row: Clock, kind: str, due: str) -> None:
    found = face(row, VOICE)
    assert (found.kind, found.due) == (kind, due)


@pytest.mark.parametrize(("elapsed", "due"), [(47.9, "met its target"), (48, "stopped after the target")])
def test_met_means_strictly_before_the_target(elapsed: float, due: str) -> None:
    row = clock(60)
    row.stopped_at = row.started_at + hours(elapsed)
    assert face(row, VOICE).due == due


def test_the_way_to_the_letter_leads() -> None:
    letter, step = clock(3), clock(30, kind="approval_step")
    assert leading([step, letter]) is letter
    assert leading([]) is None


def test_the_highest_threshold_of_all_clocks_is_the_flag() -> None:
    assert highest_flag([clock(30, flagged=1), clock(50, flagged=2), clock(1)]) == 48
    assert highest_flag([clock(1)]) == 0


def test_a_target_moved_by_the_calendar_is_said_to_be_of_working_time() -> None:
    row = clock(36)
    row.elapsed_target_at = row.target_at
    assert clock_card(row, VOICE)["note"] == "target 48 h"
    row.elapsed_target_at = row.started_at + hours(40)
    assert clock_card(row, VOICE)["note"] == "target 48 working h"


def test_a_bar_ends_at_its_last_mark_and_labels_never_meet() -> None:
    card = clock_card(clock(36), VOICE)
    assert card["used"] == 50
    assert [tick["label"] for tick in card["ticks"]] == ["start", "24 h", "48 h target", "72 h"]
    assert [tick["label"] for tick in clock_card(clock(1, target=8), VOICE)["ticks"]] == [
        "target",
        "24 h",
        "48 h",
        "72 h",
    ]
