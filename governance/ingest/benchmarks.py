"""Published pay: one row a job, place, currency, period and day; and the profile that reads the BLS table as it is."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from governance.ingest import cells
from governance.ingest.kinds import Batch, Fault, Kind, Profile, Write
from governance.ingest.table import Column, Row
from governance.ingest.upsert import upsert
from governance.models import Benchmark, MarketSource

PERCENTILES = ("p10", "p25", "p50", "p75", "p90")
KEY = ("source_id", "role_code", "location", "currency", "period", "as_of")
BLS = "BLS OEWS"
BLS_NATION = "0000000"


def note(cell: str) -> str:
    """`top-coded` and `suppressed` have a meaning, whatever their capitals; other notes are kept as they are."""
    known = cell.lower().replace(" ", "-")
    return known if known in ("top-coded", "suppressed") else str(cells.text(80)(cell))


COLUMNS = (
    Column("source", cells.text(80), required=True),
    Column("role_code", cells.text(40), required=True),
    Column("role_title", cells.text(160)),
    Column("location", cells.text(80), required=True),
    Column("currency", cells.currency, required=True),
    Column("period", cells.choice("year", "month", "hour"), required=True),
    Column("as_of", cells.day, required=True),
    *(Column(name, cells.plain, money=True) for name in PERCENTILES),
    Column("note", note),
)


def check(row: Row, batch: Batch) -> Iterator[Fault]:
    """Published percentiles never fall; blanks between them are skipped."""
    given = [name for name in PERCENTILES if name in row.given]
    for lower, higher in pairwise(given):
        if row.given[higher] < row.given[lower]:
            yield higher, f"Percentiles fall: {higher} {row.given[higher]:f} is below {lower} {row.given[lower]:f}."


def plan(batch: Batch) -> Write:
    sources = sources_named({row.given["source"] for row in batch.rows}, batch)
    wanted = [(row.line, _values(row, sources)) for row in batch.rows]
    days = {row.given["as_of"] for row in batch.rows}
    there = Benchmark.objects.filter(client=batch.client, source__in=sources.values(), as_of__in=days)
    return upsert(batch, Benchmark, there, wanted, key=KEY, column="source")


def sources_named(names: Iterable[str], batch: Batch) -> dict[str, MarketSource]:
    """The client's sources by name; one that nobody has set up is made, with the defaults of its publisher."""
    found = {source.name: source for source in MarketSource.objects.filter(client=batch.client, name__in=list(names))}
    for name in sorted(set(names) - set(found)):
        published = {"country": "US", "national_location": BLS_NATION} if name == BLS else {}
        found[name] = MarketSource.objects.create(client=batch.client, name=name, **published)
    return found


def _values(row: Row, sources: dict[str, MarketSource]) -> dict[str, Any]:
    given = row.given
    return {
        "source_id": sources[given["source"]].pk,
        "role_code": given["role_code"],
        "role_title": given.get("role_title", ""),
        "location": given["location"],
        "location_name": given.get("location_name", ""),
        "currency": given["currency"],
        "period": given["period"],
        "as_of": given["as_of"],
        **{name: given.get(name) for name in PERCENTILES},
        "note": given.get("note", ""),
    }


# --- the table of the US Bureau of Labor Statistics, Occupational Employment and Wage Statistics

# Footnotes name columns by OEWS data type: those of the percentiles, in the order of PERCENTILES.
_DATA_TYPES = {"hour": ("06", "07", "08", "09", "10"), "year": ("11", "12", "13", "14", "15")}
_PREFIX = {"hour": "h_", "year": "a_"}
_TOP_CODED, _NOT_RELEASED, _OTHER_PERIOD_ONLY = "5", "8", "4"


def published(cell: str) -> Decimal | None:
    """A figure of the table; a dash is none."""
    return None if cell == "-" else cells.plain(cell)


def footnotes(cell: str) -> dict[str, str]:
    """“03=8;15=5” as {data type: footnote}."""
    if not re.fullmatch("[0-9]{2}=[0-9]+(;[0-9]{2}=[0-9]+)*", cell):
        raise cells.Bad(f"“{cell}” is not a list of footnotes such as 03=8;15=5.")
    return dict(part.split("=") for part in cell.split(";"))


_BLS_COLUMNS = (
    *(Column(name, cells.text(160)) for name in ("area_type", "state_code", "employment", "h_mean", "a_mean")),
    Column("area_code", cells.text(80), required=True),
    Column("area_name", cells.text(160)),
    Column("occ_code", cells.text(40), required=True),
    Column("occ_title", cells.text(160)),
    *(Column(prefix + name, published, required=True) for prefix in _PREFIX.values() for name in PERCENTILES),
    Column("footnotes", footnotes),
)


def bls_year(path: Path) -> int:
    """The release's year from a file name such as state_M2025_dl.csv or bls_oews_may2025.csv.gz; else 2025."""
    found = re.search(r"(?:may|m)[ _-]?(20[0-9]{2})(?![0-9])", path.name, re.IGNORECASE)
    return int(found[1]) if found else 2025


def _expand(row: Row, path: Path) -> Iterator[Row]:
    notes: dict[str, str] = row.get("footnotes", {})
    for period, data_types in _DATA_TYPES.items():
        figures = {name: row.given[_PREFIX[period] + name] for name in PERCENTILES}
        given = {name: figure for name, figure in figures.items() if figure is not None}
        marks = {notes.get(data_type) for data_type in data_types}
        if not given and _TOP_CODED not in marks and _NOT_RELEASED not in marks and _OTHER_PERIOD_ONLY in marks:
            continue  # paid by the year only, or by the hour only: the table has no such figure
        word = "top-coded" if _TOP_CODED in marks else "suppressed" if _NOT_RELEASED in marks and not given else ""
        yield Row(row.line, {**_bls_row(row, path), "period": period, **given, **({"note": word} if word else {})})


def _bls_row(row: Row, path: Path) -> dict[str, Any]:
    return {
        "source": BLS,
        "role_code": row.given["occ_code"],
        "role_title": row.get("occ_title", ""),
        "location": row.given["area_code"],
        "location_name": row.get("area_name", ""),
        "currency": "USD",
        "as_of": date(bls_year(path), 5, 31),
    }


BENCHMARKS = Kind(
    "benchmarks", COLUMNS, plan, check, {"bls": Profile(_BLS_COLUMNS, _expand)}, row="governance.benchmark", kept=True
)
