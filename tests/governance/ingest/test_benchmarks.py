"""Published pay from files: plain ones, and the BLS table as it is."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from governance.ingest.benchmarks import BENCHMARKS, bls_year
from governance.models import Benchmark, MarketSource
from tests.governance.ingest.helpers import counts, refusals, take_in, written

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[3]
EXTRACT = ROOT / "tests" / "data" / "bls_oews_may2025_extract.csv"
WHOLE = ROOT.parent / "shared" / "data" / "market" / "bls_oews_may2025_percentiles.csv.gz"

HEADER = "source,role_code,role_title,location,currency,period,as_of,p10,p25,p50,p75,p90,note\n"
BERLIN = "Survey,SWE,Engineer,Berlin,EUR,year,2026-05-01,60000,,70000.50,80000,,top-coded\n"


def test_a_blank_percentile_is_unknown_and_the_note_is_kept(scoped, tmp_path):
    path = written(tmp_path, HEADER + BERLIN)
    assert counts(take_in(BENCHMARKS, scoped, path)) == (1, 0, 0)
    assert counts(take_in(BENCHMARKS, scoped, path)) == (0, 0, 1)
    row = Benchmark.objects.get()
    assert row.percentiles == {10: 60000, 25: None, 50: Decimal("70000.50"), 75: 80000, 90: None}
    assert (row.top_coded, row.suppressed, row.as_of) == (True, False, date(2026, 5, 1))


def test_an_unknown_source_is_made_with_the_defaults(scoped, tmp_path):
    take_in(BENCHMARKS, scoped, written(tmp_path, HEADER + BERLIN))
    source = MarketSource.objects.get()
    assert (source.name, source.country, source.yearly_rate, source.stale_after_days) == ("Survey", "", 3, 730)


def test_a_percentile_that_goes_blank_is_unknown_again(scoped, tmp_path):
    take_in(BENCHMARKS, scoped, written(tmp_path, HEADER + BERLIN))
    assert counts(take_in(BENCHMARKS, scoped, written(tmp_path, HEADER + BERLIN.replace(",80000,", ",,")))) == (0, 1, 0)
    assert Benchmark.objects.get().p75 is None


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ((",80000,", ",70000.49,"), "p75", "Percentiles fall"),
        ((",70000.50,80000,", ",,59999.99,"), "p75", "below p10"),
        ((",60000,", ",-,"), "p10", "plain digits"),
        ((",60000,", ",60000.005,"), "p10", "at most 2 decimals"),
        (("2026-05-01", "2026-13-01"), "as_of", "no such date"),
        (("EUR", "EURO"), "currency", "no currency"),
    ],
)
def test_a_benchmark_that_cannot_be_is_refused(scoped, tmp_path, change, column, words):
    report = take_in(BENCHMARKS, scoped, written(tmp_path, HEADER + BERLIN.replace(*change)))
    assert refusals(report) == [(2, column)]
    assert words in report.refused[0].error


def test_the_bls_table_makes_two_references_a_row_and_none_of_a_period_it_does_not_have(scoped):
    assert counts(take_in(BENCHMARKS, scoped, EXTRACT, profile="bls")) == (17, 0, 0)
    assert counts(take_in(BENCHMARKS, scoped, EXTRACT, profile="bls")) == (0, 0, 17)
    periods = Benchmark.objects.values_list("role_code", "period")
    assert set(periods.filter(role_code__in=["11-9032", "27-2011", "27-2021"])) == {
        ("11-9032", "year"),
        ("27-2011", "hour"),
        ("27-2021", "year"),
    }


def test_bls_footnotes_become_notes_never_zeros(scoped):
    take_in(BENCHMARKS, scoped, EXTRACT, profile="bls")
    notes = set(Benchmark.objects.exclude(note="").values_list("role_code", "period", "note", "p10", "p90"))
    assert notes == {
        ("15-1254", "hour", "suppressed", None, None),
        ("15-1254", "year", "suppressed", None, None),
        ("29-1022", "hour", "top-coded", None, None),
        ("29-1022", "year", "top-coded", None, None),
        ("27-2021", "year", "top-coded", 40120, None),
        ("29-1249", "hour", "top-coded", Decimal("41.49"), None),
        ("29-1249", "year", "top-coded", 86290, None),
    }


def test_bls_rows_are_of_one_source_with_the_tables_own_codes(scoped):
    take_in(BENCHMARKS, scoped, EXTRACT, profile="bls")
    row = Benchmark.objects.get(role_code="15-1252", location="3600000", period="year")
    assert (row.role_title, row.location_name, row.currency) == ("Software Developers", "New York", "USD")
    assert (row.as_of, row.p50) == (date(2025, 5, 31), 166180)
    assert (row.source.name, row.source.country, row.source.national_location) == ("BLS OEWS", "US", "0000000")


@pytest.mark.parametrize(
    ("name", "year"),
    [("bls_oews_may2024.csv", 2024), ("state_M2023_dl.csv", 2023), ("oews.csv", 2025), ("program20991.csv", 2025)],
)
def test_the_year_of_a_bls_table_is_that_of_its_name(name, year):
    assert bls_year(Path("folder2001") / name) == year


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE.exists(), reason="the whole BLS table is not beside this checkout")
def test_the_whole_bls_table_is_read_as_it_is(scoped):
    # 38,512 rows of two periods, less 2,615 without an hourly figure and 115 without a yearly one
    expected = 2 * 38512 - 2615 - 115
    assert counts(take_in(BENCHMARKS, scoped, WHOLE, profile="bls")) == (expected, 0, 0)
    assert counts(take_in(BENCHMARKS, scoped, WHOLE, profile="bls")) == (0, 0, expected)
    assert Benchmark.objects.filter(note="suppressed").count() == 2 * 517
