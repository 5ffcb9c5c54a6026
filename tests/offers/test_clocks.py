"""Clocks: what starts and stops them, their due instants, and that none runs twice."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.access import Role
from governance.tenancy import scope
from offers import clocks
from offers.lifecycle import Status
from offers.models import Clock, Escalation
from offers.sweep import sweep
from tests import factories


def only(offer, kind):
    return Clock.objects.get(offer=offer, kind=kind)


@pytest.mark.parametrize(
    ("priority", "hours", "ladder"), [("standard", 48, (24, 48, 72)), ("critical", 24, (8, 16, 24))]
)
def test_due_instants_are_stored_when_the_clock_starts(desk, priority, hours, ladder):
    clock = only(desk.draft(priority=priority), "verbal_to_written")
    assert (clock.target_hours, clock.thresholds) == (hours, list(ladder))
    assert clock.due_instants == [desk.now + timedelta(hours=each) for each in ladder]
    assert clock.next_due_at == clock.due_instants[0]


def test_the_contractual_target_counts_by_the_calendar_and_the_elapsed_one_does_not(desk):
    desk.now = datetime(2026, 11, 27, 15, tzinfo=UTC)  # Friday, 10 in the morning in New York
    clock = only(desk.draft(), "verbal_to_written")
    assert clock.elapsed_target_at == desk.now + timedelta(hours=48)
    assert clock.target_at == desk.now + timedelta(hours=96)  # the weekend is closed


def test_critical_work_runs_over_the_weekend(desk):
    desk.now = datetime(2026, 11, 27, 15, tzinfo=UTC)
    clock = only(desk.draft(priority="critical"), "verbal_to_written")
    assert clock.target_at == clock.elapsed_target_at == desk.now + timedelta(hours=24)


@pytest.mark.parametrize(("after", "met"), [({"hours": 47, "minutes": 59}, True), ({"hours": 48}, False)])
def test_met_means_strictly_before_the_target(desk, after, met):
    offer = desk.do("submit", desk.draft())
    offer = desk.do("extend", offer, at=desk.later(**after))
    assert only(offer, "verbal_to_written").is_met(desk.now) is met


def test_each_step_that_is_asked_has_a_clock_that_stops_with_it(desk):
    offer = desk.do("submit", desk.draft("94000"))
    first = only(offer, "approval_step")
    assert (first.approval.role, first.target_hours) == (Role.ACCOUNT_DIRECTOR, 8)
    desk.later(hours=1)
    desk.do("approve", offer, by=Role.ACCOUNT_DIRECTOR)
    first.refresh_from_db()
    assert (first.stopped_at, first.stop_reason) == (desk.now, "done")
    assert Clock.objects.running().get(offer=offer, kind="approval_step").approval.role == Role.HR_PARTNER


def test_step_clocks_restart_with_a_new_chain_and_the_verbal_one_does_not(desk):
    offer = desk.do("submit", desk.do("recall", desk.do("submit", desk.draft("94000"))))
    kinds = list(Clock.objects.filter(offer=offer).order_by("kind", "pk").values_list("kind", "stop_reason"))
    assert kinds == [("approval_step", "void"), ("approval_step", ""), ("verbal_to_written", "")]


def test_what_a_clock_escalated_is_resolved_when_it_stops(desk):
    offer = desk.do("submit", desk.draft())
    sweep(now=desk.later(hours=25))
    assert Escalation.objects.get(offer=offer).status == "open"
    desk.do("extend", offer)
    escalation = Escalation.objects.get(offer=offer)
    assert (escalation.status, escalation.resolved_at) == ("resolved", desk.now)


def test_the_end_of_an_offer_stops_all_its_clocks(desk):
    offer = desk.do("withdraw", desk.bring(Status.IN_REVIEW))
    reasons = set(Clock.objects.filter(offer=offer).values_list("kind", "stop_reason"))
    assert reasons == {("approval_step", "void"), ("verbal_to_written", "ended")}
    assert desk.clocks(offer) == []


def test_clocks_in_flight_keep_their_due_instants_when_the_rules_change(desk):
    offer = desk.draft()
    before = Clock.objects.filter(offer=offer).values().get()
    document = {**factories.starting_template()["escalation_path"], "thresholds": {"standard": [1], "critical": [1]}}
    factories.EscalationPathFactory(client=desk.client, version=2, document=document, published_at=desk.now)
    desk.later(hours=1)
    desk.do("submit", offer)
    assert Clock.objects.filter(offer=offer, kind="verbal_to_written").values().get() == before
    assert only(desk.draft(), "verbal_to_written").thresholds == [1]


def test_without_a_path_a_clock_runs_and_never_escalates(desk):
    client = factories.ClientFactory()
    offer = factories.OfferFactory(client=client, verbal_approved_at=desk.now)
    with scope([client.pk]):
        clocks.start_verbal_clocks([offer])
        clock = only(offer, "verbal_to_written")
    assert (clock.target_at, clock.due_instants, clock.next_due_at) == (None, [], None)
