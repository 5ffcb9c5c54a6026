"""What to photograph of mails: the mails themselves, and every page that the links in them lead to.

The links are made for the picture: only the hash of one that was mailed is kept. A mail's picture is of its HTML part,
written to a file, since the portal shows the text.
"""

import html
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils import timezone

from governance.models import Client, Membership
from offers import links
from offers.mail import Mail, render
from offers.mail_rows import fetch, wanted
from offers.models import Approval, DecisionToken, OutboxMessage
from offers.models.approvals import ApprovalStatus
from offers.models.outbox import MailKind
from offers.models.tokens import Purpose

Address = Callable[[], str | None]
FOLDER = Path(tempfile.gettempdir())


def link(purpose: str, **state: Any) -> Address:
    """The page of a fresh link of the first client whose question stands, with these fields of it put otherwise."""

    def find() -> str | None:
        token = _token(Purpose(purpose))
        if token is None:
            return None
        [address] = links.issue([token], now=timezone.now()).values()
        for name, value in state.items():
            setattr(token, name, value() if callable(value) else value)
        token.save(update_fields=list(state) or None)
        return path_of(address)

    return find


def path_of(address: str) -> str:
    return address[address.index("/offers/") :]


def over() -> str | None:
    """The page of a link whose approval was decided, or is not needed any more."""
    done = Approval.objects.filter(status__in=(ApprovalStatus.APPROVED, ApprovalStatus.REJECTED), client=_client())
    found = done.select_related("chain", "offer").exclude(decisions=None).order_by("-pk").first()
    return _of_approval(found) if found else None


def superseded() -> str | None:
    """The page of a link that nobody is asked by any more."""
    still = (ApprovalStatus.ASKED, ApprovalStatus.APPROVED, ApprovalStatus.REJECTED)
    moved_on = Approval.objects.filter(client=_client()).exclude(status__in=still)
    found = moved_on.select_related("chain", "offer").order_by("-pk").first()
    return _of_approval(found) if found else None


def _of_approval(approval: Approval) -> str | None:
    message = OutboxMessage.objects.filter(kind=MailKind.APPROVAL_ASKED, client=_client()).exclude(user=None).last()
    if message is None:
        return None
    token = DecisionToken(
        client_id=message.client_id, message=message, user=message.user, purpose=Purpose.DECIDE, approval=approval,
        offer_id=approval.offer_id, version_id=approval.chain.version_id,
    )  # fmt: skip
    [address] = links.issue([token], now=timezone.now()).values()
    return path_of(address)


def stranger() -> Any:
    """Somebody of another client alone."""
    mine = Membership.objects.filter(client=_client()).values("user")
    return Membership.objects.exclude(client=_client()).exclude(user__in=mine).order_by("pk")[0].user


def _client() -> Client | None:
    return Client.objects.order_by("pk").first()


def _token(purpose: Purpose, client: Client | None = None) -> DecisionToken | None:
    """The link, unsaved, that some mail would carry if it were sent now."""
    now = timezone.now()
    kinds = {
        Purpose.DECIDE: MailKind.APPROVAL_ASKED, Purpose.CONFIRM: MailKind.VERBAL_CONFIRM,
        Purpose.ACKNOWLEDGE: MailKind.ESCALATION,
    }  # fmt: skip
    mails = OutboxMessage.objects.filter(client=client or _client(), kind=kinds[purpose]).exclude(user=None)
    for message in mails.select_related("user", "client").order_by("-pk"):
        for token in wanted(message, fetch([message], now=now)):
            token.expires_at = now + links.LIFETIME
            if token.purpose == purpose and links.dead(token, None, now) is None:
                return token
    return None


def coded() -> str | None:
    """A page to decide on at a client that asks for a code."""
    client = Client.objects.filter(link_rule="code").first()
    token = _token(Purpose.DECIDE, client) if client else None
    return path_of(*links.issue([token], now=timezone.now()).values()) if token else None


def mail(kind: str, *, several: bool | None = None) -> Address:
    """The HTML part of the newest mail of this kind that would still be sent, as a file."""

    def find() -> str | None:
        found = _rendered(kind, several)
        if found is None:
            return None
        return _write(f"handoff-mail-{kind}-{several}.html", found.html)

    return find


def mail_text(kind: str) -> Address:
    """The text part beside it, in the width that mail programs give it."""

    def find() -> str | None:
        found = _rendered(kind, None)
        head = '<meta charset="utf-8"><meta name="color-scheme" content="light dark"><pre style="white-space:pre-wrap">'
        return _write(f"handoff-text-{kind}.html", head + html.escape(found.text)) if found else None

    return find


def _rendered(kind: str, several: bool | None) -> Mail | None:
    now = timezone.now()
    mails = OutboxMessage.objects.filter(kind=kind).exclude(user=None)
    if several is not None:
        mails = mails.filter(offer__isnull=several)
    for message in mails.select_related("user", "client").order_by("-pk")[:200]:
        rows = fetch([message], now=now)
        rows.links = {links.key_of(token): "https://handoff.example/offers/decide/…" for token in wanted(message, rows)}
        found = render(message, rows)
        if isinstance(found, Mail):
            return found
    return None


def _write(name: str, content: str) -> str:
    path = FOLDER / name
    path.write_text(content)
    return path.as_uri()


def flipped() -> str | None:
    """A link of which one letter was changed on its way."""
    whole = link("decide")()
    return whole and whole[:-2] + ("A" if whole[-2] != "A" else "B") + "/"
