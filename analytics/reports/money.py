"""Pay against its references, hires against their plan, and what they cost."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import stdev
from typing import Any

import numpy as np
from django.db.models import QuerySet

from analytics.reports.figures import Figure, Figures, count, divided, percentile
from analytics.reports.found import Found, Row, row
from analytics.reports.frame import TIMES, ByMonth, Counting, Frame, Spread
from analytics.reports.people import JOINED
from governance.models import Engagement, ExchangeRate
from offers.models import Cost
from offers.models.cost import FEES, CostKind

# --- pay

PAY: dict[str, Figure] = {
    "n": "count(*)",
    "median_market_ratio": percentile(0.5, "f.market_ratio"),
    "median_compa_ratio": percentile(0.5, "f.compa_ratio"),
    "below_reference_5pct": count("f.below_reference"),
    "outside_band": count("f.outside_band"),
    "unknown_reference": count("f.unknown_reference"),
}


def pay_position(frame: Frame) -> Found:
    judged = {"event": "f.judged_on", "where": "f.judged_on IS NOT NULL"}
    total, by_key = frame.both(PAY, **judged)
    rows = [row(key, found["n"], found) for key, found in by_key.items()]
    return Found(total, rows)


# --- volume

PLAN = """(SELECT r.client_id, r.openings, r.needed_by, r.business_unit, r.role_family, r.role_code, r.grade,
        r.location, coalesce(nullif(r.country, ''), c.country) AS country, r.priority, r.employment_type,
        r.recruiter_id, r.hiring_manager_id, coalesce(e.code, '') AS engagement,
        coalesce(e.delivery_model, '') AS delivery_model, coalesce(e.fee_model, '') AS fee_model,
        'external' AS candidate_type, '' AS source_channel, false AS internal,
        r.employment_type = 'contingent' AS contingent
    FROM offers_requisition r JOIN governance_client c ON c.id = r.client_id
    LEFT JOIN governance_engagement e ON e.id = r.engagement_id
    WHERE r.client_id = %(client)s AND NOT r.evergreen AND r.status <> 'cancelled') f"""
UNPLANNED = ("candidate_type", "source_channel")  # nobody plans these


ONE = {"n": "count(*)"}
ACCEPTED = Counting(ONE, "f.decided_on", "f.accepted")
STARTED = Counting(ONE, "f.joined_on", JOINED)
PLANNED = Counting({"n": "coalesce(sum(f.openings), 0)::bigint"}, "f.needed_by", "f.needed_by IS NOT NULL", PLAN)


def volume(frame: Frame) -> Found:
    accepted, all_accepted = frame.spread(ACCEPTED)
    ((all_started, started), (all_planned, planned)) = (frame.beside(each)[0] for each in (STARTED, PLANNED))
    whole = _volume("", all_accepted, all_started["n"], all_planned["n"])
    planned, nothing = {} if frame.by in UNPLANNED else planned, {"n": 0}
    rows = []
    for key in accepted.keys() | started.keys() | planned.keys():
        openings = None if frame.by in UNPLANNED else planned.get(key, nothing)["n"]
        rows.append(_volume(key, accepted.get(key, Spread()), started.get(key, nothing)["n"], openings))
        if frame.by in TIMES:
            rows[-1]["cv"] = None
    return Found(whole, rows)


def _volume(key: str, accepted: Spread, started: int, planned: int | None) -> Row:
    figures = {"planned": planned, "accepted": accepted.count, "joined": started, "cv": accepted.variation}
    return row(key, max(accepted.count, started), figures)


def variation(values: list[Any]) -> float | None:
    """Coefficient of variation: the sample's standard deviation over its mean; None of fewer than two."""
    found = np.array(values, dtype=np.float64)
    return float(found.std(ddof=1) / found.mean()) if len(found) > 1 and found.any() else None


# --- cost

APART = (CostKind.SIGN_ON, CostKind.RELOCATION)
ENGAGED = ("engagement", "delivery_model", "fee_model")
OF_COSTS = ("source_channel", "business_unit", *TIMES, *ENGAGED)
CENT = Decimal("0.01")

Booked = list[tuple[date, str, Decimal]]  # month, kind, amount in the client's currency


def cost_per_hire(frame: Frame) -> Found:
    """Costs belong to a channel, a unit or a month; to an engagement, where only one of its kind ran in that month."""
    costs, unknown = _booked(frame)
    hires, whole = frame.by_month(STARTED)
    everything = [each for rows in costs.values() for each in rows]
    total = _costs(frame, everything, whole)
    known = frame.by in OF_COSTS
    rows = []
    for key in (hires.keys() | costs.keys()) if frame.by else ():
        figures = _costs(frame, costs.get(key, []) if known else None, hires.get(key, {}))
        if known or figures["hires"]:
            rows.append(row(key, figures["hires"], figures))
    return Found({"n": total["hires"], **total}, rows, unknown)


def cost_of_each(frame: Frame, found: Figures) -> dict[str, str] | None:
    """The total's cost per hire, of starts that were counted already: money, or None without costs or hires."""
    costs, _ = _booked(frame)
    booked = [each for rows in costs.values() for each in rows]
    return _per_hire(frame, _spend(booked), found["n"]) if booked else None


def _spend(booked: Booked) -> Decimal:
    return sum((amount for _, _, amount in booked), Decimal(0))


def _per_hire(frame: Frame, amount: Decimal, hires: int) -> dict[str, str] | None:
    return _money(frame, amount / hires) if hires else None


def _booked(frame: Frame) -> tuple[dict[str, Booked], int]:
    """Costs of the period by key, and how many had no rate to the client's currency."""
    rows: QuerySet[Cost] = Cost.objects.filter(client=frame.client)
    rows = rows.filter(month__gte=frame.since) if frame.since else rows
    rows = rows.filter(month__lt=frame.until) if frame.until else rows
    rates = list(ExchangeRate.objects.filter(client=frame.client).order_by("as_of"))
    engagements = list(Engagement.objects.filter(client=frame.client)) if frame.by in ENGAGED else []
    found: dict[str, Booked] = defaultdict(list)
    unknown = 0
    for cost in rows:
        rate = _rate(rates, cost.currency, frame.client.currency, cost.month)
        if rate is None:
            unknown += 1
            continue
        found[_owner(frame, cost, engagements)].append((cost.month, cost.kind, cost.amount * rate))
    return found, unknown


def _rate(rates: list[ExchangeRate], own: str, wanted: str, month: date) -> Decimal | None:
    """What one unit was worth by the end of the month: the newest rate then, either way round."""
    if own == wanted:
        return Decimal(1)
    last = (month + timedelta(days=32)).replace(day=1)
    dated = [rate for rate in rates if {rate.base, rate.quote} == {own, wanted} and rate.as_of < last]
    if not dated:
        return None
    return dated[-1].rate if dated[-1].base == own else 1 / dated[-1].rate


def _owner(frame: Frame, cost: Cost, engagements: list[Engagement]) -> str:
    if frame.by == "month":
        return f"{cost.month:%Y-%m}"
    if frame.by == "quarter":
        return f"{cost.month.year}-Q{(cost.month.month + 2) // 3}"
    if frame.by in ENGAGED:
        name = "code" if frame.by == "engagement" else frame.by
        last = (cost.month + timedelta(days=32)).replace(day=1)
        values = {
            str(getattr(each, name))
            for each in engagements
            if each.starts_on < last and (each.ends_on is None or each.ends_on >= cost.month)
        }
        return values.pop() if len(values) == 1 else ""
    return str(getattr(cost, frame.by, "")) if frame.by else ""


def _costs(frame: Frame, booked: Booked | None, hires: ByMonth) -> Row:
    """Figures of one key; `booked` is None where costs cannot be told apart by the dimension."""
    count_of = sum(hires.values())
    nothing = ("spend", "cost_per_hire", "without_sign_on_relocation", "sd", "cv", "fee_share")
    if booked is None:
        return {"hires": count_of, **dict.fromkeys(nothing)}
    spend = _spend(booked)
    others = _spend([each for each in booked if each[1] not in APART])
    fees = _spend([each for each in booked if each[1] in FEES])
    by_month: dict[date, Decimal] = defaultdict(Decimal)
    for month, _, amount in booked:
        by_month[month] += amount
    each = [by_month[month] / number for month, number in sorted(hires.items()) if month in by_month]
    return {
        "hires": count_of,
        "spend": _money(frame, spend),
        "cost_per_hire": _per_hire(frame, spend, count_of) if booked else None,
        "without_sign_on_relocation": _per_hire(frame, others, count_of) if booked else None,
        "sd": _money(frame, stdev(each)) if len(each) > 1 else None,
        "cv": variation(each),
        "fee_share": divided(fees, spend),
    }


def _money(frame: Frame, amount: Decimal) -> dict[str, str]:
    return {"amount": f"{amount.quantize(CENT, ROUND_HALF_UP):f}", "currency": frame.client.currency}
