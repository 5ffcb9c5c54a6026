"""Pay references then and now: what became of each band, and of each published value that a match points at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from governance.models import Benchmark, JobMatch, MarketSource, SalaryBand


@dataclass(frozen=True, slots=True)
class Line:
    """One reference on both days: minimum, midpoint and maximum of a band; p25, target or p50, and p75 of a benchmark.

    `before` and `after` are None where there was none. Amounts are per the reference's own period, in `currency`.
    """

    name: str
    place: str
    currency: str
    period: str
    before: tuple[Decimal | None, ...] | None
    after: tuple[Decimal | None, ...] | None

    @property
    def change(self) -> Decimal | None:
        """Of the middle amount, as a share; None where it is not known on both days."""
        old, new = (self.before or (None,) * 3)[1], (self.after or (None,) * 3)[1]
        return None if old is None or new is None or not old else (new - old) / old

    @property
    def state(self) -> str:
        """new, gone, same or changed."""
        if self.before is None:
            return "new"
        if self.after is None:
            return "gone"
        return "same" if self.before == self.after else "changed"


Key = tuple[str, str, str, str]
Amounts = tuple[Decimal | None, ...]


def bands(client_id: int, then: date, now: date) -> list[Line]:
    """The client's bands valid on either day, by role (or family), grade, place and currency; steps one by one."""
    return _lines(_bands_on(client_id, then), _bands_on(client_id, now))


def benchmarks(source: MarketSource, then: date, now: date) -> list[Line]:
    """The published rows of both dates that a match of the client points at."""
    return _lines(_published(source, then), _published(source, now))


def dates(source: MarketSource) -> list[date]:
    """The dates as of which the source has published values, the newest first."""
    rows = Benchmark.objects.filter(client_id=source.client_id, source=source)
    return list(rows.order_by("-as_of").values_list("as_of", flat=True).distinct())


def _bands_on(client_id: int, day: date) -> dict[Key, Amounts]:
    found: dict[Key, Amounts] = {}
    counts: dict[tuple[str, str, str], int] = {}
    rows = SalaryBand.objects.filter(client_id=client_id).valid_on(day)
    for band in rows.order_by("minimum"):
        name, place = f"{band.role_code or band.role_family} {band.grade}".strip(), band.location
        if band.kind == SalaryBand.Kind.STEP:
            number = counts[name, place, band.currency] = counts.get((name, place, band.currency), 0) + 1
            name = f"{name}, step {number}"
        found[name, place, band.currency, band.period] = (band.minimum, band.midpoint, band.maximum)
    return found


def _published(source: MarketSource, day: date) -> dict[Key, Amounts]:
    matched = JobMatch.objects.filter(client_id=source.client_id, source=source)
    pairs = set(matched.values_list("source_role_code", "source_location"))
    rows = Benchmark.objects.filter(
        client_id=source.client_id, source=source, as_of=day, role_code__in={code for code, _ in pairs}
    )
    return {
        (f"{row.role_code} {row.role_title}".strip(), row.location_name or row.location, row.currency, row.period): (
            row.p25, row.p50, row.p75,
        )
        for row in rows
        if (row.role_code, row.location) in pairs
    }  # fmt: skip


def _lines(before: Mapping[Key, Amounts], after: Mapping[Key, Amounts]) -> list[Line]:
    keys: Iterable[Key] = sorted(before.keys() | after.keys())
    return [Line(*key, before.get(key), after.get(key)) for key in keys]
