"""Where amounts stand in the market, for one or for a hundred thousand: the rows are read once, in three queries.

As published: nothing is aged, interpolated or converted. An hourly amount is compared with hourly values alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Any, NamedTuple

from governance import market
from governance.market import Position
from governance.models import Benchmark, Client, JobMatch, MarketSource, SalaryBand
from governance.money import money_json

DEFAULT_TARGET = 50
_RATIO = Context(prec=28)
_COLUMNS = (
    "source_id", "role_code", "location", "role_title", "location_name", "currency", "period", "as_of",
    "p10", "p25", "p50", "p75", "p90", "note",
)  # fmt: skip


class Asked(NamedTuple):
    """An amount of a role at a place; the codes are the client's own, or the source's where one is named."""

    role_code: str
    location: str
    amount: Decimal
    currency: str
    period: str
    grade: str = ""


class Published(NamedTuple):
    """One row of a source, as read."""

    source_id: int
    role_code: str
    location: str
    role_title: str
    location_name: str
    currency: str
    period: str
    as_of: date
    p10: Decimal | None
    p25: Decimal | None
    p50: Decimal | None
    p75: Decimal | None
    p90: Decimal | None
    note: str

    @property
    def percentiles(self) -> dict[int, Decimal | None]:
        return {10: self.p10, 25: self.p25, 50: self.p50, 75: self.p75, 90: self.p90}


class Where(NamedTuple):
    """Which published job stands for what was asked."""

    source: MarketSource
    role_code: str
    location: str
    target: int


@dataclass(frozen=True, slots=True)
class Answer:
    """`position.reason` says why it is unknown. The ratios are None where no band is known, or no grade was given."""

    position: Position
    where: Where | None = None
    row: Published | None = None
    stale: bool = False
    compa_ratio: Decimal | None = None
    range_penetration: Decimal | None = None


def price(client: Client, asked: Sequence[Asked], *, on: date, source: MarketSource | None = None) -> list[Answer]:
    """The answer to each, in order, by what was published on or before `on`, the client's own day.

    With a source the codes are the source's own; without one, the client's job matches say which are meant.
    """
    places = [Where(source, each.role_code, each.location, DEFAULT_TARGET) for each in asked] if source else None
    wheres: Sequence[Where | None] = places or _matched(client, asked)
    rows = _published(client, {where for where in wheres if where}, on)
    bands = _bands(client, asked, on)
    return [_answer(each, where, rows, bands, client, on) for each, where in zip(asked, wheres, strict=True)]


def _matched(client: Client, asked: Sequence[Asked]) -> list[Where | None]:
    """The match of the grade, else that of every grade; without a grade, the one that all grades share."""
    found: dict[tuple[str, str], list[JobMatch]] = defaultdict(list)
    named = JobMatch.objects.filter(client=client, role_code__in={each.role_code for each in asked})
    for match in named.filter(location__in={each.location for each in asked}).select_related("source"):
        found[match.role_code, match.location].append(match)
    return [_match_of(each, found[each.role_code, each.location]) for each in asked]


def _match_of(asked: Asked, matches: list[JobMatch]) -> Where | None:
    for grade in dict.fromkeys((asked.grade, "")):
        for match in matches:
            if match.grade == grade:
                return Where(match.source, match.source_role_code, match.source_location, match.target_percentile)
    shared = {(match.source, match.source_role_code, match.source_location) for match in matches}
    if asked.grade or len(shared) != 1:
        return None
    targets = {match.target_percentile for match in matches}
    return Where(*shared.pop(), target=targets.pop() if len(targets) == 1 else DEFAULT_TARGET)


Place = tuple[int, str, str]


def _published(client: Client, wheres: Iterable[Where], on: date) -> dict[Place, list[Published]]:
    """What was published of each place by then, newest first."""
    places = {(where.source.pk, where.role_code, where.location) for where in wheres}
    rows = Benchmark.objects.filter(
        client=client, source__in={one for one, _, _ in places}, role_code__in={code for _, code, _ in places},
        location__in={place for _, _, place in places}, as_of__lte=on,
    )  # fmt: skip
    found: dict[Place, list[Published]] = defaultdict(list)
    for values in rows.order_by("-as_of", "pk").values_list(*_COLUMNS).iterator(chunk_size=5000):
        row = Published(*values)
        if row[:3] in places:
            found[row[:3]].append(row)
    return found


def _answer(
    asked: Asked, where: Where | None, rows: dict[Place, list[Published]], bands: "Bands", client: Client, on: date
) -> Answer:
    ratios = _against_band(asked, bands, client)
    there = rows.get((where.source.pk, where.role_code, where.location), []) if where else []
    of_currency = [row for row in there if row.currency == asked.currency]
    row = next((row for row in of_currency if row.period == asked.period), None)
    if where is None or row is None:
        reason = "missing" if not there else "period" if of_currency else "currency"
        return Answer(Position(known=False, reason=reason), where, None, False, *ratios)
    stale = (on - row.as_of).days > where.source.stale_after_days
    if row.note == "suppressed":
        return Answer(Position(known=False, reason="suppressed"), where, row, stale, *ratios)
    found = market.position(row.percentiles, asked.amount, where.target, row.note == "top-coded")
    return Answer(found, where, row, stale, *ratios)


# --- bands

Bands = dict[tuple[str, str, str, str], list[SalaryBand]]


def _bands(client: Client, asked: Sequence[Asked], on: date) -> Bands:
    found: Bands = defaultdict(list)
    graded = [each for each in asked if each.grade]
    if graded:
        rows = SalaryBand.objects.filter(
            client=client, role_code__in={each.role_code for each in graded}, grade__in={each.grade for each in graded},
            location__in={each.location for each in graded},
        ).valid_on(on)  # fmt: skip
        for row in rows.order_by("minimum"):
            found[row.role_code, row.grade, row.location, row.currency].append(row)
    return found


def _against_band(asked: Asked, bands: Bands, client: Client) -> tuple[Decimal | None, Decimal | None]:
    """(compa-ratio, share of the way into the range); a step scale reaches from its first step to its last."""
    rows = bands.get((asked.role_code, asked.grade, asked.location, asked.currency)) if asked.grade else None
    if not rows:
        return None, None
    first, last = rows[0], rows[-1]

    def yearly(amount: Decimal, period: str) -> Decimal:
        return amount if asked.period == first.period else market.annual(amount, period, client.hours_divisor)  # type: ignore[arg-type]

    low, high = yearly(first.minimum, first.period), yearly(last.maximum, first.period)
    middle = yearly(first.midpoint, first.period) if len(rows) == 1 else (low + high) / 2
    amount = yearly(asked.amount, asked.period)
    into = _RATIO.divide(amount - low, high - low) if high > low else None
    return _RATIO.divide(amount, middle), into


# --- as JSON


def as_json(answer: Answer, *, graded: bool = False) -> dict[str, Any]:
    """The answer as docs/api.md writes it; `graded` adds the band's two ratios, null where no band is known."""
    found = answer.position
    more = {"compa_ratio": _text(answer.compa_ratio), "range_penetration": _text(answer.range_penetration)}
    ratios: dict[str, Any] = more if graded else {}
    if not found.known or answer.row is None or answer.where is None:
        return {"known": False, "reason": found.reason, **ratios}
    return {
        "known": True,
        "bracket": found.bracket,
        "market_ratio": _text(found.market_ratio),
        "at_least": found.at_least,
        "percentile_low": found.percentile_low,
        "percentile_high": found.percentile_high,
        "benchmark": _benchmark(answer.row, answer.where),
        "stale": answer.stale,
        "top_coded": answer.row.note == "top-coded",
        **ratios,
    }


def _benchmark(row: Published, where: Where) -> dict[str, Any]:
    national = where.source.national_location
    cells = {f"p{percent}": money_json(cell, row.currency) for percent, cell in row.percentiles.items()}
    return {
        "source": where.source.name, "role_code": row.role_code, "role_title": row.role_title,
        "location": row.location, "location_name": row.location_name,
        "national": bool(national) and row.location == national, "currency": row.currency, "period": row.period,
        "as_of": row.as_of.isoformat(), "target_percentile": where.target, **cells, "note": row.note,
    }  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
