"""How an offer ends: the candidate's answer, or the employer's. Each ending of the candidate's side has a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pgtrigger

from governance.models import Note, User
from offers import approvals, clocks
from offers.errors import BadInput, NotInThisState
from offers.lifecycle import ENDED, ENDED_BY_CANDIDATE, LIVE, UNDOABLE, Status
from offers.models import Contingency, CounterOffer, HireReview, Loss, Offer
from offers.models.approvals import ChainStatus
from offers.models.events import Competitor, CounterOutcome, Theme
from offers.models.intake import RequisitionStatus
from offers.models.offer import ContingencyKind
from offers.workflow import mover
from offers.workflow.drafting import check_opening, draft_offer, keep_editors, lock_requisition

UNDO_WITHIN = timedelta(hours=24)
UNDOABLE_STATUSES = ENDED | {Status.ACCEPTED, Status.JOINED}
CONTINGENCIES = (ContingencyKind.BACKGROUND, ContingencyKind.RIGHT_TO_WORK, ContingencyKind.REFERENCES)
REASON_LENGTH = 120
WITH_THE_OFFER = (CounterOutcome.CLOSED, CounterOutcome.LOST)


def accept(offer_id: int, *, actor: User | None, now: datetime, at: datetime | None = None) -> Offer:
    """Record the candidate's yes to the letter that is out. Contingencies start; a filled requisition closes."""
    when = mover.instant(at, now=now, field="decided_at")
    with mover.acting(offer_id, "accept", actor=actor, now=now, at=when) as (offer, _, _):
        _check_after_telling(offer, when)
        _close(offer, CounterOutcome.CLOSED, now=now)
        Contingency.objects.bulk_create(
            [Contingency(client_id=offer.client_id, offer=offer, kind=kind) for kind in CONTINGENCIES],
            ignore_conflicts=True,
        )
        mover.move(offer, "accept", Status.ACCEPTED, now=now, decided_at=when)
        recount(offer)
        return offer


def decline(
    offer_id: int, *, actor: User, now: datetime, theme: str, reason: str = "", secondary: Sequence[str] = (),
    verbatim: str = "", competing_kind: str = "", at: datetime | None = None,
) -> Offer:  # fmt: skip
    """Record the candidate's no and why. "not_given" is a theme too: the candidate was asked and would not say."""
    when = mover.instant(at, now=now, field="decided_at")
    why = why_lost(theme, reason, secondary, competing_kind)
    with mover.acting(offer_id, "decline", actor=actor, now=now, reason=theme, comment=verbatim) as (offer, _, note):
        _check_after_telling(offer, when)
        keep_loss(offer, why, note, actor=actor, now=now)
        return _end(offer, "decline", Status.DECLINED, when=when, now=now)


def withdraw(
    offer_id: int, *, actor: User, now: datetime, theme: str, reason: str = "", secondary: Sequence[str] = (),
    verbatim: str = "", competing_kind: str = "", at: datetime | None = None,
) -> Offer:  # fmt: skip
    """Record that the candidate left the process, and why."""
    when = mover.instant(at, now=now, field="decided_at")
    why = why_lost(theme, reason, secondary, competing_kind)
    with mover.acting(offer_id, "withdraw", actor=actor, now=now, reason=theme, comment=verbatim) as (offer, _, note):
        keep_loss(offer, why, note, actor=actor, now=now)
        return _end(offer, "withdraw", Status.WITHDRAWN, when=when, now=now)


def expire(offer_id: int, *, now: datetime, actor: User | None = None) -> Offer:
    """Close an offer whose last day to answer has passed. The reason is still to be asked of the candidate."""
    with mover.acting(offer_id, "expire", actor=actor, now=now) as (offer, _, _):
        Loss.objects.get_or_create(client_id=offer.client_id, offer=offer, defaults={"stage": Loss.Stage.WRITTEN})
        letter: Any = offer.letter
        return _end(offer, "expire", Status.EXPIRED, when=letter.expires_at, now=now)


def explain(
    offer_id: int, *, actor: User, now: datetime, theme: str, reason: str = "", secondary: Sequence[str] = (),
    verbatim: str = "", competing_kind: str = "",
) -> Loss:  # fmt: skip
    """Record why the candidate was lost, once asked: for an offer that expired, or to complete what was recorded."""
    why = why_lost(theme, reason, secondary, competing_kind)
    with mover.acting(offer_id, "explain", actor=actor, now=now, reason=theme, comment=verbatim) as (offer, _, note):
        if offer.status not in ENDED_BY_CANDIDATE:
            raise NotInThisState("Only an offer that the candidate's side ended has such a reason.")
        return keep_loss(offer, why, note, actor=actor, now=now)


def rescind(offer_id: int, *, actor: User, now: datetime, reason: str) -> Offer:
    """Take the offer back although the candidate knows of it; the letter, if one is out, is no longer acceptable."""
    return _employer_ends(offer_id, "rescind", Status.RESCINDED, actor=actor, now=now, reason=reason)


def cancel(offer_id: int, *, actor: User, now: datetime, reason: str) -> Offer:
    """End an offer that the candidate never heard of."""
    return _employer_ends(offer_id, "cancel", Status.CANCELLED, actor=actor, now=now, reason=reason)


def reopen(offer_id: int, *, actor: User, now: datetime) -> Offer:
    """Start a new offer for the same candidate and requisition, linked as reviving this one, with its terms."""
    with mover.acting(offer_id, "reopen", actor=actor, now=now) as (offer, _, _):
        count = offer.revived_by.count()
        if count and offer.revived_by.live().exists():
            raise NotInThisState("This offer was reopened already, and that one is live.")
        last: Any = offer.version
        terms = {**last.terms(), "expires_on": None}
        again = draft_offer(
            requisition=offer.requisition, candidate=offer.candidate, external_id=f"{offer.external_id}-R{count + 1}",
            actor=actor, now=now, terms=terms, revives=offer, recruiter=offer.recruiter, coordinator=offer.coordinator,
            hiring_manager=offer.hiring_manager, priority=offer.priority, candidate_type=offer.candidate_type,
            source_channel=offer.source_channel, applied_on=offer.applied_on, expected_salary=offer.expected_salary,
            expected_currency=offer.expected_currency,
        )  # fmt: skip
        begun: Any = again.version
        keep_editors(last, begun)
        return again


def undo(offer_id: int, *, actor: User, now: datetime) -> Offer:
    """Take back a misclick within 24 hours, as a recorded event: status, clocks, chain and escalations as they were.

    The database's own state machine knows no way back, so this one move asks it to look away.
    """
    with mover.acting(offer_id, "undo", actor=actor, now=now) as (offer, _, _):
        if offer.status not in UNDOABLE_STATUSES or not offer.moved_from:
            raise NotInThisState(
                "Only an answer or an ending can be undone.", next_step=f"These can: {', '.join(sorted(UNDOABLE))}."
            )
        if now - offer.moved_at > UNDO_WITHIN:
            raise NotInThisState("More than 24 hours have passed.", next_step="Reopen the offer instead.")
        if offer.status in ENDED:
            _check_place(offer)
        back = Status(offer.moved_from)
        fields: dict[str, object] = {"decided_at": None} if back in LIVE else {}
        if offer.status == Status.JOINED:
            fields |= {"joined_on": None, "left_on": None, "left_reason": "", "left_words": "", "left_voluntary": None}
            HireReview.objects.filter(offer=offer).delete()
        _restore(offer, offer.moved_at)
        with pgtrigger.ignore("offers.Offer:status_moves"):
            mover.write(offer, status=back.value, moved_at=now, moved_from="", **fields)
        recount(offer)
        return offer


def _check_place(offer: Offer) -> None:
    """An ended offer comes back only where its opening is still free, and no newer offer took its place."""
    lock_requisition(offer.requisition_id)
    check_opening(offer)
    newer = Offer.objects.live().filter(requisition=offer.requisition_id, candidate=offer.candidate_id)
    if newer.exclude(pk=offer.pk).exists():
        raise NotInThisState(
            "This candidate has a newer live offer for the requisition.", next_step="End that one first."
        )


@dataclass(frozen=True, slots=True)
class Why:
    """The structured reason of a loss."""

    theme: str
    reason: str
    secondary: tuple[str, ...]
    competing_kind: str


def why_lost(theme: str, reason: str = "", secondary: Sequence[str] = (), competing_kind: str = "") -> Why:
    """A structured reason that can be taken. Raises BadInput naming the field that cannot."""
    if theme not in Theme.values:
        raise BadInput("Choose a theme; “would not say” is one.", field="theme")
    if strange := [each for each in secondary if each not in Theme.values]:
        raise BadInput(f"“{strange[0]}” is no theme.", field="secondary")
    if competing_kind and competing_kind not in Competitor.values:
        raise BadInput("Say agency, direct or current_employer.", field="competing_kind")
    if len(reason.strip()) > REASON_LENGTH:
        raise BadInput(f"At most {REASON_LENGTH} characters; the candidate's own words go below.", field="reason")
    return Why(theme, reason.strip(), tuple(secondary), competing_kind)


def keep_loss(offer: Offer, why: Why, verbatim: Note | None, *, actor: User, now: datetime) -> Loss:
    """Keep the structured reason of a loss, one an offer; a later answer completes an earlier blank one."""
    stage = Loss.Stage.WRITTEN if offer.written_at else Loss.Stage.VERBAL
    said = {"verbatim": verbatim} if verbatim else {}
    loss, _ = Loss.objects.update_or_create(
        client_id=offer.client_id,
        offer=offer,
        defaults={
            "stage": stage, "theme": why.theme, "reason": why.reason, "has_reason": bool(why.reason),
            "secondary": list(why.secondary), "competing_kind": why.competing_kind, "recorded_at": now,
            "recorded_by": actor, **said,
        },
    )  # fmt: skip
    return loss


def recount(offer: Offer) -> None:
    """A requisition whose openings are all accepted is filled; one that lost an acceptance opens again."""
    requisition = lock_requisition(offer.requisition_id)
    if requisition.evergreen:
        return
    taken = Offer.objects.filter(requisition=requisition, status__in=[Status.ACCEPTED, Status.JOINED]).count()
    full, status = taken >= requisition.openings, requisition.status
    if full and status == RequisitionStatus.OPEN:
        requisition.status = RequisitionStatus.FILLED
    elif not full and status == RequisitionStatus.FILLED:
        requisition.status = RequisitionStatus.OPEN
    if requisition.status != status:
        requisition.save(update_fields=["status"])


def _employer_ends(offer_id: int, action: str, target: Status, *, actor: User, now: datetime, reason: str) -> Offer:
    if not reason.strip():
        raise BadInput("Say why: people will ask.", field="reason")
    with mover.acting(offer_id, action, actor=actor, now=now, comment=reason) as (offer, _, _):
        if offer.letter and offer.letter.revoked_at is None:
            offer.letter.revoked_at = now
            offer.letter.save(update_fields=["revoked_at"])
        _end(offer, action, target, when=now, now=now)
        recount(offer)
        return offer


def _check_after_telling(offer: Offer, when: datetime) -> None:
    told = offer.letter.extended_at if offer.letter else offer.verbal_offer_at
    if told and when < told:
        raise BadInput("The answer lies before the offer that it answers.", field="decided_at")


def _end(offer: Offer, action: str, target: Status, *, when: datetime, now: datetime) -> Offer:
    _close(offer, CounterOutcome.LOST, now=now)
    decided = {} if offer.decided_at else {"decided_at": when}
    return mover.move(offer, action, target, now=now, **decided)


def _close(offer: Offer, outcome: CounterOutcome, *, now: datetime) -> None:
    """Nothing of the offer waits any more: chain, clocks, escalations and an open counter end with it."""
    approvals.stop_running(offer, ChainStatus.VOID, now=now)
    CounterOffer.objects.filter(offer=offer, outcome=CounterOutcome.OPEN).update(outcome=outcome, answered_at=now)
    clocks.stop_all(offer, now=now)


def _restore(offer: Offer, moment: datetime) -> None:
    """Put back what ended at that moment with the status that is being undone."""
    clocks.restart(offer, stopped_at=moment)
    approvals.resume(offer, ended_at=moment)
    counters = CounterOffer.objects.filter(offer=offer, answered_at=moment, outcome__in=WITH_THE_OFFER)
    counters.update(outcome=CounterOutcome.OPEN, answered_at=None)
    if offer.letter and offer.letter.revoked_at == moment:
        offer.letter.revoked_at = None
        offer.letter.save(update_fields=["revoked_at"])
    if offer.status in ENDED_BY_CANDIDATE:
        Loss.objects.filter(offer=offer).delete()
    if offer.status == Status.ACCEPTED:
        Contingency.objects.filter(offer=offer).delete()
