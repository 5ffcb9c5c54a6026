"""The conditions as a person picks them: by subject, with a label for every field. Pure."""

import re

from governance.policy_schema import CONDITIONS, MANAGER_STEPS, MODES, SIDES

GROUPS: dict[str, tuple[str, ...]] = {
    "Market reference": ("gap_below", "gap_above", "gap_within", "reference_unknown", "reference_stale"),
    "Salary band": ("outside_band", "inside_band", "no_band"),
    "Cash, sign-on and equity": (
        "first_year_cash_over",
        "sign_on_over",
        "sign_on_over_share",
        "clawback_under",
        "equity",
    ),
    "Requisition": ("over_budget", "within_budget", "outside_posted_range", "within_posted_range", "no_headcount"),
    "People": ("peer_gap", "inversion", "below_expectation"),
    "Hire, letter and agreement": (
        "critical",
        "non_standard_letter",
        "standard_letter",
        "guardrail_exceeded",
        "sow_exception",
        "always",
    ),
}
LABELS = {
    "percent": "More than, %",
    "up_to": "At most, % (optional)",
    "below": "From % below",
    "above": "To % above",
    "amount": "Over, amount",
    "up_to_amount": "At most, amount (optional)",
    "currency": "Currency",
    "months": "Less than, months",
    "side": "Which side",
}
SIDE_WORDS = {side: words[0].upper() + words[1:] for side, words in SIDES.items()}
MODE_WORDS = dict(
    zip(MODES, ("One after the other", "All at the same time", "For advice only: it holds nothing up"), strict=True)
)
MANAGER_WORDS = dict(
    zip(
        MANAGER_STEPS,
        (
            "Asked, unless the verbal approval covers the terms",
            "Asked about every offer",
            "Not asked by this policy",
        ),
        strict=True,
    )
)


def label(test: str) -> str:
    """A condition to pick from a list: "Pay is more than … % below reference"."""
    words = re.sub(r"\{\w+\}( \{\w+\})*", "…", CONDITIONS[test].words)
    if test == "outside_band":
        words = "pay is outside the band, below or above it"
    return words[0].upper() + words[1:]


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every condition under its subject: [(subject, [(test, label)])]."""
    return [(group, [(test, label(test)) for test in tests]) for group, tests in GROUPS.items()]
