"""How an offer ends: accepted, lost with a reason, taken back, or lapsed; and what of that can be undone."""

from datetime import date, timedelta

import pytest

from governance.access import Role
from offers import workflow
from offers.errors import BadInput, NotInThisState, NotReady, NotYours
from offers.lifecycle import Status
from offers.models import Approval, ApprovalChain, Clock, Escalation, Loss, Offer
from offers.sweep import sweep

RECRUITER, DIRECTOR, MANAGER = Role.RECRUITER, Role.ACCOUNT_DIRECTOR, Role.HIRING_MANAGER


# --- accepting


def test_accepting_starts_the_contingencies_and_stops_every_clock(desk):
    offer = desk.do("accept", desk.bring(Status.EXTENDED), at=desk.now)
    assert (offer.decided_at, desk.clocks(offer)) == (desk.now, [])
    assert set(offer.contingencies.values_list("kind", "status")) == {
        ("background", "pending"), ("right_to_work", "pending"), ("references", "pending"),
    }  # fmt: skip


def test_the_last_opening_accepted_fills_the_requisition(desk):
    requisition = desk.open_requisition(openings=2)
    desk.bring(Status.ACCEPTED, requisition=requisition)
    requisition.refresh_from_db()
    assert requisition.status == "open"
    desk.bring(Status.ACCEPTED, requisition=requisition)
    requisition.refresh_from_db()
    assert requisition.status == "filled"


def test_a_yes_in_time_counts_even_where_it_is_entered_after_the_letter_lapsed(desk):
    offer = desk.bring(Status.EXTENDED)
    answered = offer.letter.expires_at - timedelta(hours=1)
    desk.now = offer.letter.expires_at + timedelta(hours=9)
    with pytest.raises(NotInThisState, match="no letter is out"):
        desk.do("accept", offer)
    assert desk.do("accept", offer, at=answered).decided_at == answered


@pytest.mark.parametrize("action", ["accept", "decline"])
def test_an_answer_lies_after_the_letter_and_not_in_the_future(desk, action):
    offer = desk.bring(Status.EXTENDED)
    with pytest.raises((BadInput, NotInThisState)):
        desk.do(action, offer, at=offer.letter.extended_at - timedelta(minutes=1))
    with pytest.raises(BadInput, match="future"):
        desk.do(action, offer, at=desk.now + timedelta(minutes=1))


def test_an_instant_without_its_offset_is_refused(desk):
    with pytest.raises(BadInput, match="offset from UTC"):
        desk.do("accept", desk.bring(Status.EXTENDED), at=desk.now.replace(tzinfo=None))


# --- lost


@pytest.mark.parametrize("action", ["decline", "withdraw"])
def test_a_loss_keeps_its_structured_reason(desk, action):
    said = {"theme": "competing_offer", "reason": "Higher base", "secondary": ["process_delay"]}
    offer = desk.do(action, desk.bring(Status.EXTENDED), **said, competing_kind="direct", verbatim="They were faster.")
    loss = Loss.objects.get(offer=offer)
    assert (loss.stage, loss.theme, loss.reason, loss.secondary) == ("written", *said.values())
    assert (loss.competing_kind, loss.verbatim.text) == ("direct", "They were faster.")
    assert (loss.recorded_at, loss.recorded_by, desk.clocks(offer)) == (desk.now, desk.people[RECRUITER], [])


def test_a_loss_before_the_letter_is_an_outcome_too(desk):
    offer = desk.do("decline", desk.tell(desk.bring(Status.IN_REVIEW)), theme="not_given")
    assert (offer.status, Loss.objects.get(offer=offer).stage) == (Status.DECLINED, "verbal")
    assert (desk.waiting(offer), offer.chains.get().status) == ([], "void")


def test_a_reason_that_cannot_be_taken_names_its_field(desk):
    offer, personal = desk.draft(), {"theme": "personal"}
    for field, given in {
        "theme": {"theme": "weather"},
        "secondary": {**personal, "secondary": ["weather"]},
        "competing_kind": {**personal, "competing_kind": "friend"},
        "reason": {**personal, "reason": "x" * 121},
    }.items():
        with pytest.raises(BadInput) as refusal:
            desk.do("withdraw", offer, **given)
        assert refusal.value.field == field


def test_an_offer_expires_only_after_the_last_day(desk):
    offer = desk.bring(Status.EXTENDED)
    desk.now = offer.letter.expires_at - timedelta(seconds=1)
    with pytest.raises(NotInThisState, match="still has time to answer"):
        workflow.expire(offer.pk, now=desk.now)
    desk.now = offer.letter.expires_at
    workflow.expire(offer.pk, now=desk.later(hours=3))
    offer = desk.fresh(offer)
    assert (offer.status, offer.decided_at) == (Status.EXPIRED, offer.letter.expires_at)


def test_the_reason_of_an_expired_offer_is_recorded_once_the_candidate_was_asked(desk):
    offer = desk.bring(Status.EXPIRED)
    assert Loss.objects.get(offer=offer).theme == ""
    workflow.explain(offer.pk, actor=desk.people[RECRUITER], now=desk.now, theme="process_delay")
    assert Loss.objects.get(offer=offer).theme == "process_delay"
    with pytest.raises(NotInThisState, match="candidate's side"):
        workflow.explain(desk.draft().pk, actor=desk.people[RECRUITER], now=desk.now, theme="personal")


# --- taken back


def test_rescinding_takes_the_letter_back(desk):
    offer = desk.bring(Status.RESCINDED)
    assert (offer.letter_is_out(desk.now), offer.letter.revoked_at) == (False, desk.now)


@pytest.mark.parametrize("action", ["rescind", "cancel"])
def test_the_employer_says_why(desk, action):
    offer = desk.draft() if action == "cancel" else desk.tell(desk.draft())
    with pytest.raises(BadInput, match="Say why"):
        desk.do(action, offer, reason=" ")


def test_a_hiring_manager_takes_back_their_own_offers_only(desk):
    offer = desk.draft()
    with pytest.raises(NotYours):
        desk.do("cancel", offer, by=desk.person(MANAGER))
    assert desk.do("cancel", offer, by=MANAGER).status == Status.CANCELLED


def test_a_rescinded_acceptance_keeps_when_it_was_accepted_and_frees_the_opening(desk):
    offer = desk.bring(Status.ACCEPTED, requisition=desk.open_requisition(openings=1))
    accepted = offer.decided_at
    desk.later(days=3)
    offer = desk.do("rescind", offer)
    assert (offer.decided_at, offer.requisition.status) == (accepted, "open")


# --- after the yes


def test_joining_waits_for_the_contingencies(desk):
    offer = desk.bring(Status.ACCEPTED)
    for pending, status in (("pending", "pending"), ("failed", "failed")):
        desk.clear(offer, status)
        with pytest.raises(NotInThisState, match="contingency is still pending or has failed"):
            desk.do("join", offer)
        assert pending == status
    desk.clear(offer, "waived")
    assert desk.do("join", offer).status == Status.JOINED


def test_the_first_day_is_neither_future_nor_before_the_acceptance(desk):
    offer = desk.bring(Status.ACCEPTED)
    desk.clear(offer)
    with pytest.raises(BadInput, match="future"):
        desk.do("join", offer, on=date(2026, 11, 25))
    with pytest.raises(BadInput, match="before the acceptance"):
        desk.do("join", offer, on=date(2026, 11, 23))
    assert desk.do("join", offer, on=date(2026, 11, 24)).joined_on == date(2026, 11, 24)


def test_the_planned_start_is_the_first_day_unless_another_is_given(desk):
    offer = desk.bring(Status.ACCEPTED, start_on=date(2026, 12, 1))
    desk.clear(offer)
    desk.later(days=20)
    assert desk.do("join", offer).joined_on == date(2026, 12, 1)


def test_contingencies_run_only_while_an_offer_is_accepted(desk):
    offer = desk.bring(Status.JOINED)
    with pytest.raises(NotInThisState, match="while an offer is accepted"):
        desk.clear(offer, "failed")


def test_a_renege_reopens_the_opening(desk):
    requisition = desk.open_requisition(openings=1)
    offer = desk.bring(Status.ACCEPTED, requisition=requisition)
    desk.do("renege", offer, theme="current_employer_counter", verbatim="Stays.")
    requisition.refresh_from_db()
    assert (requisition.status, Loss.objects.get(offer=offer).stage) == ("open", "written")
    assert desk.draft(requisition=requisition).pk


# --- reopening


@pytest.mark.parametrize("status", [Status.DECLINED, Status.CANCELLED, Status.RENEGED])
def test_reopening_starts_a_linked_draft_with_the_same_terms(desk, status):
    old = desk.bring(status, expires_on=date(2026, 12, 1))
    new = workflow.reopen(old.pk, actor=desk.people[RECRUITER], now=desk.now)
    assert (new.status, new.revives_id, new.external_id) == (Status.DRAFT, old.pk, f"{old.external_id}-R1")
    assert (new.version.base, new.version.expires_on, new.verbal_approved_at) == (old.version.base, None, None)
    assert desk.fresh(old).status == status


def test_what_was_reopened_is_not_reopened_again_while_that_offer_lives(desk):
    old = desk.bring(Status.CANCELLED)
    new = workflow.reopen(old.pk, actor=desk.people[RECRUITER], now=desk.now)
    with pytest.raises(NotInThisState, match="reopened already"):
        desk.do("reopen", old)
    desk.do("cancel", new)
    assert workflow.reopen(old.pk, actor=desk.people[RECRUITER], now=desk.now).external_id.endswith("-R2")


# --- undoing a misclick


def everything(offer):
    """Clocks, escalations, chains and approvals of the offer, to the last column."""
    return [
        list(model.objects.filter(offer=offer).order_by("pk").values())
        for model in (Clock, Escalation, ApprovalChain, Approval)
    ]


def test_an_undone_decline_puts_status_clocks_chain_and_escalations_back(desk):
    offer = desk.tell(desk.bring(Status.IN_REVIEW))
    sweep(now=desk.later(hours=25))
    before = everything(offer)
    desk.do("decline", offer, verbatim="No.")
    desk.later(hours=1)
    offer = desk.do("undo", offer)
    assert (offer.status, offer.decided_at) == (Status.IN_REVIEW, None)
    assert everything(offer) == before
    assert not Loss.objects.exists()
    assert desk.do("approve", offer, by=DIRECTOR).status == Status.IN_REVIEW


def test_an_acknowledged_escalation_stays_acknowledged_when_the_end_is_undone(desk):
    offer = desk.bring(Status.APPROVED)
    sweep(now=desk.later(hours=25))
    acknowledged = {"status": "acknowledged", "acknowledged_at": desk.now, "acknowledged_by": desk.people[RECRUITER]}
    Escalation.objects.filter(offer=offer).update(**acknowledged)
    desk.do("undo", desk.do("withdraw", offer))
    assert Escalation.objects.get(offer=offer).status == "acknowledged"


@pytest.mark.parametrize("action", ["accept", "decline", "withdraw", "rescind"])
def test_an_undone_answer_leaves_the_letter_acceptable(desk, action):
    offer = desk.do("undo", desk.do(action, desk.bring(Status.EXTENDED)))
    assert (offer.status, offer.letter_is_out(desk.now), offer.decided_at) == (Status.EXTENDED, True, None)
    assert (offer.contingencies.count(), desk.clocks(offer)) == (0, ["candidate_response"])
    assert desk.do("accept", offer).status == Status.ACCEPTED


def test_an_undone_acceptance_opens_the_requisition_again(desk):
    offer = desk.bring(Status.ACCEPTED, requisition=desk.open_requisition(openings=1))
    assert desk.do("undo", offer).requisition.status == "open"


@pytest.mark.parametrize("action", ["renege", "rescind"])
def test_undoing_the_loss_of_an_acceptance_keeps_the_acceptance(desk, action):
    offer = desk.bring(Status.ACCEPTED)
    accepted = offer.decided_at
    desk.later(hours=2)
    offer = desk.do("undo", desk.do(action, offer))
    assert (offer.status, offer.decided_at, Loss.objects.count()) == (Status.ACCEPTED, accepted, 0)


def test_an_undone_first_day_leaves_the_acceptance(desk):
    offer = desk.do("undo", desk.bring(Status.JOINED))
    assert (offer.status, offer.joined_on, offer.decided_at is None) == (Status.ACCEPTED, None, False)


def test_an_undone_expiry_leaves_no_loss(desk):
    offer = desk.do("undo", desk.bring(Status.EXPIRED))
    assert (offer.status, Loss.objects.count()) == (Status.EXTENDED, 0)


def test_an_undone_answer_opens_the_counter_again(desk):
    offer = desk.do("undo", desk.do("accept", desk.bring(Status.NEGOTIATING)))
    assert (offer.status, offer.counters.get().outcome) == (Status.NEGOTIATING, "open")
    assert desk.clocks(offer) == ["candidate_response", "counter_response"]


def test_only_an_account_director_undoes(desk):
    offer = desk.bring(Status.DECLINED)
    for role in set(Role) - {DIRECTOR}:
        with pytest.raises(NotYours, match="undo the answer"):
            workflow.undo(offer.pk, actor=desk.people[role], now=desk.now)


def test_after_24_hours_nothing_is_undone(desk):
    offer = desk.bring(Status.DECLINED)
    with desk.undone():
        desk.later(hours=24)
        assert desk.do("undo", offer).status == Status.EXTENDED
    desk.later(hours=24, seconds=1)
    with pytest.raises(NotInThisState, match="More than 24 hours"):
        desk.do("undo", offer)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.APPROVED, Status.EXTENDED])
def test_only_an_answer_or_an_ending_is_undone(desk, status):
    with pytest.raises(NotInThisState, match="Only an answer or an ending"):
        desk.do("undo", desk.bring(status))


def test_what_was_undone_is_not_undone_twice(desk):
    offer = desk.do("undo", desk.bring(Status.DECLINED))
    with pytest.raises(NotInThisState):
        desk.do("undo", offer)


def test_an_ending_is_not_undone_once_its_opening_is_taken(desk):
    requisition = desk.open_requisition(openings=1)
    offer = desk.bring(Status.DECLINED, requisition=requisition)
    desk.draft(requisition=requisition)
    with pytest.raises(NotReady, match="no opening left"):
        desk.do("undo", offer)


def test_a_renege_is_not_undone_once_its_opening_is_taken(desk):
    requisition = desk.open_requisition(openings=1)
    offer = desk.bring(Status.RENEGED, requisition=requisition)
    desk.draft(requisition=requisition)
    with pytest.raises(NotReady, match="no opening left"):
        desk.do("undo", offer)


def test_an_ending_is_not_undone_once_the_offer_was_reopened(desk):
    offer = desk.bring(Status.DECLINED)
    desk.do("reopen", offer)
    with pytest.raises(NotInThisState, match="newer live offer"):
        desk.do("undo", offer)
    assert Offer.objects.live().count() == 1
