"""The workbench: one page to read an offer and act on it, in a number of queries that does not grow with its story."""

from typing import Any

from django.db.models import Q
from django.urls import reverse

from governance.access import roles_at
from governance.programme import IncompleteProgramme, load
from offers import sow
from offers.contacts import TALKED_WITH
from offers.errors import OfferError
from offers.lifecycle import LIVE, MEANING, Status
from offers.models import Clock, Offer, OfferVersion, OutboxMessage, VerbalApproval
from offers.models.clocks import ClockKind
from offers.models.offer import ContingencyStatus
from offers.presentation import Pill, clock_card, highest_flag, reading, status_pill
from offers.queues import waiting_for
from offers.standing import assess, snapshot
from offers.views import acts, advice_panel, after_start, approvals, leeway, override_panel, standing, steps, terms
from offers.views.frame import Page, holder_of, role_of
from offers.views.timeline import timeline
from offers.workflow import mover
from offers.workflow.letter import held_back

MAILS, CONTACTS = 8, 4


def context(page: Page, offer: Offer) -> dict[str, Any]:
    """Everything that templates/offers/workbench.html shows of an offer loaded with `for_list`."""
    newest, previous = _versions(offer)
    chain = approvals.newest_chain(offer)
    clocks = list(offer.clocks.running().select_related("path").order_by("started_at"))
    return {
        "offer": offer,
        "role": role_of(offer),
        "tags": _tags(offer, clocks, page),
        "meaning": MEANING[Status(offer.status)],
        **_what_to_do(offer, clocks, page),
        "standing": standing_of(newest, page) if newest else None,
        "terms": terms.compare(newest, previous, page.voice) if newest else None,
        "clocks": _clock_cards(offer, clocks, page),
        "chain": chain,
        "policy": f"{chain.policy}" if chain and chain.policy else "",
        "handles": steps.handles(chain, offer, page.user),
        "steps": approvals.steps(chain, offer, page.voice) if chain else None,
        "letter": _letter(offer, page),
        "contingencies": _contingencies(offer, page),
        "said": _said(offer, page),
        "contacts": _contacts(offer, page),
        "counters": leeway.rounds(offer, page),
        "advice": advice_panel.panel(offer, page),
        "overrides": override_panel.panel(offer, page),
        "at_work": after_start.panel(offer, page),
        "closing_url": _closing_url(offer, page),
        "mails": _mails(offer, page),
        "events": timeline(offer, page.voice),
        "revives": offer.revives,
    }


def _what_to_do(offer: Offer, clocks: list[Clock], page: Page) -> dict[str, Any]:
    """What the person may do with it from here, and why what they may not do is in the way."""
    kept = _kept_back(offer, page)
    choices = acts.possible(offer, page.user, page.now, clocks, kept)
    prepares = bool(roles_at(page.user, offer.client_id) & mover.PREPARERS)
    return {
        "choices": choices,
        "bar": _bar(offer, choices),
        "leeway_url": _leeway_url(offer, prepares),
        "report_url": reverse("offers:report-override", args=[offer.pk]),
        "blocked": acts.blocked(offer, page.user, page.now, kept),
        "edit_url": "" if "terms" in kept else _edit_url(offer, page),
        "details_url": reverse("offers:details", args=[offer.pk]) if prepares else "",
        "decides": _decides(offer, page),
    }


def _closing_url(offer: Offer, page: Page) -> str:
    """Where past offers like an open one are weighed, for those who may read pay."""
    may = offer.is_live and page.user.has_perm("governance.view_salaryband", offer)
    return reverse("panels:closing", args=[offer.pk]) if may else ""


def _kept_back(offer: Offer, page: Page) -> dict[str, OfferError]:
    """What the statement of work gives to others, or a challenge holds, where the person may move offers at all."""
    if not roles_at(page.user, offer.client_id) & mover.ENDERS:
        return {}
    found: dict[str, OfferError] = dict(sow.refusals(offer, page.user, load(offer.client_id)))
    if offer.status == Status.APPROVED and (held := held_back(offer, now=page.now)):
        found.setdefault("extend", held)
    return found


def _bar(offer: Offer, choices: list[acts.Choice]) -> list[acts.Choice]:
    """What stands beside the title: the ways forward, and the verbal yes while there is none."""
    if offer.verbal_approved_at is None and offer.status in LIVE:
        return [choice for choice in choices if choice.name == "verbal_approval" or choice.tone == "go"]
    return [choice for choice in choices if choice.tone == "go"] or choices[:1]


def _versions(offer: Offer) -> tuple[OfferVersion | None, OfferVersion | None]:
    found = list(offer.versions.select_related("client").order_by("-number")[:2])
    for version in found:
        version.offer = offer
    return (found[0] if found else None), (found[1] if len(found) > 1 else None)


def standing_of(version: OfferVersion, page: Page) -> dict[str, Any]:
    """Frozen as it was judged, or judged now while it is being prepared. Never writes."""
    if version.is_frozen:
        return standing.frozen(version, page.voice)
    try:
        found = snapshot(assess(version, now=page.now))
    except IncompleteProgramme as error:
        return {"error": str(error), "note": "not judged yet"}
    note = standing.today(found["day"], page.voice)
    return standing.panel(found, page.voice, note=note, divisor=version.hours_divisor)


def _leeway_url(offer: Offer, prepares: bool) -> str:
    """The page that says what may be granted, from the first approval to the answer."""
    moves = offer.status in (Status.APPROVED, Status.EXTENDED, Status.NEGOTIATING) and offer.first_approved_id
    return reverse("offers:settle", args=[offer.pk]) if prepares and moves else ""


def _tags(offer: Offer, clocks: list[Clock], page: Page) -> list[Pill]:
    tags = [status_pill(offer.status)]
    if offer.priority == "critical":
        tags.append(Pill("info", "Critical"))
    if flag := highest_flag(clocks):
        tags.append(Pill("bad", f"Stuck past {flag} h"))
    if offer.version and offer.version.second_review:
        tags.append(Pill("warn", "Second-level review"))
    if offer.letter_is_out(page.now) and offer.status in LIVE - {Status.EXTENDED}:
        tags.append(Pill("info", "An earlier letter is out", "It stays acceptable until the next one is extended."))
    if offer.imported:
        tags.append(Pill("quiet", "Imported"))
    return tags


def _edit_url(offer: Offer, page: Page) -> str:
    return reverse("offers:terms", args=[offer.pk]) if acts.can_edit(offer, page.user) else ""


def _decides(offer: Offer, page: Page) -> list[dict[str, Any]]:
    """What waits for this very person."""
    waiting = (
        waiting_for(page.user, page.now).filter(offer=offer).order_by("step")
        if offer.status == Status.IN_REVIEW
        else []
    )
    return [
        {
            "approval": approval,
            "as": approval.title or approval.get_role_display() or "the person asked",
            "reason": approval.reason,
            "behalf": steps.behalf_of(page, approval),
            "due": page.voice.moment(approval.due_at) if approval.due_at else None,
            "url": reverse("offers:decide", args=[approval.pk]),
        }
        for approval in waiting
    ]


def _clock_cards(offer: Offer, clocks: list[Clock], page: Page) -> list[dict[str, Any]]:
    holder = holder_of(offer)
    line = f"Held by {holder} since {page.voice.moment(offer.moved_at).text}" if holder else ""
    shown = {clock.kind: clock for clock in clocks}  # of parallel steps the last one stands for all
    cards = [clock_card(clock, page.voice, line) for clock in shown.values()]
    if not any(clock.kind == ClockKind.VERBAL_TO_WRITTEN for clock in clocks) and offer.verbal_approved_at:
        cards.append(_past(offer))
    return cards


def _past(offer: Offer) -> dict[str, Any]:
    """The way to the first letter, once it is over."""
    began, written = offer.verbal_approved_at, offer.written_at
    text = f"It took {reading(written - began)}." if began and written else "No letter was sent."
    return {"title": "Verbal approval to letter", "over": text, "note": ""}


def _letter(offer: Offer, page: Page) -> dict[str, Any] | None:
    letter: Any = offer.letter
    if letter is None:
        return None
    return {
        "sent": page.voice.moment(letter.extended_at),
        "until": page.voice.moment(letter.expires_at) if letter.expires_at else None,
        "state": _letter_state(offer, page),
    }


def _letter_state(offer: Offer, page: Page) -> str:
    letter: Any = offer.letter
    if letter.revoked_at:
        return "revoked"
    if offer.status not in LIVE:
        return "accepted" if offer.status in (Status.ACCEPTED, Status.JOINED, Status.RENEGED) else "closed"
    return "out" if offer.letter_is_out(page.now) else "lapsed"


def _contingencies(offer: Offer, page: Page) -> dict[str, Any] | None:
    if offer.status not in (Status.ACCEPTED, Status.JOINED):
        return None
    kinds = {"clear": "ok", "waived": "ok", "failed": "bad"}
    may = bool(roles_at(page.user, offer.client_id) & mover.PREPARERS) and offer.status == Status.ACCEPTED
    rows = [
        {"row": row, "pill": Pill(kinds.get(row.status, "warn"), row.get_status_display())}
        for row in offer.contingencies.all()
    ]
    if not rows:
        return None
    return {
        "rows": rows,
        "choices": ContingencyStatus.choices,
        "url": reverse("offers:contingency", args=[offer.pk]) if may else "",
    }


def _said(offer: Offer, page: Page) -> list[dict[str, Any]]:
    """The two verbal yeses: what the manager approved, and what the candidate answered."""
    approved = offer.verbal_approvals.select_related("approved_by")
    told = offer.verbal_offers.select_related("note")
    return [_yes(row, page) for row in approved] + [
        {
            "title": "The candidate was told",
            "detail": f"“{row.note.text}”" if row.note else "",
            "at": page.voice.moment(row.made_at),
            "pill": Pill({"yes": "ok", "no": "bad"}.get(row.answer, "warn"), row.get_answer_display()),
        }
        for row in told
    ]


def _contacts(offer: Offer, page: Page) -> dict[str, Any] | None:
    """The last touches with the candidate, and when the next is due."""
    if offer.status not in TALKED_WITH:
        return None
    rows = list(offer.contacts.select_related("by", "note")[:CONTACTS])
    due = rows[0].next_on if rows else None
    today = page.now.astimezone(page.voice.zone).date()
    return {
        "next": page.voice.day(due) if due else "",
        "late": due is not None and due <= today,
        "url": reverse("offers:act", args=[offer.pk, "contact"]),
        "rows": [
            {
                "title": row.get_means_display(),
                "by": str(row.by or ""),
                "note": row.note.text if row.note else "",
                "at": page.voice.moment(row.at),
            }
            for row in rows
        ],
    }


def _yes(row: VerbalApproval, page: Page) -> dict[str, Any]:
    money = page.voice.money
    amounts = [
        f"{name} {money(amount, row.currency)}"
        for name, amount in (("base", row.base), ("first-year cash", row.first_year_total))
        if amount is not None
    ]
    state = Pill("warn", "Corrected") if row.corrected_at else Pill("info", "Not confirmed yet")
    return {
        "title": f"{row.approved_by} said yes",
        "detail": ", ".join([row.get_means_display().lower(), *amounts]),
        "at": page.voice.moment(row.approved_at),
        "pill": Pill("ok", "Confirmed") if row.confirmed_at else state,
    }


def _mails(offer: Offer, page: Page) -> list[dict[str, Any]]:
    if not page.user.has_perm("offers.view_outboxmessage", offer):
        return []
    mine = Q(offer=offer) | Q(carried__escalation__offer=offer)
    rows = OutboxMessage.objects.filter(mine).select_related("user").distinct().order_by("-created_at")[:MAILS]
    kinds = {"sent": "ok", "failed": "bad", "retrying": "warn", "dropped": "quiet"}
    return [
        {
            "title": row.get_kind_display(),
            "to": str(row.user) if row.user else row.address,
            "at": page.voice.moment(row.sent_at or row.created_at),
            "pill": Pill(kinds.get(row.status, "info"), row.get_status_display(), row.error),
            "url": reverse("offers:mail", args=[row.pk]),
        }
        for row in rows
    ]
