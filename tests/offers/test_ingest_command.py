"""`manage.py ingest` as others script against it: exit codes, one JSON object, one clear line."""

import io
import json

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from offers.models import Offer
from tests.governance.ingest.helpers import written

pytestmark = pytest.mark.django_db

OFFERS = "external_id,candidate_ref,requisition_ref,base_salary,currency,outcome\n"
GOOD, BAD = OFFERS + "OF-1,C-1,R-1,95000,USD,open\n", OFFERS + "OF-1,C-1,R-1,0,USD,open\n"


def ingest(*arguments):
    """(exit code, stdout, stderr) of the command for the client northbridge."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("ingest", *map(str, arguments), "--client", "northbridge", stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


def test_a_file_that_is_taken_in_ends_with_0_and_one_json_object(client_a, tmp_path):
    path = written(tmp_path, GOOD)
    nothing = {"created": 0, "updated": 0, "unchanged": 0, "flagged": [], "refused": []}
    for counted in ("created", "unchanged"):
        code, out, err = ingest("offers", path, "--json")
        assert (code, json.loads(out), err) == (0, nothing | {counted: 1}, "")


def test_a_refused_file_ends_with_1_says_why_by_row_and_column_and_writes_nothing(scoped, tmp_path):
    code, out, err = ingest("offers", written(tmp_path, BAD), "--json")
    refused = {"row": 2, "column": "base_salary", "error": "Zero is no value here."}
    assert (code, json.loads(out)["refused"]) == (1, [refused])
    assert err == "Refused, nothing is written: row 2, base_salary: Zero is no value here."
    assert not Offer.objects.exists()


def test_a_file_refused_as_a_whole_names_no_row_and_no_column(client_a, tmp_path):
    code, out, _ = ingest("offers", written(tmp_path, GOOD, "offers.xlsx"), "--json")
    error = "The file is no Excel workbook, though its name ends in .xlsx."
    assert (code, json.loads(out)["refused"]) == (1, [{"row": None, "column": None, "error": error}])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["salaries", "{file}"], "Known: bands, benchmarks, matches"),
        (["offers", "{file}.missing"], "cannot be read"),
        (["offers", "{folder}"], "cannot be read"),
        (["offers", "{file}", "--profile", "bls"], "offers has no profile"),
        (["offers", "{file}", "--client", "nowhere"], "There is no client"),
    ],
)
def test_wrong_usage_ends_with_2(client_a, tmp_path, arguments, words):
    path = written(tmp_path, GOOD)
    filled = [each.format(file=path, folder=tmp_path) for each in arguments]
    with pytest.raises(CommandError, match=words) as error:
        call_command("ingest", *filled, *(() if "--client" in filled else ("--client", "northbridge")))
    assert error.value.returncode == 2


def test_a_refusal_is_one_line_even_where_something_else_is_to_be_noted(scoped, tmp_path):
    text = "role_code,location,source,source_role_code,source_location\nA,X,S,R,L\nB,X,S,,L\n"
    _, _, err = ingest("matches", written(tmp_path, text), "--json")
    assert err == "Refused, nothing is written: row 3, source_role_code: This is required and blank."


def test_a_dry_run_shows_the_change_and_says_that_nothing_is_written(scoped, tmp_path):
    ingest("offers", written(tmp_path, GOOD))
    code, out, _ = ingest("offers", written(tmp_path, GOOD.replace("95000", "97000")), "--dry-run")
    assert (code, out) == (
        0,
        "  row 2, OF-1: update (base 95000 → 97000)\nDry run, nothing is written: 0 created, 1 updated, 0 unchanged.\n",
    )
    found = json.loads(ingest("offers", written(tmp_path, GOOD.replace("95000", "97000")), "--dry-run", "--json")[1])
    assert (found["updated"], found["dry_run"]) == (1, True)
    assert found["diff"] == [{"row": 2, "key": "OF-1", "action": "update", "changes": {"base": ["95000", "97000"]}}]


def test_a_workbook_is_taken_in_like_a_csv(scoped, tmp_path):
    book = openpyxl.Workbook()
    book.active.append([*OFFERS.strip().split(","), "bonus_pct"])
    book.active.append(["OF-1", "C-1", "R-1", 95000.5, "USD", "open", 0.075])
    book.active["G2"].number_format = "0.0%"
    book.save(tmp_path / "offers.xlsx")
    assert ingest("offers", tmp_path / "offers.xlsx")[:2] == (0, "Done: 1 created, 0 updated, 0 unchanged.\n")
    version = Offer.objects.get().version
    assert (str(version.base), str(version.target_bonus_pct)) == ("95000.5000", "7.5000")
