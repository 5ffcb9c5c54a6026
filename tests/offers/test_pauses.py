"""Pauses: contractual time stands still and moves what is due, elapsed hours go on, and the ladder asks nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.access import Role
from governance.business_time import add_business_time, business_time_between
from governance.models import Note
from offers import clocks, pauses, workflow
from offers.errors import BadInput, NotInThisState, NotYours
from offers.lifecycle import Status
from offers.models import Approval, Clock, Escalation
from offers.sweep import sweep
from tests import factories

FRIDAY = datetime(2026, 11, 27, 15, tzinfo=UTC)  # ten in the morning in New York


def only(offer, kind="verbal_to_written"):
    return Clock.objects.get(offer=offer, kind=kind)


def pause(desk, offer, by=Role.RECRUITER, reason="Until the visit."):
    return pauses.pause(offer.pk, actor=desk.people[by], now=desk.now, reason=reason)


def resume(desk, offer):
    return pauses.resume(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now)


def hold(desk, status="on_hold", by=Role.RECRUITER, reason="Budget is looked at."):
    return pauses.set_requisition_status(
        desk.requisition.pk, status, actor=desk.people[by], now=desk.now, reason=reason
    )


def test_a_pause_moves_the_contractual_target_by_the_working_time_paused(desk):
    desk.now = FRIDAY
    offer = desk.draft()
    before = only(offer)
    desk.later(hours=2)
    pause(desk, offer)
    desk.later(days=3)  # over the weekend: one working day
    resume(desk, offer)
    after = only(offer)
    assert after.paused_for == timedelta(days=1)
    assert after.target_at == add_business_time(before.target_at, timedelta(days=1), desk.calendar.engine())
    assert (after.elapsed_target_at, after.due_instants) == (before.elapsed_target_at, before.due_instants)


def test_critical_work_moves_by_elapsed_time(desk):
    desk.now = FRIDAY
    offer = desk.draft(priority="critical")
    pause(desk, offer)
    desk.later(days=3)
    resume(desk, offer)
    assert only(offer).target_at == FRIDAY + timedelta(hours=24 + 72)


def test_a_target_that_had_passed_stays_where_it_was(desk):
    offer = desk.draft(priority="critical")
    target = only(offer).target_at
    desk.later(hours=30)
    pause(desk, offer)
    desk.later(hours=30)
    resume(desk, offer)
    assert only(offer).target_at == target


def test_a_paused_clock_is_not_flagged_and_then_only_at_the_newest_threshold(desk):
    offer = desk.draft()
    desk.later(hours=1)
    pause(desk, offer)
    assert sweep(now=desk.later(hours=60)).due == 0
    resume(desk, offer)
    assert sweep(now=desk.now).flagged == {"48": 1}  # elapsed hours went on


def test_business_hours_of_a_ladder_move_with_the_pause(desk):
    document = {**factories.starting_template()["escalation_path"], "hours": "business"}
    factories.EscalationPathFactory(client=desk.client, version=2, document=document, published_at=desk.now)
    offer = desk.draft()
    pause(desk, offer)
    desk.later(hours=24)
    resume(desk, offer)
    assert only(offer).due_instants == [
        FRIDAY.replace(day=24, hour=9) + timedelta(hours=each) for each in (48, 72, 144)
    ]


def test_business_hours_of_a_critical_ladder_move_by_the_working_time_paused(desk):
    document = {**factories.starting_template()["escalation_path"], "hours": "business"}
    factories.EscalationPathFactory(client=desk.client, version=2, document=document, published_at=desk.now)
    desk.now = FRIDAY.replace(hour=12)
    offer = desk.draft(priority="critical")
    desk.later(hours=1)
    pause(desk, offer)
    before = only(offer).due_instants
    desk.now = FRIDAY.replace(hour=13) + timedelta(days=3)  # Monday
    resume(desk, offer)
    engine = desk.calendar.engine()
    worked = business_time_between(FRIDAY.replace(hour=13), desk.now, engine)
    assert worked < timedelta(days=3)
    assert only(offer).due_instants == [add_business_time(instant, worked, engine) for instant in before]


def test_time_paused_is_met_time_even_where_the_letter_goes_out_meanwhile(desk):
    offer = desk.do("submit", desk.draft())
    desk.later(hours=47)
    pause(desk, offer)
    desk.later(hours=5)
    desk.do("extend", offer)
    clock = only(offer)
    assert (clock.paused_at, clock.is_met(desk.now), clock.stopped_at - clock.started_at) == (
        None,
        True,
        timedelta(hours=52),
    )


def test_an_approval_is_due_later_by_the_time_paused(desk):
    offer = desk.do("submit", desk.draft("94000"))
    due = Approval.objects.get(offer=offer, status="asked").due_at
    pause(desk, offer)
    desk.later(hours=3)
    resume(desk, offer)
    assert Approval.objects.get(offer=offer, status="asked").due_at == due + timedelta(hours=3)


def test_a_requisition_on_hold_pauses_every_clock_of_its_offers_and_opening_it_resumes_them(desk):
    desk.requisition.over_offering = True
    desk.requisition.save()
    offers = [desk.draft(), desk.do("submit", desk.draft("94000"))]
    hold(desk)
    running = Clock.objects.running().filter(offer__in=offers)
    assert set(running.values_list("pause_reason", "next_due_at")) == {("on_hold", None)}
    desk.later(hours=5)
    hold(desk, "open")
    assert set(running.values_list("pause_reason", "paused_for")) == {("", timedelta(hours=5))}
    assert not running.filter(next_due_at=None).exists()


def test_a_step_that_is_asked_while_the_requisition_is_on_hold_starts_paused(desk):
    offer = desk.do("submit", desk.draft("94000"))
    hold(desk)
    desk.later(hours=1)
    desk.do("approve", offer, by=Role.ACCOUNT_DIRECTOR)
    second = Clock.objects.running().get(offer=offer, kind="approval_step")
    assert (second.paused_at, second.pause_reason, second.next_due_at) == (desk.now, "on_hold", None)


def test_a_yes_from_before_the_hold_that_is_entered_during_it_counts_up_to_the_hold(desk):
    offer, said = desk.draft(verbal=False), desk.now
    desk.later(hours=5)
    hold(desk)
    desk.later(hours=2)
    workflow.record_verbal_approval(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now, at=said)
    desk.later(hours=17)
    hold(desk, "open")
    assert only(offer).paused_for == timedelta(hours=19)
    assert only(offer).target_at == add_business_time(said, timedelta(hours=48 + 19), desk.calendar.engine())


def test_what_the_candidate_asked_for_outlives_the_hold(desk):
    offer = desk.draft()
    pause(desk, offer)
    hold(desk)
    hold(desk, "open")
    assert only(offer).pause_reason == "candidate_asked"


@pytest.mark.parametrize(
    ("by", "reason", "refused"), [(Role.RECRUITER, " ", BadInput), (Role.FINANCE_LEADER, "Visit.", NotYours)]
)
def test_a_pause_needs_a_reason_and_a_role(desk, by, reason, refused):
    offer = desk.draft()
    with pytest.raises(refused):
        pause(desk, offer, by=by, reason=reason)


def test_what_does_not_run_is_neither_paused_nor_resumed(desk):
    offer = desk.draft()
    with pytest.raises(NotInThisState, match="No clock of this offer is paused"):
        resume(desk, offer)
    pause(desk, offer)
    with pytest.raises(NotInThisState, match="can be paused now"):
        pause(desk, offer)
    with pytest.raises(NotInThisState, match="withdrawn"):
        pause(desk, desk.do("withdraw", offer))


def test_clocks_on_hold_are_not_resumed_one_by_one(desk):
    offer = desk.draft()
    hold(desk)
    with pytest.raises(NotInThisState, match="is on hold"):
        resume(desk, offer)


@pytest.mark.parametrize(
    ("status", "by", "reason", "refused"),
    [
        ("on_hold", Role.RECRUITER, "", BadInput),
        ("asleep", Role.RECRUITER, "x", BadInput),
        ("on_hold", Role.FINANCE_LEADER, "x", NotYours),
    ],
)
def test_a_hold_is_refused_in_words(desk, status, by, reason, refused):
    with pytest.raises(refused):
        hold(desk, status, by=by, reason=reason)


def test_history_says_who_paused_and_why(desk):
    offer = desk.draft()
    pause(desk, offer)
    event = only(offer).events.latest("pgh_id")
    note = Note.objects.get(text="Until the visit.")
    assert event.pgh_context == {
        "actor": desk.people[Role.RECRUITER].pk,
        "action": "offer.pause",
        "reason": "candidate_asked",
        "note": note.pk,
    }


def test_the_candidates_own_time_is_prolonged_and_not_paused(desk):
    offer = desk.bring(Status.EXTENDED)
    with pytest.raises(NotInThisState, match="prolonging"):
        pause(desk, offer)
    assert clocks.PAUSABLE.isdisjoint({"candidate_response"})
    assert not Escalation.objects.exists()
