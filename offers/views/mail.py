"""A mail as it was sent: in the demo the kept file, elsewhere rendered anew."""

import re
from email import message_from_binary_file, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from governance.scoping import scoped
from offers.mail import Dropped, Held, render
from offers.mail_rows import fetch
from offers.models import OutboxMessage
from offers.views.frame import Page, portal

LINK = re.compile(r"(/offers/decide/)\S+")  # whoever reads another's mail here must not decide in their name


@portal
def read(page: Page, pk: int) -> HttpResponse:
    """The text of one mail of the person's clients."""
    message = get_object_or_404(
        scoped(OutboxMessage.objects.select_related("user", "client", "offer"), page.user), pk=pk
    )
    if message.offer_id and not page.user.has_perm("offers.view_offer", message.offer):
        raise Http404("There is no such mail among yours.")
    shown = _kept(message) or _anew(message, page)
    at = page.voice.moment(message.sent_at) if message.sent_at else None
    return page.show("offers/mail.html", shown["subject"], mail=shown, message=message, sent=at)


def _kept(message: OutboxMessage) -> dict[str, Any] | None:
    """The file that the demo's mail folder wrote, named by the number of the outbox."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    path = Path(folder) / f"{message.pk}.eml" if folder and message.sent_at else None
    if path is None or not path.is_file():
        return None
    with path.open("rb") as file:
        found: Any = message_from_binary_file(file, _class=EmailMessage, policy=policy.default)
    if found["Message-ID"] != message.message_id or found["To"] != message.recipient:
        return None  # left over from a database that is no more
    body = found.get_body(preferencelist=("plain",))
    text = LINK.sub(r"\1…/", body.get_content()) if body else ""
    return {"subject": str(found["Subject"]), "text": text, "kept": True}


def _anew(message: OutboxMessage, page: Page) -> dict[str, Any]:
    mail = render(message, fetch([message], now=page.now))
    if isinstance(mail, Dropped | Held):
        return {"subject": message.get_kind_display(), "text": "", "why": mail.why, "kept": False}
    return {"subject": mail.subject, "text": mail.text, "kept": False}
