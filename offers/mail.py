"""The mails: one function a mail, three templates each (subject, text, html), rendered when they are sent.

Subjects carry no pay; figures stay out of the body too where the client says so. A link by which the reader decides is
issued for each sending (offers/links.py): rendered without one, as the portal does, a mail leads to the portal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from offers.lifecycle import LIVE, Status
from offers.mail_rows import Rows, address, decidable, still_stuck
from offers.models import Advice, Escalation, Offer, OfferVersion, OutboxMessage, Override, VerbalApproval
from offers.models.approvals import ApprovalStatus
from offers.models.clocks import Cause
from offers.models.outbox import MailKind, MailStatus
from offers.models.tokens import Purpose
from offers.presentation import Voice, band_words, gap_words

NEXT_STEP = {
    Status.DRAFT: "submit the terms for approval",
    Status.IN_REVIEW: "decide the approval that waits",
    Status.APPROVED: "send the letter and record it",
    Status.EXTENDED: "get the candidate's answer",
    Status.NEGOTIATING: "answer what the candidate asks",
}


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """Not sent, because what it would say is no longer true."""

    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """Not sent yet, because nobody should be asked now."""

    why: str


def render(message: OutboxMessage, rows: Rows) -> Mail | Dropped | Held:
    """What the message says now; Dropped where its cause is gone, Held where its cause stands still."""
    with timezone.override(_zone_of(message)):
        return _RENDER[MailKind(message.kind)](message, rows)


# --- the mails


def escalation(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """What is stuck, how long, who holds it, what to do: one item, or a digest of all that this person hears of."""
    found = still_stuck(message, rows)
    if not found:
        return Dropped("nothing of it is stuck any more")
    mine_of = decidable(message, rows)
    items = one_an_offer([stuck_item(each, rows.offers[each.offer_id], rows.now) for each in found])
    for item in items:
        mine = mine_of.get(item["offer"].pk)
        item["decide"] = address(message, rows, Purpose.DECIDE, mine.pk) if mine else ""
    items.sort(key=lambda item: (not item["decide"], -item["hours"]))
    oldest = max(items, key=lambda item: item["hours"])
    acknowledge = address(message, rows, Purpose.ACKNOWLEDGE, 0)
    context = {"items": items, "item": items[0], "oldest": oldest, "count": len(items), "acknowledge": acknowledge}
    return _mail("escalation", message, **context)


def answer_due(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """The candidate has not answered and the last day comes near: to the recruiter alone."""
    offer = rows.offers[message.offer_id or 0]
    if offer.status not in (Status.EXTENDED, Status.NEGOTIATING) or not offer.letter_is_out(rows.now):
        return Dropped("no answer is waited for any more")
    letter: Any = offer.letter
    return _mail("answer_due", message, expires_at=letter.expires_at, **_offer(offer, message))


def nudge(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """Somebody asks whoever holds the offer to move it."""
    offer = rows.offers[message.offer_id or 0]
    if offer.status not in NEXT_STEP:
        return Dropped("the offer has ended")
    if why := rows.paused.get(offer.pk):
        return Dropped(f"paused: {why}")
    return _mail("nudge", message, by=rows.people.get(message.ids["by"]), **_offer(offer, message))


def approval_asked(message: OutboxMessage, rows: Rows) -> Mail | Dropped | Held:
    """Please decide: what, why, by when. While the clocks are paused it waits, and is asked afterwards."""
    approval = rows.approvals.get(message.ids["approval"])
    if approval is None or approval.status != ApprovalStatus.ASKED:
        return Dropped("this approval waits no more")
    away = rows.people.get(message.ids.get("for", 0))
    if approval.person_id not in (None, message.user_id, away and away.pk):
        return Dropped("it was given to somebody else")
    offer = rows.offers[approval.offer_id]
    if why := rows.paused.get(offer.pk):
        return Held(f"paused: {why}")
    version = approval.chain.version
    version.offer, version.client = offer, offer.client
    decide = address(message, rows, Purpose.DECIDE, approval.pk)
    context = _offer(offer, message) | {"facts": _facts(version, message), "decide": decide, "away": away}
    return _mail("approval_asked", message, approval=approval, version=version, **context)


def nobody_eligible(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """The alarm: an approval that nobody can give."""
    approval = rows.approvals.get(message.ids["approval"])
    if approval is None or approval.status != ApprovalStatus.ASKED:
        return Dropped("this approval waits no more")
    return _mail("nobody_eligible", message, approval=approval, **_offer(rows.offers[approval.offer_id], message))


def rejected(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """The chain stopped, or went on without an approval: who did it, and what they wrote."""
    approval = rows.approvals[message.ids["approval"]]
    decision = next(iter(approval.decisions.all()), None)
    offer = rows.offers[approval.offer_id]
    return _mail(MailKind(message.kind).value, message, approval=approval, decision=decision, **_offer(offer, message))


def approved(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """Every approval holds: send the letter."""
    offer = rows.offers[message.offer_id or 0]
    if offer.status != Status.APPROVED:
        return Dropped("the offer has moved on")
    return _mail("approved", message, **_offer(offer, message))


def verbal_confirm(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """Your verbal yes was recorded: confirm or correct it."""
    verbal = rows.verbals.get(message.ids["verbal_approval"])
    if verbal is None or verbal.confirmed_at or verbal.corrected_at:
        return Dropped("it was answered already")
    offer = rows.offers[verbal.offer_id]
    if offer.status not in LIVE:
        return Dropped("the offer has ended")
    decide = address(message, rows, Purpose.CONFIRM, verbal.pk)
    context = _offer(offer, message) | {"facts": _said(verbal, message), "decide": decide}
    return _mail("verbal_confirm", message, verbal=verbal, **context)


def verbal_corrected(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """The manager says that it was not so."""
    verbal = rows.verbals[message.ids["verbal_approval"]]
    return _mail("verbal_corrected", message, verbal=verbal, **_offer(rows.offers[verbal.offer_id], message))


def receipt(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """Somebody has decided by the link in your mail: was it you?"""
    approval = rows.approvals[message.ids["approval"]]
    decision = next((each for each in approval.decisions.all() if each.user_id == message.user_id), None)
    if decision is None:
        return Dropped("the decision was taken back")
    offer = rows.offers[approval.offer_id]
    return _mail("receipt", message, approval=approval, decision=decision, **_offer(offer, message))


def undelivered(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """A mail that somebody needed has failed for good."""
    failed = rows.failed[message.ids["message"]]
    if failed.status != MailStatus.FAILED:
        return Dropped("it is being tried again")
    link = settings.PORTAL_URL + reverse("admin:offers_outboxmessage_changelist") + "?status__exact=failed"
    offer = rows.offers.get(failed.offer_id or 0)
    about = _offer(offer, message) if offer else {}
    return _mail("undelivered", message, failed=failed, outbox=link, **about)


def reference_stale(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """Published pay is about to be too old: which, until when, and where newer values are brought in."""
    source: Any = rows.sources.get(message.ids["source"])
    as_of = date.fromisoformat(message.ids["as_of"])
    if source is None or (source.newest and source.newest > as_of):
        return Dropped("newer values are in")
    last = as_of + timedelta(days=source.stale_after_days)
    link = settings.PORTAL_URL + reverse("references:import", args=["benchmarks"])
    over = last < rows.now.date()
    return _mail("reference_stale", message, source=source, as_of=as_of, last=last, over=over, link=link)


def token_ends(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """A program that acts for this person will be refused from then on: which token, when, and what to do."""
    token = rows.tokens.get(message.ids["api_token"])
    if token is None or token.revoked_at or token.is_over(rows.now):
        return Dropped("the token is over")
    return _mail("token_ends", message, token=token)


def override(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """A way around the process was found: what, and that somebody has to say whether it is so."""
    found = rows.overrides[message.ids["override"]]
    if not found.is_open:
        return Dropped("it is resolved already")
    return _override("override", message, found, rows)


def override_resolved(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """What became of the override that this person reported."""
    found = rows.overrides[message.ids["override"]]
    if found.is_open:
        return Dropped("it is open again")
    return _override("override_resolved", message, found, rows)


def _override(name: str, message: OutboxMessage, found: Override, rows: Rows) -> Mail:
    link = settings.PORTAL_URL + reverse("offers:override", args=[found.pk])
    return _mail(name, message, override=found, override_link=link, **_offer(rows.offers[found.offer_id], message))


def advice(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """The provider says that these terms are too low: please decide. To the final authority once the hold is over."""
    found = rows.advice[message.ids["advice"]]
    if found.decision or rows.offers[found.offer_id].status not in LIVE:
        return Dropped("it is decided, or the offer has ended")
    return _advice(str(message.kind), message, found, rows)


def advice_decided(message: OutboxMessage, rows: Rows) -> Mail | Dropped:
    """What the business decided on advice."""
    found = rows.advice[message.ids["advice"]]
    if not found.decision:
        return Dropped("it is open again")
    return _advice("advice_decided", message, found, rows)


def _advice(name: str, message: OutboxMessage, found: Advice, rows: Rows) -> Mail:
    link = settings.PORTAL_URL + reverse("offers:advice", args=[found.pk])
    return _mail(name, message, advice=found, advice_link=link, **_offer(rows.offers[found.offer_id], message))


_RENDER: dict[MailKind, Callable[[OutboxMessage, Rows], Mail | Dropped | Held]] = {
    MailKind.ADVICE: advice,
    MailKind.CHALLENGE_FINAL: advice,
    MailKind.ADVICE_DECIDED: advice_decided,
    MailKind.ESCALATION: escalation,
    MailKind.APPROVAL_ASKED: approval_asked,
    MailKind.NOBODY_ELIGIBLE: nobody_eligible,
    MailKind.REJECTED: rejected,
    MailKind.SENT_BACK: rejected,
    MailKind.SKIPPED: rejected,
    MailKind.APPROVED: approved,
    MailKind.VERBAL_CONFIRM: verbal_confirm,
    MailKind.REFERENCE_STALE: reference_stale,
    MailKind.TOKEN_ENDS: token_ends,
    MailKind.OVERRIDE: override,
    MailKind.OVERRIDE_RESOLVED: override_resolved,
    MailKind.ANSWER_DUE: answer_due,
    MailKind.VERBAL_CORRECTED: verbal_corrected,
    MailKind.RECEIPT: receipt,
    MailKind.UNDELIVERED: undelivered,
    MailKind.NUDGE: nudge,
}


def _mail(name: str, message: OutboxMessage, **context: Any) -> Mail:
    context |= {"message": message, "portal": settings.PORTAL_URL, "person": message.user}
    subject = render_to_string(f"mail/{name}.subject.txt", context)
    return Mail(
        subject=" ".join(subject.split()),
        text=render_to_string(f"mail/{name}.txt", context).strip() + "\n",
        html=render_to_string(f"mail/{name}.html", context),
    )


def _offer(offer: Offer, message: OutboxMessage) -> dict[str, Any]:
    return {
        "offer": offer,
        "role": _role(offer),
        "link": _link(offer),
        "show_pay": message.client.pay_in_mail,
        "next_step": NEXT_STEP.get(Status(offer.status), ""),
    }


def _facts(version: OfferVersion, message: OutboxMessage) -> list[tuple[str, str]]:
    """The figures that the decision turns on; none where the client keeps them out of mails."""
    if not message.client.pay_in_mail:
        return []
    voice = Voice(message.created_at)
    stands = ", ".join(part for part in (gap_words(version, voice), band_words(version)) if part)
    return [
        ("Base", f"{voice.money(version.base, version.currency)} a {version.pay_period}"),
        ("First-year cash", voice.money(version.first_year_cash, version.currency)),
        ("Stands", stands),
    ]


def _said(verbal: VerbalApproval, message: OutboxMessage) -> list[tuple[str, str]]:
    amounts = [("Base a year", verbal.base), ("First-year cash", verbal.first_year_total)]
    voice, shown = Voice(message.created_at), message.client.pay_in_mail
    return [(name, voice.money(sum_, verbal.currency)) for name, sum_ in amounts if shown and sum_ is not None]


def stuck_item(found: Escalation, offer: Offer, now: datetime) -> dict[str, Any]:
    """One stuck offer as mails and the page behind their link say it; `hours` are elapsed."""
    hours = found.clock.hours(now)
    return {
        "escalation": found,
        "offer": offer,
        "role": _role(offer),
        "hours": hours,
        "waited": waited(hours),
        "since": found.clock.started_at,
        "about": "since the verbal approval" if found.clock.kind == "verbal_to_written" else "in one approval step",
        "holder": holder(offer),
        "next_step": NEXT_STEP.get(Status(offer.status), "look at it"),
        "link": _link(offer),
        "at_risk": found.note.text if found.cause == Cause.JUMPED and found.note else "",
        "lapsed": found.cause == Cause.LAPSED,
    }


def one_an_offer(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of an offer of which several clocks are stuck, the one that has waited longest; longest first."""
    longest_last = sorted(items, key=lambda item: item["hours"])
    found = {item["offer"].pk: item for item in longest_last}
    return sorted(found.values(), key=lambda item: -item["hours"])


def waited(hours: float) -> str:
    """Elapsed time as people say it: "45 min", "26 h", "3 days 2 h"."""
    if hours < 1:
        return f"{int(hours * 60)} min"
    if hours < 72:
        return f"{int(hours)} h"
    days, rest = divmod(int(hours), 24)
    return f"{days} days {rest} h" if rest else f"{days} days"


def holder(offer: Offer) -> str:
    """Who has to act now: a person, or a role where several may."""
    if offer.holder:
        return str(offer.holder)
    return offer.get_holder_role_display() or "nobody"


def _role(offer: Offer) -> str:
    requisition = offer.requisition
    title = requisition.title or requisition.role_code or requisition.external_id
    return ", ".join(part for part in (title, requisition.location) if part)


def _zone_of(message: OutboxMessage) -> ZoneInfo:
    """The reader's own time zone, else the client's."""
    return ZoneInfo((message.user.zone if message.user else "") or message.client.zone)


def _link(offer: Offer) -> str:
    return settings.PORTAL_URL + reverse("admin:offers_offer_change", args=[offer.pk])
