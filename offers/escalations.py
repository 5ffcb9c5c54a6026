"""What people do about an escalation: acknowledge it, which holds the ladder a while, or jump to the top of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from governance import ladder
from governance.access import Role, roles_at
from governance.history import because
from governance.models import User
from governance.models.base import Priority
from offers.errors import AlreadyDecided, BadInput, NotInThisState, NotReady, NotYours, OfferError
from offers.lifecycle import LIVE
from offers.models import Clock, Escalation, Offer
from offers.models.clocks import Cause, ClockKind, EscalationStatus
from offers.sweep import tell
from offers.workflow import mover

ACKNOWLEDGE = frozenset(Role) - {Role.AUDITOR}


def acknowledge(escalation_ids: Iterable[int], *, actor: User, now: datetime) -> list[Escalation]:
    """Hold the ladder of these escalations' clocks: 4 h elapsed, critical 1 h, at most twice a clock, as the path says.

    Gives the escalations that are acknowledged by this. What cannot be held is left as it is; where nothing can, the
    first refusal is raised: NotYours, AlreadyDecided (not stuck any more, or held already), NotInThisState (paused) or
    NotReady (held as often as the path allows). When the hold ends and the clock still runs, the ladder goes on.
    """
    with transaction.atomic(), because(actor=actor.pk, action="escalation.acknowledge"):
        asked = _lock(set(escalation_ids), actor)
        refusals: list[OfferError] = []
        held: list[Clock] = []
        for clock in dict.fromkeys(each.clock for each in asked):
            try:
                _hold(clock, actor=actor, now=now)
            except OfferError as error:
                refusals.append(error)
            else:
                held.append(clock)
        if refusals and not held:
            raise refusals[0]
        Clock.objects.bulk_update(held, ["hold_until", "holds", "next_due_at"])
        open_ones = Escalation.objects.filter(clock__in=held, status=EscalationStatus.OPEN)
        ids = list(open_ones.values_list("pk", flat=True))
        open_ones.update(status=EscalationStatus.ACKNOWLEDGED, acknowledged_by=actor, acknowledged_at=now)
        return list(Escalation.objects.filter(pk__in=ids).select_related("clock", "offer"))


def _lock(escalation_ids: set[int], actor: User) -> list[Escalation]:
    """The escalations among these that the person may see, their offers and clocks locked, in this order."""
    seen = Escalation.objects.filter(pk__in=escalation_ids, offer__in=Offer.objects.visible_to(actor))
    found = dict(seen.values_list("pk", "offer_id"))
    if not found:
        raise NotYours("There is no such escalation among yours.")
    offers = Offer.objects.select_for_update(no_key=True).filter(pk__in=set(found.values())).order_by("pk")
    list(offers.values_list("pk"))
    clocks = Clock.objects.select_for_update(of=("self",), no_key=True).filter(escalations__in=found)
    locked = {clock.pk: clock for clock in clocks.select_related("path").order_by("pk")}
    escalations = list(Escalation.objects.filter(pk__in=found).select_related("acknowledged_by").order_by("pk"))
    for each in escalations:
        each.clock = locked[each.clock_id]
    return escalations


def _hold(clock: Clock, *, actor: User, now: datetime) -> None:
    """Set the clock, unsaved, on hold. Raises the refusal that stands against it."""
    if not roles_at(actor, clock.client_id) & ACKNOWLEDGE:
        raise NotYours("An auditor reads, and does not act.", next_step="Ask whoever holds the offer.")
    if clock.stopped_at:
        raise AlreadyDecided("This is not stuck any more: the step was done.")
    if clock.paused_at:
        raise NotInThisState(f"This clock is paused: {clock.get_pause_reason_display()}.", next_step="Resume it first.")
    if clock.hold_until and clock.hold_until > now:
        raise AlreadyDecided(
            f"It was acknowledged already; the ladder holds until {clock.hold_until:%d %b, %H:%M} UTC.",
            next_step="Nothing is left to do here.",
        )
    hold = ladder.hold(clock.path.document if clock.path else {}, clock.priority)
    if clock.holds >= hold.times:
        raise NotReady(
            f"It was acknowledged {hold.times} times and is still stuck, so the ladder goes on.",
            rule=f"an acknowledgement holds the ladder at most {hold.times} times",
            next_step="Do the next step, or hand the offer to somebody who can.",
        )
    clock.hold_until = clock.next_due_at = now + hold.span
    clock.holds += 1


def jump(offer_id: int, *, actor: User, now: datetime, reason: str) -> Escalation:
    """A critical hire is at risk: tell the top of the ladder now, with the reason, without waiting for a threshold.

    Raises NotInThisState where the offer is not critical or nothing of it is on a ladder, AlreadyDecided where the top
    has been told in this round.
    """
    if not reason.strip():
        raise BadInput("Say what is at risk: whoever signs off reads it first.", field="reason")
    with mover.acting(offer_id, "escalate", actor=actor, now=now, comment=reason) as (offer, _, note):
        clock = _on_ladder(offer)
        path: Any = clock.path
        top, last = len(path.document["levels"]), clock.thresholds[-1]
        told = Escalation.objects.filter(clock=clock, round=clock.round)
        if told.filter(level__gte=top).exists():
            raise AlreadyDecided("Senior sign-off has been asked already.", next_step="See whom on the stuck board.")
        if told.filter(threshold_hours=last).exists():  # a path may have more levels than thresholds
            clock.round += 1
        escalation = Escalation.objects.create(
            client_id=offer.client_id, clock=clock, offer=offer, cycle=clock.cycle, round=clock.round,
            threshold_hours=last, level=top, cause=Cause.JUMPED, note=note,
            due_at=now, flagged_at=now, holder_id=offer.holder_id, holder_role=offer.holder_role,
        )  # fmt: skip
        clock.flagged, clock.hold_until, clock.next_due_at = len(clock.thresholds), None, None
        clock.save(update_fields=["round", "flagged", "hold_until", "next_due_at"])
        tell([escalation.pk], now=now)
        return escalation


def _on_ladder(offer: Offer) -> Clock:
    """The clock by which a critical offer climbs, its row locked: the way to the letter before a single step."""
    if offer.status not in LIVE:
        raise NotInThisState(f"This offer is {offer.get_status_display().lower()}: nothing of it is at risk any more.")
    if offer.priority != Priority.CRITICAL:
        raise NotInThisState(
            "Only a critical hire jumps to senior sign-off.",
            rule="critical hire at risk",
            next_step="A standard offer climbs the ladder; its next threshold stands on this page.",
        )
    clocks = Clock.objects.select_for_update(of=("self",), no_key=True).running().exclude(path=None)
    found = list(clocks.filter(offer=offer, thresholds__len__gt=0).select_related("path").order_by("started_at"))
    if not found:
        raise NotInThisState(
            "No clock of this offer is on an escalation path now.", next_step="Record the verbal approval first."
        )
    return min(found, key=lambda clock: clock.kind != ClockKind.VERBAL_TO_WRITTEN)
