"""Starting and stopping clocks. Due instants are stored when a clock starts; no change of rules recomputes them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet, prefetch_related_objects

from governance import ladder
from governance.models.base import Priority
from governance.programme import Programme, Rule, load_many
from offers.models import Approval, Clock, CounterOffer, Escalation, Offer
from offers.models.clocks import ClockKind, EscalationStatus, PauseReason, StopReason
from offers.models.intake import RequisitionStatus

WITH_THE_OFFER = (StopReason.ENDED, StopReason.VOID)
LADDER = frozenset({ClockKind.VERBAL_TO_WRITTEN, ClockKind.APPROVAL_STEP})  # the others never reach finance
PAUSABLE = LADDER | {ClockKind.COUNTER_RESPONSE}  # the candidate's own time is prolonged, not paused


def build(
    offer: Offer,
    kind: ClockKind,
    programme: Programme,
    *,
    started_at: datetime,
    target_hours: int | None = None,
    approval: Approval | None = None,
    counter: CounterOffer | None = None,
    cycle: int = 1,
) -> Clock:
    """An unsaved clock of this offer with its target and, where it escalates, every due instant."""
    level = programme.service_level
    if target_hours is None and level is not None and kind.value in level.document:
        target_hours = int(level.document[kind.value][offer.priority])
    clock = Clock(
        client_id=offer.client_id,
        offer=offer,
        approval=approval,
        counter=counter,
        kind=kind,
        cycle=cycle,
        priority=offer.priority,
        started_at=started_at,
        service_level_id=level.id if level else None,
    )
    if target_hours:
        target = ladder.target(target_hours, offer.priority, started_at, programme.calendar)
        clock.target_hours = target.hours
        clock.target_at, clock.elapsed_target_at = target.contractual_at, target.elapsed_at
    if kind in LADDER:
        _put_on_ladder(clock, programme)
    if kind in PAUSABLE:
        _hold_with_requisition(clock)
    clock.next_due_at = clock.upcoming
    return clock


def _put_on_ladder(clock: Clock, programme: Programme) -> None:
    path = path_of(clock.offer, ClockKind(clock.kind), programme)
    if path is not None:
        given = (path.document, clock.priority)
        clock.path_id = path.id
        clock.thresholds = ladder.thresholds(*given)
        clock.due_instants = ladder.due_instants(*given, clock.started_at, programme.calendar)


def _hold_with_requisition(clock: Clock) -> None:
    """What is begun on a requisition on hold stands still; what ran before the hold counts, however late it is told."""
    requisition = clock.offer.requisition
    if requisition.status == RequisitionStatus.ON_HOLD:
        clock.paused_at = max(clock.started_at, requisition.held_at or clock.started_at)
        clock.pause_reason = PauseReason.ON_HOLD


def path_of(offer: Offer, kind: ClockKind, programme: Programme) -> Rule | None:
    """The escalation path of this stage of the offer's engagement and business unit."""
    if not programme.has_special_paths:
        return programme.path
    requisition = offer.requisition
    engagement = requisition.engagement.code if requisition.engagement else ""
    return programme.path_for(stage=kind.value, engagement=engagement, unit=requisition.business_unit)


def answer_due(clock: Clock, expires_at: datetime | None, programme: Programme) -> None:
    """Set, unsaved, until when the candidate may answer, and when the recruiter is reminded of it.

    The reminder comes as many days before as the service level says, or halfway where the candidate has less time.
    """
    clock.target_at = clock.elapsed_target_at = expires_at
    clock.remind_at = None
    response = programme.service_level.document["candidate_response"] if programme.service_level else {}
    days = int(response.get("remind_days_before", 0))
    if expires_at and days:
        halfway = clock.started_at + (expires_at - clock.started_at) / 2
        clock.remind_at = max(expires_at - timedelta(days=days), halfway)


def start(offer: Offer, kind: ClockKind, programme: Programme, *, started_at: datetime, **subject: object) -> Clock:
    """Start one clock now, or as of an earlier instant; the sweep then flags the newest threshold passed."""
    clock = build(offer, kind, programme, started_at=started_at, **subject)  # type: ignore[arg-type]
    clock.save()
    return clock


def start_verbal_clocks(offers: Sequence[Offer]) -> list[Clock]:
    """Start verbal-to-written clocks of many offers at their own verbal approval, set-based: a few queries in all."""
    programmes = load_many({offer.client_id for offer in offers})
    special = any(programme.has_special_paths for programme in programmes.values())
    prefetch_related_objects(list(offers), "requisition__engagement" if special else "requisition")
    return Clock.objects.bulk_create(
        [
            build(offer, ClockKind.VERBAL_TO_WRITTEN, programmes[offer.client_id], started_at=offer.verbal_approved_at)
            for offer in offers
            if offer.verbal_approved_at
        ],
        batch_size=2000,
    )


def stop(offer: Offer, kinds: Iterable[ClockKind], *, now: datetime, why: StopReason = StopReason.DONE) -> None:
    """Stop the offer's running clocks of these kinds, and resolve what they had escalated."""
    _stop(Clock.objects.running().filter(offer=offer, kind__in=list(kinds)), now=now, why=why)


def stop_all(offer: Offer, *, now: datetime, why: StopReason = StopReason.ENDED) -> None:
    """The offer ended: nothing of it is due any more."""
    _stop(Clock.objects.running().filter(offer=offer), now=now, why=why)


def stop_approvals(approvals: Iterable[Approval], *, now: datetime, why: StopReason = StopReason.DONE) -> None:
    """Stop the step clocks of these approvals."""
    _stop(Clock.objects.running().filter(approval__in=list(approvals)), now=now, why=why)


def pause(clocks: QuerySet[Clock], why: PauseReason, *, now: datetime) -> int:
    """Let contractual time, and the ladder, stand still from now on; says how many clocks. Elapsed hours go on."""
    pausable = clocks.running().filter(kind__in=PAUSABLE, paused_at=None, started_at__lte=now)  # type: ignore[attr-defined]
    return int(pausable.update(paused_at=now, pause_reason=why, next_due_at=None))


def resume(clocks: QuerySet[Clock], *, now: datetime) -> int:
    """Let paused clocks run on; says how many. What is contractual moves by the contractual time that was paused."""
    paused = list(clocks.filter(stopped_at=None, paused_at__isnull=False).select_related("path"))
    programmes = load_many({clock.client_id for clock in paused}) if paused else {}
    for clock in paused:
        _run_on(clock, programmes[clock.client_id], now)
    changed = ["paused_at", "pause_reason", "paused_for", "target_at", "due_instants", "next_due_at"]
    Clock.objects.bulk_update(paused, changed)
    due = [Approval(pk=clock.approval_id, due_at=clock.target_at) for clock in paused if clock.approval_id]
    Approval.objects.bulk_update(due, ["due_at"])
    return len(paused)


def _run_on(clock: Clock, programme: Programme, now: datetime) -> None:
    since, until = clock.paused_at, now
    assert since is not None
    if until > since:
        given = (since, until, clock.priority, programme.calendar)
        clock.paused_for += ladder.contractual(*given)
        if clock.target_at:
            clock.target_at = ladder.shifted(clock.target_at, *given)
        if clock.path and clock.path.document.get("hours") == "business":
            worked = (since, until, Priority.STANDARD, programme.calendar)  # of critical work too, as they were counted
            clock.due_instants = [ladder.shifted(instant, *worked) for instant in clock.due_instants]
    clock.paused_at, clock.pause_reason = None, ""
    clock.next_due_at = clock.upcoming


def restart(offer: Offer, *, stopped_at: datetime) -> None:
    """Let the clocks run on that stopped with the offer at that instant, with what they had escalated."""
    ended = list(Clock.objects.filter(offer=offer, stopped_at=stopped_at, stop_reason__in=WITH_THE_OFFER))
    for clock in ended:
        clock.stopped_at, clock.stop_reason = None, ""
        clock.next_due_at = clock.upcoming
        clock.save(update_fields=["stopped_at", "stop_reason", "next_due_at"])
    resolved = Escalation.objects.filter(clock__in=ended, resolved_at=stopped_at)
    resolved.filter(acknowledged_at=None).update(status=EscalationStatus.OPEN, resolved_at=None)
    resolved.update(status=EscalationStatus.ACKNOWLEDGED, resolved_at=None)


def _stop(clocks: QuerySet[Clock], *, now: datetime, why: StopReason) -> None:
    found = dict(clocks.values_list("pk", "paused_at"))
    stopped = list(found)
    if not stopped:
        return
    if any(found.values()):
        resume(Clock.objects.filter(pk__in=stopped), now=now)  # what was paused counts up to the end
    Clock.objects.filter(pk__in=stopped).update(stopped_at=now, stop_reason=why, next_due_at=None)
    Escalation.objects.filter(clock_id__in=stopped).exclude(status=EscalationStatus.RESOLVED).update(
        status=EscalationStatus.RESOLVED, resolved_at=now
    )
