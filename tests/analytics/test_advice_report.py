"""The advice report: a case each, told in shares, and what plain Python says of the same rows."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.facts import refresh
from analytics.reports import run
from governance.models import Client
from tests.analytics.test_reports_oracle import YES, day, inside, offers, take_in
from tests.factories import NOW

LOST = {"declined", "expired", "withdrawn"}
Given = dict[str, Any]


@st.composite
def advised(draw: st.DrawFn) -> tuple[dict[str, Any], Given]:
    offer = draw(offers())
    given_at = offer["decided"] - timedelta(hours=draw(st.integers(1, 400)))
    decision = draw(st.sampled_from(["", "adjusted", "accepted_risk", "refused"]))
    return offer, {
        "given_at": given_at,
        "recommended": draw(st.sampled_from([None, 90_000, 96_300, 99_000])),
        "decision": decision,
        "decided_at": given_at + timedelta(hours=draw(st.integers(0, 5))) if decision else None,
    }


@pytest.mark.django_db
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases=st.lists(advised(), min_size=1, max_size=25), bounded=st.booleans())
def test_every_case_agrees_with_plain_python(
    scoped: Client, tmp_path: Path, cases: list[tuple[dict[str, Any], Given]], bounded: bool
) -> None:
    since, until = (NOW.date().replace(month=3, day=1), NOW.date().replace(month=6, day=1)) if bounded else (None, None)
    with transaction.atomic():
        take_in([offer for offer, _ in cases], tmp_path / "offers.csv", scoped)
        advise([given for _, given in cases], tmp_path / "advice.csv", scoped)
        refresh(scoped.pk, now=NOW)
        report = run("advice", client=scoped, since=since, until=until, now=NOW)
        asked = [
            case for case in cases if case[0]["type"] != "internal" and inside(day(case[1]["given_at"]), since, until)
        ]
        said = [
            (rounded(row["advised"]), row["decision"], row["outcome"], rounded(row["hours_to_signature"]))
            for row in report["rows"]
        ]
        assert sorted(said, key=str) == sorted(map(expected, asked), key=str)
        assert report["total"]["n"] == len(asked)
        taken = [offer["outcome"] for offer, given in asked if given["decision"] == "adjusted"]
        answered = [outcome for outcome in taken if outcome in YES | LOST]
        assert report["total"]["taken"] == len(answered)
        assert report["total"]["taken_signed"] == sum(outcome in YES for outcome in answered)
        transaction.set_rollback(True)


def expected(case: tuple[dict[str, Any], Given]) -> tuple[Any, ...]:
    offer, given = case
    waited = None
    if offer["outcome"] in YES and offer["written"] and offer["decided"] >= offer["written"]:
        waited = (offer["decided"] - offer["written"]).total_seconds() / 3600
    raised = given["recommended"]
    return (
        rounded(None if raised is None else raised / 90_000 - 1),
        given["decision"] or None,
        offer["outcome"],
        rounded(waited),
    )


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6) + 0.0


def advise(rows: list[Given], path: Path, client: Client) -> None:
    names = ("given_at", "recommended", "decision", "decided_at")
    lines = [",".join(("external_id", "offer", *names))]
    for n, row in enumerate(rows):
        said = (row[name].isoformat() if hasattr(row[name], "isoformat") else row[name] for name in names)
        lines.append(",".join((f"D{n}", f"O{n}", *("" if value is None else str(value) for value in said))))
    path.write_text("\n".join(lines), encoding="utf-8")
    call_command("ingest", "advice", str(path), client=client.code, json=True, stdout=io.StringIO())
