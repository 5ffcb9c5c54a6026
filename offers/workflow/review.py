"""Review: submitting a version freezes it and starts its chain; people decide; the chain decides the status."""

from datetime import datetime
from typing import Any

from django.db import transaction

from governance.history import because
from governance.models import User
from governance.programme import Programme, load
from offers import approvals, outbox, sow
from offers.errors import AlreadyDecided, BadInput, NotReady, NotYours
from offers.lifecycle import Status
from offers.models import Approval, ApprovalChain, Offer, OfferVersion
from offers.models.approvals import ApprovalStatus, ChainStatus
from offers.models.outbox import MailKind
from offers.models.version import Terms
from offers.standing import Assessment, assess, freeze
from offers.workflow import mover
from offers.workflow.drafting import check_room, next_version

FROZEN = [
    field.name
    for field in OfferVersion._meta.fields
    if not field.editable and field.name not in ("created_at",) and not hasattr(Terms, field.name)
]


def submit(offer_id: int, *, actor: User, now: datetime) -> Offer:
    """Freeze the newest version with all that it is judged by, and ask whom the policy names.

    Where the policy asks nobody, the offer is approved at once, and the chain names the rule.
    """
    with mover.acting(offer_id, "submit", actor=actor, now=now) as (offer, programme, _):
        if offer.version is None:
            raise NotReady("This offer has no terms yet.")
        found = assess(offer.version, now=now, programme=programme)
        check_room(offer, found.facts.headcount_left)
        sow.check_exception_to_band(offer, found.standing.band_position, actor, programme)
        return start_review(offer, found, "submit", actor=actor, now=now)


def start_review(offer: Offer, found: Assessment, action: str, *, actor: User, now: datetime, **fields: Any) -> Offer:
    """Freeze the newest version as judged and begin its chain, inside a verb that holds the lock."""
    version = freeze_version(offer, found, actor=actor, now=now)
    chain, asked = approvals.begin(offer, version, found, now=now)
    return after_chain(offer, chain, asked, found.programme, action=action, now=now, **fields)


def freeze_version(offer: Offer, found: Assessment, *, actor: User, now: datetime) -> OfferVersion:
    """Write what the newest version was judged by; the database refuses any change of it from then on."""
    version: Any = offer.version
    freeze(version, found)
    version.submitted_at, version.submitted_by = now, actor
    version.save(update_fields=FROZEN)
    return version


def after_chain(
    offer: Offer,
    chain: ApprovalChain,
    asked: list[Approval],
    programme: Programme,
    *,
    action: str,
    now: datetime,
    **fields: Any,
) -> Offer:
    """Move the offer to where its chain stands, and tell the recruiter once nothing is missing."""
    if chain.status == ChainStatus.APPROVED:
        if offer.first_approved_id is None:
            fields["first_approved"] = chain.version
        mover.move(offer, action, Status.APPROVED, now=now, **fields)
        people = [offer.recruiter_id or offer.coordinator_id]
        outbox.queue(MailKind.APPROVED, offer, people, cause=f"chain-{chain.pk}", now=now, ids={"chain": chain.pk})
        return offer
    fields |= holder_of(asked, offer, programme)
    if offer.status == Status.IN_REVIEW:
        mover.write(offer, **fields)
        return offer
    return mover.move(offer, action, Status.IN_REVIEW, now=now, **fields)


def holder_of(asked: list[Approval], offer: Offer, programme: Programme) -> dict[str, Any]:
    """Who holds an offer in review: the one person who can decide next, or else the role."""
    if not asked:
        return {"holder_id": None, "holder_role": ""}
    people = approvals.holders(asked[0], offer, programme)
    return {"holder_id": people[0] if len(people) == 1 else None, "holder_role": asked[0].role}


def approve(approval_id: int, *, actor: User, now: datetime, comment: str = "") -> Offer:
    """Approve exactly the frozen terms. The last approval of the chain approves the offer."""
    return decide(approval_id, "approved", actor=actor, now=now, comment=comment)


def reject(approval_id: int, *, actor: User, now: datetime, comment: str) -> Offer:
    """Reject with a comment: the chain stops, the offer returns to draft, and everyone involved hears why."""
    return decide(approval_id, "rejected", actor=actor, now=now, comment=comment)


def send_back(approval_id: int, *, actor: User, now: datetime, comment: str) -> Offer:
    """Ask for changes: one answer is enough, the offer returns to draft, and everyone involved hears what."""
    return decide(approval_id, "returned", actor=actor, now=now, comment=comment)


VERDICTS = {"approved": "approve", "rejected": "reject", "returned": "send_back"}


def decide(approval_id: int, verdict: str, *, actor: User, now: datetime, comment: str = "") -> Offer:
    """Record a decision ("approved", "rejected" or "returned") of this person, for themselves or for who is away."""
    if verdict not in VERDICTS:
        raise BadInput("Decide approved, rejected or returned.", field="verdict")
    if verdict != "approved" and not comment.strip():
        what = "a rejection" if verdict == "rejected" else "sending back"
        raise BadInput(f"Say why: {what} needs a comment.", field="comment")
    action = VERDICTS[verdict]
    with transaction.atomic():
        offer, approval, case = _lock_approval(approval_id, now)
        seat = approvals.seat_of(approval, actor, case)
        sow.check_approval(offer, approval.role, actor, case.programme)
        note = mover.keep_note(offer, comment, actor=actor, now=now)
        with because(
            actor=actor.pk,
            action=f"offer.{action}",
            note=note.pk if note else None,
            on_behalf_of=seat.on_behalf_of,
        ):
            status = approvals.decide(approval, seat, verdict, case, actor=actor, note=note)
            if status in (ChainStatus.REJECTED, ChainStatus.RETURNED):
                return _stopped(offer, approval, action, now=now)
            return _gone_on(approval, case, "approve")


def _gone_on(approval: Approval, case: approvals.Case, action: str) -> Offer:
    asked = list(approval.chain.approvals.filter(status=ApprovalStatus.ASKED).order_by("step", "pk"))
    return after_chain(case.offer, approval.chain, asked, case.programme, action=action, now=case.now)


def skip(approval_id: int, *, actor: User, now: datetime, reason: str) -> Offer:
    """Go on without an approval that waits, as an administrator and with a reason; whoever was asked is told it."""
    if not reason.strip():
        raise BadInput("Say why: everybody who was asked reads it.", field="reason")
    with transaction.atomic():
        offer, approval, case = _lock_approval(approval_id, now)
        mover.check_role(offer, "skip", actor, case.programme.roles_of(actor.pk))
        note = mover.keep_note(offer, reason, actor=actor, now=now)
        with because(actor=actor.pk, action="offer.skip", note=note.pk if note else None):
            passed = approvals.skip(approval, case, actor=actor, note=note)
            ids = {"approval": approval.pk}
            outbox.queue(MailKind.SKIPPED, offer, passed, cause=f"skip-{approval.pk}", now=now, ids=ids)
            return _gone_on(approval, case, "skip")


def reassign(approval_id: int, *, to: User, actor: User, now: datetime, reason: str) -> Offer:
    """Give an approval that waits to another person in the same role, with a reason that the history keeps."""
    if not reason.strip():
        raise BadInput("Say why it is given to somebody else.", field="reason")
    with transaction.atomic():
        offer, approval, case = _lock_approval(approval_id, now)
        mover.check_role(offer, "reassign", actor, case.programme.roles_of(actor.pk))
        note = mover.keep_note(offer, reason, actor=actor, now=now)
        with because(actor=actor.pk, action="offer.reassign", note=note.pk if note else None):
            approvals.hand_on(approval, to, case, actor=actor)
            return _gone_on(approval, case, "approve")


def _lock_approval(approval_id: int, now: datetime) -> tuple[Offer, Approval, approvals.Case]:
    """The approval and what it is judged by, the offer row locked first, always."""
    offer_id = Approval.objects.filter(pk=approval_id).values_list("offer_id", flat=True).first()
    if offer_id is None:
        raise NotYours("There is no such approval among yours.")
    offer = mover.lock(offer_id)
    approval = Approval.objects.select_related("chain__version", "person").get(pk=approval_id)
    if offer.status != Status.IN_REVIEW and approval.chain.status == ChainStatus.RUNNING:
        raise AlreadyDecided(f"The offer is {offer.get_status_display().lower()} now.")
    editors = frozenset(approvals.editors_of(approval.chain.version))
    return offer, approval, approvals.Case(offer, load(offer.client_id), editors, now)


def recall(offer_id: int, *, actor: User, now: datetime, reason: str = "") -> Offer:
    """Take the version back from review: the chain stops, and a copy of the terms becomes the draft."""
    with mover.acting(offer_id, "recall", actor=actor, now=now, comment=reason) as (offer, _, _):
        approvals.stop_running(offer, ChainStatus.RECALLED, now=now)
        return _back_to_draft(offer, "recall", now=now)


def _back_to_draft(offer: Offer, action: str, *, now: datetime) -> Offer:
    return mover.move(offer, action, Status.DRAFT, now=now, version=next_version(offer, now=now))


def _stopped(offer: Offer, approval: Approval, action: str, *, now: datetime) -> Offer:
    """Back to draft, telling requester, recruiter, hiring manager and those who approved."""
    chain = approval.chain
    _back_to_draft(offer, action, now=now)
    people = [
        chain.version.submitted_by_id,
        offer.recruiter_id,
        offer.hiring_manager_id,
        *approvals.involved(chain),
    ]
    ids = {"approval": approval.pk, "chain": chain.pk}
    kind = MailKind.REJECTED if action == "reject" else MailKind.SENT_BACK
    outbox.queue(kind, offer, people, cause=f"chain-{chain.pk}", now=now, ids=ids)
    return offer
