"""Every report's definition, once: pages, API, exports, documents and tests read it here.

Common to all: an offer is one candidate for one requisition, versions never count. A period is half-open, in the
client's zone, by the event that the report names. Internal moves and contingent workers are reported apart. A record
whose own instants are missing or contradict is left out of the figure and counted in `excluded`.
"""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """What a report's figures are made of, in words. `clock` says which hours or days, and which event's period."""

    title: str
    numerator: str
    denominator: str
    excludes: str
    clock: str

    def as_json(self, minimum: int) -> dict[str, str | int]:
        """The contract's object; `minimum` is the client's: under so many offers nothing is shown."""
        return {name: text for name, text in asdict(self).items() if name != "title"} | {"minimum": minimum}


DEFINITIONS: dict[str, Definition] = {
    "acceptance": Definition(
        "Acceptance",
        "Written offers whose first final answer in the period is yes; reneging later does not undo it. Closed: "
        "joined, or accepted and not yet due to start. Renege rate: withdrew after acceptance, or no-show.",
        "Written offers with a final answer in the period: accepted, declined, expired unanswered, withdrawn by the "
        "candidate after the letter. Closed rate: every verbally approved offer with an outcome, losses before the "
        "letter included. Renege rate: acceptances due to start in the period.",
        "Open offers; rescinded or cancelled by the employer; answers that lie before their letter. Closed rate: "
        "cancelled before the candidate heard. Renege rate: rescinded, failed contingency.",
        "The day of the answer, on the client's clock; for reneges the planned or actual start, else the answer.",
    ),
    "time_to_offer": Definition(
        "Verbal to written",
        "Hours from verbal approval to the first letter; over_72 counts those of strictly more than 72 hours.",
        "Offers first written in the period.",
        "Verbal approvals that are missing or inferred; instants that contradict. Open offers are not in it and are "
        "counted apart.",
        "Elapsed hours, nights and weekends included; the day of the first letter.",
    ),
    "time_to_fill": Definition(
        "Time to fill and hire",
        "Days from the requisition's opening to the acceptance; to hire, from application or first contact to the "
        "acceptance; to start, from the opening to the first day.",
        "Openings filled by an acceptance in the period.",
        "Evergreen requisitions; no opening date, or one after the acceptance.",
        "Calendar days on the client's clock; the day of the acceptance.",
    ),
    "sla": Definition(
        "SLA attainment",
        "Verbal-to-written clocks stopped by the letter strictly before the target.",
        "Clocks whose due instant falls in the period, open ones past due included.",
        "Offers that ended before they were due; verbal approvals that are missing or inferred; instants that "
        "contradict.",
        "Gross: elapsed hours. Contractual: by the SLA's calendar, pauses subtracted. Hours belong to the party that "
        "the statement of work of the offer's drafting names: for the approval step or counter-offer that was open, "
        "else for drafting until the last chain of approvals began, and for presenting from then on. Time that the "
        "candidate asked for is the candidate's.",
    ),
    "declines": Definition(
        "Declines",
        "By theme: losses with that theme. Captured: a theme other than “would not say” and a reason, recorded within "
        "five working days. Asked: any theme, “would not say” included.",
        "By theme: losses that carry a theme, with or without a letter. Else: declined, expired, or withdrawn by the "
        "candidate from the verbal offer on.",
        "Rescinded and cancelled offers.",
        "The day of the loss, on the client's clock.",
    ),
    "decline_lift": Definition(
        "Decline lens",
        "Written offers lost for the theme here (declined, expired, withdrawn), as a share, over the same share "
        "elsewhere. Flagged: q under 0.05 and lift over 1.",
        "Here: offers with a letter and a final answer of this value. Elsewhere: all others.",
        "Answers that lie before their letter; cells under the minimum, from the tests too.",
        "The day of the answer. p: Fisher's exact test, two-sided; q: Benjamini-Hochberg over all cells shown.",
    ),
    "delay_curve": Definition(
        "Delay and declines",
        "Declined offers.",
        "Offers with a letter and a final answer, by hours from verbal approval to the first letter; a bucket holds "
        "its lower bound.",
        "Verbal approvals that are missing or inferred; instants that contradict.",
        "Elapsed hours; the day of the answer. Over 72 is strictly more than 72 hours.",
    ),
    "approvals": Definition(
        "Approvals",
        "Hours from asking to the decision; rejected steps; re-approvals: the same role asked again on the same offer.",
        "Steps decided in the period, and by person what each decided.",
        "Steps that the verbal approval gave, that are open, or that were not needed any more; decisions before the "
        "asking.",
        "Elapsed hours; the day of the decision.",
    ),
    "overrides": Definition(
        "Overrides",
        "Offers with a confirmed override: ratified, retracted or disclosed. Detected and reported are shown apart.",
        "Offers verbally approved in the period.",
        "Unfounded ones, and suspected ones that nobody has resolved; exceptions that the chain approved.",
        "The day of the verbal approval.",
    ),
    "counters": Definition(
        "Counter-offers",
        "Close rate: resolved counter-offers that ended with a yes, inside the guardrail minus beyond it. "
        "Observational: harder asks go beyond, so the difference is no effect. Uplift: agreed over offered base. "
        "Renegotiated: written offers whose terms changed after the first letter.",
        "Resolved counter-offers; for the close rates those inside and those beyond a guardrail. Renegotiation: "
        "written offers with a final answer.",
        "Counter-offers that are open; from the close rates those before there was a guardrail. Start-date moves.",
        "The day of the counter-offer; elapsed hours to the answer. Renegotiation: the day of the answer.",
    ),
    "attrition": Definition(
        "Attrition",
        "Left within 30, 90, 180 or 365 days of the first day, for any cause; voluntary apart.",
        "Joined at least that many days before the period's end, or before today.",
        "Planned ends of fixed terms; no-shows, which are reneges; internal moves.",
        "Calendar days; the first day at work. Survival: Kaplan-Meier, with those still there censored.",
    ),
    "cost_per_hire": Definition(
        "Cost per hire",
        "Internal and external recruiting cost booked in the period, less rebates.",
        "Starts in the period.",
        "Contingent workers; salary; amounts in a currency without a rate to the client's, which are counted.",
        "The month of booking and the first day at work; structure of ANSI/SHRM 06001. sd and cv over months.",
    ),
    "pay_position": Definition(
        "Pay",
        "Median of full-time base over the published reference, and over the band's midpoint, both as frozen on the "
        "offer's version. Below reference: more than 5 % below.",
        "Offers whose terms were submitted and which have a letter or an end in the period.",
        "From the medians: unknown references and unknown bands.",
        "The day of the letter, else of the end.",
    ),
    "volume": Definition(
        "Volume",
        "Accepted offers, first days at work, and planned openings by the day they are needed.",
        "Offers accepted or joined in the period.",
        "Evergreen requisitions from the plan.",
        "The day of the acceptance, of the start, of the need. cv: of acceptances over months.",
    ),
    "advice": Definition(
        "Advice",
        "Cases in which the provider advised on an offer: the raise of base that was advised, as a share of the base "
        "offered, what the client decided and what became of it. Signed: of those with an answer, by whether the "
        "advice was taken. Observational: the client takes advice where it can.",
        "Advice given in the period, a case each; an offer that was advised on twice is two.",
        "From the hours: answers without a letter, or before it.",
        "The day of the advice. Hours to signature: from the last letter to the acceptance, elapsed.",
    ),
    "quality": Definition(
        "Quality of hire",
        "Mean of those parts that are known: the manager's rating (0 to 100), still there after 180 days (0 or 100), "
        "productive by the target date (0 or 100). Satisfaction: mean of 0 to 10; NPS: share of 9 and 10 minus share "
        "of 0 to 6.",
        "Offers that joined in the period; for quality of hire at least 180 days ago. Satisfaction: answers of these.",
        "From quality of hire those with fewer than two parts. Figures of too few answers.",
        "The first day at work; days to productivity from the first day.",
    ),
    "scorecard": Definition(
        "Scorecard",
        "The value of each figure in the period, beside its target and the period of equal length before.",
        "As each report says.",
        "As each report says.",
        "As each report says.",
    ),
}
