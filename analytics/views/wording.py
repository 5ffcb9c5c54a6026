"""How figures are named and written: the one table that pages and their charts read."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from offers.models.advice import AdviceDecision
from offers.models.events import Origin, Theme
from offers.models.offer import STATUS_CHOICES
from offers.presentation import NONE, Voice

MANY_HOURS = 1000
MUCH = 100  # nor do cents of so much money


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure's label and how it is written: percent, hours, days, count, number, money, text, yes or points."""

    label: str
    kind: str


def _named(kind: str, **labels: str) -> dict[str, Figure]:
    return {name: Figure(label, kind) for name, label in labels.items()}


FIGURES: dict[str, Figure] = {
    **_named(
        "percent",
        rate="Rate",
        closed_rate="Closed rate",
        renege_rate="Renege rate",
        share_within_24="Within 24 h",
        share_within_48="Within 48 h",
        attainment="Attainment, elapsed",
        contractual_attainment="Attainment, contractual",
        share="Share",
        capture_rate="Captured",
        asked_rate="Asked",
        rate_here="Here",
        rate_elsewhere="Elsewhere",
        reject_rate="Share rejected",
        close_rate_inside="Closed inside",
        close_rate_beyond="Closed beyond",
        dropout_rate="Dropout rate",
        mean_uplift="Mean uplift",
        renegotiation_rate="Renegotiation rate",
        fee_share="Fees' share",
        rate_30="30 days",
        rate_90="90 days",
        rate_180="180 days",
        rate_365="365 days",
        share_of_all="Share of all",
        still_there="Still there",
        share_of_declines_over_72="Declines that waited over 72 h",
        share_of_offers_over_72="All that waited over 72 h",
        acceptance_rate="Accepted",
        attrition_90="Left within 90 days",
        advised="Raise advised",
        advised_sign_on="Sign-on advised, of base",
        taken_sign_rate="Signed where taken",
        not_taken_sign_rate="Signed where not taken",
    ),
    **_named(
        "hours",
        median_hours="Median",
        p90_hours="90th percentile",
        mean_hours="Mean",
        hours_provider="Provider",
        hours_client_hr="Client HR",
        hours_finance="Finance",
        hours_hiring_manager="Hiring manager",
        hours_candidate="Candidate",
        median_answer_hours="Median answer",
        hours_to_signature="To signature",
    ),
    **_named(
        "days",
        median_days="Median",
        p90_days="90th percentile",
        hire_median_days="To hire",
        start_median_days="To start",
        time_to_productivity_days="To productivity",
    ),
    **_named(
        "count",
        n="n",
        decided="Decided",
        accepted="Accepted",
        declined="Declined",
        expired="Expired",
        withdrawn="Withdrawn",
        lost_after_verbal="Lost before the letter",
        closed="Closed",
        reneged="Reneged",
        acceptances_due="Due to start",
        over_72="Over 72 h",
        open_now="Open now",
        due="Due",
        met="Met",
        breached="Breached",
        open_at_risk="At risk",
        count="Losses",
        losses="Losses",
        captured="Captured",
        here_n="Offers here",
        here="Lost here",
        offered="Offered",
        steps="Steps",
        rejected="Rejected",
        reapprovals="Asked again",
        verbally_approved="Verbally approved",
        confirmed="Confirmed",
        detected="Detected",
        reported="Reported",
        ratified="Ratified",
        retracted="Retracted",
        disclosed="Disclosed",
        resolved="Resolved",
        inside="Inside",
        dropouts="Dropouts",
        renegotiated="Renegotiated",
        joined="Joined",
        left_90="Left in 90 days",
        voluntary_90="Of them voluntary",
        hires="Starts",
        planned="Planned",
        below_reference_5pct="More than 5 % below",
        outside_band="Outside band",
        unknown_reference="Reference unknown",
        joined_90="Joined 90 days ago",
        cases="Cases",
        adjusted="Terms adjusted",
        accepted_risk="Risk accepted",
        refused="Refused",
        undecided="Not decided yet",
    ),
    **_named(
        "number",
        offers_per_acceptance="Offers per acceptance",
        lift="Lift",
        q_value="q",
        p_value="p",
        cv="Variation",
        median_market_ratio="Market ratio",
        median_compa_ratio="Compa-ratio",
        satisfaction_mean="Satisfaction",
        quality_of_hire_mean="Quality of hire",
    ),
    **_named("points", nps="NPS"),
    **_named(
        "money",
        spend="Spend",
        cost_per_hire="Cost per hire",
        without_sign_on_relocation="Without sign-on, relocation",
        sd="Deviation",
    ),
    **_named("yes", flagged="Flagged"),
    **_named("text", dim="Of", theme="Theme", origin="Origin", decision="Decision", outcome="Outcome"),
}
INDICATORS: dict[str, Figure] = {
    "acceptance_rate": Figure("Acceptance", "percent"),
    "closed_rate": Figure("Closed, of all verbally approved", "percent"),
    "renege_rate": Figure("Reneged", "percent"),
    "verbal_to_written_median_hours": Figure("Verbal to written, median", "hours"),
    "sla_attainment": Figure("SLA attainment, elapsed", "percent"),
    "sla_contractual_attainment": Figure("SLA attainment, contractual", "percent"),
    "decline_capture": Figure("Decline reasons captured", "percent"),
    "approval_median_hours": Figure("Approval step, median", "hours"),
    "counter_dropout_rate": Figure("Dropouts after a counter-offer", "percent"),
    "override_rate": Figure("Overrides", "percent"),
    "attrition_90": Figure("Left within 90 days", "percent"),
    "time_to_fill_median_days": Figure("Time to fill, median", "days"),
    "cost_per_hire": Figure("Cost per hire", "money"),
    "satisfaction_nps": Figure("Candidates' NPS", "points"),
    "quality_of_hire": Figure("Quality of hire", "number"),
}
DIMS: dict[str, str] = {
    "business_unit": "Business unit", "role_family": "Role family", "role_code": "Role", "grade": "Grade",
    "location": "Location", "country": "Country", "priority": "Priority", "employment_type": "Employment",
    "candidate_type": "Candidate", "engagement": "Engagement", "delivery_model": "Delivery model",
    "fee_model": "Fee model", "source_channel": "Channel", "recruiter": "Recruiter", "hiring_manager": "Hiring manager",
    "month": "Month", "quarter": "Quarter", "role": "Role", "person": "Person", "origin": "Origin", "case": "Case",
    "hours": "Hours waited", "bucket": "Hours waited", "theme": "Theme", "reference": "Against reference",
    "days": "Days since the start",
}  # fmt: skip
THEMES, ORIGINS = dict(Theme.choices), dict(Origin.choices)
REFERENCE = {"below": "More than 5 % below", "not_below": "Not so far below", "unknown": "Reference unknown"}
WORDS: dict[Any, str] = {
    **THEMES, **ORIGINS, **REFERENCE, **dict(AdviceDecision.choices), **dict(STATUS_CHOICES), "open": "Still open",
}  # fmt: skip
# Figures whose interval is that of a share of the row's own n, or of another count.
SHARE_OF: dict[str, str] = {
    "rate": "n", "attainment": "due", "capture_rate": "losses", "asked_rate": "losses", "reject_rate": "steps",
    "dropout_rate": "resolved", "share_within_24": "n", "share_within_48": "n", "renege_rate": "acceptances_due",
    "rate_30": "joined_30", "rate_90": "joined_90", "rate_180": "joined_180", "rate_365": "joined_365",
    "close_rate_inside": "inside", "share": "n", "rate_here": "here_n", "rate_elsewhere": "elsewhere_n",
    "share_of_all": "all", "share_of_declines_over_72": "declined", "share_of_offers_over_72": "offered",
    "taken_sign_rate": "taken", "not_taken_sign_rate": "not_taken",
}  # fmt: skip


def said(value: Any, kind: str, voice: Voice, *, whole: bool = False) -> str:
    """A figure as people read it; a dash where it is not known.

    Decimals are those of the kind, zeros behind too, so that a column lines up; `whole` writes hours without any.
    """
    if value is None:
        return NONE
    match kind:
        case "percent":
            return voice.percent(Decimal(str(value)), fixed=True)
        case "hours":
            return f"{voice.number(Decimal(str(value)), 0 if whole else 1, fixed=True)} h"
        case "days":
            return f"{voice.number(Decimal(str(value)), 1, fixed=True)} d"
        case "count":
            return voice.number(Decimal(value), 0)
        case "number":
            return voice.number(Decimal(str(value)), 2, fixed=True)
        case "points":
            return voice.number(Decimal(str(value)) * 100, 0).replace("-", "−")
        case "money":
            amount = Decimal(value["amount"])
            return voice.money(Decimal(round(amount)) if abs(amount) >= MUCH else amount, value["currency"])
        case "yes":
            return "yes" if value else "no"
    return WORDS.get(value) or str(value)


def many_hours(values: Iterable[Any], kind: str) -> bool:
    """True where some of these are so many hours that a tenth of one tells nothing any more."""
    return kind == "hours" and any(value is not None and abs(value) >= MANY_HOURS for value in values)


def plain(value: Any, kind: str) -> float | None:
    """A figure for a chart: percents out of a hundred, money as its amount."""
    if value is None:
        return None
    if isinstance(value, dict):
        return float(value["amount"])
    return round(float(value) * (100 if kind in ("percent", "points") else 1), 4 if kind == "number" else 2)
