"""Time: verbal approval to letter, what waiting costs, promises kept, and how long it takes to fill an opening."""

from analytics.facts_sql import PARTIES
from analytics.reports.figures import Figure, Figures, as_float, average, count, divided, percentile
from analytics.reports.found import Found, Row, row
from analytics.reports.frame import LIVE_STATUSES, Counting, Frame
from analytics.reports.measures import Share, Statistic
from analytics.statistics import wilson

# --- verbal to written

TIMED = "f.hours IS NOT NULL"
OFFER_FIGURES: dict[str, Figure] = {
    "n": count(TIMED),
    "median_hours": percentile(0.5, "f.hours"),
    "p90_hours": percentile(0.9, "f.hours"),
    "mean_hours": average("f.hours"),
    "within_24": count("f.hours <= 24"),
    "within_48": count("f.hours <= 48"),
    "over_72": count("f.hours > 72"),
    "excluded": count("f.gap <> ''"),
}
WRITTEN = Counting(OFFER_FIGURES, "f.written_on", "f.written_at IS NOT NULL")
MEDIAN_HOURS = Statistic("median_hours", "n")
OPEN_NOW = {"open_now": "count(*)"}
OPEN_WHERE = f"f.status IN {LIVE_STATUSES} AND f.verbal_at IS NOT NULL AND f.written_at IS NULL"


def time_to_offer(frame: Frame) -> Found:
    now = Frame(frame.client, None, None, "" if frame.timed else frame.by, frame.now)
    open_now, waiting = now.both(OPEN_NOW, event="f.verbal_on", where=OPEN_WHERE)
    ((found, by_key),) = frame.beside(WRITTEN)
    rows = [row(key, each["n"], _offer(each, waiting.get(key, {}).get("open_now", 0))) for key, each in by_key.items()]
    return Found({"n": found["n"], **_offer(found, open_now["open_now"])}, rows, found["excluded"])


def _offer(found: Figures, open_now: int) -> Row:
    return {
        **{name: found[name] for name in ("median_hours", "p90_hours", "mean_hours")},
        "share_within_24": divided(found["within_24"], found["n"]),
        "share_within_48": divided(found["within_48"], found["n"]),
        "over_72": found["over_72"],
        "open_now": open_now,
    }


# --- what waiting costs

BUCKETS = ("0-24", "24-48", "48-72", "72-96", "96-")
BUCKET = (
    "CASE WHEN f.hours < 24 THEN '0-24' WHEN f.hours < 48 THEN '24-48' WHEN f.hours < 72 THEN '48-72' "
    "WHEN f.hours < 96 THEN '72-96' ELSE '96-' END"
)
ANSWERED = "f.answered"
CURVE = {
    "offered": "count(*)",
    "declined": count("f.status = 'declined'"),
    "late": count("f.hours > 72"),
    "late_declined": count("f.hours > 72 AND f.status = 'declined'"),
}


def delay_curve(frame: Frame) -> Found:
    where = f"{ANSWERED} AND {TIMED}"
    excluded = frame.total({"n": "count(*)"}, event="f.decided_on", where=f"{ANSWERED} AND f.gap <> ''")["n"]
    pairs = frame.pairs(CURVE, second=BUCKET, event="f.decided_on", where=where)
    total = frame.whole(CURVE, pairs, event="f.decided_on", where=where)
    values = sorted({value for value, _ in pairs}) if frame.by else [""]
    nothing = dict.fromkeys(CURVE, 0)
    rows = []
    for value in values:
        for bucket in BUCKETS:
            found = pairs.get((value, bucket), nothing)
            parts = {"dim": value, "bucket": bucket} if frame.by else {}
            key = f"{value} / {bucket}" if frame.by else bucket
            rows.append(row(key, found["offered"], {**parts, **_curve(found)}))
    shares = {
        "share_of_declines_over_72": divided(total["late_declined"], total["declined"]),
        "share_of_offers_over_72": divided(total["late"], total["offered"]),
    }
    return Found({"n": total["offered"], **_curve(total), **shares}, rows, excluded)


def _curve(found: Figures) -> Row:
    low, high = wilson(found["declined"], found["offered"]) or (None, None)
    return {
        "offered": found["offered"],
        "declined": found["declined"],
        "rate": divided(found["declined"], found["offered"]),
        "ci_low": low,
        "ci_high": high,
    }


# --- promises kept


# An offer that ended before its letter was due kept and broke no promise.
COUNTED = (
    "f.{due} IS NOT NULL AND NOT (coalesce(NOT f.sla_done, false) AND f.sla_stopped_at < f.{due}) "
    "AND (f.sla_stopped_at IS NOT NULL OR f.{due} <= %(now)s)"
)
MET = "coalesce(f.sla_done, false) AND f.sla_stopped_at < f.{due}"
KEPT = {
    "due": "count(*)",
    "met": count(MET.format(due="sla_due_at")),
    **{f"hours_{party}": f"sum(f.hours_{party})" for party in PARTIES},
}
ELAPSED = Counting(KEPT, "f.sla_due_on", COUNTED.format(due="sla_due_at"))
CONTRACTUAL = Counting(
    {"due": "count(*)", "met": count(MET.format(due="contract_due_at"))},
    "f.contract_due_on",
    COUNTED.format(due="contract_due_at"),
)
ATTAINMENT = Share("met", "due")
NEXT_WORKING_DAY = "CASE extract(isodow FROM %(today)s::date) WHEN 5 THEN 3 WHEN 6 THEN 2 ELSE 1 END"
AT_RISK = (
    f"f.sla_due_at IS NOT NULL AND f.sla_stopped_at IS NULL AND f.status IN {LIVE_STATUSES} "
    f"AND f.contract_due_on <= %(today)s::date + ({NEXT_WORKING_DAY})::int"
)


def sla(frame: Frame) -> Found:
    now = Frame(frame.client, None, None, "" if frame.timed else frame.by, frame.now)
    risky, at_risk = now.both({"n": "count(*)"}, event="f.sla_due_on", where=AT_RISK)
    (total, by_key), (all_contractual, contractual) = frame.beside(ELAPSED, CONTRACTUAL)
    rows = [
        row(key, found["due"], _sla(found, contractual.get(key), at_risk.get(key, {}).get("n", 0)))
        for key, found in by_key.items()
    ]
    excluded = frame.total(
        {"n": "count(*)"}, event="coalesce(f.written_on, f.decided_on, f.verbal_on)",
        where="f.gap <> '' AND (f.written_at IS NOT NULL OR f.verbal_at IS NOT NULL)",
    )["n"]  # fmt: skip
    return Found({"n": total["due"], **_sla(total, all_contractual, risky["n"])}, rows, excluded)


def _sla(found: Figures, contract: Figures | None, at_risk: int) -> Row:
    return {
        "due": found["due"],
        "met": found["met"],
        "breached": found["due"] - found["met"],
        "attainment": ATTAINMENT.of(found),
        "contractual_attainment": ATTAINMENT.of(contract) if contract else None,
        "open_at_risk": at_risk,
        "hours": {party: float(found[f"hours_{party}"] or 0) for party in PARTIES},
        "of": {"contractual_attainment": contract["due"] if contract else 0},
    }


# --- openings

FILLED = "f.accepted AND NOT f.evergreen"
KNOWN = "f.opened_on <= f.decided_on"
FILL: dict[str, Figure] = {
    "n": count(KNOWN),
    "median_days": percentile(0.5, "f.decided_on - f.opened_on", KNOWN),
    "p90_days": percentile(0.9, "f.decided_on - f.opened_on", KNOWN),
    "hire_median_days": percentile(0.5, "f.decided_on - f.applied_on", "f.applied_on <= f.decided_on"),
    "start_median_days": percentile(0.5, "f.joined_on - f.opened_on", f"{KNOWN} AND f.joined_on >= f.opened_on"),
    "excluded": count("f.opened_on IS NULL OR f.opened_on > f.decided_on"),
}
DAYS = ("median_days", "p90_days", "hire_median_days", "start_median_days")
OPENINGS = Counting(FILL, "f.decided_on", FILLED)
MEDIAN_DAYS = Statistic("median_days", "n")


def time_to_fill(frame: Frame) -> Found:
    ((found, by_key),) = frame.beside(OPENINGS)
    rows = [row(key, each["n"], as_float({name: each[name] for name in DAYS}, *DAYS)) for key, each in by_key.items()]
    figures = as_float({name: found[name] for name in DAYS}, *DAYS)
    return Found({"n": found["n"], **figures}, rows, found["excluded"])
