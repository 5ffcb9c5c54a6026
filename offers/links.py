"""Links in mails by which the person named decides: issuing them, what has become of one, and using it once.

A link carries its client's number and 256 random bits; only a SHA-256 of it is kept, so that nobody who reads the
database or the outbox can decide for anybody. Opening one changes nothing.
"""

import hashlib
import re
import secrets
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pghistory
import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from governance.models import LinkRule, User
from offers import escalations, outbox, queues, workflow
from offers.errors import AlreadyDecided, BadInput, NotYours, OfferError
from offers.lifecycle import LIVE, Status
from offers.models import DecisionToken, Escalation, OutboxEscalation, OutboxMessage
from offers.models.approvals import ApprovalStatus, ChainStatus
from offers.models.clocks import EscalationStatus
from offers.models.outbox import MailKind
from offers.models.tokens import Purpose

log = structlog.get_logger(__name__)

LIFETIME = timedelta(days=7)
CODE_LIFETIME, CODE_TRIES, CODES = timedelta(minutes=10), 5, 5
CODE_PAUSE = timedelta(seconds=30)  # between two codes for one link
CODE_TIMEOUT = 5  # seconds that the mail server has to take a code: somebody waits before the page
FORM = re.compile(r"(\d{1,15})\.[A-Za-z0-9_-]{43}\Z")

Key = tuple[int, str, int]  # the mail, the purpose, and the approval or verbal approval (0 for an acknowledgement)


def key_of(token: DecisionToken) -> Key:
    return token.message_id, token.purpose, token.approval_id or token.verbal_approval_id or 0


def issue(tokens: Iterable[DecisionToken], *, now: datetime) -> dict[Key, str]:
    """Save these links, as yet without their secret, in one statement; gives each one's address, known here alone."""
    found, made = {}, []
    for token in tokens:
        text = f"{token.client_id}.{secrets.token_urlsafe(32)}"
        token.digest, token.created_at, token.expires_at = digest(text), now, now + LIFETIME
        found[key_of(token)] = settings.PORTAL_URL + reverse("offers:link", args=[text])
        made.append(token)
    DecisionToken.objects.bulk_create(made)
    return found


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def client_of(text: str) -> int | None:
    """The client that a link is of, None where the text cannot be a link of ours."""
    found = FORM.match(text)
    return int(found[1]) if found else None


def find(text: str) -> DecisionToken | None:
    """The link with all that its page speaks of; its client has to be in scope."""
    rows = DecisionToken.objects.select_related(
        "client",
        "user",
        "message__client",
        "message__user",
        "approval__chain__version",
        "verbal_approval__recorded_by",
        "verbal_approval__offer",
    )
    return rows.filter(digest=digest(text)).first()


# --- what has become of it


@dataclass(frozen=True, slots=True)
class Dead:
    """Why a link decides nothing any more: the page's name for it, what happened, and what to do next."""

    why: str
    what: str
    next_step: str
    status: int = 410


def dead(token: DecisionToken, viewer: User | None, now: datetime) -> Dead | None:
    """None while the link is good for whoever opens it. `viewer` is who has signed in there, None for nobody."""
    if viewer is not None and viewer.pk != token.user_id:
        return Dead(
            "someone-else",
            f"This link was written for somebody else, and you are signed in as {viewer}.",
            "What waits for you stands in the portal. If the mail was forwarded to you, ask its sender to delegate.",
            403,
        )
    if not token.user.is_active or token.client_id not in token.user.roles:
        return Dead(
            "no-access",
            f"Your access at {token.client} has ended, so this link decides nothing.",
            "If that is a mistake, ask an administrator of your company.",
            403,
        )
    if token.used_at:
        return Dead("used", "You have answered by this link already, and it works once.", "Nothing is left to do here.")
    if token.revoked_at:
        return Dead(
            "revoked",
            "An administrator has taken this link back.",
            "Sign in to see what waits for you, or ask your administrator.",
        )
    if moved := _moved_on(token, now):
        return moved
    if token.expires_at <= now:
        days = LIFETIME.days
        return Dead(
            "expired", f"Links in mails work for {days} days; this one is older.", "Have a new one sent to you."
        )
    return None


def _moved_on(token: DecisionToken, now: datetime) -> Dead | None:
    if token.purpose == Purpose.DECIDE:
        return _approval_moved_on(token, now)
    if token.purpose == Purpose.CONFIRM:
        verbal = token.verbal_approval
        if verbal is None or verbal.confirmed_at or verbal.corrected_at:
            return Dead("moved-on", "This was answered already.", "Nothing is left to do here.")
        if verbal.offer.status not in LIVE:
            return Dead("moved-on", "This offer has ended since the mail was written.", "Nothing is left to do here.")
    if token.purpose == Purpose.ACKNOWLEDGE:
        return _escalations_moved_on(token)
    return None


def _escalations_moved_on(token: DecisionToken) -> Dead | None:
    running = [each for each in carried(token) if each.clock.stopped_at is None]
    if not running:
        return Dead("moved-on", "Nothing of what the mail said is stuck any more.", "Nothing is left to do here.")
    if all(each.status == EscalationStatus.ACKNOWLEDGED for each in running):
        whose = "You have" if running[0].acknowledged_by_id == token.user_id else f"{running[0].acknowledged_by} has"
        return Dead("decided", f"{whose} acknowledged this already.", "Nothing is left to do here.")
    return None


def carried(token: DecisionToken) -> list[Escalation]:
    """The escalations that the link's mail tells of, the oldest first."""
    rows = Escalation.objects.filter(mails__message=token.message_id).order_by("due_at", "pk")
    return list(rows.select_related("clock", "note", "acknowledged_by"))


def _approval_moved_on(token: DecisionToken, now: datetime) -> Dead | None:
    approval = token.approval
    assert approval is not None, "a constraint says so"
    last = approval.decisions.select_related("user").order_by("-decided_at", "-pk").first()
    if approval.status in (ApprovalStatus.APPROVED, ApprovalStatus.REJECTED) and last:
        return Dead(
            "decided",
            f"{'You have' if last.user_id == token.user_id else f'{last.user} has'} {last.verdict} this already.",
            "Nothing is left to decide here.",
        )
    chain = approval.chain
    same = chain.version_id == token.version_id and chain.status == ChainStatus.RUNNING
    if not same or approval.status != ApprovalStatus.ASKED or approval.offer.status != Status.IN_REVIEW:
        return Dead(
            "moved-on",
            "The terms or the state of this offer have changed since the mail was written.",
            "If your decision is needed on the new terms, a new mail asks you for it.",
        )
    if not queues.waiting_for(token.user, now).filter(pk=approval.pk).exists():
        return Dead(
            "moved-on",
            f"This waits for {approval.asks}, and for you no longer.",
            "What waits for you stands in the portal.",
        )
    return None


# --- using it


def decide(token: DecisionToken, verdict: str, *, comment: str, now: datetime) -> None:
    """Approve or reject, by the verb that locks the offer; the link is spent in the same transaction."""
    with transaction.atomic(), pghistory.context(via="mail"):
        offer = workflow.decide(token.approval_id or 0, verdict, actor=token.user, now=now, comment=comment)
        _spend(token, now=now)
        if token.client.link_rule == LinkRule.LINK:  # nothing but the link was asked for: the mailbox hears of it
            ids = {"approval": token.approval_id, "token": token.pk}
            outbox.queue(MailKind.RECEIPT, offer, [token.user_id], cause=f"token-{token.pk}", now=now, ids=ids)


def confirm(token: DecisionToken, *, now: datetime) -> None:
    """Confirm the verbal approval that was recorded."""
    with transaction.atomic(), pghistory.context(via="mail"):
        workflow.confirm_verbal_approval(token.verbal_approval_id or 0, actor=token.user, now=now)
        _spend(token, now=now)


def correct(token: DecisionToken, *, comment: str, now: datetime) -> None:
    """Say that the verbal approval was not as recorded."""
    with transaction.atomic(), pghistory.context(via="mail"):
        workflow.correct_verbal_approval(token.verbal_approval_id or 0, actor=token.user, now=now, comment=comment)
        _spend(token, now=now)


def acknowledge(token: DecisionToken, *, now: datetime) -> None:
    """Acknowledge what the mail told of, as far as it can still be held."""
    with transaction.atomic(), pghistory.context(via="mail"):
        escalations.acknowledge([each.pk for each in carried(token)], actor=token.user, now=now)
        _spend(token, now=now)


def _spend(token: DecisionToken, *, now: datetime) -> None:
    """Compare and set: of two posts at once, one decides."""
    good = DecisionToken.objects.filter(pk=token.pk, used_at=None, revoked_at=None, expires_at__gt=now)
    if not good.update(used_at=now):
        raise AlreadyDecided("This link has been used or taken back.", next_step="Sign in to see where it stands.")


def renew(token: DecisionToken, *, now: datetime) -> None:
    """Mail the same person the same question anew, once for each link that expired."""
    message = token.message
    if message.offer is None:
        raise NotYours("This mail spoke of several offers.", next_step="Sign in to see them.")
    cause = f"renewed-{token.pk}"
    with transaction.atomic():
        outbox.queue(MailKind(message.kind), message.offer, [token.user_id], cause=cause, now=now, ids=message.ids)
        again = OutboxMessage.objects.get(key=f"{message.kind}:{cause}:{token.user_id}")
        carried = [
            OutboxEscalation(client_id=each.client_id, message=again, escalation_id=each.escalation_id)
            for each in message.carried.all()
        ]
        OutboxEscalation.objects.bulk_create(carried, ignore_conflicts=True)  # what it tells of goes with it


def revoke(message_ids: Iterable[int], *, now: datetime) -> int:
    """Take back what these mails' links still could decide; says how many."""
    live = DecisionToken.objects.filter(
        message__in=list(message_ids), used_at=None, revoked_at=None, expires_at__gt=now
    )
    return live.update(revoked_at=now)


# --- the one-time code


class CodeRefused(OfferError):
    """The code is wrong, too old, or was tried too often."""


def code_waits(token: DecisionToken, now: datetime) -> bool:
    """True while the code mailed last can still be given."""
    fresh = token.code_at is not None and now - token.code_at < CODE_LIFETIME
    return bool(token.code) and fresh and token.code_tries < CODE_TRIES


def send_code(token: DecisionToken, *, now: datetime) -> None:
    """Mail a fresh code to the person's own mailbox, past the outbox: it is kept nowhere but as a keyed hash.

    Raises CodeRefused where this link has had its codes or the mail server does not take it now.
    """
    text = f"{secrets.randbelow(10**6):06}"
    slow = DecisionToken.objects.filter(pk=token.pk, code_at__gt=now - CODE_PAUSE).exists()
    mine = DecisionToken.objects.filter(pk=token.pk, codes__lt=CODES)
    fresh = {"code": _hash(token, text), "code_at": now, "code_tries": 0, "codes": F("codes") + 1}
    if slow:
        raise CodeRefused("A code was sent a moment ago.", next_step="Look into your mailbox, the spam folder too.")
    if not mine.update(**fresh):
        raise CodeRefused(f"{CODES} codes were sent for this link, and that is all.", next_step="Sign in to decide.")
    context = {"code": text, "minutes": int(CODE_LIFETIME.total_seconds() // 60), "client": token.client}
    mail = EmailMultiAlternatives(
        "Your code for Handoff",
        render_to_string("mail/code.txt", context),
        to=[token.user.email],
        connection=get_connection(timeout=CODE_TIMEOUT),
    )
    mail.attach_alternative(render_to_string("mail/code.html", context), "text/html")
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("code_not_sent", token_id=token.pk, error=type(error).__name__)
        raise CodeRefused("The code could not be mailed just now.", next_step="Try again, or sign in.") from error
    token.refresh_from_db(fields=["code", "code_at", "code_tries", "codes"])


def check_code(token: DecisionToken, text: str, *, now: datetime) -> None:
    """Raise CodeRefused unless this is the code mailed last. Every try counts, whatever becomes of the rest."""
    tried = DecisionToken.objects.filter(pk=token.pk, code_tries__lt=CODE_TRIES, code_at__gt=now - CODE_LIFETIME)
    if not tried.exclude(code="").update(code_tries=F("code_tries") + 1):
        token.code = ""
        raise CodeRefused("That code is too old, or was tried too often.", next_step="Have a new one sent.")
    token.refresh_from_db(fields=["code", "code_tries"])
    if not constant_time_compare(token.code, _hash(token, "".join(text.split()))):
        left = CODE_TRIES - token.code_tries
        raise CodeRefused(
            "That is not the code we mailed.",
            next_step=f"{left} tries are left." if left > 1 else "One try is left." if left else "Have a new one sent.",
        )


def _hash(token: DecisionToken, text: str) -> str:
    return salted_hmac(f"handoff.code.{token.pk}", text, algorithm="sha256").hexdigest()


def need_comment(comment: str) -> None:
    """Raise BadInput where nothing was written; asked before a code is mailed."""
    if not comment.strip():
        raise BadInput("Say why: everyone involved reads it.", field="comment")
