"""Standing against market and band, exact in every currency."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.market import (
    Band,
    Position,
    Reference,
    Standing,
    aged,
    annual,
    judge,
    money_text,
    percent_text,
    position,
    sentences,
)

D = Decimal
FULL = {10: D(60000), 25: D(75000), 50: D(98000), 75: D(120000), 90: D(150000)}
DAY = date(2026, 11, 2)
BAND = Band("ENG-3", D(104000), D(122000), D(140000), "USD")
STEPS = Band("OP-1", D(40000), D(42000), D(44000), "USD", kind="step", steps=(D(40000), D(42000), D(44000)))
REFERENCE = Reference(FULL, DAY, "USD", "US", "BLS OEWS")


def stand(base, **changes):
    return judge(D(base), "USD", on=DAY, reference=replace(REFERENCE, **changes), country="US")


# --- position


@pytest.mark.parametrize(
    ("amount", "bracket", "low", "high"),
    [
        ("59999.99", "<p10", None, 10),
        ("60000", "p10-p25", 10, 25),
        ("74999.99", "p10-p25", 10, 25),
        ("95060", "p25-p50", 25, 50),
        ("98000", "p50-p75", 50, 75),
        ("149999", "p75-p90", 75, 90),
        ("150000", ">=p90", 90, None),
    ],
)
def test_a_bracket_holds_its_lower_bound(amount, bracket, low, high):
    found = position(FULL, D(amount))
    assert (found.bracket, found.percentile_low, found.percentile_high, found.at_least) == (bracket, low, high, False)


def test_market_ratio_is_amount_over_the_target_percentile():
    assert position(FULL, D("95060")).market_ratio == D("0.97")
    assert position(FULL, D("150000"), target=75).market_ratio == D("1.25")


def test_the_callers_decimal_context_does_not_change_the_ratio():
    with localcontext(prec=2):
        assert position(FULL, D("95060")).market_ratio == D("0.97")
        assert position({50: D(3)}, D(2)).market_ratio == D("0.6666666666666666666666666667")


def test_blanks_are_skipped():
    assert position(FULL | {50: None}, D(98000)) == Position(True, "p25-p75", None, False, 25, 75)
    assert position({25: D(75000), 50: D(98000)}, D(60000)).bracket == "<p25"


@pytest.mark.parametrize("blank", [D(0), D(-1)])
def test_a_zero_or_negative_cell_is_a_blank_and_never_a_divisor(blank):
    assert position(FULL | {50: blank}, D(98000)) == Position(True, "p25-p75", None, False, 25, 75)
    assert position({50: blank}, D(98000)) == Position(False, reason="missing")


def test_nothing_published_is_missing():
    assert position({}, D(1)) == Position(False, reason="missing")
    assert position(dict.fromkeys(FULL), D(1)) == Position(False, reason="missing")


@pytest.mark.parametrize("cap", [True, D("239200")])
def test_above_the_last_published_a_top_coded_row_reads_at_least(cap):
    row = FULL | {75: None, 90: None}
    assert position(row, D(98000), top_coded=cap) == Position(True, ">=p50", D(1), True, 50, None)
    assert position(row, D(300000), top_coded=cap).bracket == ">=p50"
    assert position(row, D(97999), top_coded=cap).at_least is False
    assert position(row, D(98000)).at_least is False


def test_a_row_top_coded_throughout_is_unknown():
    assert position(dict.fromkeys(FULL), D(300000), top_coded=True) == Position(False, reason="top_coded")


@pytest.mark.parametrize("amount", [D(-1), D("NaN"), D("Infinity")])
def test_an_amount_that_is_no_sum_of_money_is_refused(amount):
    with pytest.raises(ValueError, match="amount of money"):
        position(FULL, amount)


@pytest.mark.parametrize("amount", [95000.0, "95000", None, True])
def test_money_that_is_not_decimal_is_refused(amount):
    with pytest.raises(TypeError, match="Money is Decimal"):
        position(FULL, amount)


def test_a_float_percentile_is_refused():
    with pytest.raises(TypeError, match="Money is Decimal"):
        position({50: 98000.0}, D(1))


def test_falling_percentiles_are_refused_across_a_blank_too():
    with pytest.raises(ValueError, match="fall"):
        position({10: D(80000), 25: None, 50: D(79999)}, D(1))


def test_equal_percentiles_are_sound_and_the_highest_is_the_lower_end():
    assert position({10: D(5), 25: D(5), 50: D(5), 75: D(9)}, D(5)).bracket == "p50-p75"


@pytest.mark.parametrize(("row", "target"), [({60: D(1)}, 50), (FULL, 60)])
def test_a_percentile_that_nobody_publishes_is_refused(row, target):
    with pytest.raises(ValueError, match="percentile"):
        position(row, D(1), target=target)


money = st.decimals(1, 10**9, places=3)
rows = st.lists(money, min_size=5, max_size=5).map(lambda cells: dict(zip(FULL, sorted(cells), strict=True)))


@given(rows, money, st.decimals("0.001", 1000, places=3))
def test_scaling_pay_and_market_alike_changes_no_bracket(row, amount, factor):
    scaled = position({p: cell * factor for p, cell in row.items()}, amount * factor)
    plain = position(row, amount)
    assert (scaled.bracket, scaled.at_least) == (plain.bracket, plain.at_least)


@given(rows, money, money)
def test_more_pay_never_falls_into_a_lower_bracket(row, one, other):
    less, more = (position(row, amount) for amount in sorted([one, other]))
    assert (less.percentile_low or 0) <= (more.percentile_low or 0)
    assert less.market_ratio <= more.market_ratio


# --- money by period, ageing


def test_pay_is_made_annual_by_what_the_client_says():
    assert annual(D(95000), "year") == D(95000)
    assert annual(D(5000), "month") == D(60000)
    assert annual(D(5000), "month", payments_a_year=14) == D(70000)
    assert annual(D("20.50"), "hour", 2080) == D("42640.00")
    assert annual(D("20.50"), "hour", 2087) == D("42783.50")


@pytest.mark.parametrize(("period", "hours"), [("hour", None), ("hour", 0), ("week", 2080)])
def test_pay_is_not_made_annual_by_guessing(period, hours):
    with pytest.raises(ValueError, match="hours a year"):
        annual(D(20), period, hours)


def test_a_reference_ages_in_a_straight_line_by_days():
    assert aged(D(98000), date(2025, 5, 31), date(2026, 5, 31), D(3)) == 100940
    assert aged(D(98000), date(2025, 5, 31), date(2027, 5, 31), D(3)) == 103880
    assert aged(D(365000), date(2026, 1, 1), date(2026, 1, 2), D(3)) == 365030


def test_data_dated_after_the_offer_judges_nothing():
    with pytest.raises(ValueError, match="dated before"):
        aged(D(98000), date(2026, 1, 2), date(2026, 1, 1), D(3))


# --- judge: the reference


@pytest.mark.parametrize(
    ("currency", "reference", "edge", "unit"),
    [("USD", "100000", "95000.00", "0.01"), ("JPY", "9000000", "8550000", "1"), ("KWD", "21000", "19950", "0.001")],
)
def test_five_percent_is_exact_in_every_currency(currency, reference, edge, unit):
    row = replace(REFERENCE, percentiles={50: D(reference)}, currency=currency)
    at = judge(D(edge), currency, on=DAY, reference=row)
    under = judge(D(edge) - D(unit), currency, on=DAY, reference=row)
    assert at.gap == Fraction(-5, 100)
    assert under.gap < Fraction(-5, 100)


def test_gap_ratio_and_bracket_are_against_the_aged_reference():
    standing = stand(98000, as_of=date(2025, 11, 2))
    assert standing.reference_amount == 100940
    assert standing.gap == Fraction(-2940, 100940)
    assert standing.market_ratio == Fraction(98000, 100940)
    assert (standing.bracket, standing.days_old, standing.reference_known) == ("p25-p50", 365, True)


def test_the_target_percentile_is_the_reference():
    assert stand(120000, target=75).gap == 0
    assert REFERENCE.amount == 98000


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"percentiles": {}}, "missing"),
        ({"percentiles": {75: D(120000)}}, "missing"),
        ({"percentiles": FULL | {50: D(0)}}, "zero"),
        ({"percentiles": {10: D(60000)}, "top_coded": True}, "top_coded"),
        ({"suppressed": True}, "suppressed"),
        ({"currency": "EUR"}, "currency"),
        ({"country": "DE"}, "country"),
        ({"period": "hour"}, "period"),
        ({"as_of": date(2026, 11, 3)}, "future"),
        ({"as_of": date(2024, 11, 1)}, "stale"),
    ],
)
def test_a_reference_that_cannot_judge_is_unknown_and_never_zero_percent(changes, reason):
    standing = stand(98000, **changes)
    assert (standing.reference_known, standing.unknown_reason) == (False, reason)
    assert (standing.gap, standing.market_ratio, standing.reference_amount) == (None, None, None)


def test_no_reference_at_all_is_missing():
    assert judge(D(98000), "USD", on=DAY) == Standing(unknown_reason="missing")


def test_a_reference_is_stale_only_after_its_last_day():
    assert stand(98000, as_of=date(2024, 11, 2)).reference_known
    assert stand(98000, as_of=date(2026, 11, 1), stale_after_days=0).unknown_reason == "stale"


def test_pay_above_a_top_coded_row_reads_at_least_where_its_target_is_published():
    standing = stand(130000, percentiles=FULL | {75: None, 90: None}, top_coded=True)
    assert (standing.reference_known, standing.bracket, standing.at_least) == (True, ">=p50", True)


@given(rows, money, st.decimals("0.001", 1000, places=3))
def test_scaling_pay_and_market_alike_changes_no_gap(row, base, factor):
    scaled = {p: cell * factor for p, cell in row.items()}
    assert stand(base * factor, percentiles=scaled).gap == stand(base, percentiles=row).gap


# --- judge: the band


@pytest.mark.parametrize(
    ("base", "place"),
    [("103999.99", "below"), ("104000", "inside"), ("140000", "inside"), ("140000.01", "above")],
)
def test_band_edges_are_inside(base, place):
    assert judge(D(base), "USD", on=DAY, band=BAND).band_position == place


def test_band_figures_are_exact():
    inside = judge(D(118000), "USD", on=DAY, band=BAND)
    assert (inside.compa_ratio, inside.range_penetration) == (Fraction(118, 122), Fraction(14, 36))
    assert (inside.over_maximum_share, inside.under_minimum_share) == (None, None)
    assert judge(D(147000), "USD", on=DAY, band=BAND).over_maximum_share == Fraction(5, 100)
    assert judge(D(98800), "USD", on=DAY, band=BAND).under_minimum_share == Fraction(5, 100)


def test_a_band_of_one_amount_has_no_penetration():
    flat = replace(BAND, minimum=D(104000), midpoint=D(104000), maximum=D(104000))
    assert judge(D(104000), "USD", on=DAY, band=flat).range_penetration is None


def test_a_band_in_another_currency_is_no_band():
    assert judge(D(118000), "EUR", on=DAY, band=BAND).band_position == "none"


@pytest.mark.parametrize(("base", "place"), [("42000", "on_step"), ("42000.01", "off_step"), ("45000", "off_step")])
def test_pay_on_a_scale_equals_a_step(base, place):
    standing = judge(D(base), "USD", on=DAY, band=STEPS)
    assert (standing.band_position, standing.on_step_scale) == (place, True)


def test_a_negative_base_is_refused():
    with pytest.raises(ValueError, match="zero or more"):
        judge(D(-1), "USD", on=DAY)


# --- in words


def test_a_standing_is_told_in_two_sentences():
    row = replace(REFERENCE, percentiles={50: D(125400)})
    told = sentences(judge(D(118000), "USD", on=DAY, band=BAND, reference=row))
    assert told == [
        ("bad", "5.9 % below reference"),
        ("ok", "Inside band; compa-ratio 0.97; 39 % into the range"),
    ]


def test_an_unknown_reference_says_why():
    assert sentences(stand(98000, suppressed=True))[0] == (
        "warn",
        "Reference unknown: the source did not release the value",
    )


def test_a_stand_in_is_labelled():
    assert sentences(stand(98000, label="national"))[0] == ("ok", "At reference (national)")


def test_on_a_step_scale_the_reference_only_informs():
    told = sentences(judge(D(42000), "USD", on=DAY, band=STEPS, reference=REFERENCE))
    assert told == [("ok", "57.1 % below reference"), ("ok", "On a step of the scale")]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(59, 1000), "5.9 %"),
        (Fraction(1, 20), "5 %"),
        (Fraction(50001, 1000000), "5.0001 %"),
        (Fraction(1, 20) + Fraction(1, 10**9), "just over 5 %"),
        (Fraction(1, 20) - Fraction(1, 10**9), "just under 5 %"),
        (Fraction(1, 3), "33.3 %"),
    ],
)
def test_a_percentage_never_rounds_onto_a_limit(share, text):
    assert percent_text(share) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("212000.0000", "USD", "212,000 USD"),
        ("95000.5", "USD", "95,000.50 USD"),
        ("1234.567", "KWD", "1,234.567 KWD"),
        ("9000000", "JPY", "9,000,000 JPY"),
    ],
)
def test_money_shows_decimals_only_where_there_are_any(amount, currency, text):
    assert money_text(D(amount), currency) == text
