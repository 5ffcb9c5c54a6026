"""Hours between verbal approval and letter belong to whom the statement of work of the offer's drafting names."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.attribution import parties
from analytics.facts import refresh
from analytics.facts_sql import PARTIES
from analytics.models import OfferFact
from governance.models import Client, Engagement
from offers.models import Offer
from tests.factories import (
    NOW,
    ApprovalChainFactory,
    ApprovalFactory,
    ClockFactory,
    CounterOfferFactory,
    EngagementFactory,
    OfferFactory,
    OfferVersionFactory,
    RequisitionFactory,
    StatementOfWorkFactory,
    starting_template,
)  # fmt: skip

pytestmark = pytest.mark.django_db
VERBAL = NOW - timedelta(hours=100)
Span = tuple[int, int]


def at(hour: int) -> datetime:
    return VERBAL + timedelta(hours=hour)


def document(**named: str) -> dict[str, Any]:
    found: dict[str, Any] = starting_template()["statement_of_work"]
    return {**found, "activities": {activity: {"party": party} for activity, party in named.items()}}


def written(client: Client, *, after: int = 60, engagement: Engagement | None = None, **fields: Any) -> Offer:
    requisition = RequisitionFactory(client=client, engagement=engagement)
    offer: Offer = OfferFactory(
        client=client, requisition=requisition, status="accepted", verbal_approved_at=VERBAL, verbal_basis="recorded",
        written_at=at(after), decided_at=at(after + 10), **{"created_at": VERBAL, **fields},
    )  # fmt: skip
    return offer


def chain(offer: Offer, began: int) -> Any:
    version = OfferVersionFactory(offer=offer, submitted_at=at(began), number=offer.chains.count() + 1)
    return ApprovalChainFactory(version=version, started_at=at(began), status="approved")


def step(of: Any, role: str, asked: int, decided: int) -> None:
    ApprovalFactory(chain=of, role=role, status="approved", asked_at=at(asked), decided_at=at(decided))


def hours(client: Client) -> dict[str, float]:
    refresh(client.pk, now=timezone.now())
    fact = OfferFact.objects.get(client=client)
    return {party: spent for party in PARTIES if (spent := round(getattr(fact, f"hours_{party}"), 6))}


def test_without_a_statement_of_work_a_step_is_its_roles_and_the_rest_the_providers(scoped: Client) -> None:
    of = chain(written(scoped), 10)
    step(of, "hr_partner", 10, 14)
    step(of, "finance_leader", 14, 44)
    assert hours(scoped) == {"provider": 26, "client_hr": 4, "finance": 30}


def test_drafting_presenting_and_steps_are_whose_the_statement_of_work_says(scoped: Client) -> None:
    engagement = EngagementFactory(client=scoped)
    named = {"first_draft": "client_hr", "presenting": "hiring_manager", "approval_finance_leader": "client_hr"}
    StatementOfWorkFactory(engagement=engagement, document=document(**named))
    step(chain(written(scoped, engagement=engagement), 10), "finance_leader", 10, 40)
    assert hours(scoped) == {"client_hr": 10 + 30, "hiring_manager": 20}


def test_an_offer_keeps_the_statement_of_work_of_its_drafting(scoped: Client) -> None:
    engagement = EngagementFactory(client=scoped)
    StatementOfWorkFactory(engagement=engagement, document=document(presenting="client_hr"))
    StatementOfWorkFactory(
        engagement=engagement,
        version=2,
        document=document(presenting="finance"),
        published_at=VERBAL + timedelta(days=1),
    )
    written(scoped, engagement=engagement)
    assert hours(scoped) == {"client_hr": 60}


def test_another_statement_of_work_corrects_the_facts_it_governs(scoped: Client) -> None:
    engagement = EngagementFactory(client=scoped)
    written(scoped, engagement=engagement)
    assert hours(scoped) == {"provider": 60}
    StatementOfWorkFactory(engagement=engagement, document=document(presenting="client_hr"))
    assert hours(scoped) == {"client_hr": 60}


def test_changes_after_a_rejection_are_drafting_again(scoped: Client) -> None:
    engagement = EngagementFactory(client=scoped)
    StatementOfWorkFactory(engagement=engagement, document=document(first_draft="client_hr"))
    offer = written(scoped, engagement=engagement)
    step(chain(offer, 10), "finance_leader", 10, 20)
    step(chain(offer, 35), "finance_leader", 35, 40)
    assert hours(scoped) == {"client_hr": 10 + 15, "finance": 10 + 5, "provider": 20}


def test_an_ask_waits_for_whoever_answers_it(scoped: Client) -> None:
    engagement = EngagementFactory(client=scoped)
    StatementOfWorkFactory(engagement=engagement, document=document(counter_offers="client_hr"))
    offer = written(scoped, engagement=engagement)
    CounterOfferFactory(offer=offer, countered_at=at(20), answered_at=at(29), outcome="settled")
    assert hours(scoped) == {"provider": 51, "client_hr": 9}


def test_time_that_the_candidate_asked_for_is_the_candidates(scoped: Client) -> None:
    clock = ClockFactory(offer=written(scoped), started_at=VERBAL)
    clock.paused_at, clock.pause_reason, clock.next_due_at = at(40), "candidate_asked", None
    clock.save()
    assert hours(scoped) == {"provider": 40, "candidate": 20}


spans = st.tuples(st.integers(0, 80), st.integers(0, 80)).map(lambda pair: (min(pair), max(pair)))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(st.tuples(st.sampled_from(["hr_partner", "finance_leader", "account_director"]), spans), max_size=4),
    asks=st.lists(spans, max_size=2), began=st.integers(0, 70), client_drafts=st.booleans(),
)  # fmt: skip
def test_hours_agree_with_counting_them_one_by_one(
    scoped: Client, steps: list[tuple[str, Span]], asks: list[Span], began: int, client_drafts: bool
) -> None:
    with transaction.atomic():
        engagement = EngagementFactory(client=scoped)
        named = document(first_draft="client_hr" if client_drafts else "provider", counter_offers="hiring_manager")
        StatementOfWorkFactory(engagement=engagement, document=named)
        offer = written(scoped, engagement=engagement)
        of = chain(offer, began)
        for role, (asked, decided) in steps:
            step(of, role, asked, decided)
        for countered, answered in asks:
            CounterOfferFactory(offer=offer, countered_at=at(countered), answered_at=at(answered), outcome="settled")
        assert hours(scoped) == one_by_one(steps, asks, began, parties(named))
        transaction.set_rollback(True)


def one_by_one(steps: list[tuple[str, Span]], asks: list[Span], began: int, whose: dict[str, str]) -> dict[str, float]:
    """Every hour belongs to all that are asked in it; where nobody is, to who drafts, then to who presents."""
    found = dict.fromkeys(PARTIES, 0)
    for hour in range(60):
        held = {whose[f"by_{role}"] for role, (asked, decided) in steps if asked <= hour < decided}
        held |= {whose["countered"] for first, last in asks if first <= hour < last}
        for party in held or {whose["drafting" if began <= 60 and hour < began else "presenting"]}:
            found[party] += 1
    return {party: spent for party, spent in found.items() if spent}
