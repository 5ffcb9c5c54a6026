"""Pages about offers on their way: time, pay, answers."""

from analytics.facts_sql import PARTIES
from analytics.views.pages.panel import CHOSEN, InsightPageOf, Panel

PARTIES_HOURS = tuple(f"hours_{party}" for party in PARTIES)

TIMING = InsightPageOf(
    "timing",
    "Timing",
    "How long candidates wait between the manager's yes and the letter, with whom, and what waiting costs.",
    (
        Panel(
            "time_to_offer",
            "Verbal to written",
            "month",
            ("median_hours", "p90_hours", "share_within_24", "share_within_48", "open_now"),
            ("n", "median_hours", "p90_hours", "share_within_24", "share_within_48", "over_72"),
            ("median_hours", "p90_hours"),
            "line",
        ),
        Panel(
            "time_to_offer",
            "How the hours are spread",
            "hours",
            (),
            ("n", "share_of_all"),
            ("share_of_all",),
            "bar",
            "Offers by hours from verbal approval to letter, in steps of twelve.",
        ),
        Panel(
            "delay_curve",
            "What waiting costs",
            "bucket",
            ("share_of_declines_over_72", "share_of_offers_over_72"),
            ("offered", "share_of_all", "declined", "rate"),
            ("share_of_all", "rate"),
            "mixed",
            "How many are declined of those that waited so long, beside how many of all offers had.",
            (("rate", "Declined, of these"), ("share_of_all", "Share of all offers"), ("declined", "Declines")),
        ),
        Panel(
            "sla",
            "Where the hours went, by party",
            "month",
            PARTIES_HOURS,
            ("due", *PARTIES_HOURS),
            PARTIES_HOURS,
            "stacked",
            "Hours from verbal approval to letter, by whom the statement of work names for each stage.",
            name="hours-by-party",
        ),
        Panel(
            "approvals",
            "Where the hours went, by step",
            "role",
            (),
            ("steps", "median_hours", "p90_hours", "reapprovals"),
            ("median_hours", "p90_hours"),
            "across",
        ),
        Panel(
            "sla",
            "Promises kept",
            "month",
            ("attainment", "contractual_attainment", "breached", "open_at_risk"),
            ("due", "met", "breached", "attainment", "contractual_attainment"),
            ("attainment", "contractual_attainment"),
            "line",
        ),
        Panel(
            "time_to_offer",
            "Verbal to written, by",
            CHOSEN,
            (),
            ("n", "median_hours", "p90_hours", "over_72", "open_now"),
        ),
    ),
    "business_unit",
)

STANDING = (
    "n",
    "median_market_ratio",
    "median_compa_ratio",
    "below_reference_5pct",
    "outside_band",
    "unknown_reference",
)
PAY = InsightPageOf(
    "pay",
    "Pay",
    "Where offers stood against published pay and the band on the day they were made, and what became of them.",
    (
        Panel(
            "pay_position",
            "Against reference and band",
            "month",
            STANDING[1:],
            STANDING,
            ("median_market_ratio", "median_compa_ratio"),
            "line",
        ),
        Panel(
            "acceptance",
            "What became of those below their reference",
            "reference",
            (),
            ("decided", "accepted", "declined", "rate", "renege_rate"),
            ("rate",),
            "across",
            "Answers to offers more than 5 % below the published reference, and to all others. Observed, not tried: "
            "offers below differ in more than pay.",
        ),
        Panel(
            "attrition",
            "Who of them left again",
            "reference",
            (),
            ("joined", "joined_90", "left_90", "rate_90", "rate_180", "rate_365"),
        ),
        Panel("pay_position", "By unit", "business_unit", (), STANDING, ("median_market_ratio",), "across"),
        Panel("pay_position", "Pay, by", CHOSEN, (), STANDING, ("median_market_ratio",), "across", name="pay-chosen"),
        Panel(
            "counters",
            "Renegotiated",
            "quarter",
            ("renegotiation_rate", "mean_uplift"),
            ("resolved", "mean_uplift", "renegotiated", "renegotiation_rate"),
            ("renegotiation_rate",),
            "line",
            "Written offers whose terms changed after the first letter; uplift is what was agreed over what was "
            "offered.",
        ),
    ),
    "hiring_manager",
)

ACCEPTANCE = InsightPageOf(
    "acceptance",
    "Acceptance",
    "What became of the offers that candidates heard of, losses before the letter included.",
    (
        Panel(
            "acceptance",
            "Acceptance",
            "month",
            ("rate", "closed_rate", "lost_after_verbal", "renege_rate", "offers_per_acceptance"),
            ("decided", "accepted", "declined", "expired", "withdrawn", "rate", "closed_rate"),
            ("rate", "closed_rate"),
            "line",
        ),
        Panel(
            "acceptance",
            "Acceptance, by",
            CHOSEN,
            (),
            ("decided", "accepted", "rate", "closed_rate", "renege_rate"),
            ("rate",),
            "across",
        ),
    ),
    "source_channel",
)
