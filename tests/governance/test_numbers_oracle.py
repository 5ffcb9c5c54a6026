"""The numbers that decide, against plain fractions: nothing is rounded before it is compared."""

from datetime import date, timedelta
from decimal import Decimal as D
from fractions import Fraction as F
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from governance.market import Band, Reference, annual, judge
from governance.policy import first_year_cash
from governance.policy_conditions import Facts, find

DAY = date(2026, 11, 2)
MONEY = st.decimals("0.0001", "999999999", places=4)
SMALL = st.decimals(0, 99999, places=4)
PERIODS = st.sampled_from([("year", 12, 2080), ("month", 12, 2080), ("month", 13, 2080), ("month", 14, 2087),
                           ("hour", 12, 2080), ("hour", 12, 2087)])  # fmt: skip


@given(amount=MONEY, how=PERIODS)
def test_a_year_of_pay_is_exact(amount: D, how: tuple[Any, int, int]) -> None:
    period, payments, divisor = how
    times = {"year": 1, "month": payments, "hour": divisor}[period]
    assert F(annual(amount, period, divisor, payments)) == F(amount) * times


@given(
    base=MONEY, fte=st.decimals("0.0001", 1, places=4), percent=SMALL, guaranteed=MONEY, others=st.tuples(*[MONEY] * 3)
)
def test_first_year_cash_is_exact(base: D, fte: D, percent: D, guaranteed: D, others: tuple[D, D, D]) -> None:
    sign_on, allowances, relocation = others
    found = first_year_cash(
        base, fte=fte, target_bonus_pct=percent, guaranteed_bonus=guaranteed, sign_on=sign_on,
        cash_allowances=allowances, relocation=relocation,
    )  # fmt: skip
    salary = F(base) * F(fte)
    assert F(found) == salary + max(salary * F(percent) / 100, F(guaranteed)) + sum(map(F, others))


@given(base=MONEY, reference=MONEY, days=st.integers(0, 700), rate=st.decimals(0, 20, places=4))
@example(base=D("95000"), reference=D("100000"), days=0, rate=D(3))
@example(base=D("94999.9999"), reference=D("100000"), days=0, rate=D(3))
@example(base=D("97850"), reference=D("100000"), days=365, rate=D(3))
def test_more_than_5_percent_below_is_strict_on_the_aged_reference(base: D, reference: D, days: int, rate: D) -> None:
    published = Reference({50: reference}, DAY - timedelta(days=days), "USD", "US", "BLS", yearly_rate=rate)
    standing = judge(base, "USD", on=DAY, reference=published, country="US")
    aged = F(reference) * (1 + F(rate) / 100 * F(days, 365))
    held = find({"test": "gap_below", "percent": "5"}, Facts(standing, "USD", base, base))
    assert (held is not None) == (F(base) * 100 < aged * 95)


@given(base=MONEY, edges=st.lists(MONEY, min_size=3, max_size=3).map(sorted))
def test_the_edges_of_a_band_are_inside_and_compa_ratio_is_exact(base: D, edges: list[D]) -> None:
    low, middle, high = edges
    found = judge(base, "USD", on=DAY, band=Band("B", low, middle, high, "USD"))
    assert found.band_position == ("below" if base < low else "above" if base > high else "inside")
    assert found.compa_ratio == F(base) / F(middle)


@given(amount=MONEY, rate=st.decimals("0.0001", 9999, places=4), limit=MONEY)
def test_a_threshold_in_another_currency_is_strict_through_an_inverted_rate(amount: D, rate: D, limit: D) -> None:
    facts = Facts(judge(amount, "PLN", on=DAY), "PLN", amount, amount, rates={"USD": 1 / F(rate)})
    held = find({"test": "first_year_cash_over", "amount": str(limit), "currency": "USD"}, facts)
    assert (held is not None) == (F(amount) > F(limit) * F(rate))
