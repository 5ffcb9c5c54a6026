"""Mail on a laptop: every message becomes a file that the portal can show, and none leaves the machine."""

import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

FROM_OUTBOX = re.compile(r"<outbox-(\d+)[.@]")


class EmailBackend(BaseEmailBackend):
    """Writes settings.EMAIL_FILE_PATH/NUMBER.eml, NUMBER being the outbox's; mail of no outbox gets a name of its own.

    As a mail server would with the same Message-ID, a second copy takes the place of the first.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            written = message.message()
            _write(folder / f"{_name(str(written['Message-ID']))}.eml", written)
        return len(email_messages)


def _name(message_id: str) -> str:
    found = FROM_OUTBOX.match(message_id)
    return found[1] if found else secrets.token_hex(8)


def _write(path: Path, message: Any) -> None:
    """Whole or not at all, and for the owner alone: there are names and pay in it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(message.as_bytes(linesep="\r\n"))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
