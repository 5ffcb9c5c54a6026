"""The report of pay says what plain Python says of the same files: bands, benchmarks, matches and offers."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.facts import refresh
from analytics.reports import run
from governance.models import Client, MarketSource
from tests.analytics.plain import day, ingest, inside
from tests.factories import NOW

Found = dict[str, Any]
UNITS = ("North", "South")
PLACE = {"grade": "G5", "location": "Ohio"}
YEARLY = {"location": "Ohio", "currency": "USD", "period": "year"}
MIDPOINT = {"matched": 100_000, "unmatched": 90_000}  # of the bands; a fifth to either side is still inside
MEDIAN = 110_000  # what the market pays for the role that has a match
# On both sides of 5 % below the market, and of both edges of either band.
PAID = [71_999, 72_000, 79_999, 104_499, 104_500, 108_000, 108_001, 120_000, 120_001]
START = datetime(2026, 1, 5, 14, tzinfo=UTC)


@st.composite
def offers(draw: st.DrawFn) -> Found:
    decided = START + timedelta(hours=draw(st.integers(0, 4000)))
    return {
        "role_code": draw(st.sampled_from(["matched", "matched", "unmatched", "nowhere"])),
        "base_salary": draw(st.sampled_from(PAID)),
        "outcome": draw(st.sampled_from(["accepted", "declined", "cancelled"])),
        "written_at": decided - timedelta(hours=draw(st.integers(1, 200))) if draw(st.booleans()) else None,
        "decided_at": decided,
        "business_unit": draw(st.sampled_from(UNITS)),
    }  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(offers(), min_size=30, max_size=50), since=st.sampled_from([None, date(2026, 2, 15)]))
def test_pay_agrees_with_plain_python(scoped: Client, tmp_path: Path, rows: list[Found], since: date | None) -> None:
    until = date(2026, 6, 1) if since else None
    for row in rows:  # only what has a letter can have been accepted
        row["outcome"] = row["outcome"] if row["written_at"] else "cancelled"
    with transaction.atomic():
        take_in(rows, tmp_path, scoped)
        refresh(scoped.pk, now=NOW)
        report = run("pay_position", client=scoped, since=since, until=until, by="business_unit", now=NOW)
        agree(report["total"], pay(rows, since, until))
        shown = {row["key"]: row for row in report["rows"]}
        for unit in UNITS:
            own = pay([row for row in rows if row["business_unit"] == unit], since, until)
            agree(shown.get(unit, {"n": 0, "suppressed": True}), own)
        transaction.set_rollback(True)


def take_in(rows: list[Found], folder: Path, client: Client) -> None:
    bands = [
        {"code": role, "role_family": "Any", "role_code": role, **PLACE, "currency": "USD", "period": "year",
         "minimum": middle * 8 // 10, "midpoint": middle, "maximum": middle * 12 // 10, "valid_from": "2025-01-01"}
        for role, middle in MIDPOINT.items()
    ]  # fmt: skip
    benchmark = {"source": "Survey", "role_code": "S1", **YEARLY, "as_of": "2025-06-30", "p50": MEDIAN}
    match = {"role_code": "matched", **PLACE, "source": "Survey", "source_role_code": "S1", "source_location": "Ohio"}
    fixed = {"currency": "USD", "verbal_basis": "missing", **PLACE}
    told = [
        {"external_id": f"O{n}", "candidate_ref": f"C{n}", "requisition_ref": f"R{n}", **fixed, **row}
        for n, row in enumerate(rows)
    ]
    for kind, lines in (("bands", bands), ("benchmarks", [benchmark]), ("matches", [match])):
        ingest(kind, lines, folder / f"{kind}.csv", client)
    MarketSource.objects.update(yearly_rate=0)  # so that what the market pays does not rise from day to day
    ingest("offers", told, folder / "offers.csv", client)


def agree(said: Found, own: Found) -> None:
    if own["n"] < 5:
        assert (said["n"], said["suppressed"]) == (own["n"], True)
        assert not set(own) & set(said) - {"n"}
    else:
        assert {name: said[name] for name in own} == {name: pytest.approx(value) for name, value in own.items()}


# --- plain Python


def pay(rows: list[Found], since: date | None, until: date | None) -> Found:
    judged = [row for row in rows if inside(day(row["written_at"] or row["decided_at"]), since, until)]
    priced = [row["base_salary"] for row in judged if row["role_code"] == "matched"]
    banded = [(row["base_salary"], MIDPOINT[row["role_code"]]) for row in judged if row["role_code"] in MIDPOINT]
    return {
        "n": len(judged),
        "median_market_ratio": median(base / MEDIAN for base in priced) if priced else None,
        "median_compa_ratio": median(base / middle for base, middle in banded) if banded else None,
        "below_reference_5pct": sum(100 * base < 95 * MEDIAN for base in priced),
        "outside_band": sum(not 8 * middle <= 10 * base <= 12 * middle for base, middle in banded),
        "unknown_reference": len(judged) - len(priced),
    }
