"""Pages about those who were hired: whether they stayed, how many there are, what they cost."""

from analytics.views.pages.panel import CHOSEN, InsightPageOf, Panel

ATTRITION = InsightPageOf(
    "attrition",
    "Attrition and quality",
    "Who left again, of those who joined long enough ago to tell; how the hires turned out.",
    (
        Panel(
            "attrition",
            "Attrition",
            "quarter",
            ("rate_30", "rate_90", "rate_180", "rate_365", "voluntary_90"),
            ("joined", "joined_90", "left_90", "voluntary_90", "rate_30", "rate_90", "rate_180", "rate_365"),
            ("rate_90",),
            "line",
        ),
        Panel(
            "attrition",
            "Who is still there",
            "days",
            (),
            ("still_there",),
            ("still_there",),
            "survival",
            "Kaplan-Meier: those who joined lately count for as long as they have been seen.",
        ),
        Panel(
            "attrition",
            "Attrition, by",
            CHOSEN,
            (),
            ("joined", "joined_90", "left_90", "rate_30", "rate_90", "rate_180"),
            ("rate_90",),
            "across",
        ),
        Panel(
            "quality",
            "Quality and satisfaction, by",
            CHOSEN,
            ("satisfaction_mean", "nps", "quality_of_hire_mean", "time_to_productivity_days"),
            ("n", "satisfaction_mean", "nps", "quality_of_hire_mean", "time_to_productivity_days"),
        ),
    ),
    "business_unit",
    tab="Attrition",
)

VOLUME = InsightPageOf(
    "volume",
    "Volume and time to fill",
    "Acceptances and starts beside the plan, and how long an opening stays open.",
    (
        Panel(
            "volume",
            "Volume",
            "month",
            ("planned", "accepted", "joined", "cv"),
            ("planned", "accepted", "joined"),
            ("planned", "accepted", "joined"),
            "bar",
        ),
        Panel(
            "time_to_fill",
            "Time to fill and hire",
            "month",
            ("median_days", "p90_days", "hire_median_days", "start_median_days"),
            ("n", "median_days", "p90_days", "hire_median_days", "start_median_days"),
            ("median_days", "hire_median_days"),
            "line",
        ),
        Panel("time_to_fill", "Time to fill, by", CHOSEN, (), ("n", "median_days", "p90_days", "hire_median_days")),
    ),
    "role_family",
    tab="Volume",
)

COST = InsightPageOf(
    "cost",
    "Cost per hire",
    "What was booked beside those who started, and how much it varies.",
    (
        Panel(
            "cost_per_hire",
            "Cost per hire",
            "month",
            ("cost_per_hire", "without_sign_on_relocation", "sd", "cv", "fee_share"),
            ("hires", "spend", "cost_per_hire", "without_sign_on_relocation", "fee_share"),
            ("cost_per_hire",),
            "bar",
        ),
        Panel(
            "cost_per_hire",
            "By fee model",
            "fee_model",
            (),
            ("hires", "spend", "cost_per_hire", "sd", "cv", "fee_share"),
            ("cost_per_hire", "sd"),
            "bar",
            "Deviation and variation are of the cost per hire over months.",
        ),
        Panel(
            "cost_per_hire",
            "By delivery model",
            "delivery_model",
            (),
            ("hires", "spend", "cost_per_hire", "sd", "cv"),
            ("cost_per_hire", "sd"),
            "bar",
        ),
        Panel(
            "cost_per_hire",
            "By channel",
            "source_channel",
            (),
            ("hires", "spend", "cost_per_hire"),
            lede="What was booked for one channel alone; all else is in the total only.",
        ),
    ),
    tab="Cost",
)
