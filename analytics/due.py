"""When promises made on certain days fall due by a calendar, as straight pieces that SQL can join. Pure.

The calendar's engine is asked at the ends of each piece alone: adding the same working time later gives an instant that
is later by as much, or stays where it is while the calendar is closed, or jumps over hours in which it is closed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from governance.business_time import Calendar, add_business_time, business_time_between

MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Piece:
    """For starts after `since` up to and with `until`, both in the UTC day `day`: due at `due` for the last of them,
    and earlier by as much as they are, if it `runs`; at the same instant, if not."""

    day: date
    since: datetime
    until: datetime
    due: datetime
    runs: bool

    def goes_on(self, following: "Piece") -> bool:
        """Whether the next piece is more of this one."""
        later = following.until - self.until if self.runs else timedelta()
        return self.runs == following.runs and following.due - self.due == later


def pieces(days: Iterable[date], hours: int, calendar: Calendar) -> Iterator[Piece]:
    """The pieces of these UTC days for a promise of so many working hours. A day holds its end, not its start."""
    span = timedelta(hours=hours)
    for day in days:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        last: Piece | None = None
        for piece in _between(day, start, start + timedelta(days=1), span, calendar):
            if last is not None and last.goes_on(piece):
                piece = replace(piece, since=last.since)
            elif last is not None:
                yield last
            last = piece
        if last is not None:
            yield last


def _between(day: date, since: datetime, until: datetime, span: timedelta, calendar: Calendar) -> Iterator[Piece]:
    open_for = business_time_between(since, until, calendar)
    due = add_business_time(until, span, calendar)
    if not open_for:
        yield Piece(day, since, until, due, False)
        return
    first = add_business_time(since + TICK, span, calendar) - TICK
    if open_for == due - first == until - since or until - since <= MINUTE:
        yield Piece(day, since, until, due, True)
        return
    middle = since + (until - since) // MINUTE // 2 * MINUTE  # calendars open and close on the minute
    yield from _between(day, since, middle, span, calendar)
    yield from _between(day, middle, until, span, calendar)
