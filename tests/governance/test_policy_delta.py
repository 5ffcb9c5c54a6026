"""Which yeses of an earlier version hold: those whose tested numbers did not get worse, and no others."""

from dataclasses import replace
from decimal import Decimal as D
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policy import Evaluation, Facts, evaluate
from governance.policy_delta import Earlier, Pay, keep
from tests.governance.test_policy import facts

FINANCE = {"role": "finance_leader"}


def rule(test: dict[str, Any], ask: Any = FINANCE, key: str = "r") -> dict[str, Any]:
    return {"id": key, "title": key, "when": [test], "ask": [ask]}


def document(*rules: dict[str, Any], manager: str = "none") -> dict[str, Any]:
    return {"schema": 1, "name": "P", "manager_step": manager, "delta_aware": True, "rules": list(rules)}


def yeses(found: Evaluation, of: Facts) -> list[Earlier]:
    """Every requirement of version 1 with a yes."""
    return [
        Earlier(
            key, 1, step.role, step.title, step.person, step.n, step.rules, found.fired, Pay.of(of)
        )
        for key, step in enumerate(found.steps, 1)
    ]  # fmt: skip


def kept(policy: dict[str, Any], before: Facts, after: Facts) -> list[str]:
    then = evaluate(policy, before)
    return [step.kept for step in keep(evaluate(policy, after), after, yeses(then, before)).steps]


CASH = rule({"test": "first_year_cash_over", "amount": "100", "currency": "USD"})
SIGN_ON = rule({"test": "sign_on_over", "amount": "10", "currency": "USD"}, key="s")
ALWAYS = rule({"test": "always"})


def cash(amount: Any, **more: Any) -> Facts:
    return facts(first_year_cash=D(amount), **more)


def test_a_number_that_did_not_grow_keeps_the_yes_and_says_both() -> None:
    assert kept(document(CASH), cash(300), cash(200)) == [
        "Kept from version 1: “First-year cash is 300 USD, over 100 USD” then,"
        " “First-year cash is 200 USD, over 100 USD” now"
    ]


def test_the_same_number_keeps_it_and_a_larger_one_asks_again() -> None:
    (same,) = kept(document(CASH), cash(300), cash(300))
    assert same.startswith("Kept from version 1: still “")
    assert kept(document(CASH), cash(300), cash("300.01")) == [""]


def test_a_rule_that_asks_the_same_person_anew_asks_again() -> None:
    before, after = cash(300), cash(300, sign_on=D(11))
    assert kept(document(CASH, SIGN_ON), before, after) == [""]


def test_more_people_than_said_yes_are_asked_again() -> None:
    before, after = evaluate(document(CASH), cash(300)), evaluate(document(CASH), cash(300))
    two = replace(after, steps=(replace(after.steps[0], n=2),))
    assert [step.kept for step in keep(two, cash(300), yeses(before, cash(300))).steps] == [""]


def test_a_rule_without_a_number_keeps_its_yes_only_while_pay_is_the_same() -> None:
    assert kept(document(ALWAYS), cash(300), cash(300)) == ["Kept from version 1: pay is unchanged"]
    assert kept(document(ALWAYS), cash(300), cash(299)) == [""]


@pytest.mark.parametrize(
    ("after", "holds"),
    [({}, True), ({"base": D(90_000)}, True), ({"base": D(100_001)}, False), ({"currency": "EUR"}, False),
     ({"sign_on": D(1)}, False), ({"equity_value": D(1)}, False)],
)  # fmt: skip
def test_the_managers_yes_holds_while_terms_are_no_better(after: dict[str, Any], holds: bool) -> None:
    before = cash(100_000, base=D(100_000))
    then = replace(before, **after)
    (found,) = kept(document(manager="asked"), before, then)
    assert bool(found) is holds


@pytest.mark.parametrize(
    ("test", "before", "after"),
    [
        (
            {"test": "outside_band", "side": "either"},
            {"band_position": "below", "under_minimum_share": Fraction(8, 100)},
            {"band_position": "above", "over_maximum_share": Fraction(5, 100)},
        ),
        ({"test": "peer_gap", "percent": "1"}, {"base": D(90)}, {"base": D(105)}),
    ],
)
def test_a_number_of_the_other_side_is_never_no_worse(test: Any, before: Any, after: Any) -> None:
    """Who agreed to pay below the band has not agreed to pay above it, by however little."""
    assert kept(document(rule(test)), sided(before), sided(before)) != [""]
    assert kept(document(rule(test)), sided(before), sided(after)) == [""]


def sided(given: dict[str, Any]) -> Facts:
    found = facts(base=given.get("base", D(100)), peer_median=D(100), peer_n=9)
    place = {name: value for name, value in given.items() if name != "base"}
    return replace(found, standing=replace(found.standing, **place))


def test_nothing_is_kept_in_another_currency() -> None:
    equity = document(rule({"test": "equity"}))
    assert kept(equity, cash(300, equity_value=D(10)), cash(300, equity_value=D(9))) != [""]
    assert kept(equity, cash(300, equity_value=D(10)), cash(300, equity_value=D(9), currency="KWD")) == [""]


def test_where_everything_is_kept_nobody_is_asked_and_it_says_why() -> None:
    then = evaluate(document(CASH), cash(300))
    found = keep(evaluate(document(CASH), cash(200)), cash(200), yeses(then, cash(300)))
    assert (found.asks_nobody, found.because) == (True, "Nobody is asked again: no tested value got worse")


def test_without_an_earlier_yes_nothing_is_kept() -> None:
    found = evaluate(document(CASH), cash(300))
    assert keep(found, cash(300), []) == found


AMOUNTS = st.decimals("100.01", 1000, places=2)


@given(before=AMOUNTS, after=AMOUNTS, sign_before=AMOUNTS, sign_after=AMOUNTS)
def test_a_yes_is_kept_exactly_where_no_tested_number_is_larger(
    before: D, after: D, sign_before: D, sign_after: D
) -> None:
    (found,) = kept(
        document(CASH, SIGN_ON), cash(before, sign_on=sign_before), cash(after, sign_on=sign_after)
    )  # fmt: skip
    assert bool(found) is (after <= before and sign_after <= sign_before)


@given(first=AMOUNTS, second=AMOUNTS, third=AMOUNTS)
def test_what_is_kept_twice_is_no_worse_than_what_was_approved(first: D, second: D, third: D) -> None:
    """Each version is measured against the one that people saw, so small steps never add up."""
    then = yeses(evaluate(document(CASH), cash(first)), cash(first))
    for amount in (second, third):
        (step,) = keep(evaluate(document(CASH), cash(amount)), cash(amount), then).steps
        assert bool(step.kept) is (amount <= first)
        assert step.kept_from in (None, 1)
