"""Salary bands from files: ranges, step scales, and the overlaps that are refused."""

from datetime import date
from decimal import Decimal

import pytest

from governance.ingest.bands import BANDS
from governance.models import SalaryBand
from tests.governance.ingest.helpers import counts, refusals, take_in, written

pytestmark = pytest.mark.django_db

HEADER = (
    "code,role_family,role_code,grade,location,currency,period,"
    "minimum,midpoint,maximum,valid_from,valid_to,kind,strict\n"
)
ENGINEER = "ENG-5,Engineering,SWE,G5,New York,USD,year,80000,95000,120000,2025-01-01,2025-12-31,range,no\n"
NEXT_YEAR = "ENG-5,Engineering,SWE,G5,New York,USD,year,82000,,121000,2026-01-01,,,\n"
STEP_1 = "OP,Operators,,O1,Ohio,USD,hour,20.50,,20.50,2025-01-01,,step,yes\n"
STEP_2 = "OP,Operators,,O1,Ohio,USD,hour,21.75,,21.75,2025-01-01,,step,yes\n"


def bands(scoped, tmp_path, *rows):
    return take_in(BANDS, scoped, written(tmp_path, HEADER + "".join(rows)))


def test_ranges_and_steps_are_created_once(scoped, tmp_path):
    rows = (ENGINEER, NEXT_YEAR, STEP_1, STEP_2)
    assert counts(bands(scoped, tmp_path, *rows)) == (4, 0, 0)
    assert counts(bands(scoped, tmp_path, *rows)) == (0, 0, 4)
    assert SalaryBand.objects.filter(kind="step", strict=True, role_code="").count() == 2


def test_a_midpoint_that_is_not_given_is_the_mean(scoped, tmp_path):
    bands(scoped, tmp_path, ENGINEER, NEXT_YEAR)
    assert list(SalaryBand.objects.order_by("valid_from").values_list("midpoint", flat=True)) == [
        Decimal(95000),
        Decimal(101500),
    ]


def test_a_file_of_bad_rows_alone_is_refused_beside_bands_that_are_there(scoped, tmp_path):
    bands(scoped, tmp_path, ENGINEER)
    assert refusals(bands(scoped, tmp_path, NEXT_YEAR.replace("82000", "130000"))) == [(2, "maximum")]


def test_a_band_is_closed_and_followed_by_the_next_in_one_file(scoped, tmp_path):
    open_ended = ENGINEER.replace("2025-12-31", "")
    bands(scoped, tmp_path, open_ended)
    assert counts(bands(scoped, tmp_path, ENGINEER, NEXT_YEAR)) == (1, 1, 0)
    assert SalaryBand.objects.get(valid_from=date(2025, 1, 1)).valid_to == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (ENGINEER.replace(",80000,", ",121000,"), "maximum", "below the minimum"),
        (ENGINEER.replace(",95000,", ",79999.99,"), "midpoint", "below the minimum"),
        (ENGINEER.replace(",95000,", ",120000.01,"), "midpoint", "above the maximum"),
        (ENGINEER.replace("2025-12-31", "2024-12-31"), "valid_to", "ends before it starts"),
        (ENGINEER.replace("2025-12-31", "2025-02-29"), "valid_to", "no such date"),
        (ENGINEER.replace(",80000,", ",0,"), "minimum", "Zero"),
        (ENGINEER.replace("80000", '"80,000"'), "minimum", "plain digits"),
        (ENGINEER.replace("USD", "JPY").replace("95000", "95000.5"), "midpoint", "JPY has no decimals"),
        (ENGINEER.replace("USD", "usd"), "currency", "no currency"),
        (ENGINEER.replace(",year,", ",week,"), "period", "not one of"),
        (ENGINEER.replace(",no\n", ",maybe\n"), "strict", "not one of yes, no"),
        (STEP_1.replace("20.50,2025", "20.60,2025"), "maximum", "A step is one amount"),
    ],
)
def test_a_band_that_contradicts_itself_is_refused(scoped, tmp_path, row, column, words):
    report = bands(scoped, tmp_path, row)
    assert refusals(report) == [(2, column)]
    assert words in report.refused[0].error
    assert not SalaryBand.objects.exists()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ENGINEER, NEXT_YEAR.replace("2026-01-01", "2025-12-31")),
        (ENGINEER, ENGINEER.replace("ENG-5", "ENG-5B")),
        (STEP_1, STEP_1.replace("2025-01-01", "2026-01-01")),
        (STEP_1, STEP_2.replace("OP,", "OP-B,")),
        (STEP_1, STEP_2.replace("21.75,2025", "22.75,2025").replace("step", "range")),
    ],
)
def test_bands_of_one_role_that_overlap_are_refused_in_the_file_and_with_what_is_there(scoped, tmp_path, first, second):
    report = bands(scoped, tmp_path, first, second)
    assert refusals(report) == [(3, "valid_from")]
    assert "on line 2" in report.refused[0].error
    bands(scoped, tmp_path, first)
    report = bands(scoped, tmp_path, second)
    assert refusals(report) == [(2, "valid_from")]
    assert "that is there already" in report.refused[0].error
    assert SalaryBand.objects.count() == 1


def test_bands_that_judge_different_offers_may_share_their_time(scoped, tmp_path):
    others = [
        ENGINEER.replace("SWE", ""),
        ENGINEER.replace("G5", "G6"),
        ENGINEER.replace("New York", "Ohio"),
        ENGINEER.replace("USD", "EUR").replace("ENG-5", "ENG-5E"),
    ]
    others[0] = others[0].replace("ENG-5", "ENG")
    assert counts(bands(scoped, tmp_path, ENGINEER, *others)) == (5, 0, 0)
