"""Acknowledging holds the ladder for a while, at most twice; a critical hire at risk jumps to the top of it."""

from datetime import timedelta

import pytest

from governance.access import Role
from governance.models import Note
from governance.tenancy import scope
from offers import escalations
from offers.errors import AlreadyDecided, BadInput, NotInThisState, NotReady, NotYours
from offers.models import Alarm, Clock, Escalation, OutboxEscalation, OutboxMessage
from offers.sweep import sweep
from offers.views.frame import url_of
from tests import factories
from tests.offers.screen import Screen, acts
from tests.offers.stuck import waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder(member):
    return member(Role.RECRUITER)


@pytest.fixture
def stuck(scoped, now, holder):
    """`stuck(25)`: an offer that long after its verbal yes, swept, and its newest escalation."""

    def make(hours=25, **fields):
        offer = waiting(scoped, hours=hours, now=now, holder=holder, **fields)
        sweep(now=now)
        return offer.escalations.latest("pk")

    return make


def acknowledge(*found, actor, now):
    return escalations.acknowledge([each.pk for each in found], actor=actor, now=now)


def climbed(escalation):
    rows = Escalation.objects.filter(clock=escalation.clock_id).order_by("pk")
    return list(rows.values_list("threshold_hours", "round", "cause"))


@pytest.mark.parametrize(("priority", "hours", "held"), [("standard", 25, 4), ("critical", 9, 1)])
def test_an_acknowledgement_holds_the_ladder(stuck, now, holder, priority, hours, held):
    escalation = stuck(hours, priority=priority)
    [acknowledged] = acknowledge(escalation, actor=holder, now=now)
    assert (acknowledged.status, acknowledged.acknowledged_by, acknowledged.acknowledged_at) == (
        "acknowledged",
        holder,
        now,
    )
    assert acknowledged.clock.hold_until == now + timedelta(hours=held)


def test_a_threshold_passed_while_it_holds_is_flagged_when_the_hold_ends(stuck, now, holder):
    escalation = stuck(46)
    acknowledge(escalation, actor=holder, now=now)
    assert sweep(now=now + timedelta(hours=3, minutes=59)).due == 0
    assert sweep(now=now + timedelta(hours=4)).flagged == {"48": 1}
    assert climbed(escalation) == [(24, 1, "threshold"), (48, 2, "lapsed")]


def test_a_hold_that_lapses_tells_the_same_level_again_in_a_new_round(stuck, now, holder):
    escalation = stuck(25)
    acknowledge(escalation, actor=holder, now=now)
    end = now + timedelta(hours=4)
    sweep(now=end)
    again = Escalation.objects.latest("pk")
    assert (again.threshold_hours, again.level, again.round, again.due_at, again.status) == (24, 1, 2, end, "open")
    assert OutboxMessage.objects.filter(user=holder, carried__escalation=again).count() == 1
    assert Clock.objects.get().next_due_at == now + timedelta(hours=23)  # the 48 h of the first round


def test_the_ladder_restarts_at_most_twice_and_then_goes_on(stuck, now, holder):
    escalation = stuck(25)
    for turn in range(2):
        acknowledge(Escalation.objects.latest("pk"), actor=holder, now=now + timedelta(hours=4 * turn))
        sweep(now=now + timedelta(hours=4 * turn + 4))
    with pytest.raises(NotReady, match="acknowledged 2 times"):
        acknowledge(Escalation.objects.latest("pk"), actor=holder, now=now + timedelta(hours=9))
    sweep(now=now + timedelta(hours=47))
    assert climbed(escalation) == [
        (24, 1, "threshold"),
        (24, 2, "lapsed"),
        (24, 3, "lapsed"),
        (72, 3, "threshold"),
    ]


def test_nobody_acknowledges_what_is_held_already(stuck, now, holder, member):
    escalation = stuck()
    acknowledge(escalation, actor=holder, now=now)
    with pytest.raises(AlreadyDecided, match="acknowledged already"):
        acknowledge(escalation, actor=member(Role.COORDINATOR), now=now + timedelta(minutes=1))
    assert Clock.objects.get().holds == 1


def test_several_are_acknowledged_at_once_and_those_that_cannot_be_are_left(stuck, now, holder):
    one, two = stuck(25), stuck(30)
    acknowledge(one, actor=holder, now=now)
    assert [each.pk for each in acknowledge(one, two, actor=holder, now=now)] == [two.pk]


def test_what_is_done_needs_no_acknowledgement(desk):
    offer = desk.do("submit", desk.draft())
    sweep(now=desk.later(hours=25))
    escalation = offer.escalations.get()
    desk.do("extend", offer)
    with pytest.raises(AlreadyDecided, match="not stuck any more"):
        acknowledge(escalation, actor=desk.people[Role.RECRUITER], now=desk.now)


def test_only_people_of_the_client_who_act_may_acknowledge(stuck, now, member, client_b):
    escalation = stuck()
    for person in (member(Role.AUDITOR), member(Role.COORDINATOR, client=client_b), member(Role.HIRING_MANAGER)):
        with pytest.raises(NotYours):
            acknowledge(escalation, actor=person, now=now)
    assert Escalation.objects.get().status == "open"


def test_history_says_who_acknowledged(stuck, now, holder):
    escalation = stuck()
    acknowledge(escalation, actor=holder, now=now)
    event = Escalation.objects.get().events.latest("pgh_id")
    assert event.pgh_context == {"actor": holder.pk, "action": "escalation.acknowledge"}


def test_a_critical_hire_at_risk_goes_to_the_top_at_once(desk):
    offer = desk.draft(priority="critical")
    escalation = escalations.jump(
        offer.pk, actor=desk.people[Role.RECRUITER], now=desk.later(hours=1), reason="A rival signs on Monday."
    )
    assert (escalation.level, escalation.threshold_hours, escalation.cause) == (3, 24, "jumped")
    assert escalation.note == Note.objects.get(text="A rival signs on Monday.")
    told = {link.message.user for link in OutboxEscalation.objects.filter(escalation=escalation)}
    assert told == {desk.people[Role.FINANCE_LEADER], desk.people[Role.TALENT_LEADER]}
    assert sweep(now=desk.later(days=3)).due == 0  # there is nowhere higher to go


def test_the_top_is_asked_once(desk):
    offer = desk.draft(priority="critical")
    escalations.jump(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now, reason="At risk.")
    with pytest.raises(AlreadyDecided, match="asked already"):
        escalations.jump(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.later(hours=1), reason="At risk.")


@pytest.fixture
def three_levels_of_two(desk):
    """Critical work has two thresholds on a path of three levels: the last one hears of what jumped alone."""
    document = {
        **factories.starting_template()["escalation_path"],
        "thresholds": {"standard": [24, 48, 72], "critical": [8, 16]},
    }
    factories.EscalationPathFactory(client=desk.client, version=2, document=document, published_at=desk.now)


def jumped(desk, offer):
    escalations.jump(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now, reason="A rival signs on Monday.")
    return offer.escalations.latest("pk")


def top(desk):
    return {desk.people[Role.FINANCE_LEADER], desk.people[Role.TALENT_LEADER]}


def told_of(escalation):
    return {link.message.user for link in OutboxEscalation.objects.filter(escalation=escalation)}


def test_a_jump_that_is_acknowledged_and_lapses_goes_to_the_top_again(desk, three_levels_of_two):
    offer = desk.draft(priority="critical")
    desk.later(hours=1)
    acknowledge(jumped(desk, offer), actor=desk.people[Role.FINANCE_LEADER], now=desk.now)
    sweep(now=desk.later(hours=1))
    again = offer.escalations.latest("pk")
    assert (again.cause, again.level, again.round) == ("lapsed", 3, 2)
    assert told_of(again) == top(desk)


def test_the_top_is_asked_although_the_last_threshold_of_a_lower_level_has_passed(desk, three_levels_of_two):
    offer = desk.draft(priority="critical")
    sweep(now=desk.later(hours=16))
    page = Screen(desk, Role.RECRUITER)
    assert "escalate" in acts(page.get(url_of(offer)))
    escalation = jumped(desk, offer)
    assert (escalation.level, escalation.threshold_hours, escalation.round) == (3, 16, 2)
    assert told_of(escalation) == top(desk)
    assert "escalate" not in acts(page.get(url_of(offer)))


@pytest.mark.parametrize(
    ("priority", "verbal", "role", "reason", "refused", "says"),
    [
        ("standard", True, Role.RECRUITER, "At risk.", NotInThisState, "Only a critical hire"),
        ("critical", False, Role.RECRUITER, "At risk.", NotInThisState, "on an escalation path"),
        ("critical", True, Role.FINANCE_LEADER, "At risk.", NotYours, "may not escalate"),
        ("critical", True, Role.RECRUITER, "  ", BadInput, "at risk"),
    ],
)
def test_a_jump_is_refused_in_words(desk, priority, verbal, role, reason, refused, says):
    offer = desk.draft(priority=priority, verbal=verbal)
    with pytest.raises(refused, match=says):
        escalations.jump(offer.pk, actor=desk.people[role], now=desk.now, reason=reason)


def test_a_level_that_names_nobody_raises_one_alarm(scoped, now, member):
    member(Role.FINANCE_LEADER)
    for hours in (24, 25):
        waiting(scoped, hours=hours, now=now)
    sweep(now=now)
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.text.startswith("Level 1 of")) == ("nobody_to_tell", True)


def test_an_escalation_of_another_client_is_none(now, holder, client_b):
    other = factories.EscalationFactory(clock__offer__client=client_b)
    with scope([holder.memberships.get().client_id, client_b.pk]), pytest.raises(NotYours):
        acknowledge(other, actor=holder, now=now)
