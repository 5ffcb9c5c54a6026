"""What a rule of an approval policy may test, over plain facts. Pure: no ORM, no clock.

Thresholds are strict and exact: exactly 5 % below passes "more than 5 %". What is not given (no budget, no peers, no
stated expectation) meets no threshold; a sum that cannot be converted meets every one, and so does a budget or posted
range in another currency than the offer's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from governance.market import Standing, money_text, percent_text
from governance.policy_schema import SIDES


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a rule may test. Money in the offer's currency, pay full-time annual. None: not known, or not given."""

    standing: Standing
    currency: str
    base: Decimal
    first_year_cash: Decimal
    sign_on: Decimal = Decimal(0)
    clawback_months: int = 0  # of a pro-rata clawback of the sign-on
    equity_value: Decimal = Decimal(0)
    rates: Mapping[str, Decimal | Fraction] = field(default_factory=dict)  # amount in X = amount * rates["X"]
    standard_letter: bool = True
    budget_max: Decimal | None = None
    posted_min: Decimal | None = None
    posted_max: Decimal | None = None
    budget_in: str = ""  # the currency of a budget that cannot be compared, because the offer is in another
    posted_in: str = ""  # the same of the posted range
    headcount_left: int | None = None  # openings left for this offer, before it takes one
    peer_median: Decimal | None = None  # None where peers are too few to be shown
    peer_n: int = 0
    inversion: bool = False
    expected_salary: Decimal | None = None
    critical: bool = False
    guardrail_exceeded: bool = False
    sow_exception: bool = False
    terms_no_better_than_verbal: bool = False
    hiring_manager: int | None = None  # user id


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition that held, with its numbers. `value`: how far out, larger is worse; None for a yes or no.

    `side` is "below" or "above" where a condition looks to both: values of the two sides do not compare. What a
    clawback leaves open is the sign-on times the months that are missing.
    """

    test: str
    sentence: str
    value: Fraction | None = None
    side: str = ""


def find(condition: Mapping[str, Any], facts: Facts) -> Finding | None:
    """What the condition finds where it holds for these facts, else None."""
    held = _TESTS[condition["test"]](facts, condition)
    return held and Finding(condition["test"], *held)


_Held = tuple[str, Fraction | None] | tuple[str, Fraction | None, str] | None
_Condition = Mapping[str, Any]


def _beyond(value: Fraction | None, condition: _Condition, at: str = "percent", up_to: str = "up_to") -> bool:
    scale = 100 if at == "percent" else 1
    if value is None or value <= Fraction(condition.get(at, "0")) / scale:
        return False
    return up_to not in condition or value <= Fraction(condition[up_to]) / scale


def _share(condition: _Condition, value: Fraction | None, what: str, side: str = "") -> _Held:
    """Held where the share is over the condition's percentage: "5.9 % below reference (limit 5 %)"."""
    if value is None or not _beyond(value, condition):
        return None
    limit = f" (limit {condition['percent']} %)" if "percent" in condition else ""
    return f"{percent_text(value)} {what}{limit}", value, side


def _cash(facts: Facts, condition: _Condition, amount: Decimal, what: str) -> _Held:
    currency = condition["currency"]
    rate = Decimal(1) if currency == facts.currency or not amount else facts.rates.get(currency)
    if rate is None:
        return f"{what} cannot be converted to {currency}: there is no exchange rate", None
    value = Fraction(amount) * Fraction(rate)
    if not _beyond(value, condition, "amount", "up_to_amount"):
        return None
    own = "" if currency == facts.currency else f" ({money_text(amount, facts.currency)})"
    limit = money_text(Decimal(condition["amount"]), currency)
    return f"{what} is {money_text(value, currency)}{own}, over {limit}", value


def _yes(holds: bool, sentence: str) -> _Held:
    return (sentence, None) if holds else None


def _part(amount: Decimal, whole: Decimal | None) -> Fraction | None:
    """(amount - whole) / whole; None where there is nothing to compare with."""
    return Fraction(amount) / Fraction(whole) - 1 if whole else None


def _gap(facts: Facts) -> Fraction | None:
    return None if facts.standing.on_step_scale else facts.standing.gap


def _gap_below(facts: Facts, condition: _Condition) -> _Held:
    gap = _gap(facts)
    return None if gap is None else _share(condition, -gap, "below reference")


def _gap_within(facts: Facts, condition: _Condition) -> _Held:
    if facts.standing.on_step_scale:
        return "On a step scale the benchmark asks nobody", None
    gap, low, high = facts.standing.gap, -Fraction(condition["below"]) / 100, Fraction(condition["above"]) / 100
    if gap is None or not low <= gap <= high:
        return None
    side = f"{percent_text(abs(gap))} {'below' if gap < 0 else 'above'}" if gap else "at"
    return f"Pay is {side} reference", None


def _reference(facts: Facts, reasons: tuple[str, ...] = ()) -> _Held:
    standing = facts.standing
    if standing.reference_known or standing.on_step_scale or (reasons and standing.unknown_reason not in reasons):
        return None
    why = (standing.unknown_reason or "missing").replace("_", "-")
    old = f" ({standing.days_old} days old)" if why == "stale" else ""
    return f"The market reference is unknown: {why}{old}", None


def _outside_band(facts: Facts, condition: _Condition) -> _Held:
    side, standing = condition.get("side", "either"), facts.standing
    if standing.band_position == "off_step" and side == "either" and "percent" not in condition:
        where = "below" if standing.under_minimum_share else "above" if standing.over_maximum_share else "between"
        return "Pay is not on a step of the scale", standing.under_minimum_share or standing.over_maximum_share, where
    under = None if side == "above" else standing.under_minimum_share
    over = None if side == "below" else standing.over_maximum_share
    return _share(condition, under, SIDES["below"], "below") or _share(condition, over, SIDES["above"], "above")


def _over_budget(facts: Facts, condition: _Condition) -> _Held:
    if facts.budget_in:
        return f"The requisition's budget is in {facts.budget_in}, the offer in {facts.currency}", None
    return _share(condition, _part(facts.base, facts.budget_max), "over the requisition's budget")


def _within_posted(facts: Facts) -> bool:
    low, high = facts.posted_min, facts.posted_max
    return not facts.posted_in and (low is None or facts.base >= low) and (high is None or facts.base <= high)


def _outside_posted(facts: Facts, condition: _Condition) -> _Held:
    if facts.posted_in:
        return f"The posted range is in {facts.posted_in}, the offer in {facts.currency}", None
    return _yes(not _within_posted(facts), "Outside the posted range")


def _sign_on_share(facts: Facts, condition: _Condition) -> _Held:
    share = Fraction(facts.sign_on) / Fraction(facts.base) if facts.base else None
    return _share(condition, share, "of base as sign-on")


def _clawback_under(facts: Facts, condition: _Condition) -> _Held:
    if facts.sign_on <= 0 or facts.clawback_months >= condition["months"]:
        return None
    words = f"Sign-on with {facts.clawback_months} months of clawback, less than {condition['months']}"
    return words, Fraction(facts.sign_on) * (condition["months"] - facts.clawback_months)


def _peer_gap(facts: Facts, condition: _Condition) -> _Held:
    gap = _part(facts.base, facts.peer_median)
    if gap is None:
        return None
    side = "below" if gap < 0 else "above"
    return _share(condition, abs(gap), f"{side} the median of {facts.peer_n} peers", side)


def _below_expectation(facts: Facts, condition: _Condition) -> _Held:
    gap = _part(facts.base, facts.expected_salary)
    return None if gap is None else _share(condition, -gap, "below the stated expectation")


_TESTS: dict[str, Callable[[Facts, _Condition], _Held]] = {
    "always": lambda facts, c: ("The policy asks about every offer", None),
    "gap_below": _gap_below,
    "gap_above": lambda facts, c: _share(c, _gap(facts), "above reference"),
    "gap_within": _gap_within,
    "reference_unknown": lambda facts, c: _reference(facts),
    "reference_stale": lambda facts, c: _reference(facts, ("stale",)),
    "inside_band": lambda facts, c: _yes(facts.standing.band_position in ("inside", "on_step"), "Inside band"),
    "outside_band": _outside_band,
    "no_band": lambda facts, c: _yes(facts.standing.band_position == "none", "There is no salary band"),
    "first_year_cash_over": lambda facts, c: _cash(facts, c, facts.first_year_cash, "First-year cash"),
    "sign_on_over": lambda facts, c: _cash(facts, c, facts.sign_on, "The sign-on"),
    "sign_on_over_share": _sign_on_share,
    "clawback_under": _clawback_under,
    "equity": lambda facts, c: (
        ("The offer holds equity", Fraction(facts.equity_value)) if facts.equity_value > 0 else None
    ),
    "over_budget": _over_budget,
    "within_budget": lambda facts, c: _yes(
        not facts.budget_in and (facts.budget_max is None or facts.base <= facts.budget_max),
        "Within the requisition's budget",
    ),
    "outside_posted_range": _outside_posted,
    "within_posted_range": lambda facts, c: _yes(_within_posted(facts), "Within the posted range"),
    "no_headcount": lambda facts, c: _yes(
        facts.headcount_left is not None and facts.headcount_left < 1, "No opening is left on the requisition"
    ),
    "peer_gap": _peer_gap,
    "inversion": lambda facts, c: _yes(facts.inversion, "Pay is inverted against people in the role"),
    "below_expectation": _below_expectation,
    "critical": lambda facts, c: _yes(facts.critical, "The hire is critical"),
    "standard_letter": lambda facts, c: _yes(facts.standard_letter, "The letter is standard"),
    "non_standard_letter": lambda facts, c: _yes(not facts.standard_letter, "The letter is not standard"),
    "guardrail_exceeded": lambda facts, c: _yes(facts.guardrail_exceeded, "The guardrail is exceeded"),
    "sow_exception": lambda facts, c: _yes(facts.sow_exception, "The statement of work makes an exception"),
}
