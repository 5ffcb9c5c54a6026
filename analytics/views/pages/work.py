"""Pages about the work: approvals, ways around them, counter-offers, advice."""

from analytics.views.pages.panel import InsightPageOf, Panel

APPROVALS = InsightPageOf(
    "approvals",
    "Approvals",
    "Who holds what how long, what is rejected, and what is asked again.",
    (
        Panel(
            "approvals",
            "By role",
            "role",
            ("median_hours", "p90_hours", "reject_rate", "reapprovals"),
            ("steps", "median_hours", "p90_hours", "rejected", "reject_rate", "reapprovals"),
            ("median_hours", "p90_hours"),
            "across",
        ),
        Panel(
            "approvals",
            "By person",
            "person",
            (),
            ("steps", "median_hours", "p90_hours", "rejected", "reject_rate"),
        ),
        Panel(
            "approvals",
            "By month",
            "month",
            (),
            ("steps", "median_hours", "p90_hours", "reapprovals"),
            ("median_hours",),
            "line",
        ),
    ),
)

EXCEPTIONS = InsightPageOf(
    "exceptions",
    "Overrides, counters, advice",
    "Ways around the process and how they were put right; what candidates asked, what we advised, how it ended.",
    (
        Panel(
            "overrides",
            "Overrides",
            "quarter",
            ("rate", "detected", "reported", "acceptance_rate", "attrition_90"),
            (
                "verbally_approved",
                "confirmed",
                "rate",
                "detected",
                "reported",
                "ratified",
                "retracted",
                "disclosed",
            ),
        ),
        Panel(
            "counters",
            "Counter-offers by origin",
            "origin",
            (
                "dropout_rate",
                "close_rate_inside",
                "close_rate_beyond",
                "median_answer_hours",
                "mean_uplift",
                "renegotiation_rate",
            ),
            (
                "resolved",
                "inside",
                "close_rate_inside",
                "close_rate_beyond",
                "dropouts",
                "dropout_rate",
                "median_answer_hours",
            ),
            ("dropout_rate",),
            "across",
            "Inside and beyond the guardrail are observed, not tried: harder asks go beyond.",
        ),
        Panel(
            "counters",
            "Counter-offers by quarter",
            "quarter",
            (),
            ("resolved", "dropouts", "dropout_rate", "close_rate_inside", "close_rate_beyond"),
            ("dropout_rate",),
            "line",
        ),
        Panel(
            "advice",
            "Advice, case by case",
            "case",
            ("adjusted", "accepted_risk", "refused", "undecided", "taken_sign_rate", "not_taken_sign_rate"),
            ("advised", "decision", "outcome", "hours_to_signature"),
            lede="What we advised, what was decided and how it ended: shares instead of pay, no names.",
        ),
    ),
    tab="Exceptions",
)
