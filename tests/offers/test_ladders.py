"""Which ladder an offer climbs, who hears of it in an owner's stead, and who is reminded of the candidate's answer."""

from datetime import timedelta

import pytest

from governance.access import Role
from governance.ladder import validate_path
from governance.models import EscalationPath
from offers import clocks
from offers.delivery import deliver
from offers.lifecycle import Status
from offers.models import Clock, Offer, OutboxMessage
from offers.sweep import sweep
from tests import factories
from tests.offers.stuck import waiting

pytestmark = pytest.mark.django_db


def document(**changes):
    return {**factories.starting_template()["escalation_path"], **changes}


def publish(desk, name, hours, **applies_to):
    level = {"owners": [{"role": "coordinator"}]}
    found = document(thresholds={"standard": [hours], "critical": [hours]}, levels=[level], applies_to=applies_to)
    assert validate_path(found) == []
    factories.EscalationPathFactory(client=desk.client, name=name, document=found, published_at=desk.now)


def climbs(desk, **fields):
    """The first threshold of the clocks of an offer in review: {kind: hours}."""
    requisition = desk.open_requisition(**fields)
    offer = desk.do("submit", desk.draft("94000", requisition=requisition))
    return {clock.kind: clock.thresholds[0] for clock in Clock.objects.filter(offer=offer)}


def test_a_path_may_hold_for_a_stage_a_unit_or_an_engagement_only(desk):
    publish(desk, "Steps", 3, stages=["approval_step"])
    publish(desk, "Risk", 5, business_units=["Risk"])
    publish(desk, "Risk here", 7, business_units=["Risk"], engagements=[desk.engagement.code])
    elsewhere = factories.EngagementFactory(client=desk.client)
    assert climbs(desk) == {"verbal_to_written": 24, "approval_step": 3}
    assert climbs(desk, business_unit="Risk") == {"verbal_to_written": 7, "approval_step": 7}
    assert climbs(desk, business_unit="Risk", engagement=elsewhere)["verbal_to_written"] == 5
    assert climbs(desk, engagement=None) == {"verbal_to_written": 24, "approval_step": 3}


def test_a_retired_path_and_a_replaced_version_rule_nothing_new(desk):
    publish(desk, "Steps", 3, stages=["approval_step"])
    retired = document(applies_to={"stages": ["approval_step"]}, retired=True)
    later = desk.later(minutes=1)
    factories.EscalationPathFactory(client=desk.client, name="Steps", version=2, document=retired, published_at=later)
    assert climbs(desk) == {"verbal_to_written": 24, "approval_step": 24}


def test_many_clocks_find_their_paths_in_as_many_queries_as_one(desk, django_assert_num_queries):
    publish(desk, "Risk", 5, business_units=["Risk"])
    for many in (1, 3):
        made = factories.OfferFactory.create_batch(
            many, client=desk.client, verbal_approved_at=desk.now, requisition__business_unit="Risk"
        )
        offers = list(Offer.objects.filter(pk__in=[offer.pk for offer in made]))
        with django_assert_num_queries(3):  # the programme, the requisitions, the clocks
            started = clocks.start_verbal_clocks(offers)
        assert [clock.thresholds for clock in started] == [[5]] * many


@pytest.mark.parametrize(
    ("applies_to", "says"),
    [
        (["Risk"], "say which engagements"),
        ({"units": ["Risk"]}, "not “units”"),
        ({"business_units": []}, "list at least one"),
        ({"stages": ["candidate_response"]}, "on no ladder"),
        ({"business_units": ["x" * 81]}, "is no name"),
        ({"business_units": ["Risk\nand audit"]}, "is no name"),
    ],
)
def test_what_a_path_applies_to_is_refused_by_name(applies_to, says):
    [problem] = EscalationPath.problems(document(applies_to=applies_to))
    assert says in problem


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"thresholds": {"standard": [40_000], "critical": [8]}}, "whole hours from 1 to 8760"),
        ({"levels": [{"owners": [{"address": "x@" + "y" * 300 + ".example"}]}] * 3}, "not an e-mail address"),
        ({"levels": [{"owners": [{"address": "a@b.example\nBcc: c@d.example"}]}] * 3}, "not an e-mail address"),
        ({"levels": [{"owners": [{"person": 2**70}]}] * 3}, "the number of a member"),
        ({"levels": [{"owners": [{"role": ["finance_leader"]}]}] * 3}, "no role"),
        ({"acknowledgement": {"standard": 4, "critical": 1, "times": 3}}, "acknowledgement, times: 2 at most"),
        ({"acknowledgement": {"standard": 10**9, "critical": 1, "times": 2}}, "acknowledgement: give hours"),
    ],
)
def test_no_document_can_stop_the_sweep_of_everybodys_clocks(changes, says):
    problems = EscalationPath.problems(document(**changes))
    assert problems
    assert says in problems[0]


@pytest.fixture
def told(scoped, now):
    def of(offer):
        sweep(now=now)
        return set(OutboxMessage.objects.filter(carried__escalation__offer=offer).values_list("user", flat=True))

    return of


def test_who_stands_in_hears_in_the_owners_stead(scoped, now, member, told):
    holder, coordinator, stand_in = member(Role.RECRUITER), member(Role.COORDINATOR), member(Role.RECRUITER)
    factories.DelegationFactory(client=scoped, from_user=holder, to_user=stand_in)
    assert told(waiting(scoped, hours=25, now=now, holder=holder)) == {stand_in.pk, coordinator.pk}


def test_a_stand_in_who_has_left_stands_in_for_nobody(scoped, now, member, told):
    holder, gone = member(Role.RECRUITER), member(Role.RECRUITER, is_active=False)
    factories.DelegationFactory(client=scoped, from_user=holder, to_user=gone)
    assert told(waiting(scoped, hours=25, now=now, holder=holder)) == {holder.pk}


def reminders():
    return list(OutboxMessage.objects.filter(kind="answer_due").values_list("user", "offer"))


def test_the_recruiter_alone_is_reminded_of_the_candidates_answer_once(desk):
    offer = desk.bring(Status.EXTENDED)
    lapses = offer.letter.expires_at
    sweep(now=lapses - timedelta(days=2, minutes=1))
    assert reminders() == []
    for _ in range(2):
        sweep(now=lapses - timedelta(days=2))
    assert reminders() == [(desk.people[Role.RECRUITER].pk, offer.pk)]


def test_where_the_recruiter_has_left_the_coordinator_is_reminded(desk):
    offer = desk.bring(Status.EXTENDED)
    desk.people[Role.RECRUITER].memberships.update(is_active=False)
    Offer.objects.update(coordinator=desk.people[Role.COORDINATOR])
    sweep(now=offer.letter.expires_at)
    assert reminders() == [(desk.people[Role.COORDINATOR].pk, offer.pk)]


def test_where_the_offers_people_have_left_coordinators_and_administrators_are_reminded(desk):
    offer = desk.bring(Status.EXTENDED)
    desk.people[Role.RECRUITER].memberships.update(is_active=False)
    sweep(now=offer.letter.expires_at)
    left = {desk.people[role].pk for role in (Role.COORDINATOR, Role.ADMINISTRATOR)}
    assert {user for user, _ in reminders()} == left


def test_more_time_brings_another_reminder(desk):
    offer = desk.bring(Status.EXTENDED)
    sweep(now=offer.letter.expires_at)
    desk.now = offer.letter.expires_at - timedelta(hours=1)
    offer = desk.do("prolong", offer)
    sweep(now=offer.letter.expires_at - timedelta(days=2))
    assert reminders() == [(desk.people[Role.RECRUITER].pk, offer.pk)] * 2


def test_a_short_time_to_answer_is_reminded_of_halfway(desk):
    offer = desk.draft(expires_on=desk.now.date())
    offer = desk.do("extend", desk.do("submit", offer))
    clock = Clock.objects.get(offer=offer, kind="candidate_response")
    assert clock.remind_at == desk.now + (offer.letter.expires_at - desk.now) / 2


def test_finance_never_hears_of_a_candidate_who_has_not_answered(desk):
    offer = desk.bring(Status.EXTENDED)
    before = set(OutboxMessage.objects.values_list("pk", flat=True))
    for hours in (24, 48, 72, 500):
        sweep(now=offer.letter.extended_at + timedelta(hours=hours))
    new = OutboxMessage.objects.exclude(pk__in=before)
    assert set(new.values_list("user", "kind")) == {(desk.people[Role.RECRUITER].pk, "answer_due")}


def test_a_reminder_is_dropped_where_the_answer_has_come(desk):
    offer = desk.bring(Status.EXTENDED)
    sweep(now=offer.letter.expires_at - timedelta(days=2))
    desk.do("accept", offer)
    deliver(now=offer.letter.expires_at - timedelta(days=1))
    assert OutboxMessage.objects.get(kind="answer_due").status == "dropped"


def test_a_reminder_says_until_when(desk, mailoutbox):
    offer = desk.bring(Status.EXTENDED)
    OutboxMessage.objects.all().delete()
    now = offer.letter.expires_at - timedelta(days=2)
    sweep(now=now)
    deliver(now=now)
    [mail] = mailoutbox
    assert mail.to == [desk.people[Role.RECRUITER].email]
    assert offer.external_id in mail.subject
    assert "lapses on" in mail.body
