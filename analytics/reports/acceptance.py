"""Acceptance, the closed rate that also sees losses before the letter, and reneges by when they were due to start."""

from analytics.reports.figures import Figures, count, divided
from analytics.reports.found import Found, Row, row
from analytics.reports.frame import Counting, Frame
from analytics.reports.measures import Share
from analytics.statistics import wilson

DECIDED = "f.answered AND NOT f.answer_contradicts"
KNOWN = "(f.imported OR f.verbal_at IS NOT NULL OR f.written_at IS NOT NULL)"
FIGURES = {
    "decided": count(DECIDED),
    "accepted": count(f"{DECIDED} AND f.accepted"),
    **{status: count(f"{DECIDED} AND f.status = '{status}'") for status in ("declined", "expired", "withdrawn")},
    "lost_after_verbal": count(
        f"f.written_at IS NULL AND f.status IN ('declined', 'expired', 'withdrawn') AND {KNOWN}"
    ),
    "closed": count("f.joined OR f.awaited AND (f.start_on IS NULL OR f.start_on >= %(as_of)s)"),
    "with_outcome": count("f.has_outcome"),
    "excluded": count("f.answered AND f.answer_contradicts"),
}
ANSWERED = Counting(FIGURES, "f.decided_on")
DUE = Counting(
    {"acceptances_due": "count(*)", "reneged": count("f.reneged")},
    "coalesce(f.joined_on, f.start_on, f.decided_on)",
    f"{DECIDED} AND f.accepted AND NOT f.contingency_failed",
)
RATE, CLOSED_RATE = Share("accepted", "decided"), Share("closed", "with_outcome")
RENEGE_RATE = Share("reneged", "acceptances_due")


def acceptance(frame: Frame) -> Found:
    (total, by_key), (all_due, due) = frame.beside(ANSWERED, DUE)
    rows = [row(key, found["decided"], _figures(found, due.get(key))) for key, found in by_key.items()]
    whole = _figures(total, all_due)
    return Found({"n": total["decided"], **whole}, rows, total["excluded"])


def _figures(found: Figures, due: Figures | None) -> Row:
    decided, accepted = found["decided"], found["accepted"]
    due = due or {"acceptances_due": 0, "reneged": 0}
    low, high = wilson(accepted, decided) or (None, None)
    renege_low, renege_high = wilson(due["reneged"], due["acceptances_due"]) or (None, None)
    return {
        **{name: found[name] for name in ("decided", "accepted", "declined", "expired", "withdrawn")},
        "rate": RATE.of(found),
        "ci_low": low,
        "ci_high": high,
        "offers_per_acceptance": divided(decided, accepted),
        "lost_after_verbal": found["lost_after_verbal"],
        "closed": found["closed"],
        "closed_rate": CLOSED_RATE.of(found),
        "acceptances_due": due["acceptances_due"],
        "reneged": due["reneged"],
        "renege_rate": RENEGE_RATE.of(due),
        "renege_ci_low": renege_low,
        "renege_ci_high": renege_high,
        "of": {"closed_rate": found["with_outcome"]},
    }
