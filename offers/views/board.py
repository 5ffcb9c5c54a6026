"""The stuck board: what has passed a threshold and what soon will, with whom, whose time it is, and what to do next."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from tablib import Dataset  # type: ignore[import-untyped]

from governance.access import roles_at
from governance.admin.exports import TYPES, plain
from governance.programme import Programme, load_many
from governance.scoping import key_of
from governance.sow import party_of
from offers.admin.filters import choices
from offers.contacts import touches_due
from offers.escalations import ACKNOWLEDGE
from offers.lifecycle import Status
from offers.mail import NEXT_STEP
from offers.models import Escalation
from offers.models.clocks import EscalationStatus, PauseReason
from offers.presentation import face, leading, status_pill
from offers.queues import on_board, running_clocks
from offers.sow import agreement_of
from offers.views.frame import Page, holder_of, portal, role_of, url_of
from offers.workflow.mover import PREPARERS

MOST, TOUCHES = 300, 25
COLUMNS = ("offer", "candidate", "role", "client", "status", "past_hours", "age_hours", "holder", "party", "next_step",
           "due", "held_until", "paused")  # fmt: skip


@portal
def board(page: Page) -> HttpResponse:
    """The board, or with ?format=csv|xlsx the same rows as a file."""
    shown = page.request.GET
    download = shown.get("format") in TYPES
    offers = list(_offers(page) if download else _offers(page)[: MOST + 1])
    programmes = load_many({offer.client_id for offer in offers}) if offers else {}
    on_it = _on_it(offers, page)
    rows = [_row(offer, programmes[offer.client_id], on_it, page) for offer in offers]
    if download:
        return _download(rows, shown["format"])
    groups = _groups(rows[:MOST])
    kept = shown.copy()
    kept.pop("format", None)
    return page.show(
        "offers/board.html",
        "Stuck",
        groups=groups,
        filters=_filters(page),
        query=kept.urlencode(),
        filtered=any(shown.get(name) for name in FIELDS),
        more=len(rows) > MOST,
        most=MOST,
        may_act=any(roles & ACKNOWLEDGE for roles in page.user.roles.values()),
        leavers=_leavers(page),
        touches=_touches(page),
    )


WORDS = {
    "provider": "Provider", "client_hr": "Client HR", "finance": "Finance", "hiring_manager": "Hiring manager",
    "candidate": "Candidate",
}  # fmt: skip
OF_PAUSE: dict[str, str] = {PauseReason.CANDIDATE_ASKED: "candidate", PauseReason.ON_HOLD: "client_hr"}
FIELDS = {"client": "client", "unit": "requisition__business_unit", "recruiter": "recruiter"}


def _offers(page: Page) -> Any:
    rows = _filtered(on_board(page.user, page.now), page).for_list().prefetch_related(running_clocks())
    return rows.order_by("-level", "priority", "verbal_approved_at", "pk")


def _filtered(rows: Any, page: Page) -> Any:
    for name, field in FIELDS.items():
        value = page.request.GET.get(name, "")
        wanted = value if name == "unit" else key_of(value)
        if wanted:
            rows = rows.filter(**{field: wanted})
    return rows


def _touches(page: Page) -> list[dict[str, Any]]:
    """Candidates who should hear from us by today, the longest overdue first."""
    today = page.now.astimezone(page.voice.zone).date()
    due: Any = _filtered(touches_due(page.user, today), page).for_list()
    return [
        {
            "offer": offer,
            "role": role_of(offer),
            "candidate": offer.candidate.display_name,
            "recruiter": str(offer.recruiter or "nobody"),
            "due": page.voice.day(offer.touch_on),
            "late": offer.touch_on < today,
            "last": page.voice.moment(offer.last_touch).text if offer.last_touch else "never",
            "url": reverse("offers:act", args=[offer.pk, "contact"]),
        }
        for offer in due[:TOUCHES]
    ]


def _filters(page: Page) -> list[dict[str, Any]]:
    """[{name, label, options: [(value, label, chosen)]}] of what the person sees; a choice of one is none."""
    found = choices(page.request)
    labelled = (
        ("client", "Client", "clients"), ("unit", "Business unit", "units"), ("recruiter", "Recruiter", "recruiters"),
    )  # fmt: skip
    return [
        {"name": name, "label": label, "options": options}
        for name, label, key in labelled
        if len(options := _options(found[key], page.request.GET.get(name, ""))) > 1
    ]


def _leavers(page: Page) -> list[tuple[str, str, bool]]:
    """Recruiters whose offers could be handed to another, for whoever may change them."""
    may = any(roles & PREPARERS for roles in page.user.roles.values())
    return _options(choices(page.request)["recruiters"], "") if may else []


def _options(values: list[Any], chosen: str) -> list[tuple[str, str, bool]]:
    pairs = [(str(each["pk"]), each["name"]) if isinstance(each, dict) else (each, each) for each in values]
    return [(value, label, value == chosen) for value, label in sorted(pairs, key=lambda pair: pair[1].casefold())]


def _row(offer: Any, programme: Programme, on_it: dict[int, str], page: Page) -> dict[str, Any]:
    clock = _worst(offer)
    shown = face(clock, page.voice) if clock else None
    paused = clock.pause_reason if clock and clock.paused_at else ""
    return {
        "offer": offer,
        "url": url_of(offer),
        "role": role_of(offer),
        "candidate": offer.candidate.display_name,
        "level": offer.level or 0,
        "hours": offer.threshold_hours or 0,
        "status": status_pill(offer.status),
        "critical": offer.priority == "critical",
        "clock": shown,
        "age": clock.hours(page.now) if clock else None,
        "about": clock.get_kind_display() if clock else "",
        "holder": holder_of(offer) or "nobody",
        "party": WORDS[OF_PAUSE[paused] if paused else _party(offer, programme)],
        "since": page.voice.moment(offer.moved_at),
        "next": NEXT_STEP.get(Status(offer.status), "look at it"),
        "mine": offer.holder_id == page.user.pk or offer.holder_role in roles_at(page.user, offer.client_id),
        "said": _said(clock, on_it, page),
    }


def _party(offer: Any, programme: Programme) -> str:
    """Whose time it is, as the statement of work has it that the offer was drafted under."""
    agreement = agreement_of(offer, programme)
    return party_of(offer.status, agreement.document if agreement else None, role=offer.holder_role)


def _worst(offer: Any) -> Any:
    """The clock that brought the offer here: the one that has passed most, else the way to the letter."""
    passed = [clock for clock in offer.running if clock.flagged]
    return max(passed, key=lambda clock: (clock.flagged, -clock.started_at.timestamp()), default=leading(offer.running))


def _on_it(offers: list[Any], page: Page) -> dict[int, str]:
    """Who acknowledged what is held now, by clock; asked only where something is."""
    held = [each.pk for offer in offers for each in offer.running if each.hold_until and each.hold_until > page.now]
    if not held:
        return {}
    found = Escalation.objects.filter(clock__in=held, status=EscalationStatus.ACKNOWLEDGED)
    return {each.clock_id: str(each.acknowledged_by) for each in found.select_related("acknowledged_by").order_by("pk")}


def _said(clock: Any, on_it: dict[int, str], page: Page) -> str:
    """What has been done about it so far, in a line."""
    if clock and clock.paused_at:
        return f"paused: {clock.get_pause_reason_display()}"
    if clock and clock.hold_until and clock.hold_until > page.now:
        return f"{on_it.get(clock.pk, 'somebody')} is on it until {page.voice.moment(clock.hold_until).text}"
    return ""


def _groups(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One group a level, the highest first, then what is at risk: {key, title, note, tone, rows, oldest}."""
    levels = sorted({row["level"] for row in rows}, reverse=True)
    groups = []
    for level in levels:
        held = [row for row in rows if row["level"] == level]
        oldest = max(held, key=lambda row: row["age"] or 0)
        groups.append(
            {
                "key": f"level-{level}" if level else "at-risk",
                "title": _title(held) if level else "At risk within 8 hours",
                "tone": "bad" if level > 1 else "warn",
                "rows": held,
                "oldest": oldest["clock"].reading if oldest["clock"] else "",
            }
        )
    return groups


def _title(rows: list[dict[str, Any]]) -> str:
    standard = sorted({row["hours"] for row in rows if not row["critical"]})
    critical = sorted({row["hours"] for row in rows if row["critical"]})
    parts = [f"past {_hours(standard)}"] if standard else []
    parts += [f"critical past {_hours(critical)}"] if critical else []
    return ", ".join(parts).capitalize()


def _hours(found: list[int]) -> str:
    return " or ".join(f"{hours} h" for hours in found)


def _download(rows: list[dict[str, Any]], form: str) -> HttpResponse:
    dataset = Dataset(headers=COLUMNS)
    for row in rows:
        offer, clock = row["offer"], row["clock"].clock if row["clock"] else None
        age = None if row["age"] is None else round(row["age"], 2)
        dataset.append(
            [
                plain(value)
                for value in (
                    offer.external_id, row["candidate"], row["role"], offer.client.code, offer.status,
                    offer.threshold_hours, age, row["holder"], row["party"], row["next"],
                    clock.target_at.isoformat() if clock and clock.target_at else None,
                    clock.hold_until.isoformat() if clock and clock.hold_until else None,
                    clock.pause_reason if clock else None,
                )
            ]
        )  # fmt: skip
    headers = {"Content-Disposition": f'attachment; filename="stuck.{form}"'}
    return HttpResponse(dataset.export(form), content_type=TYPES[form], headers=headers)


def board_url(query: str = "") -> str:
    """The board as it was filtered."""
    return reverse("offers:stuck") + (f"?{query}" if query else "")
