"""The portal's hooks (config/portal.py says their shape): the numbers beside the sidebar, and the home page by role."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from governance.access import Role
from governance.scoping import scoped
from offers.models import Alarm, Offer
from offers.presentation import face, span, status_pill
from offers.queues import counts, due_within, running_clocks
from offers.views.frame import Page, holder_of, role_of, url_of
from offers.views.queues import stuck_row, stuck_rows, waiting_row, waiting_rows
from offers.watch import neglected
from offers.workflow.mover import PREPARERS

ROWS = 6
SOON = 24  # hours
DECIDERS = frozenset(
    {Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER, Role.HIRING_MANAGER, Role.FINANCE_LEADER, Role.TALENT_LEADER}
)


def portal_counts(request: HttpRequest) -> dict[str, int]:
    """PORTAL_COUNTS: {"waiting", "stuck"}, read once a request."""
    if not hasattr(request, "portal_counts"):
        request.portal_counts = counts(request.user)  # type: ignore[attr-defined,arg-type]
    return request.portal_counts  # type: ignore[attr-defined]


def home(request: HttpRequest) -> dict[str, Any]:
    """PORTAL_HOME: what waits, what is stuck and with whom, what is due soon, what changed since yesterday."""
    page = Page(request)
    roles = frozenset().union(*page.user.roles.values())
    numbers = portal_counts(request)
    due = list(due_within(page.user, page.now, SOON).select_related("offer__requisition", "offer__holder")[:ROWS])
    main = [_stuck(page, numbers["stuck"])]
    if roles & DECIDERS or numbers["waiting"]:
        main.insert(0, _waiting(page, numbers["waiting"]))
    if roles & PREPARERS:
        main.append(_mine(page))
    return {
        "greeting": f"{_part_of_day(page)}, {page.user.get_short_name()}",
        "lede": _lede(numbers),
        "stats": _stats(page, numbers),
        "main": main,
        "aside": [_due(page, due), _changed(page)],
    }


def _part_of_day(page: Page) -> str:
    hour = timezone.localtime(page.now, page.voice.zone).hour
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"


def _lede(numbers: dict[str, int]) -> str:
    waiting, late = numbers["waiting"], numbers["stuck"]
    if not waiting and not late:
        return "Nothing waits for you and nothing is stuck."
    parts = [f"{waiting} {'approval waits' if waiting == 1 else 'approvals wait'} for you"] if waiting else []
    parts += [f"{late} {'offer is' if late == 1 else 'offers are'} stuck"] if late else []
    return " and ".join(parts) + "."


def _stats(page: Page, numbers: dict[str, int]) -> list[dict[str, Any]]:
    changelist = reverse("admin:offers_offer_changelist")
    visible = Offer.objects.visible_to(page.user)
    live = visible.live().count()
    watched = _alarms(page)
    out = visible.filter(status="extended").count()
    return [
        {"label": "Waiting for you", "value": numbers["waiting"], "url": reverse("offers:waiting"), "icon": "inbox",
         "tone": "warn" if numbers["waiting"] else "", "note": "approvals that you can decide"},
        {"label": "Stuck", "value": numbers["stuck"], "url": reverse("offers:stuck"), "icon": "timer",
         "tone": "bad" if numbers["stuck"] else "", "note": "past a threshold"},
        {"label": "Letters out", "value": out, "url": f"{changelist}?status=extended", "icon": "mail",
         "note": "with the candidate"},
        {"label": "Open offers", "value": live, "url": f"{changelist}?status=live", "icon": "file-signature",
         "note": "from draft to answer"},
        *watched,
    ]  # fmt: skip


def _alarms(page: Page) -> list[dict[str, Any]]:
    """For those who watch over Handoff itself: what it has left undone, counted live, so that it needs no worker."""
    if not page.user.has_perm("offers.view_alarm"):
        return []
    raised = scoped(Alarm.objects.filter(cleared_at=None), page.user).count()
    undone = neglected(now=page.now)
    note = f"{undone} due and not done" if undone else "due and not done, or nobody to tell"
    return [
        {"label": "Alarms", "value": raised or undone, "url": reverse("admin:offers_alarm_changelist"),
         "icon": "triangle-alert", "tone": "bad" if raised or undone else "", "note": note},
    ]  # fmt: skip


def _waiting(page: Page, total: int) -> dict[str, Any]:
    rows = [waiting_row(approval, page.voice) for approval in waiting_rows(page, ROWS)]
    return {
        "title": "Waiting for you",
        "note": f"{total} in all" if total > len(rows) else "",
        "url": reverse("offers:waiting") if total else "",
        "more": "Show everything that waits",
        "rows": [
            {
                "title": f"{row['role']}, {row['candidate']}",
                "url": row["url"],
                "meta": f"{row['offer']} · as {row['as']} · {row['reason']}",
                "pill": {"kind": row["standing"].kind, "text": row["standing"].text},
                "aside": row["left"],
            }
            for row in rows
        ],
        "empty": {
            "title": "Nothing waits for you",
            "text": "You get a mail as soon as somebody asks for your approval.",
        },
    }


def _stuck(page: Page, total: int) -> dict[str, Any]:
    rows = [stuck_row(offer, page) for offer in stuck_rows(page, ROWS)]
    return {
        "title": "Stuck, and with whom",
        "note": f"{total} in all" if total > len(rows) else "",
        "url": reverse("offers:stuck") if total else "",
        "more": "Show everything that is stuck",
        "rows": [
            {
                "title": f"{row['role']}, {row['candidate']}",
                "url": row["url"],
                "meta": f"{row['offer']} · held by {row['holder']} · next: {row['next']}",
                "pill": {"kind": "bad", "text": f"past {row['hours']} h"},
                "aside": row["clock"].reading if row["clock"] else "",
            }
            for row in rows
        ],
        "empty": {"title": "Nothing is stuck", "text": "Offers past a threshold appear here, with whoever holds them."},
    }


def _mine(page: Page) -> dict[str, Any]:
    held = Offer.objects.visible_to(page.user).live().filter(holder=page.user)
    rows = list(held.for_list().prefetch_related(running_clocks()).order_by("moved_at")[:ROWS])
    changelist = reverse("admin:offers_offer_changelist")
    return {
        "title": "In your hands",
        "url": f"{changelist}?queue=held" if rows else "",
        "more": "Show everything that you hold",
        "rows": [
            {
                "title": f"{role_of(offer)}, {offer.candidate.display_name}",
                "url": url_of(offer),
                "meta": f"{offer} · since {page.voice.moment(offer.moved_at).text}",
                "pill": {"kind": status_pill(offer.status).kind, "text": status_pill(offer.status).text},
            }
            for offer in rows
        ],
        "empty": {"title": "You hold no offer", "text": "Offers that you are to move next appear here."},
    }


def _due(page: Page, clocks: list[Any]) -> dict[str, Any]:
    return {
        "title": "Due in the next hours",
        "note": f"{SOON} h",
        "rows": [
            {
                "title": role_of(clock.offer),
                "url": url_of(clock.offer_id),
                "meta": f"{clock.offer} · {clock.get_kind_display().lower()} · {holder_of(clock.offer) or 'nobody'}",
                "pill": {"kind": face(clock, page.voice).kind, "text": f"in {_roughly(clock.target_at - page.now)}"},
            }
            for clock in clocks
        ],
        "empty": {"title": "Nothing is due today", "text": "What must be done within 24 hours appears here."},
    }


def _roughly(left: timedelta) -> str:
    """To the minute while there are few hours left; whole hours, rounded down, beyond."""
    return span(left) if left < timedelta(hours=3) else f"{left // timedelta(hours=1)} h"


def _changed(page: Page) -> dict[str, Any]:
    since = page.now - timedelta(hours=24)
    moved = Offer.objects.visible_to(page.user).filter(moved_at__gte=since, moved_at__lte=page.now)
    rows = moved.select_related("requisition").order_by("-moved_at")[:ROWS]
    return {
        "title": "Changed since yesterday",
        "rows": [
            {
                "title": role_of(offer),
                "url": url_of(offer),
                "meta": str(offer),
                "pill": {"kind": status_pill(offer.status).kind, "text": status_pill(offer.status).text},
                "aside": page.voice.moment(offer.moved_at).text,
            }
            for offer in rows
        ],
        "empty": {"title": "Nothing has changed", "text": "Offers that moved in the last 24 hours appear here."},
    }
