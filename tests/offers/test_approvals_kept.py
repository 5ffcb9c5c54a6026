"""Delta-aware re-approval, end to end: what an earlier version was granted holds while it is no worse."""

import copy
from decimal import Decimal as D

import pytest

from governance.access import Role
from offers import workflow
from offers.lifecycle import Status
from offers.models import ApprovalChain
from offers.standing import assess
from tests import factories

DIRECTOR, PARTNER = Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER


@pytest.fixture
def lenient(desk):
    """The desk with the template's rules, and approvals that are kept where nothing got worse."""
    document = {**copy.deepcopy(desk.policy.document), "delta_aware": True}
    desk.policy = factories.ApprovalPolicyFactory(
        client=desk.client, name="Kept", document=document, published_at=desk.later(minutes=1)
    )
    return desk


def approved(desk, base="94000", **terms):
    offer = desk.do("submit", desk.draft(base, **terms))
    return desk.do("approve", desk.do("approve", offer, by=DIRECTOR), by=PARTNER)


def again(desk, offer, **terms):
    """The offer with these terms in a next version, submitted."""
    return desk.do("submit", desk.edit(desk.do("revise", offer), **terms))


def test_a_gap_that_did_not_widen_keeps_every_yes_and_says_so(lenient):
    offer = again(lenient, approved(lenient), base=D(94_000), sign_on=D(100))
    assert offer.status == Status.IN_REVIEW  # the manager has to hear of a better offer
    assert lenient.chain(offer) == ["1 hiring_manager: asked", "2 account_director: kept", "3 hr_partner: kept"]
    kept = offer.version.chains.get().approvals.get(role=DIRECTOR)
    assert kept.kept_why == "Kept from version 1: still “6 % below reference”"
    assert kept.kept_from.chain.version.number == 1
    assert lenient.do("approve", offer, by=Role.HIRING_MANAGER).status == Status.APPROVED


def test_where_all_is_kept_the_version_is_approved_at_once(lenient):
    offer = again(lenient, approved(lenient), leave_days=D(20))
    assert offer.status == Status.APPROVED
    assert offer.version.chains.get().because == "Nobody is asked again: no tested value got worse"


def test_a_wider_gap_asks_again(lenient):
    offer = again(lenient, approved(lenient), base=D("93999.99"))
    assert lenient.chain(offer)[1:] == ["2 account_director: asked", "3 hr_partner: waiting"]


def test_only_what_got_worse_is_asked_again(lenient):
    offer = again(lenient, approved(lenient), base=D(94_500), equity_value=D(5))
    steps = {each.role: each.status for each in offer.version.chains.get().approvals.all()}
    assert (steps["account_director"], steps["hr_partner"]) == ("kept", "waiting")  # equity is the partner's


def test_small_steps_are_measured_against_what_people_saw(lenient):
    offer = approved(lenient)
    for base in ("94500", "94200"):
        offer = again(lenient, offer, base=D(base))
        offer = lenient.do("approve", offer, by=Role.HIRING_MANAGER) if offer.status == Status.IN_REVIEW else offer
    assert lenient.chain(offer)[1:] == ["2 account_director: kept", "3 hr_partner: kept"]
    assert lenient.chain(again(lenient, offer, base=D(93_999)))[1] == "2 account_director: asked"


def test_a_yes_before_a_rejection_by_another_is_kept(lenient):
    offer = lenient.do("approve", lenient.do("submit", lenient.draft("94000")), by=DIRECTOR)
    offer = lenient.do("submit", lenient.do("reject", offer, by=PARTNER))
    assert lenient.chain(offer)[1:] == ["2 account_director: kept", "3 hr_partner: asked"]


def test_a_no_of_the_same_person_since_then_counts_more_than_the_yes_before(lenient):
    offer = again(lenient, approved(lenient), base=D(93_000))
    offer = lenient.do("submit", lenient.edit(lenient.do("reject", offer, by=DIRECTOR), base=D(94_000)))
    assert lenient.chain(offer)[1:] == ["2 account_director: asked", "3 hr_partner: kept"]


def test_the_yes_of_somebody_who_has_edited_since_is_not_kept(lenient):
    offer = lenient.do("revise", approved(lenient))
    workflow.save_terms(offer.version_id, {"leave_days": D(21)}, actor=lenient.people[DIRECTOR], now=lenient.now)
    lenient.person(DIRECTOR)
    assert lenient.chain(lenient.do("submit", offer))[1:] == ["2 account_director: asked", "3 hr_partner: kept"]


def test_a_skipped_step_is_no_yes(lenient):
    offer = lenient.do("skip", lenient.do("submit", lenient.draft("94000")))
    offer = again(lenient, lenient.do("approve", offer, by=PARTNER))
    assert lenient.chain(offer)[1:] == ["2 account_director: asked", "3 hr_partner: kept"]


def test_under_another_version_of_the_policy_everything_is_asked_anew(lenient):
    offer = approved(lenient)
    document = lenient.policy.document
    factories.ApprovalPolicyFactory(
        client=lenient.client, name="Kept", version=2, document=document, published_at=lenient.later(hours=1)
    )
    assert lenient.chain(again(lenient, offer))[1:] == ["2 account_director: asked", "3 hr_partner: waiting"]


def test_a_policy_that_does_not_say_so_keeps_nothing(desk):
    assert desk.chain(again(desk, approved(desk)))[1:] == ["2 account_director: asked", "3 hr_partner: waiting"]


def test_what_will_be_kept_is_known_before_submitting(lenient):
    offer = lenient.do("revise", approved(lenient))
    found = assess(offer.version, now=lenient.now)
    assert [bool(step.kept) for step in found.evaluation.steps] == [False, True, True]
    assert ApprovalChain.objects.count() == 1
