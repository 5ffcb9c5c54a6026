"""Random offers as a file says them, and the arithmetic of reports in plain Python."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management import call_command
from hypothesis import strategies as st

from analytics.reports import REPORTS, run
from analytics.reports.scorecard import INDICATORS
from governance.models import Client
from tests.factories import NOW

ZONE = ZoneInfo("America/New_York")
FINAL = {"accepted", "joined", "reneged", "declined", "expired", "withdrawn"}
YES = {"accepted", "joined", "reneged"}
THEMES = ["", "compensation", "benefits", "not_given"]
START = datetime(2026, 1, 5, 14, tzinfo=UTC)
Offer = dict[str, Any]


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    outcome = draw(st.sampled_from(sorted(FINAL | {"rescinded", "cancelled"})))
    verbal = START + timedelta(hours=draw(st.integers(0, 4000)))
    # Hours on both sides of every border, and letters before the approval or after the answer.
    written = verbal + timedelta(hours=draw(st.sampled_from([-3, 0, 5, 23, 24, 25, 48, 71, 72, 73, 95, 96, 200])))
    decided = written + timedelta(hours=draw(st.sampled_from([-1, 0, 20, 100, 700])))
    joined = decided.astimezone(ZONE).date() + timedelta(days=draw(st.integers(0, 60))) if outcome == "joined" else None
    left = joined + timedelta(days=draw(st.integers(0, 200))) if joined and draw(st.booleans()) else None
    return {
        "outcome": outcome,
        "verbal": verbal if draw(st.integers(0, 9)) else None,
        "basis": draw(st.sampled_from(["recorded", "recorded", "recorded", "inferred"])),
        "written": written if outcome in YES or draw(st.integers(0, 4)) else None,
        "decided": decided,
        "joined": joined,
        "left": left if left and left <= NOW.date() else None,
        "unit": draw(st.sampled_from(["North", "South", "West"])),
        "type": draw(st.sampled_from(["external", "external", "rehire", "internal"])),
        "theme": draw(st.sampled_from(THEMES)),
        "opened": decided.astimezone(ZONE).date() - timedelta(days=draw(st.integers(-2, 90))),
    }


def take_in(rows: list[Offer], path: Path, client: Client) -> None:
    names = {
        "outcome": "outcome", "verbal_approved_at": "verbal", "written_at": "written", "decided_at": "decided",
        "joined_on": "joined", "left_on": "left", "business_unit": "unit", "candidate_type": "type",
        "decline_theme": "theme", "requisition_opened_on": "opened", "satisfaction": "satisfaction",
    }  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        fixed = ["external_id", "candidate_ref", "requisition_ref", "base_salary", "currency", "verbal_basis"]
        writer.writerow([*fixed, *names])
        for n, row in enumerate(rows):
            values = [row.get(name) for name in names.values()]
            said = [value.isoformat() if hasattr(value, "isoformat") else value for value in values]
            basis = row["basis"] if row["verbal"] else "missing"
            writer.writerow([f"O{n}", f"C{n}", f"R{n}", "90000", "USD", basis, *("" if v is None else v for v in said)])
    out = io.StringIO()
    call_command("ingest", "offers", str(path), client=client.code, json=True, stdout=out)


def ingest(kind: str, rows: Iterable[dict[str, Any]], path: Path, client: Client) -> None:
    """Take rows in by their file: instants and days as ISO, None as not given."""
    lines = list(rows)
    if not lines:
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        for row in lines:
            writer.writerow(
                {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
            )
    call_command("ingest", kind, str(path), client=client.code, json=True, stdout=io.StringIO())


def assert_scorecard(client: Client, since: date | None, until: date | None) -> None:
    """Every figure is what its report says of the period, and of the one before; under the minimum it is left out."""
    card = {row["key"]: row for row in run("scorecard", client=client, since=since, until=until, now=NOW)["rows"]}
    assert set(card) <= {each.key for each in INDICATORS}
    for each in INDICATORS:
        said = card.get(each.key, {"n": 0, "suppressed": True})
        name = next(name for name, report in REPORTS.items() if report is each.report)
        total = run(name, client=client, since=since, until=until, now=NOW, of=True)["total"]
        if said.get("suppressed"):
            assert said["n"] < 5
        elif not total.get("suppressed"):  # the report's own figures are of other offers, and may be of too few
            assert (said["n"], said["value"]) == (total.get("of", {}).get(each.figure, said["n"]), total[each.figure])
        if since and until and not said.get("suppressed"):
            earlier = run(name, client=client, since=since - (until - since), until=since, now=NOW)["total"]
            assert said["previous"] in (None, earlier.get(each.figure)) or earlier.get("suppressed")


# --- arithmetic


def day(instant: datetime) -> date:
    return instant.astimezone(ZONE).date()


def inside(when: date | None, since: date | None, until: date | None) -> bool:
    return when is not None and (since is None or when >= since) and (until is None or when < until)


def sure(row: Offer) -> bool:
    """Whether its three instants can all be true and the first was recorded."""
    if row["verbal"] is None or row["basis"] == "inferred":
        return False
    order = [at for at in (row["verbal"], row["written"], row["decided"]) if at]
    return order == sorted(order)


def hours(row: Offer) -> float:
    return float((row["written"] - row["verbal"]).total_seconds() / 3600)


def percentile(values: list[float], share: float) -> float | None:
    if not values:
        return None
    ordered, place = sorted(values), share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
