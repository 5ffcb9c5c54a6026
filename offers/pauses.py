"""Pausing and resuming what runs on an offer, and putting a requisition on hold, which pauses all of its offers."""

from datetime import datetime

from django.db import transaction

from governance.access import Role, roles_at
from governance.history import because
from governance.models import Note, User
from offers import clocks
from offers.errors import BadInput, NotInThisState, NotYours
from offers.lifecycle import LIVE
from offers.models import Clock, Offer, Requisition
from offers.models.clocks import PauseReason
from offers.models.intake import RequisitionStatus
from offers.workflow import mover
from offers.workflow.drafting import lock_requisition

MAY_HOLD = frozenset({Role.COORDINATOR, Role.RECRUITER, Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER, Role.HIRING_MANAGER})


def pause(offer_id: int, *, actor: User, now: datetime, reason: str) -> Offer:
    """The candidate asked for time: contractual time and the ladder stand still until resumed, elapsed hours go on."""
    if not reason.strip():
        raise BadInput("Say what the candidate asked for.", field="reason")
    why = PauseReason.CANDIDATE_ASKED
    with mover.acting(offer_id, "pause", actor=actor, now=now, reason=why, comment=reason) as (offer, _, _):
        if offer.status not in LIVE:
            raise NotInThisState(f"This offer is {offer.get_status_display().lower()}: no clock of it runs.")
        if not clocks.pause(offer.clocks.all(), why, now=now):
            raise NotInThisState(
                "No clock of this offer can be paused now.",
                rule="pauses: the candidate asked for time, or the requisition is on hold",
                next_step="Give the candidate more time by prolonging the letter, if one is out.",
            )
        return offer


def resume(offer_id: int, *, actor: User, now: datetime) -> Offer:
    """Let the clocks of the offer run on. Those of a requisition that is on hold run on when that is released."""
    with mover.acting(offer_id, "resume", actor=actor, now=now) as (offer, _, _):
        if offer.requisition.status == RequisitionStatus.ON_HOLD:
            raise NotInThisState(
                f"Requisition {offer.requisition.external_id} is on hold.",
                rule="a requisition on hold pauses its clocks",
                next_step="Open the requisition again.",
            )
        if not clocks.resume(offer.clocks.all(), now=now):
            raise NotInThisState("No clock of this offer is paused.")
        return offer


def set_requisition_status(
    requisition_id: int, status: str, *, actor: User, now: datetime, reason: str = ""
) -> Requisition:
    """Open, hold, fill or cancel a requisition. On hold pauses the clocks of its live offers; opening lets them run on.

    Raises NotYours for a role that may not, BadInput for an unknown status or a hold without a reason.
    """
    if status not in RequisitionStatus.values:
        raise BadInput(f"Say {', '.join(RequisitionStatus.values)}.", field="status")
    live = Offer.objects.live().filter(requisition=requisition_id)
    with transaction.atomic(), because(actor=actor.pk, action=f"requisition.{status}"):
        list(live.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        requisition = lock_requisition(requisition_id)
        held = roles_at(actor, requisition.client_id) & MAY_HOLD
        if not held or (held == {Role.HIRING_MANAGER} and requisition.hiring_manager_id != actor.pk):
            raise NotYours("Your role may not change this requisition.", next_step="Ask its recruiter.")
        if requisition.status == status:
            return requisition
        if status == RequisitionStatus.ON_HOLD and not reason.strip():
            raise BadInput("Say why it is on hold: its clocks stand still meanwhile.", field="reason")
        note = _note(requisition, reason, actor=actor, now=now)
        with because(actor=actor.pk, action=f"requisition.{status}", note=note):
            _change(requisition, status, now=now)
        return requisition


def _change(requisition: Requisition, status: str, *, now: datetime) -> None:
    was, requisition.status = requisition.status, status
    requisition.held_at = now if status == RequisitionStatus.ON_HOLD else None
    requisition.save(update_fields=["status", "held_at"])
    running = Clock.objects.filter(offer__requisition=requisition, offer__status__in=sorted(LIVE))
    if status == RequisitionStatus.ON_HOLD:
        clocks.pause(running, PauseReason.ON_HOLD, now=now)
    elif was == RequisitionStatus.ON_HOLD:
        clocks.resume(running.filter(pause_reason=PauseReason.ON_HOLD), now=now)


def _note(requisition: Requisition, text: str, *, actor: User, now: datetime) -> int | None:
    if not text.strip():
        return None
    return Note.objects.create(
        client_id=requisition.client_id, text=text.strip(), author=actor, created_at=now
    ).pk  # fmt: skip
