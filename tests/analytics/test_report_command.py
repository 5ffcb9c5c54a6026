"""The command: what it prints, and how it refuses."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from governance.models import Client
from tests.factories import NOW, OfferFactory

pytestmark = pytest.mark.django_db


def report(name: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("report", name, client="northbridge", stdout=out, **options)
    return out.getvalue()


def answered(count: int, **fields: Any) -> None:
    for _ in range(count):
        OfferFactory(
            **{
                "verbal_approved_at": NOW - timedelta(days=9),
                "verbal_basis": "recorded",
                "written_at": NOW - timedelta(days=7),
                "decided_at": NOW - timedelta(days=5),
                **fields,
            }
        )


def test_it_counts_what_was_saved_a_moment_ago(scoped: Client) -> None:
    answered(3, client=scoped, status="accepted", source_channel="Board")
    answered(2, client=scoped, status="declined", source_channel="Board")
    answered(1, client=scoped, status="accepted", source_channel="Referral")
    found = json.loads(report("acceptance", by="source_channel"))
    assert (found["total"]["decided"], found["total"]["accepted"]) == (6, 4)
    board, referral = found["rows"]
    assert (board["key"], board["rate"]) == ("Board", 0.6)
    assert referral == {"key": "Referral", "n": 1, "suppressed": True}


def test_it_names_what_a_figure_is_made_of(scoped: Client) -> None:
    found = json.loads(report("time_to_offer"))
    assert list(found) == [
        "report", "client", "since", "until", "by", "definition", "excluded", "total", "rows",
    ]  # fmt: skip
    assert list(found["definition"]) == ["numerator", "denominator", "excludes", "clock", "minimum"]
    assert found["definition"]["minimum"] == 5


def test_a_spreadsheet_takes_no_key_for_a_formula(scoped: Client) -> None:
    answered(5, client=scoped, status="accepted", source_channel="=1+1")
    rows = list(csv.DictReader(io.StringIO(report("acceptance", by="source_channel", format="csv"))))
    assert [row["key"] for row in rows] == ["'=1+1", "total"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("nonsense", {}),
        ("acceptance", {"by": "shoe_size"}),
        ("acceptance", {"since": "2026-02-01", "until": "2026-02-01"}),
        ("scorecard", {"by": "month"}),
    ],
)
def test_what_means_nothing_is_wrong_usage(client_a: Client, name: str, options: dict[str, str]) -> None:
    arguments = [word for key, value in options.items() for word in (f"--{key}", value)]
    with pytest.raises(CommandError) as refused:
        call_command("report", name, "--client", "northbridge", *arguments)
    assert refused.value.returncode == 2


def test_a_day_that_is_none_is_refused_in_words(client_a: Client) -> None:
    with pytest.raises(CommandError, match="“soon” is no day"):
        call_command("report", "acceptance", "--client", "northbridge", "--since", "soon")


def test_an_unknown_client_is_wrong_usage(db: None) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("report", "acceptance", client="nobody")
    assert refused.value.returncode == 2
