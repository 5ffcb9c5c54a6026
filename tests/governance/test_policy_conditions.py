"""Every condition that a policy may test: when it holds, and what it says then."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from governance.market import Band, Reference, judge
from governance.policy_conditions import Facts, Finding, find
from governance.policy_schema import CONDITIONS

D = Decimal
DAY = date(2026, 11, 2)
BAND = Band("ENG-3", D(80000), D(100000), D(120000), "USD")
SCALE = replace(BAND, kind="step", steps=(D(80000), D(120000)))
REFERENCE = Reference({50: D(100000)}, DAY, "USD", "US", "BLS OEWS")


def facts(base="100000", reference=REFERENCE, band=BAND, **changes):
    standing = judge(D(base), "USD", on=DAY, band=band, reference=reference)
    return replace(Facts(standing, "USD", D(base), D(base)), **changes)


CASES = [  # condition, facts that meet it, facts that do not, what is said, how far out
    ({"test": "always"}, {}, None, "The policy asks about every offer", None),
    (
        {"test": "gap_below", "percent": "5"},
        {"base": "94000"},
        {"base": "95000"},
        "6 % below reference (limit 5 %)",
        "0.06",
    ),
    (
        {"test": "gap_above", "percent": "5"},
        {"base": "106000"},
        {"base": "105000"},
        "6 % above reference (limit 5 %)",
        "0.06",
    ),
    (
        {"test": "gap_above", "percent": "5", "up_to": "6"},
        {"base": "106000"},
        {"base": "106001"},
        "6 % above reference (limit 5 %)",
        "0.06",
    ),
    (
        {"test": "gap_within", "below": "5", "above": "0"},
        {"base": "97000"},
        {"base": "100001"},
        "Pay is 3 % below reference",
        None,
    ),
    ({"test": "reference_unknown"}, {"reference": None}, {}, "The market reference is unknown: missing", None),
    (
        {"test": "reference_stale"},
        {"reference": replace(REFERENCE, as_of=date(2024, 11, 1))},
        {"reference": None},
        "The market reference is unknown: stale (731 days old)",
        None,
    ),
    ({"test": "inside_band"}, {"base": "80000"}, {"base": "79999"}, "Inside band", None),
    ({"test": "outside_band"}, {"base": "78000"}, {"base": "80000"}, "2.5 % below the band minimum", "0.025"),
    (
        {"test": "outside_band", "side": "above"},
        {"base": "126000"},
        {"base": "79000"},
        "5 % above the band maximum",
        "0.05",
    ),
    ({"test": "no_band"}, {"band": None}, {}, "There is no salary band", None),
    (
        {"test": "first_year_cash_over", "amount": "200000", "currency": "USD"},
        {"first_year_cash": D("212000.50")},
        {"first_year_cash": D(200000)},
        "First-year cash is 212,000.50 USD, over 200,000 USD",
        "212000.5",
    ),
    (
        {"test": "sign_on_over", "amount": "15000", "currency": "EUR"},
        {"sign_on": D(20000), "rates": {"EUR": D("0.8")}},
        {"sign_on": D(0)},
        "The sign-on is 16,000 EUR (20,000 USD), over 15,000 EUR",
        "16000",
    ),
    (
        {"test": "sign_on_over_share", "percent": "10"},
        {"sign_on": D(12000)},
        {"sign_on": D(10000)},
        "12 % of base as sign-on (limit 10 %)",
        "0.12",
    ),
    (
        {"test": "clawback_under", "months": 12},
        {"sign_on": D(1), "clawback_months": 6},
        {},
        "Sign-on with 6 months of clawback, less than 12",
        "6",
    ),
    ({"test": "equity"}, {"equity_value": D(1)}, {}, "The offer holds equity", "1"),
    (
        {"test": "over_budget"},
        {"budget_max": D(80000)},
        {"budget_max": D(100000)},
        "25 % over the requisition's budget",
        "0.25",
    ),
    ({"test": "within_budget"}, {}, {"budget_max": D(99999)}, "Within the requisition's budget", None),
    (
        {"test": "outside_posted_range"},
        {"posted_max": D(99999)},
        {"posted_max": D(100000)},
        "Outside the posted range",
        None,
    ),
    ({"test": "within_posted_range"}, {}, {"posted_min": D(100001)}, "Within the posted range", None),
    (
        {"test": "no_headcount"},
        {"headcount_left": 0},
        {"headcount_left": 1},
        "No opening is left on the requisition",
        None,
    ),
    (
        {"test": "peer_gap", "percent": "10"},
        {"peer_median": D(125000), "peer_n": 5},
        {"peer_median": None},
        "20 % below the median of 5 peers (limit 10 %)",
        "0.2",
    ),
    ({"test": "inversion"}, {"inversion": True}, {}, "Pay is inverted against people in the role", None),
    (
        {"test": "below_expectation", "percent": "10"},
        {"expected_salary": D(125000)},
        {"expected_salary": D(90000)},
        "20 % below the stated expectation (limit 10 %)",
        "0.2",
    ),
    ({"test": "critical"}, {"critical": True}, {}, "The hire is critical", None),
    ({"test": "standard_letter"}, {}, {"standard_letter": False}, "The letter is standard", None),
    ({"test": "non_standard_letter"}, {"standard_letter": False}, {}, "The letter is not standard", None),
    ({"test": "guardrail_exceeded"}, {"guardrail_exceeded": True}, {}, "The guardrail is exceeded", None),
    ({"test": "sow_exception"}, {"sow_exception": True}, {}, "The statement of work makes an exception", None),
]


def test_every_published_condition_is_tried_here():
    assert {case[0]["test"] for case in CASES} == set(CONDITIONS)


@pytest.mark.parametrize(("condition", "holds", "not_so", "sentence", "value"), CASES)
def test_a_condition_holds_with_its_numbers_or_not_at_all(condition, holds, not_so, sentence, value):
    found = replace(find(condition, facts(**holds)), side="")
    assert found == Finding(condition["test"], sentence, value and Fraction(value))
    assert not_so is None or find(condition, facts(**not_so)) is None


@pytest.mark.parametrize(
    "condition",
    [
        {"test": "gap_below", "percent": "0"},
        {"test": "gap_above", "percent": "0"},
        {"test": "reference_unknown"},
        {"test": "outside_band"},
    ],
)
def test_on_a_step_only_the_step_counts(condition):
    assert find(condition, facts("80000", band=SCALE)) is None
    assert find(condition, facts("120000", None, SCALE)) is None


def test_pay_beside_a_step_is_outside_the_band():
    assert find({"test": "outside_band"}, facts("80001", band=SCALE)) == Finding(
        "outside_band", "Pay is not on a step of the scale", side="between"
    )


@pytest.mark.parametrize(
    ("condition", "below", "above"),
    [
        ({"test": "outside_band"}, {"base": "78000"}, {"base": "126000"}),
        ({"test": "peer_gap", "percent": "10"}, {"base": "80000"}, {"base": "126000"}),
    ],
)
def test_a_condition_that_looks_to_both_sides_says_which_one_it_found(condition, below, above):
    sides = [find(condition, facts(**each, peer_median=D(100_000), peer_n=5)).side for each in (below, above)]
    assert sides == ["below", "above"]


@pytest.mark.parametrize(
    ("test", "unlike"),
    [("over_budget", "budget_in"), ("outside_posted_range", "posted_in")],
)
def test_what_stands_in_another_currency_counts_as_passed(test, unlike):
    assert find({"test": test}, facts()) is None
    assert find({"test": test}, facts(**{unlike: "EUR"})).value is None


@pytest.mark.parametrize(("test", "unlike"), [("within_budget", "budget_in"), ("within_posted_range", "posted_in")])
def test_what_stands_in_another_currency_is_kept_within_by_nothing(test, unlike):
    assert find({"test": test}, facts()) is not None
    assert find({"test": test}, facts(**{unlike: "EUR"})) is None


@pytest.mark.parametrize(
    "condition", [{"test": "gap_below", "percent": "0"}, {"test": "gap_within", "below": "99", "above": "99"}]
)
def test_an_unknown_reference_is_no_gap_of_zero(condition):
    assert find(condition, facts(reference=None)) is None


def test_a_sum_that_cannot_be_converted_meets_every_threshold():
    over = {"test": "first_year_cash_over", "amount": "999999", "currency": "EUR", "up_to_amount": "9999999"}
    assert find(over, facts()).sentence == "First-year cash cannot be converted to EUR: there is no exchange rate"
