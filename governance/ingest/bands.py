"""Salary bands: ranges and step scales, of which no two may judge the same offer."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from governance.ingest import cells
from governance.ingest.kinds import Batch, Fault, Kind, Write
from governance.ingest.table import Column, Row
from governance.ingest.upsert import upsert
from governance.models import SalaryBand

RANGE_KEY = ("code", "grade", "location", "valid_from")
STEP_KEY = (*RANGE_KEY, "minimum")

amount = cells.above_zero(cells.plain)
COLUMNS = (
    Column("code", cells.text(60), required=True),
    Column("role_family", cells.text(80), required=True),
    Column("role_code", cells.text(40)),
    Column("grade", cells.text(20), required=True),
    Column("location", cells.text(80), required=True),
    Column("currency", cells.currency, required=True),
    Column("period", cells.choice("year", "month", "hour"), required=True),
    Column("minimum", amount, required=True, money=True),
    Column("midpoint", amount, money=True),
    Column("maximum", amount, required=True, money=True),
    Column("valid_from", cells.day, required=True),
    Column("valid_to", cells.day),
    Column("kind", cells.choice("range", "step")),
    Column("strict", cells.yes_or_no),
)


def check(row: Row, batch: Batch) -> Iterator[Fault]:
    low, high = row.given["minimum"], row.given["maximum"]
    middle = row.get("midpoint")
    if row.get("kind") == "step" and low != high:
        yield "maximum", f"A step is one amount: its minimum {low:f} and maximum {high:f} must be the same."
    elif low > high:
        yield "maximum", f"The maximum {high:f} is below the minimum {low:f}."
    elif middle is not None and middle < low:
        yield "midpoint", f"The midpoint {middle:f} is below the minimum {low:f}."
    elif middle is not None and middle > high:
        yield "midpoint", f"The midpoint {middle:f} is above the maximum {high:f}."
    if "valid_to" in row.given and row.given["valid_to"] < row.given["valid_from"]:
        yield "valid_to", f"Its validity ends before it starts, on {row.given['valid_from']}."


def plan(batch: Batch) -> Write:
    wanted = [(row.line, _values(row)) for row in batch.rows]
    there = SalaryBand.objects.filter(client=batch.client)
    _refuse_overlaps(batch, wanted, list(there.values("pk", *(name for _, values in wanted[:1] for name in values))))
    writes = [
        upsert(
            batch, SalaryBand, there.filter(kind=kind), [each for each in wanted if each[1]["kind"] == kind], key=key
        )
        for kind, key in (("range", RANGE_KEY), ("step", STEP_KEY))
    ]

    def write() -> None:
        for each in writes:
            each()

    return write


def _values(row: Row) -> dict[str, Any]:
    given = row.given
    mean = ((given["minimum"] + given["maximum"]) / 2).quantize(Decimal("0.0001"))
    return {
        "code": given["code"],
        "role_family": given["role_family"],
        "role_code": given.get("role_code", ""),
        "grade": given["grade"],
        "location": given["location"],
        "currency": given["currency"],
        "period": given["period"],
        "minimum": given["minimum"],
        "midpoint": given.get("midpoint", mean),
        "maximum": given["maximum"],
        "valid_from": given["valid_from"],
        "valid_to": given.get("valid_to"),
        "kind": given.get("kind", "range"),
        "strict": given.get("strict", False),
    }


# --- overlaps


@dataclass(frozen=True, slots=True)
class _Span:
    """A band in time. `line` is None for one that is in the database and not in the file."""

    line: int | None
    code: str
    step: Decimal | None
    start: date
    end: date

    def clashes(self, other: "_Span") -> bool:
        """Whether both would judge the same offer: two steps of one scale do not, unless they are the same step."""
        if self.end < other.start or other.end < self.start:
            return False
        return self.step is None or other.step is None or self.code != other.code or self.step == other.step

    def __str__(self) -> str:
        until = f"to {self.end}" if self.end < date.max else "on"
        place = f"on line {self.line}" if self.line else "that is there already"
        return f"{self.code} {place}, valid from {self.start} {until}"


def _refuse_overlaps(batch: Batch, wanted: list[tuple[int, dict[str, Any]]], there: list[dict[str, Any]]) -> None:
    groups: dict[tuple[str, ...], list[_Span]] = defaultdict(list)
    in_file = set()
    for line, values in wanted:
        if (key := _key(values)) not in in_file:  # a key given twice is judged where the rows are compared
            in_file.add(key)
            groups[_judges(values)].append(_span(line, values))
    for values in there:
        if _key(values) not in in_file and _judges(values) in groups:
            groups[_judges(values)].append(_span(None, values))
    for spans in groups.values():
        for span, other in _clashes(spans):
            batch.report.refuse(span.line, "valid_from", f"This band overlaps {other}. Bands of one role may not.")


def _clashes(spans: list[_Span]) -> Iterator[tuple[_Span, _Span]]:
    """Pairs of a band of the file and what it overlaps, each band of the file at most once."""
    current: list[_Span] = []
    for span in sorted(spans, key=lambda each: (each.start, each.line or 0)):
        current = [each for each in current if each.end >= span.start]
        clash = next((each for each in current if each.clashes(span)), None)
        if clash is None:
            current.append(span)
        elif span.line and (clash.line or 0) < span.line:
            yield span, clash
        elif clash.line:
            yield clash, span


def _span(line: int | None, values: dict[str, Any]) -> _Span:
    step = values["minimum"] if values["kind"] == "step" else None
    return _Span(line, values["code"], step, values["valid_from"], values["valid_to"] or date.max)


def _key(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(values[name] for name in (STEP_KEY if values["kind"] == "step" else RANGE_KEY))


def _judges(values: dict[str, Any]) -> tuple[str, ...]:
    """What an offer is matched by: the role code's band where there is one, else the family's."""
    return (values["role_code"] or values["role_family"], values["grade"], values["location"], values["currency"])


BANDS = Kind("bands", COLUMNS, plan, check, row="governance.salaryband", kept=True)
