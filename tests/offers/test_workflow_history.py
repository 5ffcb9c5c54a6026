"""What the history says of an offer: who did what, and where the words are; never the words themselves."""

import pytest
from django.apps import apps
from django.db import connection, models

from governance.access import Role
from governance.models import Note
from governance.walls import is_event
from offers import workflow
from offers.lifecycle import Status
from offers.models import Offer

RECRUITER, DIRECTOR = Role.RECRUITER, Role.ACCOUNT_DIRECTOR
OfferEvent = Offer.pgh_event_model


def last(offer):
    return OfferEvent.objects.filter(pgh_obj_id=offer.pk).latest("pgh_id").pgh_context


@pytest.mark.parametrize(
    ("status", "action", "given", "reason", "words"),
    [
        (Status.DRAFT, "submit", {}, None, None),
        (Status.IN_REVIEW, "recall", {"reason": "A typo."}, None, "A typo."),
        (Status.EXTENDED, "counter", {"note": "Has a bid."}, None, "Has a bid."),
        (Status.NEGOTIATING, "stand", {"reason": "The budget is spent."}, None, "The budget is spent."),
        (Status.EXTENDED, "decline", {"theme": "location", "verbatim": "Too far."}, "location", "Too far."),
        (Status.EXTENDED, "withdraw", {"theme": "personal"}, "personal", None),
        (Status.EXTENDED, "rescind", {"reason": "A freeze."}, None, "A freeze."),
        (Status.DRAFT, "cancel", {"reason": "A freeze."}, None, "A freeze."),
        (Status.ACCEPTED, "renege", {"theme": "personal", "verbatim": "Sorry."}, "personal", "Sorry."),
    ],
)
def test_an_event_says_who_did_what_why_and_where_the_words_are(desk, status, action, given, reason, words):
    offer = desk.do(action, desk.bring(status), **given)
    context = last(offer)
    assert (context["actor"], context["action"]) == (desk.people[RECRUITER].pk, f"offer.{action}")
    assert context.get("reason") == reason
    assert (Note.objects.get(pk=context["note"]).text if words else context.get("note")) == words


def test_a_decision_and_all_it_moves_carry_the_same_reason(desk):
    offer = desk.do("submit", desk.draft("94000"))
    desk.do("reject", offer, by=DIRECTOR, comment="Too low for the market.")
    context = last(offer)
    assert (context["actor"], context["action"]) == (desk.people[DIRECTOR].pk, "offer.reject")
    assert Note.objects.get(pk=context["note"]).text == "Too low for the market."
    chain = offer.chains.get()
    assert type(chain).pgh_event_model.objects.filter(pgh_obj_id=chain.pk).latest("pgh_id").pgh_context == context


def test_what_handoff_does_itself_names_nobody(desk):
    offer = desk.bring(Status.EXTENDED)
    desk.now = offer.letter.expires_at
    workflow.expire(offer.pk, now=desk.now)
    assert last(offer) == {"actor": None, "action": "offer.expire"}


def test_a_late_verbal_approval_says_why(desk):
    offer = desk.draft(verbal=False)
    at = desk.now
    desk.later(days=3)
    workflow.record_verbal_approval(
        offer.pk, actor=desk.people[RECRUITER], now=desk.now, at=at, reason="Told on the train."
    )
    assert Note.objects.get(pk=last(offer)["note"]).text == "Told on the train."


def test_an_undo_is_an_event_of_its_own_and_erases_none(desk):
    offer = desk.bring(Status.DECLINED)
    before = OfferEvent.objects.count()
    offer = desk.do("undo", offer)
    assert (last(offer)["action"], OfferEvent.objects.count()) == ("offer.undo", before + 1)


def test_no_words_of_people_stand_in_any_event_table(desk):
    words = "Zyxwv"
    offer = desk.draft("94000", verbal=False)
    offer.candidate.person.name = words
    offer.candidate.person.save()
    at = desk.now
    desk.later(days=2)
    workflow.record_verbal_approval(offer.pk, actor=desk.people[RECRUITER], now=desk.now, at=at, reason=words)
    offer = desk.do("recall", desk.do("submit", desk.tell(offer, note=words)), reason=words)
    offer = desk.do("reject", desk.do("submit", offer), by=DIRECTOR, comment=words)
    offer = desk.do("submit", offer)
    offer = desk.do("approve", desk.do("approve", offer, by=DIRECTOR, comment=words), by=Role.HR_PARTNER)
    offer = desk.do("stand", desk.do("counter", desk.do("extend", offer), note=words), reason=words)
    offer = desk.do("decline", offer, verbatim=words)
    desk.do("rescind", desk.do("accept", desk.do("undo", offer)), reason=words)
    assert Note.objects.filter(text=words).count() == 9
    kept = [model for model in apps.get_models() if is_event(model) and model._meta.app_label != "pghistory"]
    assert kept
    assert [model._meta.label for model in kept if holds(model, words)] == []


def holds(model: type[models.Model], words: str) -> bool:
    """Whether the words stand anywhere in a row of this table."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}" AS row WHERE row::text LIKE %s', [f"%{words}%"])
        return bool(cursor.fetchone()[0])


def test_the_scan_for_words_sees_a_planted_one(desk):
    offer = desk.draft()
    assert holds(OfferEvent, offer.external_id)
