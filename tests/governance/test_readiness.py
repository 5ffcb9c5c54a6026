"""The five-point readiness check: green, amber or red, with what is missing and the form that mends it."""

import copy
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from governance.access import Role
from governance.models import Engagement, StatementOfWork
from governance.programme import Programme, Rule, load
from governance.readiness import check, worst
from governance.sow import Agreement
from tests import factories

TEMPLATE = factories.starting_template()
SOW, LEVEL, PATH = TEMPLATE["statement_of_work"], TEMPLATE["service_level"], TEMPLATE["escalation_path"]


@pytest.fixture
def programme(scoped, member) -> Programme:
    """Everything of the starting template, and a person in every role."""
    member(*Role)
    return load(scoped.pk)


def changed(programme: Programme, **fields: Any) -> Programme:
    facts = {name: getattr(programme, name) for name in programme.__slots__}
    return Programme(**{**facts, **fields})


def sow_without(programme: Programme, *activities: str, **fields: Any) -> Agreement:
    (found,) = programme.agreements
    document = {**copy.deepcopy(SOW), **fields}
    for name in activities:
        del document["activities"][name]
    return Agreement(**{**{name: getattr(found, name) for name in found.__slots__}, "document": document})


def states(programme: Programme, agreement: Agreement | None) -> list[str]:
    return [point.state for point in check(programme, agreement)]


def test_a_client_with_its_people_and_the_starting_template_is_ready(programme):
    points = check(programme, sow_without(programme))
    assert [point.state for point in points] == ["green"] * 5
    assert worst(points) == "green"
    assert points[0].has == ("Compensation benchmarking: client HR, clause 3.1",
                             "First drafts of offers: the provider, clause 3.2")  # fmt: skip


def test_without_a_statement_of_work_three_points_are_red(programme):
    assert states(programme, None) == ["red", "green", "green", "red", "red"]


@pytest.mark.parametrize(
    ("missing", "found"),
    [
        (("benchmarking",), ["amber", "green", "green", "green", "green"]),
        (("benchmarking", "first_draft"), ["red", "green", "green", "green", "green"]),
        (("counter_offers",), ["green", "green", "green", "amber", "green"]),
        (("attrition_capture",), ["green", "green", "green", "green", "amber"]),
        (("decline_capture", "attrition_capture"), ["green", "green", "green", "green", "red"]),
    ],
)
def test_what_nobody_is_named_for_is_a_gap_of_its_point(programme, missing, found):
    assert states(programme, sow_without(programme, *missing)) == found


def test_a_party_of_which_nobody_is_a_member_is_red_and_leads_to_the_members(programme):
    alone = changed(programme, members=tuple(each for each in programme.members if each.role == Role.RECRUITER))
    first, *_ = check(alone, sow_without(programme))
    assert [(gap.state, gap.mend) for gap in first.gaps] == [("red", "members")]


@pytest.mark.parametrize(
    ("hours", "state"),
    [((48, 24), "green"), ((49, 24), "amber"), ((48, 25), "amber"), ((24, 24), "amber")],
)
def test_service_levels_are_held_against_what_mature_programmes_ask(programme, hours, state):
    agreed = {**LEVEL, "verbal_to_written": {"standard": hours[0], "critical": hours[1]}}
    assert states(changed(programme, service_level=Rule(1, agreed)), sow_without(programme))[1] == state


def test_a_missing_rule_is_red(programme):
    for name, point in (("service_level", 1), ("path", 2), ("guardrail", 3)):
        assert states(changed(programme, **{name: None}), sow_without(programme))[point] == "red"


def test_a_path_that_is_no_quicker_for_critical_hires_or_that_nobody_hears_is_a_gap(programme):
    slow = {**PATH, "thresholds": {"standard": [24, 48, 72], "critical": [24, 48, 72]}}
    assert states(changed(programme, path=Rule(1, slow)), sow_without(programme))[2] == "amber"
    deaf = changed(programme, members=tuple(each for each in programme.members if each.role != Role.FINANCE_LEADER))
    deaf = changed(deaf, path=Rule(1, {**PATH, "levels": [{"owners": [{"role": "finance_leader"}]}] * 3}))
    assert states(deaf, sow_without(programme))[2] == "red"


def test_project_recruiters_are_ready_with_none_and_not_with_one_that_is_not_published(programme):
    project = {"embedded": False, "delivery": "project"}
    assert states(programme, sow_without(programme, **project, recruiters_may_grant=False))[3] == "green"
    assert states(programme, sow_without(programme, **project, recruiters_may_grant=True))[3] == "red"


# --- pages


@time_machine.travel(factories.NOW, tick=False)
def test_the_page_says_what_is_missing_and_leads_to_the_form_that_mends_it(scoped, member, browser_client):
    row = StatementOfWork.objects.get()
    screen = browser_client(member(Role.HR_PARTNER))
    page = screen.get(reverse("sow:readiness-of", args=[row.engagement_id])).content.decode()
    assert "First drafts of offers: nobody of the provider is a member here." in page
    assert f'href="{reverse("admin:governance_membership_changelist")}"' in page
    bare = factories.EngagementFactory(client=scoped)
    page = screen.get(reverse("sow:readiness-of", args=[bare.pk])).content.decode()
    assert f'href="{reverse("sow:start")}?engagement={bare.pk}"' in page


@time_machine.travel(factories.NOW, tick=False)
def test_every_running_engagement_is_listed_in_as_many_queries_for_many_as_for_one(
    scoped, member, browser_client, django_assert_num_queries
):
    screen = browser_client(member(Role.AUDITOR))
    with django_assert_num_queries(8):
        screen.get(reverse("sow:readiness"))
    factories.EngagementFactory.create_batch(3, client=scoped, name="Another")
    factories.EngagementFactory(client=scoped, name="Over", ends_on="2025-02-01")
    with django_assert_num_queries(8):
        page = screen.get(reverse("sow:readiness")).content.decode()
    assert (page.count("Another"), page.count("Over<")) == (3, 0)
    assert Engagement.objects.count() == 5
