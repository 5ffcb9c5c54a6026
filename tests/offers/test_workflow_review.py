"""Submitting freezes terms and standing; the database keeps them; and it costs the same whatever lies around."""

from decimal import Decimal as D

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.access import Role
from governance.models import SalaryBand
from offers import workflow
from offers.errors import NotInThisState, NotReady, NotYours
from offers.lifecycle import Status
from offers.models import Offer, OfferVersion
from tests import factories

RECRUITER = Role.RECRUITER


def test_submit_freezes_what_the_version_is_judged_by(desk):
    version = desk.do("submit", desk.draft("94000", sign_on=D(1_000))).version
    assert (version.submitted_at, version.submitted_by) == (desk.now, desk.people[RECRUITER])
    assert (version.annual, version.first_year_total) == (D(94_000), D(95_000))
    assert (version.reference_amount, version.reference_as_of, version.reference_percentile) == (
        D(100_000), desk.benchmark.as_of, 50,
    )  # fmt: skip
    assert (version.gap, version.market_ratio, version.compa_ratio) == (D("-0.06"), D("0.94"), D("0.94"))
    assert (version.band_position, version.band.minimum, version.ageing_percent) == ("inside", D(80_000), D(0))
    assert (version.second_review, version.policy_id, version.unknown_reason) == (True, desk.policy.pk, "")
    assert [fired["rule"] for fired in version.standing["fired"]] == ["below-reference"]


@pytest.mark.parametrize("change", [{"base": D(1)}, {"gap": D(0)}, {"standing": {}}, {"submitted_at": None}])
def test_the_database_refuses_to_change_a_submitted_version(desk, change):
    version = desk.bring(Status.APPROVED).version
    with pytest.raises(DatabaseError), transaction.atomic():
        OfferVersion.objects.filter(pk=version.pk).update(**change)


def test_the_database_refuses_to_delete_a_submitted_version(desk):
    version = desk.bring(Status.IN_REVIEW).version
    with pytest.raises(DatabaseError), transaction.atomic():
        OfferVersion.objects.filter(pk=version.pk)._raw_delete("default")


def test_nothing_judged_is_recomputed_when_the_references_change(desk):
    offer = desk.do("submit", desk.draft("94000"))
    before = OfferVersion.objects.filter(pk=offer.version_id).values().get()
    SalaryBand.objects.filter(pk=offer.version.band_id).update(minimum=D(1))
    factories.BenchmarkFactory(
        source=desk.match.source, role_code=desk.match.source_role_code, as_of=desk.now.date(), p50=D(150_000),
        p75=None, p90=None,
    )  # fmt: skip
    desk.publish({"id": "none", "title": "None", "when": [{"test": "always"}], "ask": []})
    desk.do("approve", offer, by=Role.ACCOUNT_DIRECTOR)
    assert OfferVersion.objects.filter(pk=offer.version_id).values().get() == before


def test_a_recalled_offer_goes_back_to_draft_with_a_copy_of_its_terms(desk):
    offer = desk.do("recall", desk.do("submit", desk.draft("94000", sign_on=D(7))), reason="Typo.")
    assert (offer.status, offer.version.number, offer.version.sign_on) == (Status.DRAFT, 2, D(7))
    assert desk.chain(offer)[1:] == ["2 account_director: void", "3 hr_partner: void"]
    assert desk.clocks(offer) == ["verbal_to_written"]
    assert offer.holder == desk.people[RECRUITER]


def test_a_letter_stays_acceptable_while_the_next_version_is_reviewed_and_recalled(desk):
    offer = desk.edit(desk.do("revise", desk.bring(Status.EXTENDED)), base=D(94_000))
    offer = desk.do("recall", desk.do("submit", offer))
    assert offer.status == Status.DRAFT
    with pytest.raises(NotInThisState, match="rescinded, not cancelled"):
        desk.do("cancel", offer)
    assert desk.do("accept", offer).status == Status.ACCEPTED


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE_LEADER, Role.HIRING_MANAGER])
def test_who_does_not_prepare_offers_does_not_submit_one(desk, role):
    with pytest.raises(NotYours, match="Your role may not submit this offer") as refusal:
        desk.do("submit", desk.draft(), by=role)
    assert refusal.value.next_step == "Ask one of: coordinator, recruiter, account director, hr business partner."


def test_an_offer_without_terms_is_not_submitted(desk):
    offer = factories.OfferFactory(client=desk.client)
    with pytest.raises(NotReady, match="no terms yet"):
        desk.do("submit", offer)


# --- the cost of a submit, BEGIN and COMMIT included


def cost(desk, offer):
    actor = type(desk.people[RECRUITER]).objects.get(email=desk.people[RECRUITER].email)
    with CaptureQueriesContext(connection) as seen:
        workflow.submit(offer.pk, actor=actor, now=desk.now)
    return len(seen)


@pytest.fixture
def senior(desk):
    """Terms that ask most: account director, HR partner and a parallel pair, in a currency that has to be converted."""
    factories.ExchangeRateFactory(client=desk.client)
    return {"currency": "EUR", "base": 90_000, "guaranteed_bonus": 400_000, "sign_on": 20_000, "equity_value": 5}


@pytest.mark.django_db(transaction=True)
def test_a_submit_takes_fourteen_queries(desk, senior):
    assert cost(desk, desk.draft("94000")) == 14
    assert cost(desk, desk.draft("94000", verbal=False)) == 14
    assert cost(desk, desk.draft(**senior)) == 14
    desk.publish(
        {"id": "two", "title": "Two", "when": [{"test": "always"}], "mode": "parallel",
         "ask": [{"role": "finance_leader"}, {"role": "talent_leader"}]}
    )  # fmt: skip
    assert cost(desk, desk.draft()) == 15  # a mail for each that is asked together


@pytest.mark.django_db(transaction=True)
def test_a_submit_that_asks_nobody_takes_fewer(desk):
    assert cost(desk, desk.draft()) == 13


@pytest.mark.django_db(transaction=True)
def test_the_cost_of_a_submit_does_not_grow_with_history(desk):
    offer = desk.draft("94000")
    for _ in range(3):
        offer = desk.do("recall", desk.do("submit", offer))
        desk.later(hours=1)
        workflow.record_verbal_approval(offer.pk, actor=desk.people[RECRUITER], now=desk.now)
        desk.bring(Status.EXTENDED)
    assert Offer.objects.count() == 4
    assert cost(desk, offer) == 14
