"""Working time over a business calendar: add it, measure it, ask whether it runs. Pure: no ORM, no clock.

One definition carries everything: a calendar is open at an instant when the wall clock of its zone then shows a time
inside a span of the date it shows. A span holds its start and not its end. Amounts are elapsed time. So, over daylight
saving:

* 00:00 to 24:00 is 23 h on the spring night and 25 h on the autumn night (23.5 h and 24.5 h on Lord Howe Island);
* a wall-clock time that the spring night skips never comes: a span that starts in the gap opens at the jump, one that
  ends in it closes at the jump, one wholly inside it does not open;
* a wall-clock time that the autumn night shows twice counts twice: 02:15 to 02:45 is open twice, half an hour each.

Between two changes of the zone's UTC offset the wall clock runs evenly. Open time there is a difference of running
totals (whole weeks, corrected for the listed dates passed), and adding is a binary search of them: the cost grows with
the years spanned, never with their days or minutes.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate, chain, pairwise
from zoneinfo import ZoneInfo

__all__ = ["WEEKDAYS", "Calendar", "add_business_time", "business_time_between", "is_open"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# The open spans of one day, in order and apart, as wall-clock time since its midnight.
_Spans = tuple[tuple[timedelta, timedelta], ...]

_ZERO = timedelta(0)
_CLOCK_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
# Well inside datetime's own range, so that no zone's offset can leave it.
_YEARS = range(1900, 9000)
DAYS_OF = range(1950, 2101)  # the years of which days off are kept: another one is a slip of the pen
# How far adding looks: the calendar of dates and weekdays repeats after 400 years.
_SEARCH = timedelta(days=146_097)
_BEFORE_ALL = datetime(_YEARS.start - 1, 1, 1, tzinfo=UTC)
_AFTER_ALL = datetime(_YEARS.stop, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _Pattern:
    """When a wall clock without daylight saving is open: spans by weekday, and by listed date instead.

    Days are proleptic ordinals; day 1 is a Monday, which makes weekdays and whole weeks plain division.
    """

    week: tuple[_Spans, ...]
    listed: tuple[tuple[int, _Spans], ...]

    @cached_property
    def _week_totals(self) -> list[timedelta]:
        return list(accumulate(map(_length, self.week), initial=_ZERO))

    @cached_property
    def _listed_spans(self) -> dict[int, _Spans]:
        return dict(self.listed)

    @cached_property
    def _listed_days(self) -> list[int]:
        return [day for day, _ in self.listed]

    @cached_property
    def _corrections(self) -> list[timedelta]:
        differences = (_length(spans) - _length(self.week[(day - 1) % 7]) for day, spans in self.listed)
        return list(accumulate(differences, initial=_ZERO))

    @cached_property
    def horizon(self) -> datetime:
        """An aware UTC instant from which on the pattern never opens, whatever the zone: bounds every search."""
        if any(self.week):
            return _AFTER_ALL
        last = max((day for day, spans in self.listed if spans), default=None)
        # Two days later, because the last open day may still run where the clock is far behind UTC.
        return _BEFORE_ALL if last is None else _midnight(last + 2).replace(tzinfo=UTC)

    def spans(self, day: int) -> _Spans:
        return self._listed_spans.get(day, self.week[(day - 1) % 7])

    def open_before_day(self, day: int) -> timedelta:
        weeks, weekday = divmod(day - 1, 7)
        correction = self._corrections[bisect_left(self._listed_days, day)]
        return self._week_totals[7] * weeks + self._week_totals[weekday] + correction

    def open_before(self, wall: datetime) -> timedelta:
        """Open time from day 1 until the naive wall-clock time."""
        day = wall.toordinal()
        passed = wall - _midnight(day)
        today = (min(passed, closes) - opens for opens, closes in self.spans(day) if opens < passed)
        return self.open_before_day(day) + sum(today, _ZERO)

    def reach(self, total: timedelta, days: range, *, past: bool) -> datetime:
        """Return the naive wall-clock time, within the days, at which `open_before` reaches the total.

        While closed it stands still at a total: the answer is the closing time, or with `past` the next opening.
        """
        find = bisect_right if past else bisect_left
        day = days[find(days, total, key=lambda each: self.open_before_day(each + 1))]
        left = total - self.open_before_day(day)
        spans = iter(self.spans(day))
        opens, closes = next(spans)
        while left > closes - opens or (past and left == closes - opens):
            left -= closes - opens
            opens, closes = next(spans)
        return _midnight(day) + opens + left


@dataclass(frozen=True)
class Calendar:
    """Business hours: spans by weekday in one time zone, holidays closed, single dates overridden.

    tz: an IANA name, "Europe/Berlin".
    week: {"mon": [("09:00", "12:00"), ("13:00", "17:00")], …}, keys as in WEEKDAYS; a day left out is closed. Times
        are HH:MM on the wall clock; "24:00" is midnight at the day's end. Spans may touch.
    holidays: dates closed all day.
    overrides: {date: spans}; they replace the spans of that date and beat a holiday; no spans closes it.

    ValueError names the day of a span that is malformed, reversed or overlapping, an unknown zone or weekday, and a
    date that is none. Calendars with the same zone and hours are equal and hash alike.
    """

    tz: str
    week: Mapping[str, Iterable[Sequence[str]]] = field(compare=False)
    holidays: Collection[date] = field(default=frozenset(), compare=False)
    overrides: Mapping[date, Iterable[Sequence[str]]] = field(default_factory=dict, compare=False)
    _pattern: _Pattern = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _zone(self.tz)
        # Copies: what the caller later does to its own collections must not show here.
        object.__setattr__(self, "week", {key: tuple(map(tuple, spans)) for key, spans in self.week.items()})
        object.__setattr__(self, "holidays", frozenset(self.holidays))
        overrides = {day: tuple(map(tuple, spans)) for day, spans in self.overrides.items()}
        object.__setattr__(self, "overrides", overrides)
        object.__setattr__(self, "_pattern", self._read())

    def _read(self) -> _Pattern:
        for key in self.week:
            if key not in WEEKDAYS:
                raise ValueError(f"Unknown weekday {key!r}: a week has the keys {', '.join(WEEKDAYS)}.")
        listed: dict[int, _Spans] = {_read_day(day): () for day in self.holidays}
        listed |= {_read_day(day): _read_spans(str(day), spans) for day, spans in self.overrides.items()}
        week = tuple(_read_spans(key, self.week.get(key, ())) for key in WEEKDAYS)
        return _Pattern(week=week, listed=tuple(sorted(listed.items())))


def add_business_time(start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """Return the aware UTC instant at which the amount of open time has passed since the start.

    A sum that ends at closing time is that closing time. Adding zero gives the start while open, else the next
    opening. ValueError: a naive start, a negative amount, or a calendar that within 400 years does not open that long.
    """
    start = _utc(start)
    if amount < _ZERO:
        raise ValueError(f"Cannot add a negative amount of business time ({amount}).")
    pattern, left = calendar._pattern, amount
    horizon = min(pattern.horizon, start + _SEARCH)
    if amount > horizon - start:
        horizon = start  # hopeless, and totals might overflow: search nothing
    for wall, wall_until, offset in _even_stretches(calendar.tz, start, horizon):
        total, total_until = pattern.open_before(wall) + left, pattern.open_before(wall_until)
        if total < total_until or (total == total_until and amount):
            days = range(wall.toordinal(), wall_until.toordinal() + 1)
            return (pattern.reach(total, days, past=not amount) - offset).replace(tzinfo=UTC)
        left = total - total_until
    raise ValueError(f"The calendar has not enough open time after {start.isoformat()} to add {amount}.")


def business_time_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Return the open time from start to end, negative when the end is the earlier one.

    Elapsed time; pauses are the clock's business, not the calendar's. ValueError: a naive datetime.
    """
    start, end = _utc(start), _utc(end)
    if end < start:
        return -business_time_between(end, start, calendar)
    pattern, total = calendar._pattern, _ZERO
    for wall, wall_until, _ in _even_stretches(calendar.tz, start, end):
        total += pattern.open_before(wall_until) - pattern.open_before(wall)
    return total


def is_open(instant: datetime, calendar: Calendar) -> bool:
    """Tell whether the calendar is open at the instant: at an opening time yes, at a closing time no.

    ValueError: a naive datetime.
    """
    instant = _utc(instant)
    wall = _naive(instant) + _offset(_zone(calendar.tz), instant)
    day = wall.toordinal()
    passed = wall - _midnight(day)
    return any(opens <= passed < closes for opens, closes in calendar._pattern.spans(day))


def _even_stretches(tz: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut the time between two UTC instants into pieces in which the zone's UTC offset does not change.

    Yields the naive wall-clock times of a piece's two ends as its own offset shows them, and that offset.
    """
    cuts = (cut for year in range(start.year, end.year + 1) for cut in _cuts(tz, year))
    since = start
    for until in chain(cuts, [end]):
        if since < until <= end:
            offset = _offset(_zone(tz), since)
            yield _naive(since) + offset, _naive(until) + offset, offset
            since = until


@lru_cache(maxsize=1024)
def _cuts(tz: str, year: int) -> tuple[datetime, ...]:
    """Return where the zone's offset changes in a UTC year, and the year's end (so that a search can stop early).

    zoneinfo does not list the changes. Since 1900 no two in the tz database are less than three days apart, so
    comparing the ends of each day finds them all.
    """
    zone = _zone(tz)
    first, last = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    midnights = (first + timedelta(days=day) for day in range((last - first).days + 1))
    days = pairwise((midnight, _offset(zone, midnight)) for midnight in midnights)
    changes = [_change_in_day(zone, midnight, before) for (midnight, before), (_, after) in days if before != after]
    return (*changes, last)


def _change_in_day(zone: ZoneInfo, midnight: datetime, before: timedelta) -> datetime:
    def changed(second: int) -> bool:
        return _offset(zone, midnight + timedelta(seconds=second)) != before

    return midnight + timedelta(seconds=bisect_left(range(24 * 60 * 60), True, key=changed))


def _read_day(day: object) -> int:
    if not isinstance(day, date) or isinstance(day, datetime):
        raise ValueError(f"{day!r} is not a date: holidays and overrides are listed by datetime.date.")
    return day.toordinal()


def _read_spans(day: str, spans: Iterable[Sequence[str]]) -> _Spans:
    read = sorted(_read_span(day, span) for span in spans)
    for (_, closes), (opens, _) in pairwise(read):
        if opens < closes:
            raise ValueError(f"{day}: two spans overlap at {str(opens)[:-3]}; join them or end the first one sooner.")
    return tuple(read)


def _read_span(day: str, span: Sequence[str]) -> tuple[timedelta, timedelta]:
    if len(span) != 2 or not all(_CLOCK_TIME.fullmatch(str(clock)) for clock in span):
        raise ValueError(f'{day}: {span!r} is not a span; write ("09:00", "17:00"), from "00:00" to "24:00".')
    opens, closes = (timedelta(hours=int(clock[:2]), minutes=int(clock[3:])) for clock in span)
    if closes <= opens:
        raise ValueError(f'{day}: the span {span[0]} to {span[1]} ends before it has begun; the day\'s end is "24:00".')
    return opens, closes


def _zone(tz: str) -> ZoneInfo:
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError) as error:  # OSError: a folder of the tzdata package, such as "Europe"
        raise ValueError(f"Unknown time zone {tz!r}: give an IANA name such as Europe/Berlin.") from error


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} is naive: business time needs an aware datetime.")
    if instant.year not in _YEARS:
        raise ValueError(f"{instant.isoformat()} is outside the years {_YEARS[0]} to {_YEARS[-1]}.")
    return instant.astimezone(UTC)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or _ZERO


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)


def _midnight(day: int) -> datetime:
    return datetime.fromordinal(day)


def _length(spans: _Spans) -> timedelta:
    return sum((closes - opens for opens, closes in spans), _ZERO)
