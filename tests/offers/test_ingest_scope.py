"""Offers files brought in by a person: what the statement of work gives to others is refused row by row."""

import copy
import json
from datetime import timedelta

import pytest

from governance.access import Role
from offers import sow
from offers.ingest.offers import OFFERS
from offers.models import Offer, Requisition
from tests import factories
from tests.governance.ingest.helpers import counts, take_in, written
from tests.offers.test_ingest_command import GOOD, ingest
from tests.offers.test_ingest_offers import DECLINED, JOINED, REQUIRED

HR, RECRUITER = Role.HR_PARTNER, Role.RECRUITER
LEFT = JOINED | {"left_on": "2026-11-20", "left_voluntary": "yes"}


@pytest.fixture
def bring(desk, tmp_path):
    """`bring(row, by=Role)` takes in a file of one row; client HR does everything that a file can do."""
    document = copy.deepcopy(factories.starting_template()["statement_of_work"])
    for activity in ("first_draft", "decline_capture", "attrition_capture"):
        document["activities"][activity] = {"party": "client_hr", "clause": "9.9"}
    factories.StatementOfWorkFactory(
        engagement=desk.engagement, document=document, published_at=desk.now - timedelta(days=90)
    )

    def load(row, by=RECRUITER):
        lines = [",".join(row), ",".join(f'"{value}"' for value in row.values())]
        actor = desk.people[by] if by else None
        return take_in(OFFERS, desk.client, written(tmp_path, "\n".join(lines)), actor=actor)

    return load


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (REQUIRED, "outcome", "gives first drafts of offers to client HR (clause 9.9)"),
        (DECLINED, "decline_theme", "gives capture of declines to client HR (clause 9.9)"),
        (LEFT, "left_on", "gives capture of early attrition to client HR (clause 9.9)"),
    ],
)
def test_a_row_that_does_what_belongs_to_others_is_refused_with_the_clause(bring, row, column, words):
    refused = bring(row).refused
    assert [(each.row, each.column, words in each.error) for each in refused] == [(2, column, True)]
    assert not Offer.objects.exists()
    assert counts(bring(row, by=HR)) == (1, 0, 0)
    assert counts(bring(row)) == (0, 0, 1)  # it says nothing new


def test_what_names_no_activity_of_others_is_taken_in(bring):
    assert counts(bring(JOINED)) == (1, 0, 0)
    assert [each.column for each in bring(LEFT).refused] == ["left_on"]


def test_nobody_behind_a_file_is_bound_by_no_statement(bring):
    assert counts(bring(DECLINED, by=None)) == (1, 0, 0)


def test_an_exception_of_the_requisition_counts_for_files_too(bring, desk):
    bring(JOINED)
    requisition = Requisition.objects.get(external_id="R-1")
    given = {"party": "provider", "actor": desk.people[HR], "reason": "The client's desk is closed.", "now": desk.now}
    sow.record_exception(requisition, "attrition_capture", **given)
    assert counts(bring(LEFT)) == (0, 1, 0)


@pytest.mark.django_db
def test_the_command_says_who_brings_a_file_in(client_a, member, tmp_path):
    hana = member(HR)
    path = written(tmp_path, GOOD)
    code, out, _ = ingest("offers", path, "--json", "--as", hana.email.upper())
    refused = json.loads(out)["refused"][0]
    assert (code, refused["column"]) == (1, "outcome")  # the template gives drafts to the provider
    code, _, error = ingest("offers", path, "--as", "nobody@example.org")
    assert (code, error) == (2, "nobody@example.org is no active member of northbridge.")
    assert ingest("offers", path, "--as", member(RECRUITER).email)[0] == 0
