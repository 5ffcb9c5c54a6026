"""The tables that the programme is made from (config/demo/data), read into plain rows."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

OEWS = "BLS OEWS May 2025, re-dated copy"
BERLIN = "Invented survey, Berlin"
WARSAW = "Invented survey, Warsaw"


@dataclass(frozen=True)
class Place:
    """Where work is done: its currency, its own clock, and the source that prices work there."""

    name: str
    country: str
    currency: str
    zone: str
    source: str
    source_location: str


PLACES = {
    place.name: place
    for place in (
        Place("New York", "US", "USD", "America/New_York", OEWS, "3600000"),
        Place("Charlotte", "US", "USD", "America/New_York", OEWS, "3700000"),
        Place("Ohio", "US", "USD", "America/New_York", OEWS, "3900000"),
        Place("Georgia", "US", "USD", "America/New_York", OEWS, "1300000"),
        Place("Austin", "US", "USD", "America/Chicago", OEWS, "4800000"),
        Place("Berlin", "DE", "EUR", "Europe/Berlin", BERLIN, "BER"),
        Place("Warsaw", "PL", "PLN", "Europe/Warsaw", WARSAW, "WAW"),
    )
}


@dataclass(frozen=True)
class Company:
    """A client of the sample: what `manage.py client` would be given, how its references begin, and its places."""

    code: str
    name: str
    zone: str
    prefix: str
    places: dict[str, int]  # shares of its offers


COMPANIES = (
    Company("northbridge", "Northbridge Bank", "America/New_York", "NB", {"New York": 60, "Charlotte": 40}),
    Company("corvane", "Corvane Cells", "America/New_York", "CV", {"Ohio": 60, "Georgia": 40}),
    Company("lumen", "Lumen Software", "America/Chicago", "LM", {"Austin": 60, "Berlin": 50, "Warsaw": 40}),
)


@dataclass(frozen=True)
class Job:
    """A role at a grade. `occupations` are the codes of its market sources; without one it has no reference."""

    client: str
    role_code: str
    title: str
    family: str
    unit: str
    grade: str
    occupations: tuple[str, ...]
    percentile: int
    a_quarter: int
    bonus_pct: Decimal
    steps: tuple[Decimal, ...]  # of a union scale, an hour, newest year

    def occupation(self, place: Place) -> str | None:
        """The code by which the place's source knows this job."""
        if not self.occupations:
            return None
        return self.occupations[0] if place.source == OEWS else self.occupations[-1]


@dataclass(frozen=True)
class Published:
    """One row of a source as of its newest year: yearly percentiles, None where nothing is published."""

    source: str
    role_code: str
    role_title: str
    location: str
    location_name: str
    currency: str
    percentiles: dict[int, Decimal | None]
    note: str


@dataclass(frozen=True)
class Person:
    """Somebody who signs in, in one role at one client. `covers`: the business unit or place they answer for."""

    client: str
    role: str
    title: str
    name: str
    email: str
    manager: str
    covers: str
    zone: str
    sign_in: bool


@dataclass(frozen=True)
class Reason:
    theme: str
    reason: str
    competing_kind: str
    verbatim: str


@dataclass(frozen=True)
class Opened:
    """An open offer, as data/open.csv describes it."""

    client: str
    role_code: str
    grade: str
    place: str
    hours: float
    stage: str
    approved: int
    terms: str
    priority: str


@cache
def jobs() -> tuple[Job, ...]:
    return tuple(
        Job(
            client=row["client"],
            role_code=row["role_code"],
            title=row["title"],
            family=row["role_family"],
            unit=row["business_unit"],
            grade=row["grade"],
            occupations=tuple(row["occupation"].split()),
            percentile=int(row["target_percentile"]),
            a_quarter=int(row["offers_a_quarter"]),
            bonus_pct=Decimal(row["bonus_pct"]),
            steps=tuple(Decimal(step) for step in row["steps"].split()),
        )
        for row in _rows("roles.csv")
    )


def job(role_code: str, grade: str) -> Job:
    return next(each for each in jobs() if (each.role_code, each.grade) == (role_code, grade))


@cache
def published() -> dict[tuple[str, str, str], Published]:
    """Every row of the three sources, by source, occupation and the source's own place."""
    currencies = {place.source_location: place.currency for place in PLACES.values()}
    sources = {"BER": BERLIN, "WAW": WARSAW}
    rows = [
        Published(
            source=sources.get(row["location"], OEWS),
            role_code=row["role_code"],
            role_title=row["role_title"],
            location=row["location"],
            location_name=row["location_name"],
            currency=currencies.get(row["location"], "USD"),
            percentiles={p: Decimal(row[f"p{p}"]) if row[f"p{p}"] else None for p in (10, 25, 50, 75, 90)},
            note=row["note"],
        )
        for name in ("oews_may_2025.csv", "europe.csv")
        for row in _rows(name)
    ]
    return {(row.source, row.role_code, row.location): row for row in rows}


@cache
def people() -> tuple[Person, ...]:
    return tuple(Person(**{**row, "sign_in": row["sign_in"] == "yes"}) for row in _rows("people.csv"))  # type: ignore[arg-type]


@cache
def names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """First and last names of candidates."""
    rows = _rows("names.csv")
    return tuple(row["first"] for row in rows), tuple(row["last"] for row in rows)


@cache
def reasons() -> dict[str, tuple[Reason, ...]]:
    """Why offers are lost, by theme."""
    found: dict[str, list[Reason]] = {}
    for row in _rows("reasons.csv"):
        found.setdefault(row["theme"], []).append(Reason(**row))
    return {theme: tuple(rows) for theme, rows in found.items()}


@cache
def opened() -> tuple[Opened, ...]:
    """The open offers. The first dozen alone reaches every threshold."""
    rows = _rows("open.csv")
    return tuple(
        Opened(**{**row, "hours": float(row["hours"]), "approved": int(row["approved"])})  # type: ignore[arg-type]
        for row in rows
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
