"""What conditions exclude or imply one another, as far as their numbers alone can tell. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import Any

_Condition = Mapping[str, Any]
MOST_WAYS = 5_000  # a rule with more combinations of alternatives than this is taken to be possible

STATES: dict[str, tuple[str, frozenset[str]]] = {
    "inside_band": ("band", frozenset({"inside"})),
    "no_band": ("band", frozenset({"none"})),
    "reference_unknown": ("reference", frozenset({"missing", "stale"})),
    "reference_stale": ("reference", frozenset({"stale"})),
    "gap_below": ("reference", frozenset({"known"})),
    "gap_above": ("reference", frozenset({"known"})),
    "gap_within": ("reference", frozenset({"known", "step scale"})),
    "within_posted_range": ("posted", frozenset({"in"})),
    "outside_posted_range": ("posted", frozenset({"out"})),
    "standard_letter": ("letter", frozenset({"standard"})),
    "non_standard_letter": ("letter", frozenset({"other"})),
}
SIDES = {
    "either": frozenset({"below", "above", "between"}),
    "below": frozenset({"below"}),
    "above": frozenset({"above"}),
}
BEYOND = {  # more than one number, and at most another, of one thing
    "over_budget": "budget",
    "sign_on_over_share": "sign-on share",
    "peer_gap": "peers",
    "below_expectation": "expectation",
    "gap_above": "gap",
}
CASH = {"first_year_cash_over": "first-year cash", "sign_on_over": "sign-on"}


@dataclass(frozen=True, slots=True)
class Span:
    """From low (itself only where closed) to high (itself only where closed); None is without end."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_closed: bool = False
    high_closed: bool = True

    def meets(self, other: Span) -> bool:
        for one, two in ((self, other), (other, self)):
            if one.low is None or two.high is None:
                continue
            if one.low > two.high or (one.low == two.high and not (one.low_closed and two.high_closed)):
                return False
        return True

    def within(self, other: Span) -> bool:
        low = other.low is None or (
            self.low is not None
            and (self.low > other.low or (self.low == other.low and (other.low_closed or not self.low_closed)))
        )
        high = other.high is None or (
            self.high is not None
            and (self.high < other.high or (self.high == other.high and (other.high_closed or not self.high_closed)))
        )
        return low and high


def contradiction(rule: Mapping[str, Any]) -> tuple[_Condition, _Condition] | None:
    """Two conditions of a sound rule that exclude each other, where no choice of alternatives can hold; else None."""
    ways = product(*(item.get("any", [item]) for item in rule["when"]))
    first = None
    for number, way in enumerate(islice(ways, MOST_WAYS + 1)):
        clash = next(_clashes(way), None)
        if clash is None or number == MOST_WAYS:
            return None
        first = first or clash
    return first


def implies(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True where a rule's condition or any-group `one` cannot hold without `other` holding; False where unclear."""
    return all(
        any(_implies(each, alternative) for alternative in other.get("any", [other])) for each in one.get("any", [one])
    )


def _clashes(way: tuple[_Condition, ...]) -> Iterator[tuple[_Condition, _Condition]]:
    for i, one in enumerate(way):
        for other in way[:i]:
            if _exclude(other, one):
                yield other, one


def _exclude(one: _Condition, other: _Condition) -> bool:
    states, spans = _states(one), _spans(one)
    if any(not states[key] & value for key, value in _states(other).items() if key in states):
        return True
    return any(not spans[key].meets(span) for key, span in _spans(other).items() if key in spans)


def _implies(one: _Condition, other: _Condition) -> bool:
    if other["test"] == "always" or dict(one) == dict(other):
        return True
    states, spans = _states(one), _spans(one)
    wanted_states, wanted_spans = _states(other), _spans(other)
    if not (wanted_states or wanted_spans) or not _told(other):
        return False
    return all(key in states and states[key] <= value for key, value in wanted_states.items()) and all(
        key in spans and spans[key].within(span) for key, span in wanted_spans.items()
    )


def _told(condition: _Condition) -> bool:
    """False where states and spans say less than the condition does."""
    either = condition.get("side", "either") == "either"
    return condition["test"] != "outside_band" or not either or not {"percent", "up_to"} & condition.keys()


def _states(condition: _Condition) -> dict[str, frozenset[str]]:
    if condition["test"] == "outside_band":
        return {"band": SIDES[condition.get("side", "either")]}
    found = STATES.get(condition["test"])
    return dict([found]) if found else {}


def _spans(condition: _Condition) -> dict[str, Span]:
    match condition["test"]:
        case "gap_below":
            low, high = _number(condition, "percent"), _number(condition, "up_to")
            return {"gap": Span(None if high is None else -high, -(low or Fraction(0)), True, False)}
        case "gap_within":
            return {"gap": Span(-Fraction(condition["below"]), Fraction(condition["above"]), True, True)}
        case "within_budget":
            return {"budget": Span(None, Fraction(0))}
        case "outside_band" if condition.get("side", "either") != "either":
            return {condition["side"]: _beyond(condition)}
        case test if test in BEYOND:
            return {BEYOND[test]: _beyond(condition)}
        case test if test in CASH:
            name = f"{CASH[test]} {condition['currency']}"
            return {name: Span(_number(condition, "amount"), _number(condition, "up_to_amount"))}
    return {}


def _beyond(condition: _Condition) -> Span:
    return Span(_number(condition, "percent") or Fraction(0), _number(condition, "up_to"))


def _number(condition: _Condition, key: str) -> Fraction | None:
    return Fraction(condition[key]) if key in condition else None
