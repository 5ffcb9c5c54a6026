"""What a change of a calendar means for the clocks that run: which would be due at another time, and moving them.

Saving a calendar moves nothing by itself: due instants are stored when a clock starts. People see the effect first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from governance import ladder
from governance.access import Role, roles_at
from governance.business_time import Calendar, add_business_time
from governance.history import because
from governance.models import BusinessCalendar, Note, User
from governance.programme import load
from offers.clocks import PAUSABLE
from offers.errors import BadInput, NotYours
from offers.models import Approval, Clock, Offer

MAY = frozenset({Role.HR_PARTNER, Role.ADMINISTRATOR})
Pauses = list[tuple[datetime, timedelta]]  # since when, and how much contractual time


@dataclass(frozen=True, slots=True)
class Moved:
    """A running clock whose contractual target the calendar puts elsewhere now."""

    clock: Clock
    was: datetime
    now: datetime
    pauses: Pauses


def effect(calendar: BusinessCalendar, engine: Calendar | None = None) -> list[Moved]:
    """The running clocks that are counted by this calendar and would be due at another time by it, soonest first.

    `engine` is the calendar as somebody thinks of changing it; as it is saved where none is given.
    """
    if not calendar.is_default:
        return []
    engine = engine or load(calendar.client_id).calendar
    running = Clock.objects.running().filter(client=calendar.client_id, kind__in=PAUSABLE, priority="standard")
    counted = running.exclude(target_hours=None).exclude(target_at=None)
    clocks = list(counted.select_related("offer", "path").order_by("target_at"))
    pauses = _pauses(clocks)
    moved = [_moved(clock, engine, pauses.get(clock.pk, [])) for clock in clocks]
    return [each for each in moved if each.was != each.now]


def _moved(clock: Clock, calendar: Calendar, pauses: Pauses) -> Moved:
    assert clock.target_at is not None
    target = ladder.target(clock.target_hours or 0, clock.priority, clock.started_at, calendar).contractual_at
    return Moved(clock, clock.target_at, _after(target, pauses, calendar), pauses)


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
            engine = load(calendar.client_id).calendar
            for each in moved:
                _put(each, engine)
            clocks = [each.clock for each in moved]
            Clock.objects.bulk_update(clocks, ["target_at", "due_instants", "next_due_at"])
            due = [Approval(pk=clock.approval_id, due_at=clock.target_at) for clock in clocks if clock.approval_id]
            Approval.objects.bulk_update(due, ["due_at"])
    return len(moved)


def _put(each: Moved, calendar: Calendar) -> None:
    clock = each.clock
    clock.target_at = each.now
    if clock.path and clock.path.document.get("hours") == "business":
        due = ladder.due_instants(clock.path.document, clock.priority, clock.started_at, calendar)
        clock.due_instants = [_after(at, each.pauses, calendar) for at in due]
        clock.next_due_at = clock.upcoming
