"""What the starting template asks, row by row, and how a chain is put together."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from governance.market import Band, Reference, judge
from governance.policy import Evaluation, Facts, Fired, Requirement, evaluate, first_year_cash

D = Decimal
DAY = date(2026, 11, 2)
TEMPLATE = Path(__file__).parents[2] / "governance/data/balanced.json"
BALANCED = json.loads(TEMPLATE.read_text(encoding="utf-8"))["approval_policy"]
BAND = Band("ENG-3", D(80000), D(100000), D(120000), "USD")
REFERENCE = Reference({50: D(100000)}, DAY, "USD", "US", "BLS OEWS")
HR = "hr_partner"
FINANCE = "finance_leader"


def facts(base="100000", reference=REFERENCE, band=BAND, currency="USD", **changes):
    """An offer that Balanced asks nobody about, with what a test changes of it."""
    standing = judge(D(base), currency, on=DAY, band=band, reference=reference)
    plain = Facts(standing, currency, D(base), D(base), terms_no_better_than_verbal=True, hiring_manager=7)
    return replace(plain, **changes)


def asked(found: Evaluation):
    """Who is asked beside the manager, in order; a parallel step as a tuple of those it asks."""
    steps = {}
    for each in found.steps:
        if each.role != "hiring_manager":
            steps.setdefault(each.step, []).append(each.title or each.role)
    return [names[0] if len(names) == 1 else tuple(names) for names in steps.values()]


def balanced(*args, **changes):
    return asked(evaluate(BALANCED, facts(*args, **changes)))


def rule(name, *ask, test="always", **fields):
    return {"id": name, "title": name, "when": [{"test": test}], "ask": list(ask), **fields}


def policy(*rules, **fields):
    return {"schema": 1, "name": "Own", "rules": list(rules), "manager_step": "none", **fields}


def role(name, **fields):
    return {"role": name, **fields}


# --- the table of the starting template, row by row


def test_terms_no_better_than_verbally_approved_count_as_the_managers_step():
    given = evaluate(BALANCED, facts()).steps
    assert [(step.role, step.person, step.given) for step in given] == [("hiring_manager", 7, True)]
    better = evaluate(BALANCED, facts(terms_no_better_than_verbal=False))
    assert [(step.role, step.given) for step in better.steps] == [("hiring_manager", False)]
    assert not better.asks_nobody


@pytest.mark.parametrize("base", ["95000", "100000", "110000"])
def test_inside_all_limits_nobody_else_is_asked_and_the_rule_is_named(base):
    found = evaluate(BALANCED, facts(base, budget_max=D(base), posted_min=D(base), posted_max=D(base)))
    assert found.asks_nobody
    assert found.because.startswith("Nobody else is asked, by the rule “Inside band, near reference, inside budget")


def test_more_than_five_percent_below_reference_asks_director_then_hr():
    assert balanced("95000") == []
    assert balanced("94999.99") == ["account_director", HR]


@pytest.mark.parametrize(
    ("currency", "reference", "edge", "unit"),
    [("USD", "100000", "95000", "0.0001"), ("JPY", "9000000", "8550000", "1"), ("KWD", "21000", "19950", "0.001")],
)
def test_five_percent_below_is_exact_in_every_currency(currency, reference, edge, unit):
    row = replace(REFERENCE, percentiles={50: D(reference)}, currency=currency)
    band = replace(BAND, minimum=D(0), maximum=D(10**9), currency=currency)
    rates = {"USD": D("0.001")}
    assert balanced(edge, row, band, currency, rates=rates) == []
    assert balanced(str(D(edge) - D(unit)), row, band, currency, rates=rates) == ["account_director", HR]


@pytest.mark.parametrize(
    ("base", "who"),
    [
        ("79999.99", [HR]),
        ("80000", []),
        ("120000", []),
        ("120000.01", [HR]),
        ("126000", [HR]),
        ("126000.01", [HR, "Head of rewards"]),
    ],
)
def test_outside_the_band_asks_hr_and_far_above_it_rewards_too(base, who):
    near = replace(REFERENCE, percentiles={50: D(base)})
    assert balanced(base, near) == who


@pytest.mark.parametrize(
    "reference", [None, replace(REFERENCE, suppressed=True), replace(REFERENCE, as_of=date(2024, 11, 1))]
)
def test_a_reference_unknown_or_stale_asks_hr(reference):
    assert balanced(reference=reference) == [HR]


@pytest.mark.parametrize(
    ("budget", "base", "who"),
    [
        ("100000", "100000", []),
        ("100000", "100000.01", [FINANCE]),
        ("100000", "110000", [FINANCE]),
        ("100000", "110000.01", ["Finance director"]),
    ],
)
def test_over_budget_asks_finance_and_far_over_it_the_director(budget, base, who):
    near = replace(REFERENCE, percentiles={50: D(base)})
    assert balanced(base, near, budget_max=D(budget)) == who


@pytest.mark.parametrize(
    ("cash", "who"),
    [
        ("200000", []),
        ("200000.01", [FINANCE]),
        ("350000", [FINANCE]),
        ("350000.01", [("CFO", "CHRO")]),
    ],
)
def test_first_year_cash_asks_finance_then_the_two_chiefs_in_parallel(cash, who):
    assert balanced(first_year_cash=D(cash)) == who


def test_first_year_cash_counts_in_the_currency_of_the_threshold():
    row, band = replace(REFERENCE, currency="EUR"), replace(BAND, currency="EUR")
    rates = {"USD": D("1.25")}
    assert balanced("100000", row, band, "EUR", first_year_cash=D(160000), rates=rates) == []
    assert balanced("100000", row, band, "EUR", first_year_cash=D("160000.01"), rates=rates) == [FINANCE]


def test_cash_that_cannot_be_converted_is_never_in_the_offers_favour():
    row, band = replace(REFERENCE, currency="PLN"), replace(BAND, currency="PLN")
    found = evaluate(BALANCED, facts("100000", row, band, "PLN"))
    assert asked(found) == [FINANCE, ("CFO", "CHRO")]
    assert "First-year cash cannot be converted to USD: there is no exchange rate" in found.steps[1].reason


@pytest.mark.parametrize(
    ("base", "sign_on", "months", "who"),
    [
        ("100000", "10000", 0, []),
        ("100000", "10000.01", 12, [FINANCE]),
        ("100000", "10000.01", 11, [HR, FINANCE]),
        ("200000", "15000", 0, []),
        ("200000", "15000.01", 12, [FINANCE]),
        ("200000", "15000.01", 0, [HR, FINANCE]),
    ],
)
def test_a_large_sign_on_asks_finance_and_without_clawback_hr(base, sign_on, months, who):
    row, band = replace(REFERENCE, percentiles={50: D(base)}), replace(BAND, maximum=D(base))
    assert balanced(base, row, band, sign_on=D(sign_on), clawback_months=months, first_year_cash=D(1)) == who


@pytest.mark.parametrize(
    "changes",
    [
        {"equity_value": D("0.01")},
        {"standard_letter": False},
        {"posted_max": D("99999.99")},
        {"posted_min": D("100000.01")},
    ],
)
def test_equity_an_own_letter_or_pay_outside_the_posted_range_asks_hr(changes):
    assert balanced(**changes) == [HR]


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({"peer_median": D("125000")}, [HR]),
        (
            {"base": "90000", "peer_median": D("100000"), "reference": replace(REFERENCE, percentiles={50: D(90000)})},
            [],
        ),
        ({"base": "110000", "peer_median": D("100000")}, []),
        ({"base": "110000", "peer_median": D("99999.99")}, [HR]),
        ({"inversion": True}, [HR]),
    ],
)
def test_more_than_ten_percent_from_peers_or_inversion_asks_hr(changes, who):
    assert balanced(**changes) == who


def test_far_below_the_stated_expectation_the_director_advises_and_holds_nothing():
    low = evaluate(BALANCED, facts("90000", replace(REFERENCE, percentiles={50: D(90000)}), expected_salary=D(100001)))
    assert low.asks_nobody
    assert [(each.role, each.step) for each in low.advice] == [("account_director", 0)]
    ten = evaluate(BALANCED, facts("90000", replace(REFERENCE, percentiles={50: D(90000)}), expected_salary=D(100000)))
    assert ten.advice == ()


@pytest.mark.parametrize("changes", [{"base": "110000.01"}, {"band": None}])
def test_an_offer_that_no_rule_speaks_for_goes_to_hr_and_says_what_it_lacks(changes):
    found = evaluate(BALANCED, facts(**changes))
    assert asked(found) == [HR]
    assert found.steps[-1].reason.startswith("Not covered by “Inside band, near reference")


def test_on_a_step_scale_the_benchmark_asks_nobody():
    scale = replace(BAND, kind="step", steps=(D(80000), D(120000)))
    assert balanced("80000", REFERENCE, scale) == []
    assert balanced("80000", None, scale) == []
    assert balanced("80001", REFERENCE, scale) == [HR]


# --- one chain of many rules


def test_a_chain_runs_manager_director_hr_rewards_finance_chiefs():
    row = replace(REFERENCE, percentiles={50: D(200000)})
    found = evaluate(BALANCED, facts("126001", row, budget_max=D(120000), first_year_cash=D(400000), inversion=True))
    assert [(step.step, step.title or step.role) for step in found.steps] == [
        (1, "hiring_manager"),
        (2, "account_director"),
        (3, HR),
        (4, "Head of rewards"),
        (5, FINANCE),
        (6, "CFO"),
        (6, "CHRO"),
    ]


def test_whoever_several_rules_ask_is_asked_once_with_every_reason():
    found = evaluate(BALANCED, facts("79000", inversion=True))
    hr = [step for step in found.steps if step.role == HR]
    assert [(step.rule_id, step.reason) for step in hr] == [
        (
            "below-reference",
            "21 % below reference (limit 5 %); 1.3 % below the band minimum; "
            "Pay is inverted against people in the role",
        )
    ]


def test_the_strictest_count_and_hours_of_several_rules_hold():
    found = evaluate(
        policy(
            rule("a", role(HR, n=2, due={"standard": 24, "critical": 4})),
            rule("b", role(HR, due={"standard": 6, "critical": 6})),
        ),
        facts(),
    )
    assert [(step.n, step.due_hours) for step in found.steps] == [(2, 6)]


def test_a_critical_hire_has_the_critical_hours():
    ask = rule("a", role(HR))
    due = {"standard": 8, "critical": 4}
    assert evaluate(policy(ask, due=due), facts()).steps[0].due_hours == 8
    assert evaluate(policy(ask, due=due), facts(critical=True)).steps[0].due_hours == 4


def test_a_rule_keeps_its_own_order():
    assert asked(evaluate(policy(rule("a", role(FINANCE), role(HR))), facts())) == [FINANCE, HR]


def test_between_rules_the_order_of_the_chain_decides_and_not_that_of_the_document():
    rules = (rule("a", role(FINANCE)), rule("b", {"person": 3}), rule("c", role("account_director"), role(HR)))
    found = evaluate(policy(*rules), facts())
    assert [step.role or step.person for step in found.steps] == ["account_director", HR, FINANCE, 3]


def test_a_parallel_rule_shares_a_step_with_those_not_yet_asked():
    found = evaluate(
        policy(rule("a", role(HR)), rule("b", role(HR), role(FINANCE), role("talent_leader"), mode="parallel")), facts()
    )
    assert asked(found) == [HR, (FINANCE, "talent_leader")]


def test_a_titled_holder_of_a_role_is_another_person_than_its_untitled_one():
    found = evaluate(policy(rule("a", role(FINANCE, title="CFO"), role(FINANCE))), facts())
    assert asked(found) == ["CFO", FINANCE]


def test_a_rule_that_asks_the_manager_joins_the_managers_step():
    found = evaluate(policy(rule("a", role("hiring_manager")), manager_step="verbal_counts"), facts())
    assert [(step.person, step.given) for step in found.steps] == [(7, True)]


def test_the_manager_is_asked_about_every_offer_where_the_policy_says_so():
    assert [step.given for step in evaluate(policy(manager_step="asked"), facts()).steps] == [False]


def test_advice_of_somebody_who_approves_anyway_is_not_asked_twice():
    found = evaluate(
        policy(rule("a", role(HR)), rule("b", role(HR), mode="advice", test="critical")), facts(critical=True)
    )
    assert found.advice == ()
    assert found.steps[0].reason == "The policy asks about every offer; The hire is critical"


def test_a_policy_without_rules_asks_nobody_and_says_so():
    assert evaluate(policy(), facts()) == Evaluation(
        (), (), (), "Nobody else is asked: no rule of “Own” asks for a review"
    )


def test_every_condition_of_a_rule_must_hold_and_any_of_its_alternatives():
    both = {
        "id": "a",
        "title": "A",
        "when": [{"test": "critical"}, {"any": [{"test": "equity"}, {"test": "inversion"}]}],
    }
    document = policy({**both, "ask": [role(HR)]})
    assert asked(evaluate(document, facts(critical=True))) == []
    assert asked(evaluate(document, facts(inversion=True))) == []
    assert asked(evaluate(document, facts(critical=True, inversion=True))) == [HR]


def test_a_fired_rule_and_its_requirement_carry_the_numbers():
    found = evaluate(policy(rule("cash", role(FINANCE))), facts())
    assert found.fired == (Fired("cash", "cash", "The policy asks about every offer", found.fired[0].findings),)
    assert found.steps == (
        Requirement(1, FINANCE, "", None, 1, 8, "The policy asks about every offer", "cash", rules=("cash",)),
    )


# --- first-year cash


def test_first_year_cash_adds_what_is_paid_in_cash_once():
    assert first_year_cash(
        D(100000),
        fte=D("0.8"),
        target_bonus_pct=D(10),
        guaranteed_bonus=D(5000),
        sign_on=D(3000),
        cash_allowances=D(1200),
        relocation=D(2500),
    ) == D(94700)


def test_first_year_cash_takes_the_larger_bonus():
    assert first_year_cash(D(100000), target_bonus_pct=D(10), guaranteed_bonus=D(12000)) == D(112000)
    assert first_year_cash(D(100000), target_bonus_pct=D(10), guaranteed_bonus=D(9000)) == D(110000)
