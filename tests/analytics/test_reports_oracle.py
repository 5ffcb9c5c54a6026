"""Every report says what plain Python says of the same rows, whatever the rows are."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.facts import refresh
from analytics.reports import run
from governance.models import Client
from tests.analytics.plain import (
    FINAL,
    YES,
    ZONE,
    Offer,
    assert_scorecard,
    day,
    hours,
    inside,
    offers,
    percentile,
    share,
    sure,
    take_in,
)  # fmt: skip
from tests.factories import NOW


@pytest.mark.django_db
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(offers(), min_size=40, max_size=70), since=st.sampled_from([None, date(2026, 3, 1)]))
def test_every_report_agrees_with_plain_python(
    scoped: Client, tmp_path: Path, rows: list[Offer], since: date | None
) -> None:
    with transaction.atomic():
        take_in(rows, tmp_path / "offers.csv", scoped)
        refresh(scoped.pk, now=NOW)
        counted = [row for row in rows if row["type"] != "internal"]
        until = date(2026, 6, 1) if since else None
        for name in ("acceptance", "sla"):
            assert_months(name, scoped, counted)
        for name, oracle in ORACLES.items():
            report = run(name, client=scoped, since=since, until=until, by="business_unit", now=NOW)
            total, excluded = oracle(counted, since, until)
            said = report["total"]
            if total["n"] >= 5:
                assert {key: pytest.approx(value) for key, value in total.items()} == {key: said[key] for key in total}
            else:
                assert said == {"key": "", "n": total["n"], "suppressed": True}
            if excluded is not None:
                assert report["excluded"] == excluded
            for unit in ("North", "South", "West") if name not in ("declines", "delay_curve") else ():
                alone = oracle([row for row in counted if row["unit"] == unit], since, until)[0]
                found = {row["key"]: row for row in report["rows"]}.get(unit)
                if alone["n"] >= 5:
                    assert found is not None
                    assert found["n"] == alone["n"]
                    assert {key: pytest.approx(alone[key]) for key in alone} == {key: found[key] for key in alone}
                else:
                    assert found is None or found["suppressed"]
        assert_scorecard(scoped, since, until)
        transaction.set_rollback(True)


def assert_months(name: str, client: Client, offers: list[Offer]) -> None:
    """A month says what its report says of a period of that month, though its figures go by days of several events."""
    rows = {row["key"]: row for row in run(name, client=client, by="month", now=NOW)["rows"]}
    for month in range(1, 8):
        alone = ORACLES[name](offers, date(2026, month, 1), date(2026, month + 1, 1))[0]
        if alone["n"] >= 5:
            found = rows[f"2026-{month:02}"]
            assert {key: pytest.approx(alone[key]) for key in alone} == {key: found[key] for key in alone}


# --- plain Python


def acceptance(rows: list[Offer], since: date | None, until: date | None) -> tuple[Offer, int]:
    asked = [row for row in rows if inside(day(row["decided"]), since, until)]
    answered = [row for row in asked if row["outcome"] in FINAL and row["written"]]
    decided = [row for row in answered if row["decided"] >= row["written"]]
    told = Counter(row["outcome"] for row in decided)
    accepted = told["accepted"] + told["joined"] + told["reneged"]
    never = [row for row in asked if not row["written"] and row["outcome"] in ("declined", "expired", "withdrawn")]
    outcomes = [row for row in asked if row["outcome"] != "cancelled"]
    closed = [row for row in asked if row["outcome"] in ("joined", "accepted")]
    return {
        "n": len(decided), "decided": len(decided), "accepted": accepted, "declined": told["declined"],
        "expired": told["expired"], "withdrawn": told["withdrawn"], "rate": share(accepted, len(decided)),
        "lost_after_verbal": len(never), "closed": len(closed), "closed_rate": share(len(closed), len(outcomes)),
    }, len(answered) - len(decided)  # fmt: skip


def time_to_offer(rows: list[Offer], since: date | None, until: date | None) -> tuple[Offer, int]:
    written = [row for row in rows if row["written"] and inside(day(row["written"]), since, until)]
    known = [hours(row) for row in written if sure(row)]
    return {
        "n": len(known), "median_hours": percentile(known, 0.5), "p90_hours": percentile(known, 0.9),
        "mean_hours": mean(known) if known else None,
        "share_within_24": share(sum(each <= 24 for each in known), len(known)),
        "share_within_48": share(sum(each <= 48 for each in known), len(known)),
        "over_72": sum(each > 72 for each in known), "open_now": 0,
    }, len(written) - len(known)  # fmt: skip


def time_to_fill(rows: list[Offer], since: date | None, until: date | None) -> tuple[Offer, int]:
    filled = [row for row in rows if row["outcome"] in YES and inside(day(row["decided"]), since, until)]
    taken = [float((day(row["decided"]) - row["opened"]).days) for row in filled]
    known = [days for days in taken if days >= 0]
    figures = {"n": len(known), "median_days": percentile(known, 0.5), "p90_days": percentile(known, 0.9)}
    return figures, len(taken) - len(known)


def declines(rows: list[Offer], since: date | None, until: date | None) -> tuple[Offer, int]:
    lost = [
        row
        for row in rows
        if row["outcome"] in ("declined", "expired", "withdrawn") and inside(day(row["decided"]), since, until)
    ]
    asked = sum(bool(row["theme"]) for row in lost)
    return {"n": len(lost), "losses": len(lost), "captured": 0, "asked_rate": share(asked, len(lost))}, 0


def delay_curve(rows: list[Offer], since: date | None, until: date | None) -> tuple[Offer, int]:
    answered = [
        row for row in rows if row["written"] and row["outcome"] in FINAL and inside(day(row["decided"]), since, until)
    ]
    known = [row for row in answered if sure(row)]
    no = [row for row in known if row["outcome"] == "declined"]
    late = sum(hours(row) > 72 for row in known)
    return {
        "n": len(known), "offered": len(known), "declined": len(no), "rate": share(len(no), len(known)),
        "share_of_declines_over_72": share(sum(hours(row) > 72 for row in no), len(no)),
        "share_of_offers_over_72": share(late, len(known)),
    }, len(answered) - len(known)  # fmt: skip


def attrition(rows: list[Offer], since: date | None, until: date | None) -> tuple[Offer, int]:
    end = until or NOW.astimezone(ZONE).date()
    joined = [row for row in rows if row["joined"] and inside(row["joined"], since, until)]
    figures: Offer = {"joined": len(joined)}
    for days in (30, 90, 180, 365):
        exposed = [row for row in joined if row["joined"] + timedelta(days=days) <= end]
        left = sum(row["left"] is not None and (row["left"] - row["joined"]).days <= days for row in exposed)
        figures |= {f"joined_{days}": len(exposed), f"left_{days}": left, f"rate_{days}": share(left, len(exposed))}
    return {"n": figures["joined_30"], **figures}, 0


def sla(rows: list[Offer], since: date | None, until: date | None) -> tuple[Offer, None]:
    clocks = [row for row in rows if sure(row)]
    counted = []
    for row in clocks:
        due = row["verbal"] + timedelta(hours=48)
        ended_first = not row["written"] and row["decided"] < due
        if inside(day(due), since, until) and not ended_first:
            counted.append(bool(row["written"]) and row["written"] < due)
    met = sum(counted)
    figures = {"n": len(counted), "due": len(counted), "met": met, "breached": len(counted) - met}
    return {**figures, "attainment": share(met, len(counted))}, None


ORACLES: dict[str, Any] = {
    "acceptance": acceptance,
    "time_to_offer": time_to_offer,
    "time_to_fill": time_to_fill,
    "declines": declines,
    "delay_curve": delay_curve,
    "attrition": attrition,
    "sla": sla,
}
