"""What a change of a calendar means for the clocks that run: which would be due at another time, and moving them.

Saving a calendar moves nothing by itself: due instants are stored when a clock starts. People see the effect first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from governance import ladder
from governance.access import Role, roles_at
from governance.business_time import Calendar, add_business_time, business_time_between
from governance.history import because
from governance.models import BusinessCalendar, Note, User
from governance.models.base import Priority
from governance.programme import load
from offers.clocks import PAUSABLE
from offers.errors import BadInput, NotYours
from offers.models import Approval, Clock, Offer

MAY = frozenset({Role.HR_PARTNER, Role.ADMINISTRATOR})
Pauses = list[tuple[datetime, timedelta]]  # since when, and how much contractual time


@dataclass(frozen=True, slots=True)
class Moved:
    """A running clock that the calendar puts elsewhere now: its contractual target, or thresholds in business hours.

    `was` and `now` are of the first of these that moves; `threshold` says which one where that is not the target.
    """

    clock: Clock
    was: datetime
    now: datetime
    threshold: int | None
    target_at: datetime | None
    due_instants: list[datetime]


def effect(calendar: BusinessCalendar, engine: Calendar | None = None) -> list[Moved]:
    """The running clocks that are counted by this calendar and would be due at another time by it, soonest first.

    `engine` is the calendar as somebody thinks of changing it; as it is saved where none is given.
    """
    if not calendar.is_default:
        return []
    engine = engine or load(calendar.client_id).calendar
    running = Clock.objects.running().filter(client=calendar.client_id, kind__in=PAUSABLE)
    counted = running.filter(Q(priority=Priority.STANDARD) | Q(path__document__hours="business"))
    clocks = list(counted.select_related("offer", "path").order_by("target_at", "pk"))
    pauses = _pauses(clocks)
    moved = (_moved(clock, engine, pauses.get(clock.pk, [])) for clock in clocks)
    return [each for each in moved if each is not None]


def _moved(clock: Clock, calendar: Calendar, pauses: Pauses) -> Moved | None:
    target_at, due = _target(clock, calendar, pauses), _thresholds(clock, calendar, pauses)
    pairs = [(None, clock.target_at, target_at), *zip(clock.thresholds, clock.due_instants, due, strict=True)]
    for threshold, was, now in pairs:
        if was is not None and now is not None and was != now:
            return Moved(clock, was, now, threshold, target_at, due)
    return None


def _target(clock: Clock, calendar: Calendar, pauses: Pauses) -> datetime | None:
    """When the calendar has it due; critical work, and what has no hours to be done in, is due by no calendar."""
    if clock.priority == Priority.CRITICAL or not clock.target_hours or clock.target_at is None:
        return clock.target_at
    target = ladder.target(clock.target_hours, clock.priority, clock.started_at, calendar).contractual_at
    return _after(target, pauses, calendar)


def _thresholds(clock: Clock, calendar: Calendar, pauses: Pauses) -> list[datetime]:
    """When the calendar has each threshold reached; elapsed ones, and those passed already, stay."""
    if not clock.path or clock.path.document.get("hours") != "business":
        return clock.due_instants
    if clock.priority == Priority.CRITICAL:  # its pauses are kept in elapsed time
        pauses = [(since, business_time_between(since, since + span, calendar)) for since, span in pauses]
    due = ladder.due_instants(clock.path.document, clock.priority, clock.started_at, calendar)
    later = [_after(at, pauses, calendar) for at in due[clock.flagged :]]
    return clock.due_instants[: clock.flagged] + later


def _after(instant: datetime, pauses: Pauses, calendar: Calendar) -> datetime:
    """A contractual instant, later by each pause that began before it; what had passed stays, as it did then."""
    for since, span in pauses:
        if instant > since and span:
            instant = add_business_time(instant, span, calendar)
    return instant


def _pauses(clocks: Iterable[Clock]) -> dict[int, Pauses]:
    """The pauses that are over, by clock, in order, from history: a clock itself keeps only their sum."""
    paused = [clock.pk for clock in clocks if clock.paused_for]
    if not paused:
        return {}
    events: Any = Clock.pgh_event_model  # type: ignore[attr-defined]
    rows = events.objects.filter(pgh_obj_id__in=paused).order_by("pgh_id")
    found: dict[int, Pauses] = {}
    before: dict[int, tuple[datetime | None, timedelta]] = {}
    for pk, since, total in rows.values_list("pgh_obj_id", "paused_at", "paused_for"):
        was_since, was_total = before.get(pk, (None, timedelta()))
        if was_since and total > was_total:
            found.setdefault(pk, []).append((was_since, total - was_total))
        before[pk] = (since, total)
    return found


def move(calendar: BusinessCalendar, *, actor: User, now: datetime, reason: str) -> int:
    """Put the targets of these clocks, and thresholds in business hours, where the calendar says; says how many moved.

    What has been flagged stays flagged. Raises NotYours for a role that may not, BadInput without a reason.
    """
    if not roles_at(actor, calendar.client_id) & MAY:
        raise NotYours("Your role may not move clocks.", next_step="Ask an HR business partner or an administrator.")
    if not reason.strip():
        raise BadInput("Say why what is due moves: people have promised by it.", field="reason")
    with transaction.atomic():
        note = Note.objects.create(client_id=calendar.client_id, text=reason.strip(), author=actor, created_at=now)
        with because(actor=actor.pk, action="calendar.move", note=note.pk):
            offers = {each.clock.offer_id for each in effect(calendar)}
            list(Offer.objects.select_for_update(no_key=True).filter(pk__in=offers).order_by("pk").values_list("pk"))
            moved = effect(calendar)
            for each in moved:
                each.clock.target_at, each.clock.due_instants = each.target_at, each.due_instants
                each.clock.next_due_at = each.clock.upcoming
            clocks = [each.clock for each in moved]
            Clock.objects.bulk_update(clocks, ["target_at", "due_instants", "next_due_at"])
            due = [
                Approval(pk=clock.approval_id, due_at=clock.target_at)
                for clock in clocks
                if clock.approval_id and clock.target_at
            ]
            Approval.objects.bulk_update(due, ["due_at"])
    return len(moved)
