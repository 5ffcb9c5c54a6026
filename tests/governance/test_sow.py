"""A statement of work as a document: what it may say, who it names, and which version rules when."""

import copy
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.access import Role
from governance.sow import (
    Agreement,
    OutOfScope,
    enforce,
    final_authority,
    guardrail_kind,
    in_force,
    parties_of,
    party_for,
    party_of,
)
from governance.sow_schema import ACTIVITIES, PARTIES, json_schema, validate, warnings

TEMPLATE = Path(__file__).parents[2] / "governance/data/balanced.json"
SOUND = json.loads(TEMPLATE.read_text(encoding="utf-8"))["statement_of_work"]
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TODAY = NOW.date()
HAND_OFF = {"after": "letter", "to": "client_hr", "share": ["start_dates"]}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The template with the field at this dotted path set, or left out where the value is None."""
    document = copy.deepcopy(SOUND)
    *groups, last = path.split(".")
    place = document
    for name in groups:
        place = place[name]
    place.pop(last, None)
    if value is not None:
        place[last] = value
    return document


def test_the_starting_template_may_be_published_and_names_everybody():
    assert validate(SOUND) == []
    assert set(SOUND["activities"]) == set(ACTIVITIES)
    assert warnings(SOUND) == []


@pytest.mark.parametrize(
    ("path", "value", "names"),
    [
        ("schema", 2, "schema"),
        ("delivery", "gig", "delivery"),
        ("delivery", None, "delivery"),
        ("embedded", "yes", "embedded"),
        ("recruiters_may_grant", 1, "recruiters_may_grant"),
        ("scope", "most", "scope"),
        ("activities", ["first_draft"], "activities"),
        ("activities.coffee", {"party": "provider"}, "activities.coffee"),
        ("activities.first_draft", "provider", "activities.first_draft"),
        ("activities.first_draft.party", "candidate", "activities.first_draft.party"),
        ("activities.first_draft.party", None, "activities.first_draft.party"),
        ("activities.first_draft.clause", "", "activities.first_draft.clause"),
        ("activities.first_draft.clause", "x" * 81, "activities.first_draft.clause"),
        ("activities.first_draft.clause", "4\n2", "activities.first_draft.clause"),
        ("final_authority", None, "final_authority"),
        ("final_authority.role", "king", "final_authority.role"),
        ("final_authority.title", " CFO", "final_authority.title"),
        ("fees.model", "barter", "fees.model"),
        ("fees.model", "mixed", "fees.success_percent"),
        ("fees.success_percent", "40", "fees.success_percent"),
        ("fees.success_percent", "101", "fees.success_percent"),
        ("fees.success_percent", "4e1", "fees.success_percent"),
        ("kpis.acceptance_percent", "-1", "kpis.acceptance_percent"),
        ("kpis.acceptance_percent", 85, "kpis.acceptance_percent"),
        ("kpis.standard_hours", "٤٨", "kpis.standard_hours"),
        ("kpis.happiness", "1", "kpis.happiness"),
        ("scope", "partial", "hand_off"),
        ("hand_off", HAND_OFF, "hand_off"),
        ("price", "1", "price"),
    ],
)
def test_a_field_that_cannot_be_is_refused_by_its_place(path, value, names):
    assert names in [problem.path for problem in validate(changed(path, value))]


@pytest.mark.parametrize(
    ("hand_off", "names"),
    [
        ({**HAND_OFF, "after": "lunch"}, "hand_off.after"),
        ({**HAND_OFF, "to": "nobody"}, "hand_off.to"),
        ({**HAND_OFF, "share": []}, "hand_off.share"),
        ({**HAND_OFF, "share": ["salaries"]}, "hand_off.share"),
        ({**HAND_OFF, "share": ["attrition", "attrition"]}, "hand_off.share"),
        ({**HAND_OFF, "within_days": 0}, "hand_off.within_days"),
    ],
)
def test_partial_scope_says_where_it_ends_and_what_is_shared_then(hand_off, names):
    partial = {**SOUND, "scope": "partial"}
    assert validate({**partial, "hand_off": HAND_OFF}) == []
    assert names in [problem.path for problem in validate({**partial, "hand_off": hand_off})]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from(["", *SOUND]), JSON)
def test_whatever_is_given_is_judged_in_words_and_read_without_failing(name, value):
    document = {**SOUND, name: value} if name else value
    assert all(problem.message for problem in validate(document))
    if isinstance(document, dict):
        assert party_of("draft", document) in PARTIES
        assert final_authority(document)[0] in set(Role)


def test_the_schema_knows_every_activity():
    assert set(json_schema()["properties"]["activities"]["properties"]) == set(ACTIVITIES)


@pytest.mark.parametrize(
    ("fees", "warned"),
    [
        ({"model": "management"}, False),
        ({"model": "mixed", "success_percent": "50"}, False),
        ({"model": "mixed", "success_percent": "50.01"}, True),
        ({"model": "success"}, True),
    ],
)
def test_success_fees_that_dominate_are_warned_of(fees, warned):
    assert any("Success fees dominate" in text for text in warnings({**SOUND, "fees": fees})) is warned


# --- who


def agreement(document: Any = SOUND, **fields: Any) -> Agreement:
    facts = {
        "id": 1, "engagement": 7, "name": "RPO", "version": 1, "published_at": NOW - timedelta(days=9),
        "valid_from": TODAY - timedelta(days=9), "valid_to": None,
    }  # fmt: skip
    return Agreement(**{**facts, "document": document, **fields})


def test_what_is_given_to_another_party_is_refused_with_the_clause():
    with pytest.raises(OutOfScope) as refused:
        enforce(agreement(), "first_draft", {Role.HR_PARTNER})
    assert str(refused.value) == (
        "The statement of work “RPO, version 1” gives first drafts of offers to the provider (clause 3.2)."
    )
    assert refused.value.rule == "statement of work “RPO, version 1”, clause 3.2"


@pytest.mark.parametrize("activity", ACTIVITIES)
@pytest.mark.parametrize("role", Role)
def test_only_the_party_named_may_act_whatever_the_activity(activity, role):
    named = party_for(SOUND, activity)
    if named in parties_of({role}):
        enforce(agreement(), activity, {role})
    else:
        with pytest.raises(OutOfScope):
            enforce(agreement(), activity, {role})


def test_where_nobody_is_named_and_where_there_is_no_statement_anybody_may():
    enforce(agreement(changed("activities.first_draft", None)), "first_draft", {Role.HR_PARTNER})
    enforce(None, "first_draft", {Role.HR_PARTNER})


@pytest.mark.parametrize(
    ("stage", "role", "party"),
    [
        ("draft", "", "client_hr"),
        ("in_review", "finance_leader", "finance"),
        ("approval_step", "hiring_manager", "hiring_manager"),
        ("in_review", "", "client_hr"),
        ("approved", "", "provider"),
        ("extended", "", "candidate"),
        ("candidate_response", "", "candidate"),
        ("negotiating", "", "provider"),
        ("something new", "", "provider"),
    ],
)
def test_time_belongs_to_the_party_that_the_stage_waits_for(stage, role, party):
    document = changed("activities.first_draft.party", "client_hr")
    assert party_of(stage, document, role=role) == party


def test_project_recruiters_have_no_guardrail_unless_the_statement_says_so():
    assert guardrail_kind(SOUND, embedded=False) == "embedded"
    assert guardrail_kind({**SOUND, "recruiters_may_grant": False}, embedded=True) is None
    project = {**changed("recruiters_may_grant", None), "embedded": False}
    assert guardrail_kind(project, embedded=True) is None
    assert guardrail_kind({**project, "recruiters_may_grant": True}, embedded=False) == "project"
    assert [guardrail_kind(None, embedded=each) for each in (True, False)] == ["embedded", "project"]


# --- when


def force(*held: Agreement, engagement: int | None = 7, at: datetime = NOW) -> int | None:
    found = in_force(held, engagement, at, "America/New_York")
    return found.id if found else None


def test_the_newest_published_version_that_is_valid_on_the_clients_day_is_in_force():
    first = agreement()
    later = agreement(id=2, version=2, published_at=NOW - timedelta(days=1))
    tomorrow = agreement(id=3, version=3, published_at=NOW, valid_from=TODAY + timedelta(days=1))
    assert force(first) == 1
    assert force(first, later, tomorrow) == 2
    assert force(first, later, at=NOW - timedelta(days=2)) == 1
    assert force(first, later, tomorrow, at=datetime(2026, 11, 25, 4, 59, tzinfo=UTC)) == 2  # still the 24th there
    assert force(first, later, tomorrow, at=datetime(2026, 11, 25, 5, tzinfo=UTC)) == 3


def test_the_last_day_of_validity_counts():
    ending = agreement(valid_to=date(2026, 11, 24))
    assert force(ending) == 1
    assert force(ending, at=NOW + timedelta(days=1)) is None


def test_a_requisition_without_engagement_belongs_to_the_only_one():
    here, there = agreement(), agreement(id=2, engagement=8)
    assert force(here, engagement=None) == 1
    assert force(here, there, engagement=None) is None
    assert force(here, engagement=8) is None
