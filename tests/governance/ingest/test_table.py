"""The header and the shape of rows, by the example of job matches."""

import pytest

from governance.ingest.matches import MATCHES
from governance.models import JobMatch, MarketSource
from tests.governance.ingest.helpers import counts, refusals, take_in, written

pytestmark = pytest.mark.django_db

HEADER = "role_code,grade,location,source,source_role_code,source_location,target_percentile\n"
ROWS = HEADER + "SWE,G5,New York,BLS OEWS,15-1252,3600000,25\nSWE,,New York,BLS OEWS,15-1252,3600000,\n"


def test_matches_are_created_once_and_a_change_updates(scoped, tmp_path):
    assert counts(take_in(MATCHES, scoped, written(tmp_path, ROWS))) == (2, 0, 0)
    assert counts(take_in(MATCHES, scoped, written(tmp_path, ROWS))) == (0, 0, 2)
    assert counts(take_in(MATCHES, scoped, written(tmp_path, ROWS.replace("3600000,25", "3900000,25")))) == (0, 1, 1)
    assert list(JobMatch.objects.values_list("grade", "source_location", "target_percentile")) == [
        ("", "3600000", 50),
        ("G5", "3900000", 25),
    ]
    assert MarketSource.objects.get().country == "US"


def test_a_match_whose_reference_is_not_there_is_kept_and_noted(scoped, tmp_path):
    assert take_in(MATCHES, scoped, written(tmp_path, ROWS)).notes == [
        "References that are not there yet: 1, such as BLS OEWS, 15-1252, 3600000."
    ]


@pytest.mark.parametrize(
    ("change", "row", "column", "words"),
    [
        (("grade,", "grades,"), 1, "grades", "Is grade meant"),
        (("grade,", "current_salary,"), 1, "current_salary", "earns or earned"),
        (("grade,", "location,"), 1, "location", "twice"),
        (("source_location,", "note,"), 1, "source_location", "required and the header"),
        (("grade,", ","), 1, "", "has no name"),
        (("grade,", '"pay\ngrade",'), 1, "pay grade", "not known here"),
        (("SWE,G5,", ",G5,"), 2, "role_code", "required and blank"),
        ((",25\n", "\n"), 2, None, "6 cells, the header 7"),
        ((",25\n", ",25,more\n"), 2, None, "8 cells, the header 7"),
        ((",25\n", ",40\n"), 2, "target_percentile", "not one of 10, 25"),
    ],
)
def test_a_header_or_row_of_another_shape_is_refused_by_place(scoped, tmp_path, change, row, column, words):
    report = take_in(MATCHES, scoped, written(tmp_path, ROWS.replace(*change, 1)))
    assert (row, column) in refusals(report)
    assert any(words in each.error for each in report.refused)
    assert not JobMatch.objects.exists()


def test_one_bad_row_keeps_every_other_out(scoped, tmp_path):
    report = take_in(MATCHES, scoped, written(tmp_path, ROWS + "OPS,,Ohio,BLS OEWS,,3900000,50\n"))
    assert refusals(report) == [(4, "source_role_code")]
    assert not MarketSource.objects.exists()


def test_a_key_that_stands_twice_needs_the_same_content(scoped, tmp_path):
    same = "SWE,,New York,BLS OEWS,15-1252,3600000,\n"
    assert counts(take_in(MATCHES, scoped, written(tmp_path, ROWS + same))) == (2, 0, 1)
    report = take_in(MATCHES, scoped, written(tmp_path, ROWS + same.replace("3600000", "1")))
    assert refusals(report) == [(4, "role_code")]


def test_an_empty_file_is_refused_whole_and_a_header_alone_is_nothing_to_do(scoped, tmp_path):
    assert refusals(take_in(MATCHES, scoped, written(tmp_path, ""))) == [(None, None)]
    assert counts(take_in(MATCHES, scoped, written(tmp_path, HEADER))) == (0, 0, 0)


def test_a_dry_run_says_what_would_change_and_writes_nothing(scoped, tmp_path):
    report = take_in(MATCHES, scoped, written(tmp_path, ROWS), dry_run=True)
    assert counts(report) == (2, 0, 0)
    assert [(each.row, each.key, each.action) for each in report.diff] == [
        (2, "SWE G5 New York", "create"),
        (3, "SWE New York", "create"),
    ]
    assert (JobMatch.objects.count(), MarketSource.objects.count()) == (0, 0)


def test_a_clients_file_touches_no_other_clients_rows(client_a, client_b, tmp_path):
    path = written(tmp_path, ROWS)
    assert counts(take_in(MATCHES, client_a, path)) == (2, 0, 0)
    assert counts(take_in(MATCHES, client_b, path)) == (2, 0, 0)
