"""What a report is asked for, and the one way in which facts are counted: a statement with a row for each key.

Figures are SQL over `f`, a fact. Nothing that a person writes becomes part of a statement: dimensions are chosen from
the table here, everything else is a parameter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from analytics.reports.figures import Counted, Figure, Figures, column_of, of_columns, together, within
from governance.models import Client, User
from offers.lifecycle import LIVE

COLUMNS = (
    "business_unit", "role_family", "role_code", "grade", "location", "country", "priority", "employment_type",
    "candidate_type", "engagement", "delivery_model", "fee_model", "source_channel",
)  # fmt: skip
PEOPLE = ("recruiter", "hiring_manager")
TIMES = ("month", "quarter")
# Twelve hours wide, named so that the names sort: "000-012" … "120-".
STEPS = """CASE WHEN f.hours >= 120 THEN '120-' ELSE lpad((floor(f.hours / 12) * 12)::int::text, 3, '0') || '-'
    || lpad((floor(f.hours / 12) * 12 + 12)::int::text, 3, '0') END"""
REFERENCE = "CASE WHEN f.market_ratio IS NULL THEN 'unknown' WHEN f.below_reference THEN 'below' ELSE 'not_below' END"
# What single reports are cut by beside the dimensions of all.
OWN = {"role": "f.role", "person": "f.user_id", "origin": "f.origin", "hours": STEPS, "reference": REFERENCE}
ADDRESSES = (*PEOPLE, "person")
DIMS = (*COLUMNS, *PEOPLE, *TIMES)

# Internal moves and contingent workers are reported apart: in their own row where that is asked for, never in a total.
POPULATION = {
    "candidate_type": "NOT f.internal",
    "employment_type": "NOT f.contingent",
}
LIVE_STATUSES = "(" + ", ".join(f"'{status}'" for status in sorted(LIVE)) + ")"
FACTS = "analytics_offerfact f"
ByMonth = dict[date, int]  # counts by the first day of the month


@dataclass(frozen=True, slots=True, eq=False)
class Counting:
    """Figures, the event whose day must lie in the period, and which facts of which source they count."""

    figures: Mapping[str, Figure]
    event: str
    where: str = "true"
    source: str = FACTS

    def only(self, names: Iterable[str]) -> "Counting":
        """The same, with these figures alone."""
        return replace(self, figures={name: self.figures[name] for name in names})


@dataclass(frozen=True, slots=True)
class Spread:
    """How many facts lie in months, the sum of each month's count squared, and the first and the last month."""

    count: int = 0
    squares: int = 0
    first: date | None = None
    last: date | None = None

    def with_other(self, other: "Spread") -> "Spread":
        """Both together, of months of their own."""
        firsts, lasts = ([day for day in days if day] for days in ((self.first, other.first), (self.last, other.last)))
        both = self.count + other.count, self.squares + other.squares
        return Spread(*both, min(firsts, default=None), max(lasts, default=None))

    @property
    def variation(self) -> float | None:
        """Coefficient of variation: standard deviation over mean, of the sample; months without any count as none."""
        if self.first is None or self.last is None:
            return None
        months = 12 * (self.last.year - self.first.year) + self.last.month - self.first.month + 1
        if months == 1:
            return None
        mean = self.count / months
        return sqrt(max(self.squares - self.count * mean, 0) / (months - 1)) / mean


def trunc(unit: str, event: str) -> str:
    """The first day of an event's month or quarter, as SQL; of an instant it would ask for the zone."""
    return f"date_trunc('{unit}', ({event})::timestamp)::date"


@dataclass(frozen=True)
class Frame:
    """One client, a half-open period of its own days, a dimension, and the instant as of which it is asked."""

    client: Client
    since: date | None
    until: date | None
    by: str
    now: datetime

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.client.zone)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def as_of(self) -> date:
        """The day after the last one that is over or runs: what lies on it or later has not happened yet."""
        tomorrow = self.today + timedelta(days=1)
        return min(self.until, tomorrow) if self.until else tomorrow

    @property
    def ended(self) -> date:
        """The period's end, or today: by then a number of days has passed, or not."""
        return min(self.until, self.today) if self.until else self.today

    @property
    def minimum(self) -> int:
        return int(self.client.minimum_cell)

    @property
    def timed(self) -> bool:
        """True where the keys are months or quarters."""
        return self.by in TIMES

    def alone(self) -> "Frame":
        return replace(self, by="")

    def total(self, figures: Mapping[str, Figure], *, event: str, where: str = "true", source: str = FACTS) -> Figures:
        """The figures over everything in the period."""
        (found,) = self._run(figures, event=event, where=where, source=source, keys=(), by="")
        return of_columns(figures, found[1])

    def rows(
        self, figures: Mapping[str, Figure], *, event: str, where: str = "true", source: str = FACTS
    ) -> dict[str, Figures]:
        """The figures by key of the dimension; none where none was asked for."""
        if not self.by:
            return {}
        found = self._run(figures, event=event, where=where, source=source, keys=(self.key_sql(event),), by=self.by)
        return self._named(figures, found)

    def both(
        self, figures: Mapping[str, Figure], *, event: str, where: str = "true", source: str = FACTS
    ) -> tuple[Figures, dict[str, Figures]]:
        """The total and the rows, read once: the rows hold everything that the total does, unless others count."""
        asked: dict[str, Any] = {"event": event, "where": where, "source": source}
        if not self.by or self.by in POPULATION:
            return self.total(figures, **asked), self.rows(figures, **asked)
        found = self._run(figures, **asked, keys=(self.key_sql(event),), by=self.by)
        whole = together([columns for _, columns in found])
        return of_columns(figures, whole), self._named(figures, found)

    def beside(self, *counts: Counting) -> list[tuple[Figures, dict[str, Figures]]]:
        """Total and rows of each, by the days of different events, all read in one pass over their one source.

        Facts are told apart by which of them they count in, and added up afterwards for each.
        """
        (source,) = {each.source for each in counts}
        if self.by in POPULATION or len(counts) == 1:
            return [self.both(each.figures, event=each.event, where=each.where, source=source) for each in counts]
        counted = [f"coalesce(({each.where}) AND {self.period(each.event)}, false)" for each in counts]
        figures = {f"{n} {name}": figure for n, each in enumerate(counts) for name, figure in each.figures.items()}
        keys = (*counted, *(self.key_sql(each.event) for each in counts if self.by))
        found = self._run(figures, event="", where=" OR ".join(counted), source=source, keys=keys, by=self.by)
        return [
            self._apart(each.figures, [(keys[len(counts) + n :], columns) for keys, columns in found if keys[n]])
            for n, each in enumerate(counts)
        ]

    def totals(self, *counts: Counting) -> list[Figures]:
        """The totals of several, by the days of different events, all read in one pass over their one source."""
        (source,) = {each.source for each in counts}
        if len(counts) == 1:
            return [self.total(each.figures, event=each.event, where=each.where, source=source) for each in counts]
        figures = {
            f"{n} {name}": within(figure, f"({each.where}) AND {self.period(each.event)}")
            for n, each in enumerate(counts)
            for name, figure in each.figures.items()
        }
        periods = dict.fromkeys(f"({self.period(each.event)})" for each in counts)
        found = self.total(figures, event="", where=" OR ".join(periods), source=source)
        return [{name: found[f"{n} {name}"] for name in each.figures} for n, each in enumerate(counts)]

    def _apart(self, figures: Mapping[str, Figure], found: list[Counted]) -> tuple[Figures, dict[str, Figures]]:
        """Total and rows of what was read in more groups than there are keys; the key is the first."""
        by_key: dict[Any, list[dict[str, Any]]] = {}
        for keys, columns in found if self.by else ():
            by_key.setdefault(keys[0], []).append(columns)
        rows: list[Counted] = [((key,), together(columns)) for key, columns in by_key.items()]
        return of_columns(figures, together([columns for _, columns in found])), self._named(figures, rows)

    def pairs(
        self, figures: Mapping[str, Figure], *, second: str, event: str, where: str = "true", source: str = FACTS
    ) -> dict[tuple[str, Any], Figures]:
        """The figures by key of the dimension ("" where none was asked for) and of a second SQL expression."""
        key = self.key_sql(event) if self.by else "''"
        found = self._run(figures, event=event, where=where, source=source, keys=(key, second), by=self.by)
        found = [each for each in found if not (self.timed and each[0][0] is None)]
        names = self.names(keys[0] for keys, _ in found)
        return {(names[keys[0]], keys[1]): of_columns(figures, columns) for keys, columns in found}

    def by_month(self, counting: Counting) -> tuple[dict[str, ByMonth], ByMonth]:
        """How many facts by key of the dimension and by the month of their event, and of all keys together."""
        if self.by in POPULATION:
            return self._monthly(counting)[0], self.alone()._monthly(counting)[1]
        return self._monthly(counting)

    def spread(self, counting: Counting) -> tuple[dict[str, Spread], Spread]:
        """How evenly facts lie over months, by key of the dimension and of all keys together."""
        if self.by in POPULATION:
            return self._spread(counting)[0], self.alone()._spread(counting)[1]
        return self._spread(counting)

    def _spread(self, counting: Counting) -> tuple[dict[str, Spread], Spread]:
        key = self.key_sql(counting.event) if self.by else "''"
        asked = {"event": counting.event, "where": counting.where, "source": counting.source, "by": self.by}
        month = trunc("month", counting.event)
        columns = (f"{key} AS key", f"{month} AS month", "count(*) AS n")
        found = self.read(
            f"""SELECT grouping(key), key, sum(n)::int, sum(n * n)::bigint, min(month), max(month)
            FROM ({self._select(columns, **asked, grouped=2)}) AS each GROUP BY GROUPING SETS ((key), (month))"""
        )
        names = self.names({key for of_month, key, *_ in found if not of_month and not (self.timed and key is None)})
        by_key: dict[str, Spread] = {}
        for of_month, key, *told in found if self.by else ():
            if not of_month and key in names:
                by_key[names[key]] = by_key.get(names[key], Spread()).with_other(Spread(*told))
        whole = Spread()
        for _, _, n, _, month, _ in (row for row in found if row[0]):
            whole = whole.with_other(Spread(n, n * n, month, month))
        return by_key, whole

    def _monthly(self, counting: Counting) -> tuple[dict[str, ByMonth], ByMonth]:
        key = self.key_sql(counting.event) if self.by else "''"
        asked = {"event": counting.event, "where": counting.where, "source": counting.source}
        counted = self._run({"n": "count(*)"}, **asked, keys=(key, trunc("month", counting.event)), by=self.by)
        names = self.names({key for (key, _), _ in counted if not (self.timed and key is None)})
        by_key: dict[str, ByMonth] = {name: {} for name in names.values()} if self.by else {}
        whole: ByMonth = {}
        for (key, first), columns in counted:
            whole[first] = whole.get(first, 0) + columns["count(*)"]
            if self.by and key in names:
                months = by_key[names[key]]
                months[first] = months.get(first, 0) + columns["count(*)"]
        return by_key, whole

    def layers(
        self, figures: Mapping[str, Figure], *, second: str, event: str, where: str = "true", source: str = FACTS
    ) -> tuple[Figures, dict[str, Figures], dict[tuple[str, Any], Figures]]:
        """Total, rows and pairs, read once where all count the same."""
        asked: dict[str, Any] = {"event": event, "where": where, "source": source}
        if self.by in POPULATION:
            return (
                self.total(figures, **asked),
                self.rows(figures, **asked),
                self.pairs(figures, second=second, **asked),
            )
        key = self.key_sql(event) if self.by else "''"
        found = self._run(figures, **asked, keys=(key, second), by=self.by)
        shown = [each for each in found if not (self.timed and each[0][0] is None)]
        names = self.names(keys[0] for keys, _ in shown)
        by_key: dict[Any, list[dict[str, Any]]] = {}
        for keys, columns in shown if self.by else ():
            by_key.setdefault(names[keys[0]], []).append(columns)
        return (
            of_columns(figures, together([columns for _, columns in found])),
            {name: of_columns(figures, together(columns)) for name, columns in by_key.items()},
            {(names[keys[0]], keys[1]): of_columns(figures, columns) for keys, columns in shown},
        )

    def whole(
        self, figures: Mapping[str, str], pairs: Mapping[Any, Figures], *, event: str, where: str = "true"
    ) -> Figures:
        """The total of counts that were read in pairs."""
        if self.by in POPULATION:
            return self.total(figures, event=event, where=where)
        return {name: sum(each[name] for each in pairs.values()) for name in figures}

    def _named(self, figures: Mapping[str, Figure], found: list[Counted]) -> dict[str, Figures]:
        """Rows by the name of their key; what has no day is in no month."""
        shown = [(keys[0], columns) for keys, columns in found if not (self.timed and keys[0] is None)]
        names = self.names(key for key, _ in shown)
        return {names[key]: of_columns(figures, columns) for key, columns in shown}

    def key_sql(self, event: str) -> str:
        """The dimension as SQL; months and quarters are those of the event."""
        if self.by in TIMES:
            return trunc(self.by, event)
        return OWN.get(self.by) or (f"f.{self.by}_id" if self.by in PEOPLE else f"f.{self.by}")

    def names(self, keys: Iterable[Any]) -> dict[Any, str]:
        """What each key is called: months and quarters as written, people by their address, empty where unknown."""
        found = set(keys)
        if self.by in ADDRESSES:
            address = dict(User.objects.filter(pk__in=[key for key in found if key]).values_list("pk", "email"))
            return {key: address.get(key, "") for key in found}
        if self.by == "month":
            return {key: f"{key:%Y-%m}" for key in found}
        if self.by == "quarter":
            return {key: f"{key.year}-Q{(key.month + 2) // 3}" for key in found}
        return {key: key or "" for key in found}

    def population(self, by: str) -> str:
        return " AND ".join(condition for dim, condition in POPULATION.items() if dim != by)

    def parameters(self) -> dict[str, Any]:
        return {
            "client": self.client.pk, "since": self.since, "until": self.until, "now": self.now, "today": self.today,
            "as_of": self.as_of, "ended": self.ended, "zone": self.client.zone,
        }  # fmt: skip

    def period(self, event: str) -> str:
        """SQL that holds for what lies in the period; always, where no event is named."""
        if not event:
            return "true"
        bounds = [f"{event} >= %(since)s"] if self.since else []
        bounds += [f"{event} < %(until)s"] if self.until else []
        return " AND ".join(bounds or ["true"])

    def _run(
        self, figures: Mapping[str, Figure], *, event: str, where: str, source: str, keys: tuple[str, ...], by: str
    ) -> list[Counted]:
        columns = list(dict.fromkeys(column_of(figure) for figure in figures.values()))
        statement = self._select((*keys, *columns), event=event, where=where, source=source, grouped=len(keys), by=by)
        places = len(keys)
        return [(row[:places], dict(zip(columns, row[places:], strict=True))) for row in self.read(statement)]

    def _select(
        self, columns: Iterable[str], *, event: str, where: str, source: str, grouped: int = 0, by: str = ""
    ) -> str:
        """The statement over the facts that count, grouped by the first columns."""
        groups = f" GROUP BY {', '.join(str(n + 1) for n in range(grouped))}" if grouped else ""
        return (
            f"SELECT {', '.join(columns)} FROM {source} WHERE f.client_id = %(client)s "
            f"AND {self.population(by)} AND {self.period(event)} AND ({where}){groups}"
        )

    def read(self, statement: str, **more: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement that names the frame's parameters, and `more`."""
        with connection.cursor() as cursor:
            cursor.execute(statement, {**self.parameters(), **more})
            return cursor.fetchall()
