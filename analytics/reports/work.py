"""How the work was done: approval steps, counter-offers, and ways around the process."""

from analytics.facts_sql import FOUND_BY, RESOLUTIONS
from analytics.reports.acceptance import DECIDED
from analytics.reports.figures import Figure, Figures, as_float, average, count, divided, percentile
from analytics.reports.found import Found, Row, row
from analytics.reports.frame import Counting, Frame
from analytics.reports.measures import Share, Statistic
from analytics.statistics import difference

# --- approvals

STEPS = "analytics_stepfact f"


def _steps(hours: str, rejected: str) -> dict[str, Figure]:
    sure = f"{hours} IS NOT NULL"
    return {
        "steps": count(sure),
        "median_hours": percentile(0.5, hours),
        "p90_hours": percentile(0.9, hours),
        "rejected": count(f"{sure} AND {rejected}"),
        "reapprovals": count(f"{sure} AND f.again"),
        "excluded": count(f"{hours} IS NULL"),
    }


DECIDED_STEPS = Counting(_steps("f.hours", "f.rejected"), "f.decided_on", "f.decided_on IS NOT NULL", STEPS)
SAID = Counting(_steps("f.said_hours", "f.said_rejected"), "f.said_on", "f.user_id IS NOT NULL", STEPS)
MEDIAN_HOURS = Statistic("median_hours", "steps")


def approvals(frame: Frame) -> Found:
    """Steps by role, by the people who decided, or by a dimension of the offer."""
    if frame.by == "person":
        (total, _), (_, found) = frame.beside(DECIDED_STEPS, SAID)
    else:
        ((total, found),) = frame.beside(DECIDED_STEPS)
    rows = [row(key, each["steps"], _approvals(each)) for key, each in found.items()]
    return Found({"n": total["steps"], **_approvals(total)}, rows, total["excluded"])


def _approvals(found: Figures) -> Row:
    figures = as_float(
        {name: found[name] for name in ("steps", "median_hours", "p90_hours")}, "median_hours", "p90_hours"
    )
    return {
        **figures,
        "rejected": found["rejected"],
        "reject_rate": divided(found["rejected"], found["steps"]),
        "reapprovals": found["reapprovals"],
    }


# --- counter-offers

COUNTERS = "analytics_counterfact f"
COUNTERED: dict[str, Figure] = {
    "resolved": "count(*)",
    "inside": count("f.inside_guardrail"),
    "inside_closed": count("f.inside_guardrail AND f.closed"),
    "beyond": count("NOT f.inside_guardrail"),
    "beyond_closed": count("NOT f.inside_guardrail AND f.closed"),
    "dropouts": count("f.dropped"),
    "median_answer_hours": percentile(0.5, "f.hours"),
    "mean_uplift": average("f.uplift"),
    "excluded": count("f.contradicts"),
}
RESOLVED = Counting(COUNTERED, "f.countered_on", source=COUNTERS)
DROPOUT_RATE = Share("dropouts", "resolved")
RENEGOTIATED = {"renegotiated": count("f.renegotiated"), "written": "count(*)"}


def counters(frame: Frame) -> Found:
    """Rows by origin, and by the values of a dimension with and without the origin."""
    frame = frame.alone() if frame.by == "origin" else frame
    written = {"event": "f.decided_on", "where": DECIDED}
    whole, by_key, by_origin = frame.layers(COUNTERED, second="f.origin", event=RESOLVED.event, source=RESOLVED.source)
    all_terms, terms = frame.both(RENEGOTIATED, **written)
    total = _counters(whole, all_terms)
    rows = []
    for (value, origin), each in by_origin.items():
        parts = {"dim": value, "origin": origin} if frame.by else {"origin": origin}
        key = f"{value} / {origin}" if frame.by else origin
        rows.append(row(key, each["resolved"], {**parts, **_counters(each, None)}))
    for value, each in by_key.items():
        rows.append(row(value, each["resolved"], {"dim": value, **_counters(each, terms.get(value))}))
    return Found({"n": whole["resolved"], **total}, rows, whole["excluded"])


def _counters(found: Figures, terms: Figures | None) -> Row:
    inside, beyond = (found["inside_closed"], found["inside"]), (found["beyond_closed"], found["beyond"])
    low, high = difference(inside, beyond) or (None, None)
    return {
        "resolved": found["resolved"],
        "inside": found["inside"],
        "close_rate_inside": divided(*inside),
        "close_rate_beyond": divided(*beyond),
        "difference_ci_low": low,
        "difference_ci_high": high,
        "dropouts": found["dropouts"],
        "dropout_rate": DROPOUT_RATE.of(found),
        **as_float(
            {name: found[name] for name in ("median_answer_hours", "mean_uplift")}, "median_answer_hours", "mean_uplift"
        ),
        "renegotiated": terms["renegotiated"] if terms else None,
        "renegotiation_rate": divided(terms["renegotiated"], terms["written"]) if terms else None,
        "of": {"close_rate_beyond": found["beyond"], "renegotiation_rate": terms["written"] if terms else 0},
    }


# --- ways around

EXPOSED = "f.joined_on <= %(ended)s::date - 90 AND NOT f.reneged AND NOT f.planned_end"
WAYS = (*FOUND_BY, *RESOLUTIONS)
OVERRIDES: dict[str, Figure] = {
    "verbally_approved": "count(*)",
    "confirmed": count("f.overridden"),
    "decided": count(f"f.overridden AND {DECIDED}"),
    "accepted": count(f"f.overridden AND {DECIDED} AND f.accepted"),
    "exposed": count(f"f.overridden AND {EXPOSED}"),
    "left": count(f"f.overridden AND {EXPOSED} AND f.left_on - f.joined_on <= 90"),
    **{way: f"coalesce(sum(f.{way}), 0)::int" for way in WAYS},
}
APPROVED = Counting(OVERRIDES, "f.verbal_on", "f.verbal_at IS NOT NULL")
OVERRIDE_RATE = Share("confirmed", "verbally_approved")


def overrides(frame: Frame) -> Found:
    ((total, by_key),) = frame.beside(APPROVED)
    rows = [row(key, each["verbally_approved"], _overrides(each)) for key, each in by_key.items()]
    missing = frame.total(
        {"n": "count(*)"}, event="coalesce(f.written_on, f.decided_on)",
        where="f.gap <> '' AND f.verbal_at IS NULL AND coalesce(f.written_on, f.decided_on) IS NOT NULL",
    )["n"]  # fmt: skip
    return Found({"n": total["verbally_approved"], **_overrides(total)}, rows, missing)


def _overrides(found: Figures) -> Row:
    return {
        **{name: found[name] for name in ("verbally_approved", "confirmed")},
        "rate": OVERRIDE_RATE.of(found),
        **{way: found[way] for way in WAYS},
        "acceptance_rate": divided(found["accepted"], found["decided"]),
        "attrition_90": divided(found["left"], found["exposed"]),
        "of": {"acceptance_rate": found["decided"], "attrition_90": found["exposed"]},
    }
