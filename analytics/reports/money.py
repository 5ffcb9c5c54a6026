"""Pay against its references, hires against their plan, and what they cost."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import mean, stdev
from typing import Any

from django.db.models import QuerySet

from analytics.reports.figures import Figure, count, divided, percentile
from analytics.reports.found import Found, Row, row
from analytics.reports.frame import POPULATION, TIMES, Counting, Frame
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
        'external' AS candidate_type, '' AS source_channel
    FROM offers_requisition r JOIN governance_client c ON c.id = r.client_id
    LEFT JOIN governance_engagement e ON e.id = r.engagement_id
    WHERE r.client_id = %(client)s AND NOT r.evergreen AND r.status <> 'cancelled') f"""
UNPLANNED = ("candidate_type", "source_channel")  # nobody plans these


def volume(frame: Frame) -> Found:
    accepted = {"event": "f.decided_on", "where": "f.accepted"}
    joined = {"event": "f.joined_on", "where": "f.joined_on < %(as_of)s AND f.status <> 'reneged'"}
    plan = {"event": "f.needed_by", "where": "f.needed_by IS NOT NULL", "source": PLAN}
    one, openings = {"n": "count(*)"}, {"n": "coalesce(sum(f.openings), 0)::bigint"}
    (all_accepted, by_accepted), (all_joined, by_joined) = frame.beside(
        Counting(one, **accepted), Counting(one, **joined)
    )
    by_key = [by_accepted, by_joined, {} if frame.by in UNPLANNED else frame.rows(openings, **plan)]
    monthly = _monthly(frame, accepted) if frame.by else {}
    rows = []
    for key in {key for found in by_key for key in found}:
        yes, started, planned = (found.get(key, {"n": 0})["n"] for found in by_key)
        figures = {"planned": None if frame.by in UNPLANNED else planned, "accepted": yes, "joined": started}
        rows.append(row(key, max(yes, started), {**figures, "cv": monthly.get(key)}))
    yes, started = all_accepted["n"], all_joined["n"]
    whole = {"planned": frame.total(openings, **plan)["n"], "accepted": yes, "joined": started}
    total = {"n": max(yes, started), **whole, "cv": _monthly(frame.alone(), accepted).get("")}
    return Found(total, rows)


def _monthly(frame: Frame, accepted: dict[str, str]) -> dict[str, float | None]:
    """How much acceptances vary over months, by key; months without any count as none."""
    if frame.by in TIMES:
        return {}
    month = "date_trunc('month', f.decided_on)::date"
    pairs = frame.pairs({"n": "count(*)"}, second=month, event=accepted["event"], where=accepted["where"])
    seen: dict[str, dict[date, int]] = defaultdict(dict)
    for (key, first), found in pairs.items():
        seen[key][first] = found["n"]
    return {
        key: variation([counts.get(one, 0) for one in months(min(counts), max(counts))]) for key, counts in seen.items()
    }


def months(first: date, last: date) -> list[date]:
    """The first days of all months from one to another."""
    found = [first.replace(day=1)]
    while found[-1] < last.replace(day=1):
        found.append((found[-1] + timedelta(days=32)).replace(day=1))
    return found


def variation(values: list[Any]) -> float | None:
    """Coefficient of variation: the sample's standard deviation over its mean; None of fewer than two."""
    middle = mean(values) if values else 0
    return float(stdev(values)) / float(middle) if len(values) > 1 and middle else None


# --- cost

HIRES = {"hires": "count(*)"}
STARTED = "f.joined_on < %(as_of)s AND f.status <> 'reneged'"
APART = (CostKind.SIGN_ON, CostKind.RELOCATION)
ENGAGED = ("engagement", "delivery_model", "fee_model")
OF_COSTS = ("source_channel", "business_unit", *TIMES, *ENGAGED)
CENT = Decimal("0.01")

Booked = list[tuple[date, str, Decimal]]  # month, kind, amount in the client's currency


def cost_per_hire(frame: Frame) -> Found:
    """Costs belong to a channel, a unit or a month; to an engagement, where only one of its kind ran in that month."""
    costs, unknown = _booked(frame)
    started = {"event": "f.joined_on", "where": STARTED}
    monthly = frame.pairs(HIRES, second="date_trunc('month', f.joined_on)::date", **started)
    hires: dict[str, dict[date, int]] = defaultdict(dict)
    for (key, month), found in monthly.items():
        hires[key][month] = found["hires"]
    whole: dict[date, int] = defaultdict(int)
    everything = monthly
    if frame.by in POPULATION:
        everything = frame.alone().pairs(HIRES, second="date_trunc('month', f.joined_on)::date", **started)
    for (_, month), found in everything.items():
        whole[month] += found["hires"]
    total = _costs(frame, [each for rows in costs.values() for each in rows], whole)
    keys = (hires.keys() | costs.keys()) if frame.by else set()
    rows = []
    for key in keys:
        known = frame.by in OF_COSTS
        figures = _costs(frame, costs.get(key, []) if known else None, hires.get(key, {}))
        rows.append(row(key, figures["hires"], figures))
    return Found({"n": total["hires"], **total}, [each for each in rows if frame.by in OF_COSTS or each["n"]], unknown)


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


def _costs(frame: Frame, booked: Booked | None, hires: dict[date, int]) -> Row:
    """Figures of one key; `booked` is None where costs cannot be told apart by the dimension."""
    count_of = sum(hires.values())
    nothing = ("spend", "cost_per_hire", "without_sign_on_relocation", "sd", "cv", "fee_share")
    if booked is None:
        return {"hires": count_of, **dict.fromkeys(nothing)}
    spend = sum((amount for _, _, amount in booked), Decimal(0))
    apart = sum((amount for _, kind, amount in booked if kind in APART), Decimal(0))
    fees = sum((amount for _, kind, amount in booked if kind in FEES), Decimal(0))
    by_month: dict[date, Decimal] = defaultdict(Decimal)
    for month, _, amount in booked:
        by_month[month] += amount
    each = [by_month[month] / number for month, number in sorted(hires.items()) if month in by_month]
    return {
        "hires": count_of,
        "spend": _money(frame, spend),
        "cost_per_hire": _money(frame, spend / count_of) if count_of and booked else None,
        "without_sign_on_relocation": _money(frame, (spend - apart) / count_of) if count_of and booked else None,
        "sd": _money(frame, stdev(each)) if len(each) > 1 else None,
        "cv": variation(each),
        "fee_share": divided(fees, spend),
    }


def _money(frame: Frame, amount: Decimal) -> dict[str, str]:
    return {"amount": f"{amount.quantize(CENT, ROUND_HALF_UP):f}", "currency": frame.client.currency}
