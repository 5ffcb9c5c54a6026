"""Statements of work on their pages: begun, filled in, refused by field, published, compared."""

import copy
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from governance import sow_versions
from governance.access import Role
from governance.models import Engagement, StatementOfWork
from governance.programme import load
from governance.sow_forms import SowForm, initial_of
from governance.sow_versions import SowError
from tests import factories

HR = Role.HR_PARTNER
TEMPLATE = factories.starting_template()["statement_of_work"]


@pytest.fixture
def force(scoped) -> StatementOfWork:
    """The statement of work that the client began with."""
    return StatementOfWork.objects.select_related("engagement__client").get()


@pytest.fixture
def screen(member, browser_client):
    return browser_client(member(HR, name="Hana"))


def draft_of(row: StatementOfWork, actor: Any) -> StatementOfWork:
    return sow_versions.begin(row.engagement, actor=actor, today=date(2026, 12, 1))[0]


def filled(document: Any = TEMPLATE, **changes: Any) -> dict[str, Any]:
    """What a browser sends for this document."""
    given = {**initial_of(document), "valid_from": "2026-12-01", **changes}
    return {name: value for name, value in given.items() if value not in (None, False, "")}


def url(name: str, row: StatementOfWork) -> str:
    return reverse(f"sow:{name}", args=[row.pk])


# --- the form


def test_the_form_gives_the_document_that_it_was_filled_with():
    partial = {
        **copy.deepcopy(TEMPLATE), "scope": "partial", "fees": {"model": "mixed", "success_percent": "40"},
        "hand_off": {"after": "letter", "to": "client_hr", "share": ["attrition"], "within_days": 7, "clause": "2.3"},
        "final_authority": {"role": "finance_leader", "title": "CFO", "clause": "5.1"},
    }  # fmt: skip
    for document in (TEMPLATE, partial):
        form = SowForm(filled(document))
        assert form.is_valid(), form.errors
        assert form.document() == document


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": ""}, "valid_from"),
        ({"valid_from": "2026-13-01"}, "valid_from"),
        ({"valid_to": "2026-11-30"}, "valid_to"),
        ({"delivery": "gig"}, "delivery"),
        ({"scope": "most"}, "scope"),
        ({"scope": "partial"}, "hand_off_after"),
        ({"hand_off_after": "letter", "hand_off_to": "client_hr", "hand_off_share": ["attrition"]}, "hand_off_after"),
        ({"scope": "partial", "hand_off_after": "letter", "hand_off_share": ["attrition"]}, "hand_off_to"),
        ({"hand_off_within_days": "0"}, "hand_off_within_days"),
        ({"hand_off_share": ["salaries"]}, "hand_off_share"),
        ({"party_first_draft": "candidate"}, "party_first_draft"),
        ({"clause_first_draft": "x" * 81}, "clause_first_draft"),
        ({"final_role": "king"}, "final_role"),
        ({"final_title": "x" * 61}, "final_title"),
        ({"fee_model": "barter"}, "fee_model"),
        ({"fee_model": "mixed"}, "success_percent"),
        ({"fee_model": "mixed", "success_percent": "101"}, "success_percent"),
        ({"fee_model": "mixed", "success_percent": "4e1"}, "success_percent"),
        ({"success_percent": "40"}, "success_percent"),
        ({"kpi_acceptance_percent": "much"}, "kpi_acceptance_percent"),
        ({"kpi_standard_hours": "-1"}, "kpi_standard_hours"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes, field):
    form = SowForm(filled(**changes))
    assert not form.is_valid()
    assert list(form.errors) == [field]


@pytest.mark.parametrize("document", [None, [], {"activities": ["x"], "fees": "x"}, {"activities": {"presenting": 1}}])
def test_a_document_that_cannot_be_read_opens_as_an_empty_form(document):
    assert initial_of(document)["party_presenting"] == ""


# --- versions


def test_a_draft_begins_from_the_newest_version_and_there_is_one(force, member):
    hana = member(HR)
    draft, made = sow_versions.begin(force.engagement, actor=hana, today=date(2026, 12, 1))
    assert (made, draft.version, draft.name, draft.document) == (True, 2, "RPO", force.document)
    assert sow_versions.begin(force.engagement, actor=hana, today=date(2026, 12, 1)) == (draft, False)


def test_publishing_freezes_it_and_the_engagement_follows(force, member, now):
    draft = draft_of(force, hana := member(HR))
    document = {**copy.deepcopy(TEMPLATE), "delivery": "project", "embedded": False, "fees": {"model": "success"}}
    sow_versions.save(draft, document=document, valid_from=now.date(), valid_to=None, actor=hana)
    with pytest.raises(SowError, match="have read what is warned of"):
        sow_versions.publish(draft, confirmed=False, actor=hana, now=now)
    sow_versions.publish(draft, confirmed=True, actor=hana, now=now)
    held = Engagement.objects.get(pk=force.engagement_id)
    assert (held.delivery_model, held.fee_model, held.embedded) == ("project", "success", False)
    in_force = load(force.client_id).agreement(held.pk, now)
    assert in_force is not None
    assert in_force.id == draft.pk
    with pytest.raises(SowError, match="never changes"):
        sow_versions.save(draft, document=TEMPLATE, valid_from=now.date(), valid_to=None, actor=hana)


def test_one_that_begins_later_rules_from_its_first_day_and_leaves_the_engagement_until_then(force, member, now):
    draft = draft_of(force, hana := member(HR))
    later = now.date() + timedelta(days=7)
    document = {**TEMPLATE, "embedded": False}
    sow_versions.save(draft, document=document, valid_from=later, valid_to=None, actor=hana)
    sow_versions.publish(draft, confirmed=True, actor=hana, now=now)
    programme = load(force.client_id)
    ids = [found.id for day in (0, 8) if (found := programme.agreement(force.engagement_id, now + timedelta(days=day)))]
    assert ids == [force.pk, draft.pk]
    assert Engagement.objects.get(pk=force.engagement_id).embedded is True


def test_two_documents_are_compared_in_words():
    other = copy.deepcopy(TEMPLATE)
    other["activities"]["first_draft"] = {"party": "client_hr", "clause": "3.2"}
    del other["activities"]["presenting"]
    found = {line.title: (line.kind, line.before, line.after) for line in sow_versions.lines(TEMPLATE, other)}
    assert found["First drafts of offers"] == ("changed", "the provider (clause 3.2)", "client HR (clause 3.2)")
    assert found["Presenting offers to candidates"] == ("removed", "the provider (clause 3.3)", "")
    assert [kind for kind, _, _ in found.values()].count("same") == len(found) - 2


# --- pages


def test_a_draft_is_begun_filled_in_and_published_on_the_pages(force, screen):
    begun = screen.post(reverse("sow:start"), {"engagement": force.engagement_id})
    draft = StatementOfWork.objects.get(version=2)
    assert begun.url == url("edit", draft)
    refused = screen.post(url("edit", draft), filled(fee_model="mixed"))
    assert refused.status_code == 422
    assert "Say how much of a mixed fee depends on success" in refused.content.decode()
    screen.post(url("edit", draft), filled(party_first_draft="client_hr", valid_from="2025-01-01"))
    asked = screen.get(url("publish", draft)).content.decode()
    assert "client HR (clause 3.2)" in asked
    assert StatementOfWork.objects.get(pk=draft.pk).published_at is None
    assert "In force" in screen.post(url("publish", draft), follow=True).content.decode()
    assert StatementOfWork.objects.get(pk=draft.pk).document["activities"]["first_draft"]["party"] == "client_hr"
    assert "1 difference" in screen.get(url("compare", draft)).content.decode()


def test_what_is_warned_of_is_published_only_once_it_was_read(force, screen, member):
    draft = draft_of(force, member(HR))
    screen.post(url("edit", draft), filled(fee_model="success"))
    assert "Success fees dominate" in screen.get(url("sow", draft)).content.decode()
    assert screen.post(url("publish", draft)).status_code == 409
    assert screen.post(url("publish", draft), {"confirm": "on"}).status_code == 302


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.ACCOUNT_DIRECTOR, Role.AUDITOR, Role.FINANCE_LEADER])
def test_others_read_it_and_change_nothing(force, member, browser_client, role):
    draft = draft_of(force, member(HR))
    reader = browser_client(member(role))
    assert "the provider (clause 3.2)" in reader.get(url("sow", force)).content.decode().replace("The p", "the p")
    assert "Make a new version" not in reader.get(url("sow", force)).content.decode()
    for name in ("edit", "publish"):
        assert reader.post(url(name, draft), filled()).status_code == 404
    assert reader.post(url("revise", force)).status_code == 404


def test_the_document_and_its_schema_are_there_to_read(force, screen):
    assert json.loads(screen.get(url("document", force)).content) == force.document
    assert "activities" in json.loads(screen.get(reverse("sow:schema")).content)["properties"]


def test_the_list_says_by_the_clients_days_which_version_is_in_force(force: StatementOfWork, screen: Any) -> None:
    today = timezone.localdate()
    engagement = factories.EngagementFactory(client=force.client)
    days = {
        "Ended": (today - timedelta(days=30), today - timedelta(days=10)),
        "In force": (today - timedelta(days=9), None),
        "Begins later": (today + timedelta(days=10), None),
    }
    for number, (first, last) in enumerate(days.values(), 1):
        factories.StatementOfWorkFactory(
            engagement=engagement, version=number, valid_from=first, valid_to=last, published_at=timezone.now()
        )
    page = screen.get(reverse("admin:governance_statementofwork_changelist"), {"engagement__id__exact": engagement.pk})
    rows = re.findall(r'class="[^"]*field-state[^"]*".*?<span class="pill \w+">([^<]+)<', page.content.decode())
    assert rows == list(reversed(days))
