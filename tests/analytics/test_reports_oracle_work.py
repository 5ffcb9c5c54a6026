"""The same for reports of the work: steps, asks, ways around, costs, and themes where they are heard more often."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from math import comb
from pathlib import Path
from statistics import mean, median, stdev
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
    Offer,
    assert_scorecard,
    day,
    hours,
    ingest,
    inside,
    offers,
    percentile,
    share,
    sure,
    take_in,
)  # fmt: skip
from tests.factories import NOW

UNITS = ("North", "South", "West")
ROLES = ("hr_partner", "finance_leader")
KINDS = ("internal", "agency", "management_fee", "sign_on")
Found = dict[str, Any]


@st.composite
def worked(draw: st.DrawFn) -> Offer:
    """An offer with what was done about it."""
    offer = draw(offers())
    asked = offer["decided"] - timedelta(hours=draw(st.integers(0, 50)))
    return {
        **offer,
        "steps": [
            {"role": draw(st.sampled_from(ROLES)), "asked": asked + timedelta(hours=n),
             "hours": draw(st.integers(0, 40)), "decision": draw(st.sampled_from(["approved", "approved", "rejected"]))}
            for n in range(draw(st.integers(0, 2)))
        ],
        "ask": draw(st.sampled_from([None, {"inside": "yes", "hours": 3}, {"inside": "no", "hours": 30}])),
        "around": draw(st.sampled_from([None, None, "ratified", "retracted", "disclosed", "unfounded"])),
        "found_by": draw(st.sampled_from(["reported", "detected"])),
        "satisfaction": draw(st.sampled_from([None, 0, 6, 7, 9, 10])),
    }  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(worked(), min_size=45, max_size=60), since=st.sampled_from([None, date(2026, 2, 15)]))
def test_reports_of_the_work_agree_with_plain_python(
    scoped: Client, tmp_path: Path, rows: list[Offer], since: date | None
) -> None:
    until = date(2026, 6, 1) if since else None
    costs = [
        {"month": f"2026-0{1 + n % 7}", "kind": KINDS[n % 4], "amount": 900 + 70 * n, "business_unit": UNITS[n % 3]}
        for n in range(len(rows))
    ]
    with transaction.atomic():
        take_in(rows, tmp_path / "offers.csv", scoped)
        take_in_work(rows, costs, tmp_path, scoped)
        refresh(scoped.pk, now=NOW)
        counted = [row for row in rows if row["type"] != "internal"]
        for name, oracle in ORACLES.items():
            report = run(name, client=scoped, since=since, until=until, by="business_unit", now=NOW)
            shown = {row["key"]: row for row in report["rows"] if "origin" not in row}
            agree(report["total"], oracle(counted, since, until))
            for unit in UNITS:
                own = oracle([row for row in counted if row["unit"] == unit], since, until)
                if own["n"]:
                    agree(shown[unit], own)
        asked = {"client": scoped, "since": since, "until": until, "now": NOW}
        assert_roles(run("approvals", by="role", **asked)["rows"], counted, since, until)
        assert_origins(run("counters", by="business_unit", **asked)["rows"], counted, since, until)
        assert_lift(run("decline_lift", by="business_unit", **asked)["rows"], counted, since, until)
        assert_themes(run("declines", by="business_unit", **asked)["rows"], counted, since, until)
        assert_waiting(run("delay_curve", **asked)["rows"], counted, since, until)
        assert_costs(run("cost_per_hire", by="business_unit", **asked), counted, costs, since, until)
        assert_scorecard(scoped, since, until)
        transaction.set_rollback(True)


def agree(said: Found, own: Found) -> None:
    if own["n"] < 5:
        assert {name: said[name] for name in ("n", "suppressed")} == {"n": own["n"], "suppressed": True}
        assert not set(own) & set(said) - {"n"}
    else:
        assert {name: said[name] for name in own} == {name: pytest.approx(value) for name, value in own.items()}


def take_in_work(rows: list[Offer], costs: list[Found], folder: Path, client: Client) -> None:
    steps = [
        {"external_id": f"A{n}-{m}", "offer": f"O{n}", "step": m + 1, "role": step["role"], "asked_at": step["asked"],
         "decided_at": step["asked"] + timedelta(hours=step["hours"]), "decision": step["decision"]}
        for n, row in enumerate(rows) for m, step in enumerate(row["steps"])
    ]  # fmt: skip
    asks = [
        {"external_id": f"K{n}", "offer": f"O{n}", "countered_at": row["decided"], "settled": 99000,
         "inside_guardrail": row["ask"]["inside"], "answered_at": row["decided"] + timedelta(hours=row["ask"]["hours"]),
         "outcome": "closed" if row["outcome"] in YES else "lost"}
        for n, row in enumerate(rows) if row["ask"] and row["outcome"] in FINAL
    ]  # fmt: skip
    around = [
        {"external_id": f"V{n}", "offer": f"O{n}", "kind": "lowball", "found_at": row["decided"],
         "found_by": row["found_by"], "resolution": row["around"], "resolved_at": row["decided"]}
        for n, row in enumerate(rows) if row["around"]
    ]  # fmt: skip
    ingest("approvals", steps, folder / "approvals.csv", client)
    ingest("counters", asks, folder / "counters.csv", client)
    ingest("overrides", around, folder / "overrides.csv", client)
    ingest("costs", merged(costs), folder / "costs.csv", client)


def merged(costs: list[Found]) -> list[Found]:
    """One row for each month, kind and unit, as a file has them."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for cost in costs:
        sums[cost["month"], cost["kind"], cost["business_unit"]] += cost["amount"]
    return [
        {"month": month, "kind": kind, "amount": amount, "currency": "USD", "business_unit": unit}
        for (month, kind, unit), amount in sums.items()
    ]


# --- plain Python


def approvals(rows: list[Offer], since: date | None, until: date | None) -> Found:
    steps = []
    for row in rows:
        seen: Counter[str] = Counter()
        for step in row["steps"]:
            seen[step["role"]] += 1
            if inside(day(step["asked"] + timedelta(hours=step["hours"])), since, until):
                steps.append((step["hours"], step["decision"] == "rejected", seen[step["role"]] > 1))
    taken = [float(step[0]) for step in steps]
    return {
        "n": len(steps), "steps": len(steps), "median_hours": percentile(taken, 0.5),
        "p90_hours": percentile(taken, 0.9), "rejected": sum(step[1] for step in steps),
        "reject_rate": share(sum(step[1] for step in steps), len(steps)), "reapprovals": sum(step[2] for step in steps),
    }  # fmt: skip


def assert_roles(rows: list[Found], offers: list[Offer], since: date | None, until: date | None) -> None:
    shown = {row["key"]: row for row in rows}
    for role in ROLES:
        own = [{**row, "steps": [step for step in row["steps"] if step["role"] == role]} for row in offers]
        if (found := approvals(own, since, until))["n"]:
            agree(shown.pop(role), found)
    assert not shown


def assert_origins(rows: list[Found], offers: list[Offer], since: date | None, until: date | None) -> None:
    """Files name no origin, so all were asked by the candidate."""
    shown = {row["dim"]: row for row in rows if "origin" in row}
    for unit in UNITS:
        own = counters([row for row in offers if row["unit"] == unit], since, until)
        if own["n"]:
            agree(shown.pop(unit), {**own, "renegotiated": None, "renegotiation_rate": None})
    assert not shown


def answered(rows: list[Offer], since: date | None, until: date | None) -> list[Offer]:
    return [
        row for row in rows
        if row["outcome"] in FINAL and row["written"] and row["decided"] >= row["written"]
        and inside(day(row["decided"]), since, until)
    ]  # fmt: skip


def counters(rows: list[Offer], since: date | None, until: date | None) -> Found:
    resolved = [
        row for row in rows if row["ask"] and row["outcome"] in FINAL and inside(day(row["decided"]), since, until)
    ]
    sides = {side: [row for row in resolved if row["ask"]["inside"] == side] for side in ("yes", "no")}
    closed = {side: sum(row["outcome"] in YES for row in each) for side, each in sides.items()}
    lost = sum(row["outcome"] not in YES for row in resolved)
    return {
        "n": len(resolved), "resolved": len(resolved), "inside": len(sides["yes"]),
        "close_rate_inside": share(closed["yes"], len(sides["yes"])),
        "close_rate_beyond": share(closed["no"], len(sides["no"])), "dropouts": lost,
        "dropout_rate": share(lost, len(resolved)),
        "median_answer_hours": median(row["ask"]["hours"] for row in resolved) if resolved else None,
        "mean_uplift": 0.1 if resolved else None,
        "renegotiated": 0 if (written := answered(rows, since, until)) or resolved else None,
        "renegotiation_rate": 0 if written else None,
    }  # fmt: skip


def overrides(rows: list[Offer], since: date | None, until: date | None) -> Found:
    approved = [row for row in rows if row["verbal"] and inside(day(row["verbal"]), since, until)]
    confirmed = [row for row in approved if row["around"] not in (None, "unfounded")]
    decided = answered(confirmed, None, None)
    end = until or day(NOW)
    exposed = [row for row in confirmed if row["joined"] and row["joined"] + timedelta(days=90) <= end]
    left = sum(row["left"] is not None and (row["left"] - row["joined"]).days <= 90 for row in exposed)
    ways = Counter(row["found_by"] for row in confirmed) + Counter(row["around"] for row in confirmed)
    return {
        "n": len(approved), "verbally_approved": len(approved), "confirmed": len(confirmed),
        "rate": share(len(confirmed), len(approved)),
        **{way: ways[way] for way in ("detected", "reported", "ratified", "retracted", "disclosed")},
        "acceptance_rate": share(sum(row["outcome"] in YES for row in decided), len(decided)),
        "attrition_90": share(left, len(exposed)),
    }  # fmt: skip


def quality(rows: list[Offer], since: date | None, until: date | None) -> Found:
    joined = [row for row in rows if row["joined"] and inside(row["joined"], since, until)]
    told = [row["satisfaction"] for row in joined if row["satisfaction"] is not None]
    net = sum(score >= 9 for score in told) - sum(score <= 6 for score in told)
    enough = len(told) >= 5
    return {
        "n": len(joined), "satisfaction_mean": mean(told) if enough else None,
        "nps": share(net, len(told)) if enough else None,
    }  # fmt: skip


def volume(rows: list[Offer], since: date | None, until: date | None) -> Found:
    yes = [day(row["decided"]) for row in rows if row["outcome"] in YES and inside(day(row["decided"]), since, until)]
    joined = sum(row["joined"] is not None and inside(row["joined"], since, until) for row in rows)
    months = Counter(each.year * 12 + each.month for each in yes)
    each = [months[n] for n in range(min(months), max(months) + 1)] if months else []
    return {
        "n": max(len(yes), joined), "accepted": len(yes), "joined": joined,
        "cv": stdev(each) / mean(each) if len(each) > 1 else None,
    }  # fmt: skip


def assert_themes(rows: list[Found], offers: list[Offer], since: date | None, until: date | None) -> None:
    """Counts and shares of the losses that carry a theme, in each unit."""
    said = Counter(
        (row["unit"], row["theme"]) for row in offers
        if row["theme"] and row["outcome"] not in (*YES, "rescinded", "cancelled")
        and inside(day(row["decided"]), since, until)
    )  # fmt: skip
    of = Counter[str]()
    for (unit, _), count in said.items():
        of[unit] += count
    assert [row["key"] for row in rows] == sorted(f"{unit} / {theme}" for unit, theme in said)
    for row in rows:
        count, n = said[row["dim"], row["theme"]], of[row["dim"]]
        agree(row, {"n": n, "count": count, "share": count / n})


def assert_lift(rows: list[Found], offers: list[Offer], since: date | None, until: date | None) -> None:
    decided = answered(offers, since, until)
    lost = [row for row in decided if row["outcome"] not in YES and row["theme"]]
    themes = {row["theme"] for row in lost}
    cells = {}
    for unit in {row["unit"] for row in decided}:
        here_n = sum(row["unit"] == unit for row in decided)
        for theme in themes:
            here = sum(row["unit"] == unit and row["theme"] == theme for row in lost)
            other = sum(row["unit"] != unit and row["theme"] == theme for row in lost)
            cells[f"{unit} / {theme}"] = {"here_n": here_n, "here": here, "elsewhere": other}
    assert [row["key"] for row in rows] == sorted(cells)
    large = {key: cell for key, cell in cells.items() if cell["here_n"] >= 5}
    p = {key: fisher(cell["here"], cell["here_n"], cell["elsewhere"], len(decided)) for key, cell in large.items()}
    for row in rows:
        assert row.get("suppressed", False) == (row["key"] not in large)
        if row["key"] in large:
            cell, rest = cells[row["key"]], len(decided) - row["here_n"]
            assert {name: row[name] for name in cell} == cell
            assert row["p_value"] == pytest.approx(p[row["key"]])
            assert row["q_value"] == pytest.approx(benjamini_hochberg(p[row["key"]], list(p.values())))
            if cell["elsewhere"]:
                lift = (cell["here"] / cell["here_n"]) / (cell["elsewhere"] / rest)
                assert row["lift"] == pytest.approx(lift)
                assert row["flagged"] == (row["q_value"] < 0.05 and lift > 1)


def fisher(here: int, here_n: int, elsewhere: int, everything: int) -> float:
    """Two-sided: all tables with these margins that are no more likely than this one."""
    lost, whole = here + elsewhere, comb(everything, here_n)
    likely = [comb(lost, k) * comb(everything - lost, here_n - k) for k in range(min(lost, here_n) + 1)]
    return sum(each for each in likely if each <= likely[here]) / whole


def benjamini_hochberg(own: float, everything: list[float]) -> float:
    ordered = sorted(everything)
    return min(min(each * len(ordered) / (n + 1), 1.0) for n, each in enumerate(ordered) if each >= own)


def assert_waiting(rows: list[Found], offers: list[Offer], since: date | None, until: date | None) -> None:
    """Every bucket that holds offers has a row, and holds its lower bound."""
    known = [
        row for row in offers
        if row["written"] and row["outcome"] in FINAL and sure(row) and inside(day(row["decided"]), since, until)
    ]  # fmt: skip
    bounds = {"0-24": (0, 24), "24-48": (24, 48), "48-72": (48, 72), "72-96": (72, 96), "96-": (96, 10_000)}
    for row in rows:
        low, high = bounds[row["key"]]
        held = [each for each in known if low <= hours(each) < high]
        no = sum(each["outcome"] == "declined" for each in held)
        agree(row, {"n": len(held), "offered": len(held), "declined": no, "rate": share(no, len(held))})
    assert {row["key"] for row in rows} >= {
        key for key, (low, high) in bounds.items() if any(low <= hours(k) < high for k in known)
    }


def assert_costs(
    report: Found, offers: list[Offer], costs: list[Found], since: date | None, until: date | None
) -> None:
    for key, said in [("", report["total"]), *((row["key"], row) for row in report["rows"])]:
        booked = [cost for cost in costs if key in ("", cost["business_unit"])]
        booked = [cost for cost in booked if inside(date.fromisoformat(cost["month"] + "-01"), since, until)]
        joined = [
            row["joined"] for row in offers
            if row["joined"] and row["joined"] <= day(NOW) and key in ("", row["unit"])
            and inside(row["joined"], since, until)
        ]  # fmt: skip
        agree(said, cost_figures(booked, joined))


def cost_figures(booked: list[Found], joined: list[date]) -> Found:
    spend = sum(cost["amount"] for cost in booked)
    hires = Counter(f"{each:%Y-%m}" for each in joined)
    by_month = Counter[str]()
    for cost in booked:
        by_month[cost["month"]] += cost["amount"]
    each = [by_month[month] / count for month, count in hires.items() if month in by_month]
    apart = sum(cost["amount"] for cost in booked if cost["kind"] == "sign_on")
    fees = sum(cost["amount"] for cost in booked if cost["kind"] == "management_fee")
    n = len(joined)
    if n < 5:
        return {"n": n}
    return {
        "n": n, "hires": n, "spend": money(spend), "cost_per_hire": money(spend / n) if booked else None,
        "without_sign_on_relocation": money((spend - apart) / n) if booked else None,
        "cv": stdev(each) / mean(each) if len(each) > 1 else None, "fee_share": share(fees, spend),
    }  # fmt: skip


def money(amount: float) -> dict[str, str]:
    return {"amount": str(Decimal(str(round(amount + 1e-9, 2))).quantize(Decimal("0.01"))), "currency": "USD"}


ORACLES: dict[str, Any] = {
    "approvals": approvals,
    "counters": counters,
    "overrides": overrides,
    "quality": quality,
    "volume": volume,
}
