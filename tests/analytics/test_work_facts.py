"""Facts of steps and counter-offers follow what they are made of, and each is counted once."""

from datetime import timedelta

import pytest

from analytics.facts import refresh
from analytics.models import CounterFact, StepFact
from analytics.reports import framed
from analytics.reports.behind import offers_behind
from governance.models import Client
from offers.models import Approval
from tests.factories import NOW, ApprovalFactory, CounterOfferFactory, DecisionFactory, OfferFactory, RequisitionFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def decided_step(client: Client, **fields: object) -> Approval:
    fields = {"status": "approved", "asked_at": NOW, "decided_at": NOW + 3 * HOUR} | fields
    return ApprovalFactory(chain__offer__client=client, chain__version__offer__client=client, **fields)


def test_a_step_that_two_people_decided_is_one_step_and_two_decisions(scoped: Client) -> None:
    step = decided_step(scoped, n=2)
    DecisionFactory(approval=step, decided_at=NOW + HOUR)
    DecisionFactory(approval=step, decided_at=NOW + 3 * HOUR)
    refresh(scoped.pk, now=NOW)
    facts = StepFact.objects.filter(client=scoped)
    assert [fact.hours for fact in facts.exclude(decided_on=None)] == [3]
    assert sorted(fact.said_hours for fact in facts.exclude(user_id=None)) == [1, 3]


def test_what_one_of_two_decided_is_known_before_the_step_is_decided(scoped: Client) -> None:
    step = decided_step(scoped, n=2, status="asked", decided_at=None)
    refresh(scoped.pk, now=NOW)
    assert not StepFact.objects.exists()
    said = DecisionFactory(approval=step, verdict="rejected", decided_at=NOW + HOUR)
    refresh(scoped.pk, now=NOW)
    fact = StepFact.objects.get(client=scoped)
    assert (fact.user_id, fact.said_rejected, fact.decided_on, fact.rejected) == (said.user_id, True, None, False)


def test_a_decision_before_its_asking_has_a_day_and_no_hours(scoped: Client) -> None:
    decided_step(scoped, decided_at=NOW - HOUR)
    refresh(scoped.pk, now=NOW)
    fact = StepFact.objects.get(client=scoped)
    assert (fact.decided_on, fact.hours) == (NOW.date(), None)


def test_who_is_asked_the_same_again_is_told_from_who_is_asked_another_thing(scoped: Client) -> None:
    first = decided_step(scoped)
    for n, title in enumerate(("", "Works council")):
        decided_step(scoped, chain=first.chain, title=title, asked_at=NOW + (n + 1) * HOUR)
    refresh(scoped.pk, now=NOW)
    assert [fact.again for fact in StepFact.objects.order_by("hours")] == [False, True, False]


def test_a_corrected_requisition_corrects_its_steps_and_counter_offers(scoped: Client) -> None:
    requisition = RequisitionFactory(client=scoped, business_unit="Nort")
    offer = OfferFactory(client=scoped, requisition=requisition)
    decided_step(scoped, chain__offer=offer, chain__version__offer=offer)
    CounterOfferFactory(offer=offer, outcome="closed", answered_at=NOW + HOUR)
    refresh(scoped.pk, now=NOW)
    requisition.business_unit = "North"
    requisition.save()
    refresh(scoped.pk, now=NOW)
    assert [fact.business_unit for facts in (StepFact, CounterFact) for fact in facts.objects.all()] == ["North"] * 2


def test_a_counter_offer_that_was_let_stand_is_resolved_with_its_offer(scoped: Client) -> None:
    offer = OfferFactory(client=scoped, status="extended")
    CounterOfferFactory(offer=offer, outcome="stood", answered_at=NOW + HOUR)
    refresh(scoped.pk, now=NOW)
    assert not CounterFact.objects.exists()
    offer.status, offer.decided_at = "declined", NOW + 2 * HOUR
    offer.save()
    refresh(scoped.pk, now=NOW)
    fact = CounterFact.objects.get(client=scoped)
    assert (fact.closed, fact.dropped, fact.hours) == (False, True, 1)


def test_behind_a_persons_figure_are_the_offers_of_their_decisions(scoped: Client) -> None:
    steps = [decided_step(scoped) for _ in range(2)]
    said = [DecisionFactory(approval=step) for step in steps]
    refresh(scoped.pk, now=NOW)
    frame = framed("approvals", client=scoped, since=None, until=None, by="person", now=NOW)
    assert offers_behind(frame, "approvals", key=said[1].user.email) == [steps[1].offer_id]
