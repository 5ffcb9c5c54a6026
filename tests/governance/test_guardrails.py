"""A guardrail is one allowance, however it is spent."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.guardrails import Ceilings, Guardrail, Room, Terms, inside, read, room, validate

D = Decimal
EMBEDDED = Guardrail(D(5), D(5), D(5000), D(7), leave_days=D(5), home_days=True, start_date=True)
UNION = Guardrail(D(0), D(0), D(0), D(0))
FIRST = Terms("USD", D(100000), D(100000), start_date=date(2027, 1, 4), rest={"target bonus": D(0)})


def raised(terms, base=0, sign_on=0, **changes):
    """`terms` with more base and sign-on, first-year cash moving along."""
    more = replace(terms, base=terms.base + D(base), sign_on=terms.sign_on + D(sign_on), **changes)
    return replace(more, first_year_cash=terms.first_year_cash + D(base) + D(sign_on))


def allowed(proposed, now=FIRST, first=FIRST, guardrail=EMBEDDED, **ceilings):
    return inside(guardrail, first, now, proposed, Ceilings(**ceilings))


@pytest.mark.parametrize(
    ("currency", "base", "limit", "unit"),
    [("USD", "100000", "5000", "0.01"), ("JPY", "9000000", "450000", "1"), ("KWD", "21000", "1050", "0.001")],
)
def test_five_percent_is_inside_and_one_unit_more_is_not(currency, base, limit, unit):
    first = Terms(currency, D(base), D(base))
    assert allowed(raised(first, limit), first, first).inside
    assert allowed(raised(first, D(limit) + D(unit)), first, first).reasons == (
        "Base is above 5 % over the first approved base.",
    )


def test_four_nudges_that_sum_past_five_percent_are_stopped():
    now, answers = FIRST, []
    for _ in range(4):
        proposed = raised(now, 1500)
        answers.append(allowed(proposed, now).inside)
        now = proposed if answers[-1] else now
    assert answers == [True, True, True, False]


@pytest.mark.parametrize("ceiling", ["band_max", "budget_max", "posted_max"])
def test_no_raise_goes_above_a_ceiling(ceiling):
    assert allowed(raised(FIRST, 2000), **{ceiling: D(102000)}).inside
    assert not allowed(raised(FIRST, "2000.01"), **{ceiling: D(102000)}).inside


def test_terms_approved_above_a_ceiling_may_stay_there():
    assert allowed(raised(FIRST, sign_on=1000), band_max=D(90000)).inside
    assert not allowed(raised(FIRST, base=1), band_max=D(90000)).inside


def test_sign_on_is_added_up_to_its_share_and_its_cap():
    small = Terms("USD", D(60000), D(60000), sign_on=D(1000))
    assert allowed(raised(small, sign_on=3000), small, small).inside
    assert not allowed(raised(small, sign_on="3000.01"), small, small).inside
    large = Terms("USD", D(200000), D(200000))
    assert allowed(raised(large, sign_on=5000), large, large).inside
    assert not allowed(raised(large, sign_on="5000.01"), large, large).inside


def test_the_whole_is_capped_in_first_year_cash():
    assert allowed(raised(FIRST, 3500, 3500)).inside
    assert allowed(raised(FIRST, 3500, "3500.01")).reasons == (
        "First-year cash rises by more than the guardrail allows for all moves together.",
    )


@pytest.mark.parametrize("move", [{"base": -1}, {"sign_on": -1}])
def test_a_guardrail_only_goes_up(move):
    now = raised(FIRST, 1000, 1000)
    assert not allowed(raised(now, **move), now).inside


def test_benefits_move_as_far_as_the_guardrail_names_them():
    assert allowed(replace(FIRST, leave_days=D(5), home_days=D(2), start_date=date(2027, 2, 1))).inside
    assert allowed(replace(FIRST, leave_days=D(6))).reasons == ("More than 5 days of leave are added.",)
    assert allowed(replace(FIRST, leave_days=D(1), home_days=D(1), start_date=None), guardrail=UNION).reasons == (
        "More than 0 days of leave are added.",
        "Home-working days change, which this guardrail does not cover.",
        "The start date changes, which this guardrail does not cover.",
    )


def test_a_term_that_no_guardrail_covers_goes_back_to_the_approvers():
    assert allowed(replace(FIRST, rest={"target bonus": D(10), "equity": D(0)})).reasons == (
        "Equity changes, which no guardrail covers.",
        "Target bonus changes, which no guardrail covers.",
    )


def test_another_currency_is_never_inside():
    assert not allowed(replace(FIRST, currency="EUR")).inside


def test_without_a_guardrail_nothing_is_inside():
    assert not allowed(FIRST, guardrail=None).inside
    assert room(None, FIRST, FIRST) == Room(
        D(100000), D(0), D(0), ("No guardrail: every change goes to the approvers.",)
    )


def test_a_union_guardrail_moves_nothing():
    assert allowed(FIRST, guardrail=UNION).inside
    assert not allowed(raised(FIRST, base="0.01"), guardrail=UNION).inside
    assert not allowed(raised(FIRST, sign_on="0.01"), guardrail=UNION).inside


def test_room_says_what_is_left_and_what_limits_it():
    now = raised(FIRST, 1000, 4000)
    assert room(EMBEDDED, FIRST, now, Ceilings(posted_max=D(104000))) == Room(
        base_max=D(104000),
        sign_on_max=D(5000),
        cash_left=D(2000),
        limits=(
            "Base up to 104,000 USD: the posted maximum.",
            "Sign-on up to 5,000 USD.",
            "2,000 USD of first-year cash left for all moves together.",
        ),
    )


def test_room_is_rounded_down_to_what_the_currency_can_pay():
    first = Terms("JPY", D(5000010), D(5000010))
    assert room(EMBEDDED, first, first, decimals=0).base_max == D(5250010)


def test_room_never_asks_for_a_cut():
    assert room(EMBEDDED, FIRST, FIRST, Ceilings(band_max=D(90000))).base_max == D(100000)


cents = st.decimals(0, 3000, places=2)


@given(st.lists(st.tuples(cents, cents), max_size=12))
def test_no_sequence_of_nudges_passes_the_limits(nudges):
    now = FIRST
    for base, sign_on in nudges:
        proposed = raised(now, base, sign_on)
        now = proposed if allowed(proposed, now, band_max=D(104000)).inside else now
    assert now.base <= D(104000)
    assert now.sign_on <= D(5000)
    assert now.first_year_cash <= D(107000)


@given(cents, cents)
def test_what_room_offers_is_inside_and_one_cent_more_is_not(base, sign_on):
    now = raised(FIRST, base / 2, sign_on / 2)
    left = room(EMBEDDED, FIRST, now)
    bonus = left.sign_on_max - now.sign_on
    assert allowed(raised(now, sign_on=bonus), now).inside
    assert not allowed(raised(now, sign_on=bonus + D("0.01")), now).inside


DOCUMENT = {
    "schema": 1,
    "base_percent": "5",
    "sign_on_percent_of_base": "5",
    "sign_on_cap": "5000",
    "currency": "USD",
    "total_percent_of_first_year_cash": "7",
    "leave_days": 5,
    "home_days": True,
    "start_date": True,
}


def test_a_document_is_read_in_the_offers_currency():
    assert read(DOCUMENT, "USD", {}) == EMBEDDED
    assert read(DOCUMENT, "EUR", {"USD": D("1.25")}).sign_on_cap == D(4000)


def test_a_cap_that_cannot_be_converted_allows_nothing():
    assert read(DOCUMENT, "EUR", {}).sign_on_cap == 0


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"base_percent": 5}, "base_percent"),
        ({"base_percent": "-5"}, "base_percent"),
        ({"sign_on_percent_of_base": "100"}, "sign_on_percent_of_base"),
        ({"total_percent_of_first_year_cash": None}, "total_percent_of_first_year_cash"),
        ({"sign_on_cap": "5,000"}, "sign_on_cap"),
        ({"currency": "usd"}, "currency"),
        ({"leave_days": -1}, "leave_days"),
        ({"home_days": "yes"}, "home_days"),
        ({"start_date": 1}, "start_date"),
        ({"car": True}, "car"),
    ],
)
def test_what_is_wrong_with_a_document_is_named(wrong, path):
    assert [problem.path for problem in validate(DOCUMENT | wrong)] == [path]


def test_a_cap_needs_its_currency():
    without = {key: value for key, value in DOCUMENT.items() if key != "currency"}
    assert [problem.path for problem in validate(without)] == ["currency"]
    assert validate(None)
