"""The table of an offer's life: what it says, that the verbs do it, and that the database allows nothing else."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from offers import lifecycle, workflow
from offers.errors import NotInThisState
from offers.lifecycle import ACTIONS, CONSEQUENCE, MEANING, TABLE, Status
from offers.models import Offer
from tests import factories
from tests.offers.desk import Desk

# The table as the project's design states it. In draft, what the candidate may do to a letter or a word that is out
# already, and the employer's way back from it, is as in review.
DESIGNED = {
    "draft": "submit accept decline withdraw rescind cancel",
    "in_review": "approve reject send_back skip recall counter accept decline withdraw rescind cancel",
    "approved": "extend revise counter accept decline withdraw rescind cancel",
    "extended": "revise submit counter prolong accept decline expire withdraw rescind",
    "negotiating": "settle stand prolong accept decline expire withdraw rescind",
    "accepted": "join renege rescind",
    "joined": "",
    "declined": "reopen",
    "expired": "reopen",
    "withdrawn": "reopen",
    "reneged": "reopen",
    "rescinded": "reopen",
    "cancelled": "reopen",
}


@pytest.mark.parametrize("status", Status)
def test_each_status_allows_exactly_the_designed_actions(status):
    assert [move.action for move in lifecycle.moves(status)] == DESIGNED[status].split()


def test_every_status_and_every_action_is_explained():
    assert set(MEANING) == set(Status)
    assert {move.action for move in TABLE} == set(CONSEQUENCE)


def test_the_ended_statuses_are_those_that_can_be_reopened():
    assert {move.status for move in TABLE if move.action == "reopen"} == lifecycle.ENDED


# --- the verbs do what the table says


def prepare(desk: Desk, status: Status, action: str) -> Offer:
    """An offer in the status, with the fact that the table's guard asks for."""
    reviewed = {"base": 94_000}
    if status == Status.DRAFT and action in ("accept", "decline", "rescind"):
        desk.policy = desk.publish(
            {"id": "all", "title": "All", "when": [{"test": "always"}], "ask": [{"role": "hr_partner"}]}
        )
        offer = desk.do("approve", desk.do("submit", desk.draft()), by=desk.people["hr_partner"])
        offer = desk.do("revise", desk.do("extend", offer))
        return desk.do("recall", desk.do("submit", offer))
    if status == Status.IN_REVIEW and action == "accept":
        offer = desk.edit(desk.do("revise", desk.bring(Status.EXTENDED)), **reviewed)
        return desk.do("submit", offer)
    if status == Status.APPROVED and action == "accept":
        return desk.do("submit", desk.do("revise", desk.bring(Status.EXTENDED)))
    offer = desk.bring(status)
    if status in (Status.IN_REVIEW, Status.APPROVED) and action in ("counter", "decline", "rescind"):
        return desk.tell(offer)
    if action == "submit" and status == Status.EXTENDED:
        return desk.do("revise", offer)
    if action == "expire":
        desk.now = offer.letter.expires_at
    if action == "join":
        desk.clear(offer)
    return offer


def decider(desk: Desk, action: str):
    return desk.people["account_director"] if action in ("approve", "reject", "send_back") else desk.people["recruiter"]


@pytest.mark.parametrize("move", TABLE, ids=lambda move: f"{move.status}-{move.action}")
def test_the_verb_moves_the_offer_where_the_table_says(desk, move):
    offer = prepare(desk, move.status, move.action)
    if move.action == "approve":  # the table's row is the last approval
        offer = desk.do("approve", offer, by=decider(desk, "approve"))
        offer = desk.do("approve", offer, by=desk.people["hr_partner"])
    elif move.action == "skip":
        offer = desk.do("skip", desk.do("skip", offer))
    else:
        offer = desk.do(move.action, offer, by=decider(desk, move.action))
    assert offer.status in move.targets


@pytest.mark.parametrize("status", Status)
def test_what_the_table_does_not_know_is_refused_with_what_is_possible(desk, status):
    offer = factories.OfferFactory(client=desk.client, status=status)
    possible = DESIGNED[status].split()
    for action in set(ACTIONS) - set(possible) - {"approve", "reject", "send_back", "skip"}:
        with pytest.raises(NotInThisState) as refusal:
            desk.do(action, offer)
        assert refusal.value.next_step == f"It can: {', '.join(possible) or 'nothing more'}."


GUARDED = [
    (Status.DRAFT, "accept"),
    (Status.DRAFT, "decline"),
    (Status.DRAFT, "rescind"),
    (Status.IN_REVIEW, "counter"),
    (Status.IN_REVIEW, "accept"),
    (Status.IN_REVIEW, "decline"),
    (Status.IN_REVIEW, "rescind"),
    (Status.APPROVED, "counter"),
    (Status.APPROVED, "accept"),
    (Status.EXTENDED, "submit"),
    (Status.EXTENDED, "expire"),
    (Status.NEGOTIATING, "expire"),
    (Status.ACCEPTED, "join"),
]


@pytest.mark.parametrize(("status", "action"), GUARDED)
def test_a_guard_refuses_and_says_which_fact_is_missing(desk, status, action):
    offer = desk.bring(status)
    with pytest.raises(NotInThisState, match=str(lifecycle.find(status, action).guard)):
        desk.do(action, offer)
    assert desk.fresh(offer).status == status


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.APPROVED])
def test_an_offer_that_the_candidate_heard_of_is_not_cancelled(desk, status):
    offer = desk.tell(desk.bring(status))
    with pytest.raises(NotInThisState, match="it is rescinded, not cancelled"):
        desk.do("cancel", offer)


def test_a_page_gets_only_the_moves_that_guards_and_role_allow(desk):
    offer = desk.bring(Status.APPROVED)
    moves = workflow.possible(offer, now=desk.now, actor=desk.people["recruiter"])
    assert [move.action for move in moves] == ["extend", "revise", "withdraw", "cancel"]
    assert workflow.possible(offer, now=desk.now, actor=desk.people["auditor"]) == []
    blocked = [move.action for move in workflow.blocked(offer, now=desk.now)]
    assert blocked == ["counter", "accept", "decline", "rescind"]


# --- the database


def pairs(known: bool) -> list[tuple[Status, Status]]:
    allowed = set(lifecycle.transitions())
    return [(one, other) for one in Status for other in Status if one != other and ((one, other) in allowed) == known]


def test_the_database_refuses_every_jump_that_the_table_does_not_know(desk):
    for status, target in pairs(known=False):
        offer = factories.OfferFactory(client=desk.client, status=status)
        with pytest.raises(DatabaseError, match="transition"), transaction.atomic():
            Offer.objects.filter(pk=offer.pk).update(status=target)


def test_the_database_allows_every_move_of_the_table(desk):
    for status, target in pairs(known=True):
        offer = factories.OfferFactory(client=desk.client, status=status)
        assert Offer.objects.filter(pk=offer.pk).update(status=target) == 1


def test_an_offer_starts_as_a_draft_unless_it_was_imported(desk):
    for status in set(Status) - {Status.DRAFT}:
        with pytest.raises(DatabaseError), transaction.atomic():
            factories.OfferFactory(client=desk.client, status=status, imported=False)
        assert factories.OfferFactory(client=desk.client, status=status, imported=True).pk


def test_prolonging_needs_a_letter(desk):
    offer = desk.do("counter", desk.tell(desk.bring(Status.APPROVED)))
    with pytest.raises(NotInThisState, match="no letter has been sent"):
        desk.do("prolong", offer, until=date(2026, 12, 24))
