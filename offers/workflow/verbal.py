"""The hiring manager's word on what was recorded as their verbal approval: right, or not so."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from governance.history import because
from governance.models import Note, User
from governance.programme import load
from offers import approvals, outbox
from offers.errors import AlreadyDecided, BadInput, NotYours
from offers.models import Offer, VerbalApproval
from offers.models.approvals import ApprovalStatus
from offers.models.outbox import MailKind
from offers.workflow import mover
from offers.workflow.review import holder_of


def confirm_verbal_approval(verbal_id: int, *, actor: User, now: datetime) -> VerbalApproval:
    """Record that the manager did say so."""
    with _answering(verbal_id, "verbal_confirm", actor=actor, now=now) as (_, verbal, _note):
        verbal.confirmed_at = now
        verbal.save(update_fields=["confirmed_at"])
        return verbal


def correct_verbal_approval(verbal_id: int, *, actor: User, now: datetime, comment: str) -> VerbalApproval:
    """Record that it was not so, and tell whoever works on the offer. It counts as the manager's step no longer.

    A chain that runs asks the manager after all; a letter that an approval by it would let out waits (letter.extend).
    The clock goes on from the instant that was recorded: a correction must not hide how long a candidate has waited.
    """
    if not comment.strip():
        raise BadInput("Say what is not right.", field="comment")
    with _answering(verbal_id, "verbal_correct", actor=actor, now=now, comment=comment) as (offer, verbal, note):
        verbal.corrected_at, verbal.correction = now, note
        verbal.save(update_fields=["corrected_at", "correction"])
        people = [verbal.recorded_by_id, offer.recruiter_id or offer.coordinator_id]
        ids = {"verbal_approval": verbal.pk}
        outbox.queue(MailKind.VERBAL_CORRECTED, offer, people, cause=f"verbal-{verbal.pk}", now=now, ids=ids)
        _ask_after_all(offer, now=now)
        return verbal


def _ask_after_all(offer: Offer, *, now: datetime) -> None:
    chain = approvals.running(offer)
    given = approvals.taken_back(chain) if chain else []
    if chain is None or not given:
        return
    editors = frozenset(approvals.editors_of(chain.version))
    case = approvals.Case(offer, load(offer.client_id), editors, now)
    approvals.ask_again(given, case)
    asked = list(chain.approvals.filter(status=ApprovalStatus.ASKED).order_by("step", "pk"))
    mover.write(offer, **holder_of(asked, offer, case.programme))


@contextmanager
def _answering(
    verbal_id: int, action: str, *, actor: User, now: datetime, comment: str = ""
) -> Iterator[tuple[Offer, VerbalApproval, Note | None]]:
    offer_id = VerbalApproval.objects.filter(pk=verbal_id).values_list("offer_id", flat=True).first()
    if offer_id is None:
        raise NotYours("There is no such verbal approval among yours.")
    with transaction.atomic():
        offer = mover.lock(offer_id)
        verbal = VerbalApproval.objects.select_related("approved_by").get(pk=verbal_id)
        if verbal.approved_by_id != actor.pk:
            raise NotYours(f"This is {verbal.approved_by}'s word to give.", next_step="Only they can confirm it.")
        if answered := verbal.confirmed_at or verbal.corrected_at:
            word = "confirmed" if verbal.confirmed_at else "corrected"
            raise AlreadyDecided(f"You {word} this on {answered:%d %b %Y at %H:%M} UTC.")
        note = mover.keep_note(offer, comment, actor=actor, now=now)
        with because(actor=actor.pk, action=f"offer.{action}", note=note.pk if note else None):
            yield offer, verbal, note
