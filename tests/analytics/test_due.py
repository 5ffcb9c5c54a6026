"""Pieces say of every start what the calendar's engine says of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.due import Piece, pieces
from governance.business_time import Calendar, add_business_time

LUNCH = [("09:00", "12:00"), ("13:00", "17:30")]
CALENDARS = (
    Calendar(tz="America/New_York", week={day: [("00:00", "24:00")] for day in ("mon", "tue", "wed", "thu", "fri")},
             holidays={date(2026, 11, 26)}, overrides={}),
    Calendar(tz="Europe/Berlin", week=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), LUNCH), holidays=set(),
             overrides={date(2026, 10, 25): [("00:30", "05:00")]}),
    Calendar(tz="Asia/Kolkata", week={"tue": [("23:00", "24:00")], "wed": [("00:00", "01:00")]}, holidays=set(),
             overrides={}),
)  # fmt: skip
# Around both changes of the clock, a holiday and an override; whole minutes are where calendars open and close.
starts = st.builds(
    lambda day, minutes, beside: (
        datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day, minutes=minutes, microseconds=beside)
    ),
    st.sampled_from([*range(5, 11), *range(26, 31), *range(236, 247), *range(266, 274)]),
    st.one_of(st.integers(0, 96).map(lambda quarter: quarter * 15), st.integers(0, 1440)),
    st.sampled_from([0, 0, 1, -1, 30_000_000]),
)


@settings(max_examples=300, deadline=None)
@given(start=starts, hours=st.sampled_from([1, 8, 24, 48]), calendar=st.sampled_from(CALENDARS))
def test_a_piece_says_when_its_starts_are_due(start: datetime, hours: int, calendar: Calendar) -> None:
    day = (start - timedelta(microseconds=1)).date()
    (piece,) = (each for each in pieces([day], hours, calendar) if each.since < start <= each.until)
    assert due(piece, start) == add_business_time(start, timedelta(hours=hours), calendar)


def due(piece: Piece, start: datetime) -> datetime:
    return piece.due - (piece.until - start) if piece.runs else piece.due


@pytest.mark.parametrize("calendar", CALENDARS)
def test_pieces_are_few(calendar: Calendar) -> None:
    days = [date(2026, 6, 1) + timedelta(days=n) for n in range(70)]
    assert len(list(pieces(days, 48, calendar))) <= 8 * len(days)
