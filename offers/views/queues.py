"""“Waiting for me” and “Stuck”: what to do next, the oldest and most at risk first."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.urls import reverse

from governance.access import roles_at
from offers.lifecycle import Status
from offers.mail import NEXT_STEP
from offers.models import Approval
from offers.presentation import Voice, face, leading, reading, span, standing_pill, status_pill
from offers.queues import level_passed, running_clocks, stuck, waiting_for
from offers.views.frame import Page, holder_of, role_of, url_of

MOST = 200


def waiting_rows(page: Page, most: int = MOST) -> list[Approval]:
    """The approvals with all that a row shows, in one query."""
    return list(in_order(waiting_for(page.user, page.now), page.now)[:most])


def in_order(rows: QuerySet[Approval], now: datetime) -> QuerySet[Approval]:
    """Late ones first, critical before standard, then those due soonest; with all that a row shows."""
    late = Case(When(due_at__lte=now, then=Value(0)), default=Value(1))
    shown = rows.select_related(
        "offer__client", "offer__requisition", "offer__candidate__person", "chain__version__client"
    )
    return shown.order_by(late, "offer__priority", "due_at", "pk")


def waiting_row(approval: Approval, voice: Voice) -> dict[str, Any]:
    offer, due = approval.offer, approval.due_at
    asked = approval.asked_at or voice.now
    late = due is not None and due <= voice.now
    left = f"{'late by' if late else 'due in'} {span(due - voice.now)}" if due else ""
    return {
        "offer": offer,
        "url": reverse("offers:decide", args=[approval.pk]),
        "role": role_of(offer),
        "candidate": offer.candidate.display_name,
        "critical": offer.priority == "critical",
        "as": approval.title or approval.get_role_display() or "you by name",
        "reason": approval.reason,
        "standing": standing_pill(approval.chain.version, voice),
        "waited": reading(voice.now - asked),
        "left": left,
        "kind": "bad" if late else "warn" if due and due - voice.now < timedelta(hours=2) else "ok",
        "due": voice.moment(due) if due else None,
    }


def stuck_rows(page: Page, most: int = MOST) -> list[Any]:
    """Stuck offers with their running clocks, in two queries."""
    rows: Any = stuck(page.user).annotate(level=level_passed())
    rows = rows.for_list().prefetch_related(running_clocks())
    return list(rows.order_by("-level", "priority", "verbal_approved_at", "pk")[:most])


def stuck_row(offer: Any, page: Page) -> dict[str, Any]:
    clock = leading(offer.running)
    shown = face(clock, page.voice) if clock else None
    return {
        "offer": offer,
        "url": url_of(offer),
        "role": role_of(offer),
        "candidate": offer.candidate.display_name,
        "hours": offer.threshold_hours,
        "status": status_pill(offer.status),
        "critical": offer.priority == "critical",
        "clock": shown,
        "holder": holder_of(offer) or "nobody",
        "since": page.voice.moment(offer.moved_at),
        "next": NEXT_STEP.get(Status(offer.status), "look at it"),
        "mine": offer.holder_id == page.user.pk or offer.holder_role in roles_at(page.user, offer.client_id),
    }
