"""What a cell may say. No database."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from governance.ingest import cells


@pytest.mark.parametrize(
    ("cell", "value"),
    [("95000", "95000"), ("95000.50", "95000.50"), ("0", "0"), (".5", "0.5"), ("7.", "7"), ("1" * 12,) * 2],
)
def test_plain_digits_with_at_most_one_point_are_an_amount(cell, value):
    assert cells.plain(cell) == Decimal(value)


@pytest.mark.parametrize(
    "cell",
    [
        "-1", "+1", "1e5", "1E5", "1,000", "1 000", "1_000", "1.2.3", "NaN", "inf", "Infinity", "$5", "5%", ".", "0x1F",
        "９５", "٣", "١٢", "1" * 13, "95k", "²",
    ],
)  # fmt: skip
def test_anything_else_is_no_amount(cell):
    with pytest.raises(cells.Bad):
        cells.plain(cell)


@pytest.mark.parametrize(
    ("amount", "currency", "fine"),
    [
        ("100.25", "USD", True), ("100.255", "USD", False), ("100", "JPY", True), ("100.0", "JPY", False),
        ("100.255", "KWD", True), ("100.2555", "KWD", False), ("100.25", "HUF", True), ("100.25", "PLN", True),
    ],
)  # fmt: skip
def test_an_amount_has_at_most_the_decimals_of_its_currency(amount, currency, fine):
    assert (cells.too_many_decimals(Decimal(amount), currency) is None) is fine


def test_an_instant_is_read_with_its_offset():
    nine_in_new_york = datetime(2026, 3, 2, 14, tzinfo=UTC)
    for cell in ("2026-03-02T09:00:00-05:00", "2026-03-02 09:00-0500", "2026-03-02T14:00:00.000Z"):
        assert cells.instant(cell) == nine_in_new_york


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("2026-03-02T09:00:00", "no offset"),
        ("2026-03-02", "not a date and time"),
        ("2026-02-30T09:00:00Z", "There is no such"),
        ("2026-03-02T25:00:00Z", "There is no such"),
        ("0001-01-01T00:00:00+14:00", "slip"),
        ("9999-12-31T23:00:00-05:00", "There is no such"),
        ("02.03.2026 09:00", "not a date and time"),
    ],
)
def test_an_instant_that_cannot_be_is_refused_in_words(cell, words):
    with pytest.raises(cells.Bad, match=words):
        cells.instant(cell)


def test_a_date_is_iso_and_exists():
    assert cells.day("2028-02-29") == date(2028, 2, 29)
    for cell, words in {"2026-02-29": "no such date", "03/04/2026": "YYYY-MM-DD", "20260304": "YYYY-MM-DD"}.items():
        with pytest.raises(cells.Bad, match=words):
            cells.day(cell)


def test_text_is_bounded_and_free_of_control_characters():
    assert cells.text(3)("abc") == "abc"
    for cell in ("abcd", "a\x00", "a\nb"):
        with pytest.raises(cells.Bad):
            cells.text(3)(cell)
    assert cells.text(3, lines=True)("a\nb") == "a\nb"


def test_space_around_goes_one_unicode_form_stays_and_a_sheets_error_is_refused():
    assert cells.clean("  Zu\u0308rich\u00a0") == "Z\u00fcrich"
    with pytest.raises(cells.Bad, match="#N/A"):
        cells.clean("#N/A")


@pytest.mark.parametrize(
    "column",
    [
        "current_salary", "previous_salary", "salary_history", "last_pay", "CurrentBase", "prior compensation",
        "ctc_current",        "Present CTC", "earnings", "past-wage", "last_drawn_package", "former_income",
        "salary_now", "w2_earned",  "Gehalt aktuell",  "Bisherige Vergütung", "salaire actuel", "obecne wynagrodzenie",
    ],
)  # fmt: skip
def test_a_column_that_asks_for_prior_pay_is_recognised(column):
    assert cells.looks_like_prior_pay(column)


@pytest.mark.parametrize(
    "column", ["base_salary", "expected_salary", "budget_max", "shoe_size", "posted_min", "bonus_pct"]
)
def test_other_columns_are_not_taken_for_prior_pay(column):
    assert not cells.looks_like_prior_pay(column)
