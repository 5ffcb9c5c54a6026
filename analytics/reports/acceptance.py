"""Acceptance, the closed rate that also sees losses before the letter, and reneges by when they were due to start."""

from analytics.reports.figures import Figures, count, divided
from analytics.reports.found import Found, Row, row
from analytics.reports.frame import Counting, Frame
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
    "closed": count("f.status = 'joined' OR f.status = 'accepted' AND (f.start_on IS NULL OR f.start_on >= %(as_of)s)"),
    "with_outcome": count(
        "f.status IN ('accepted', 'joined', 'reneged', 'declined', 'expired', 'withdrawn', 'rescinded') AND " + KNOWN
    ),
    "excluded": count("f.answered AND f.answer_contradicts"),
}
DUE = "coalesce(f.joined_on, f.start_on, f.decided_on)"
DUE_FIGURES = {"acceptances_due": "count(*)", "reneged": count("f.status = 'reneged'")}
DUE_WHERE = f"{DECIDED} AND f.accepted AND NOT f.contingency_failed"


def acceptance(frame: Frame) -> Found:
    (total, by_key), (all_due, due) = frame.beside(
        Counting(FIGURES, "f.decided_on"), Counting(DUE_FIGURES, DUE, DUE_WHERE)
    )
    rows = [row(key, found["decided"], _figures(found, due.get(key))) for key, found in by_key.items()]
    whole = _figures(total, all_due)
    return Found({"n": total["decided"], **whole}, rows, total["excluded"])


def _figures(found: Figures, due: Figures | None) -> Row:
    decided, accepted, outcomes = found["decided"], found["accepted"], found["with_outcome"]
    starts, reneged = (due["acceptances_due"], due["reneged"]) if due else (0, 0)
    low, high = wilson(accepted, decided) or (None, None)
    renege_low, renege_high = wilson(reneged, starts) or (None, None)
    return {
        **{name: found[name] for name in ("decided", "accepted", "declined", "expired", "withdrawn")},
        "rate": divided(accepted, decided),
        "ci_low": low,
        "ci_high": high,
        "offers_per_acceptance": divided(decided, accepted),
        "lost_after_verbal": found["lost_after_verbal"],
        "closed": found["closed"],
        "closed_rate": divided(found["closed"], outcomes),
        "acceptances_due": starts,
        "reneged": reneged,
        "renege_rate": divided(reneged, starts),
        "renege_ci_low": renege_low,
        "renege_ci_high": renege_high,
        "of": {"closed_rate": outcomes},
    }
