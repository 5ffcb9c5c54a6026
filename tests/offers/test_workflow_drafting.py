"""Preparing an offer: room on the requisition, terms and their editors, and the two verbal yeses."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from governance.access import Role
from governance.models import Note, User
from governance.tenancy import scope
from offers import workflow
from offers.errors import BadInput, NotInThisState, NotReady, NotYours
from offers.lifecycle import Status
from offers.models import Clock, VerbalApproval
from offers.workflow.mover import PREPARERS
from tests import factories

RECRUITER, MANAGER = Role.RECRUITER, Role.HIRING_MANAGER


# --- drafting


def test_a_draft_takes_people_and_priority_from_its_requisition(desk):
    offer = desk.draft(requisition=desk.open_requisition(priority="critical"), verbal=False)
    assert (offer.recruiter, offer.hiring_manager) == (desk.people[RECRUITER], desk.people[MANAGER])
    assert (offer.priority, offer.holder, offer.version.number) == ("critical", desk.people[RECRUITER], 1)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE_LEADER, Role.HIRING_MANAGER, Role.ADMINISTRATOR])
def test_only_those_who_prepare_offers_draft_one(desk, role):
    with pytest.raises(NotYours, match="may not draft"):
        desk.draft(actor=role)


def test_a_requisition_takes_no_more_live_offers_than_openings(desk):
    requisition = desk.open_requisition(openings=2)
    first = desk.draft(requisition=requisition)
    desk.draft(requisition=requisition)
    with pytest.raises(NotReady, match="no opening left: 2 in all"):
        desk.draft(requisition=requisition)
    desk.do("cancel", first)
    assert desk.draft(requisition=requisition).pk


@pytest.mark.parametrize("room", ["evergreen", "over_offering"])
def test_openings_are_not_counted_where_the_requisition_says_so(desk, room):
    requisition = desk.open_requisition(openings=1, **{room: True})
    assert desk.draft(requisition=requisition).pk != desk.draft(requisition=requisition).pk


@pytest.mark.parametrize("status", ["on_hold", "cancelled"])
def test_a_closed_requisition_takes_no_draft_and_no_submission(desk, status):
    offer = desk.draft()
    type(desk.requisition).objects.filter(pk=desk.requisition.pk).update(status=status)
    with pytest.raises(NotReady, match=f"is {status.replace('_', ' ')}"):
        desk.do("submit", offer)
    with pytest.raises(NotReady):
        desk.draft()


def test_a_candidate_has_one_live_offer_for_a_requisition(desk):
    offer = desk.draft()
    again = {"requisition": desk.requisition, "candidate": offer.candidate, "terms": {"base": D(1)}}
    with pytest.raises(BadInput, match="live offer for this requisition already"):
        workflow.draft_offer(**again, external_id="again", actor=desk.people[RECRUITER], now=desk.now)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"base": D(0)}, "base"),
        ({"base": "much"}, "base"),
        ({"base": D("90000000000"), "pay_period": "month", "payments_a_year": 12}, "base"),
        ({"currency": "dollars"}, "currency"),
        ({"salary": D(1)}, "salary"),
    ],
)
def test_terms_that_cannot_be_taken_name_their_field(desk, terms, field):
    offer = desk.draft()
    with pytest.raises(BadInput) as refusal:
        desk.edit(offer, **terms)
    assert refusal.value.field == field


# --- terms


def test_changed_terms_are_kept_with_their_editor(desk):
    offer = desk.edit(desk.draft(), by=Role.COORDINATOR, base=D(101_000))
    assert offer.version.base == D(101_000)
    assert {each.user for each in offer.version.editors.all()} == {
        desk.people[RECRUITER],
        desk.people[Role.COORDINATOR],
    }


def test_submitted_terms_are_changed_by_nobody(desk):
    offer = desk.bring(Status.APPROVED)
    with pytest.raises(NotReady, match="frozen"):
        desk.edit(offer, base=D(1))


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.CANCELLED])
def test_the_draft_of_an_ended_offer_stays_as_it_is(desk, status):
    with pytest.raises(NotReady, match="terms stay as they are"):
        desk.edit(desk.bring(status), base=D(1))


def test_a_term_that_no_offer_has_is_refused_instead_of_lost(desk):
    with pytest.raises(BadInput, match="no term “bonus”"):
        desk.edit(desk.draft(), bonus=D(1))


@pytest.mark.parametrize("field", ["start_on", "expires_on"])
def test_a_day_that_is_a_slip_of_the_year_is_refused_at_its_field(desk, field):
    with pytest.raises(BadInput, match="more than 5 years ahead") as refusal:
        desk.edit(desk.draft(start_on=None, expires_on=None), **{field: date(2226, 12, 1)})
    assert refusal.value.field == field


def test_revising_an_approved_offer_makes_it_a_draft_of_the_next_version(desk):
    offer = desk.do("revise", desk.bring(Status.APPROVED))
    assert (offer.status, offer.version.number, offer.version.base) == (Status.DRAFT, 2, D(100_000))


def test_revising_an_extended_offer_leaves_its_letter_out(desk):
    offer = desk.do("revise", desk.bring(Status.EXTENDED))
    assert (offer.status, offer.version.number, offer.letter_is_out(desk.now)) == (Status.EXTENDED, 2, True)
    with pytest.raises(NotInThisState, match="being prepared already"):
        desk.do("revise", offer)


# --- the verbal approval


def approve_verbally(desk, offer, **said):
    return workflow.record_verbal_approval(offer.pk, actor=desk.people[RECRUITER], now=desk.now, **said)


def test_the_first_verbal_approval_starts_the_clock_at_its_own_instant(desk):
    offer, at = desk.draft(verbal=False), desk.now - timedelta(hours=5)
    approve_verbally(desk, offer, at=at)
    clock = Clock.objects.get(offer=offer)
    assert (clock.kind, clock.started_at, clock.target_hours) == ("verbal_to_written", at, 48)
    assert clock.due_instants == [at + timedelta(hours=hours) for hours in (24, 48, 72)]
    assert desk.fresh(offer).verbal_approved_at == at


def test_a_second_verbal_approval_starts_no_other_clock(desk):
    offer = desk.draft()
    desk.later(hours=3)
    approve_verbally(desk, offer)
    assert Clock.objects.filter(offer=offer).count() == 1
    assert desk.fresh(offer).verbal_approved_at == desk.now - timedelta(hours=3)


def test_a_verbal_approval_holds_who_when_how_and_for_how_much(desk):
    approval = VerbalApproval.objects.get(offer=desk.draft(sign_on=D(5_000)))
    assert (approval.approved_by, approval.recorded_by) == (desk.people[MANAGER], desk.people[RECRUITER])
    assert (approval.base, approval.first_year_total, approval.means) == (D(100_000), D(105_000), "call")


def test_the_manager_gets_a_mail_to_confirm_it(desk):
    desk.draft()
    assert desk.mailed("verbal_confirm") == {desk.people[MANAGER]}


@pytest.mark.parametrize("field", ["base", "first_year_total"])
@pytest.mark.parametrize("amount", [D(0), D(-1)])
def test_nobody_approves_pay_of_nothing(desk, field, amount):
    offer = desk.draft(verbal=False)
    with pytest.raises(BadInput, match="more than nothing") as refusal:
        approve_verbally(desk, offer, **{field: amount})
    assert refusal.value.field == field
    assert desk.fresh(offer).verbal_approved_at is None


def test_a_verbal_approval_in_a_year_that_was_mistyped_starts_no_clock(desk):
    offer = desk.draft(verbal=False)
    with pytest.raises(BadInput, match="more than 5 years back") as refusal:
        approve_verbally(desk, offer, at=desk.now.replace(year=2006), reason="Told on the train.")
    assert (refusal.value.field, Clock.objects.filter(offer=offer).count()) == ("approved_at", 0)


def test_a_future_verbal_approval_is_refused(desk):
    with pytest.raises(BadInput, match="future") as refusal:
        approve_verbally(desk, desk.draft(verbal=False), at=desk.now + timedelta(seconds=1))
    assert refusal.value.field == "approved_at"


def test_a_verbal_approval_entered_late_needs_a_reason(desk):
    offer, day = desk.draft(verbal=False), timedelta(hours=24)
    with pytest.raises(BadInput, match="entered late") as refusal:
        approve_verbally(desk, offer, at=desk.now - day - timedelta(seconds=1))
    assert refusal.value.field == "reason"
    assert approve_verbally(desk, offer, at=desk.now - day).reason is None
    late = approve_verbally(desk, offer, at=desk.now - 2 * day, reason="Told on the train.")
    assert late.reason.text == "Told on the train."


def test_only_a_hiring_manager_of_the_client_approves_verbally(desk):
    offer = desk.draft(verbal=False)
    for person in (desk.people[RECRUITER], desk.person(MANAGER, is_active=False)):
        with pytest.raises(BadInput, match="Name the hiring manager"):
            approve_verbally(desk, offer, by=person)


def test_an_offer_without_a_manager_takes_the_one_who_said_yes(desk):
    offer = desk.draft(verbal=False, requisition=desk.open_requisition(hiring_manager=None))
    approve_verbally(desk, offer, by=desk.people[MANAGER])
    assert desk.fresh(offer).hiring_manager == desk.people[MANAGER]


def test_after_the_end_nothing_is_approved_verbally_or_told(desk):
    offer = desk.bring(Status.CANCELLED)
    with pytest.raises(NotReady, match="cancelled"):
        approve_verbally(desk, offer)
    with pytest.raises(NotReady, match="cancelled"):
        desk.tell(offer)


# --- the verbal offer


def test_the_first_verbal_offer_is_when_the_candidate_heard(desk):
    offer = desk.tell(desk.draft(), at=desk.now - timedelta(hours=1), note="Likes the team.")
    desk.tell(offer, answer="asks_more")
    offer = desk.fresh(offer)
    assert (offer.heard, offer.verbal_offer_at) == (True, desk.now - timedelta(hours=1))
    assert offer.verbal_offers.count() == 2
    assert Note.objects.filter(text="Likes the team.").count() == 1


def test_a_verbal_offer_has_one_of_the_answers(desk):
    with pytest.raises(BadInput) as refusal:
        desk.tell(desk.draft(), answer="perhaps")
    assert refusal.value.field == "answer"


# --- other clients


def test_the_offer_of_another_client_is_not_there(desk, client_b):
    offer = desk.draft()
    stranger = factories.MembershipFactory(client=client_b, role=RECRUITER).user
    with scope([client_b.pk]), pytest.raises(NotYours, match="no such offer among yours"):
        workflow.submit(offer.pk, actor=stranger, now=desk.now)


def test_a_candidate_of_another_client_gets_no_offer(desk, client_b):
    stranger = factories.CandidateFactory(client=client_b)
    given = {"requisition": desk.requisition, "candidate": stranger, "external_id": "x", "terms": {"base": D(1)}}
    with pytest.raises(BadInput, match="no such candidate"):
        workflow.draft_offer(**given, actor=desk.people[RECRUITER], now=desk.now)


@pytest.mark.parametrize("role", sorted(PREPARERS))
def test_whoever_prepares_offers_may_add_and_change_them_in_the_portal_too(desk, role):
    user = User.objects.get(pk=desk.people[role].pk)
    assert user.has_perms(["offers.add_offer", "offers.change_offer", "offers.add_candidate"])
    assert desk.draft(actor=role).holder is not None


def test_a_base_said_alone_is_a_yes_to_the_other_terms_as_they_stood(desk):
    offer = desk.draft("100000", verbal=False, sign_on=D(5_000))
    workflow.record_verbal_approval(
        offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now, base=D(101_000)
    )  # fmt: skip
    assert VerbalApproval.objects.get().first_year_total == D(106_000)
    offer = desk.do("submit", desk.edit(offer, sign_on=D("6000.01")))
    assert desk.chain(offer)[0] == "1 hiring_manager: asked"
