"""The examples of docs/api.md, run as they stand against a server."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from governance import tokens
from governance.access import Role
from governance.tenancy import scope
from tests import factories
from tests.offers.desk import Desk

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "api.md"


def examples() -> list[str]:
    """Every curl of the document, on one line each."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return [re.sub(r"\\\n\s*", "", one) for one in re.findall(r"^    (curl (?:[^\n]*\n)+?)(?=\n|\Z)", text, re.M)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_work_as_they_stand(live_server: Any) -> None:
    client = factories.ClientFactory(code="northbridge")
    with scope([client.pk]):
        desk = Desk(client, timezone.now())
        source = factories.MarketSourceFactory(client=client, name="Census")
        factories.BenchmarkFactory(source=source, role_code="15-1252", location="35620")
    recruiter = desk.people[Role.RECRUITER]
    _, token = tokens.issue(email=recruiter.email, client=client, access="write", now=timezone.now())
    known = {"$TOKEN": token, "$PORTAL": live_server.url, "REQUISITION": str(desk.requisition.pk)}
    found = []
    for example in examples():
        for name, value in known.items():
            example = example.replace(name, value)
        done = subprocess.run([*shlex.split(example), "--silent"], capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout))
        if "id" in found[-1]:
            known["OFFER"] = str(found[-1]["id"])
    listed, drafted, checked, submitted, refused, position = found
    assert listed["results"] == []
    assert (drafted["status"], checked["becomes"], submitted["status"]) == ("draft", "in_review", "in_review")
    assert refused["error"]["field"] == "theme"
    assert (position["bracket"], position["market_ratio"]) == ("p25-p50", "0.97")
