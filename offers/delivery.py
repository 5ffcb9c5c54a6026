"""Delivery: claim what the outbox holds, render it, hand it to the mail server, and say what became of it.

A message is claimed under a lease in its own transaction, and its result commits before the next is sent: a worker that
dies leaves its message to the next one after the lease. While a result is written the next mail is announced, and while
the server thinks about one mail the next is rendered; nothing of a message leaves before. Only a death between the
server's yes and our commit can send one twice, with the same Message-ID. One connection serves a batch; where the
server itself is gone, what was claimed goes back untried, and a pass ends, so that nobody waits for one time-out after
another.
"""

import random
import smtplib
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from offers import links, mail_server
from offers.mail import Dropped, Held, Mail, render
from offers.mail_rows import Rows, fetch, wanted
from offers.models import DecisionToken, OutboxMessage
from offers.models.outbox import MailStatus
from offers.sending import Sending
from offers.undelivered import tell_next

log = structlog.get_logger(__name__)

BATCH = 50
LEASE = timedelta(minutes=5)
MARGIN = timedelta(minutes=2)  # what one sending may take at worst: several answers of EMAIL_TIMEOUT each
STALE = timedelta(seconds=2)  # how old the rows may be that a mail is rendered from
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
GIVE_UP, ENOUGH = timedelta(days=2), 12  # a server that says "later" is asked for this long, and so often at least
HELD = timedelta(minutes=1)  # until a mail whose offer is paused is looked at again
CLOSING = 421  # the server's word for: this connection ends here


class HasLeft(Exception):
    """The person whom a mail is for is active no more, here at least: it goes to nobody, and somebody has to hear."""


@dataclass(slots=True)
class DeliveryResult:
    """What a pass did, in messages. `retrying` counts those put back untried as well."""

    sent: int = 0
    failed: int = 0
    retrying: int = 0
    dropped: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def deliver(
    *, now: datetime | None = None, clock: Callable[[], datetime] = timezone.now, within: timedelta | None = None
) -> DeliveryResult:
    """One pass over what is due in the clients in scope, `now` fixing the time for tests and replays.

    `within` ends the pass between two messages once that much time has gone by; what is left waits for the next.
    """
    tick = (lambda: now) if now else clock
    pass_ = _Pass(tick, tick() + within if within else None)
    with connection.execute_wrapper(pass_.in_order):
        try:
            while not pass_.over and (batch := claim(now=tick())):
                pass_.send(batch)
        finally:
            pass_.close()
    return pass_.result


def claim(*, now: datetime, limit: int = BATCH) -> list[OutboxMessage]:
    """Take what is due under a lease; other workers step over it."""
    lease = uuid.uuid4()
    with transaction.atomic():
        due = OutboxMessage.objects.due(now).order_by("due_at", "pk").select_for_update(skip_locked=True)
        ids = list(due.values_list("pk", flat=True)[:limit])
        OutboxMessage.objects.filter(pk__in=ids).update(
            status=MailStatus.SENDING, lease=lease, lease_until=now + LEASE, attempts=F("attempts") + 1
        )
    return list(OutboxMessage.objects.select_related("user", "client").filter(pk__in=ids).order_by("due_at", "pk"))


class _Pass:
    """One pass: its connection, its clock, its counts. `over` once the server is gone or the time is up."""

    def __init__(self, tick: Callable[[], datetime], until: datetime | None) -> None:
        self.tick, self.until, self.result = tick, until, DeliveryResult()
        self.server: BaseEmailBackend = mail_server.connect()
        self.over = False
        self.ready: tuple[OutboxMessage, Rows, Mail | Dropped | Held] | None = None  # rendered while the server thought
        self.pending: Sending | None = None  # the last result, on its way to the disk
        self.broken: Exception | None = None  # why that never arrived: the database's trouble, not a message's
        self.ahead = BATCH  # for how many mails rows are read at once: as many as go before they are too old

    def send(self, batch: list[OutboxMessage]) -> None:
        rows: Rows | None = None
        since = until = 0
        for place, message in enumerate(batch):
            now = self.tick()
            self.over = self.over or (self.until is not None and now >= self.until)
            if self.over or (message.lease_until is not None and now >= message.lease_until - MARGIN):
                self.result.retrying += _put_back(batch[place:], now=now)
                return
            if rows is None or place == until or now - rows.now >= STALE:
                if rows is not None:
                    self.ahead = min(2 * self.ahead, BATCH) if place == until else place - since
                since, until = place, place + self.ahead
                rows = _rows(batch[since:until], now=now)
            self._one(message, rows, batch[place + 1 : until], now=now)
        self._settle()

    def in_order(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """Whatever else the database is asked meanwhile comes after the result that is on its way."""
        self._settle()
        return execute(*statement)

    def close(self) -> None:
        try:
            self._settle()
        finally:
            self.server.close()

    def _one(self, message: OutboxMessage, rows: Rows, following: list[OutboxMessage], *, now: datetime) -> None:
        try:
            mail = self._rendered(message, rows)
            if isinstance(mail, Dropped):
                _keep(message, MailStatus.DROPPED, error=mail.why)
                self.result.dropped += 1
                return
            if isinstance(mail, Held):
                untried = {"attempts": F("attempts") - 1, "due_at": now + HELD}
                _keep(message, MailStatus.QUEUED, error=mail.why, **untried)
                self.result.retrying += 1
                return
            if message.user is not None and not rows.reaches(message):
                raise HasLeft
            composed = _compose(message, mail)
            ahead = partial(self._look_ahead, following, rows)
            mail_server.hand_over(composed, self.server, before=self._settle, meanwhile=ahead)
        except Exception as error:  # of a template or a mail server: one bad message must not stop the others
            if error is self.broken:
                raise
            self._settle()
            self.over = is_gone(error)
            if self.over:
                self.server.close()
            _failed(message, error, self.result, now=now)
        else:
            self.pending = _sent(message, now=now)
            self.result.sent += 1

    def _settle(self) -> None:
        """Wait until the last result is on disk. It is written while the next mail is announced, never later."""
        pending, self.pending = self.pending, None
        if pending is None:
            return
        try:
            with connection.wrap_database_errors:
                pending.wait()
        except Exception as error:
            self.broken = error
            raise

    def _rendered(self, message: OutboxMessage, rows: Rows) -> Mail | Dropped | Held:
        """What was rendered ahead counts only of the very rows that are fresh enough at this mail's turn."""
        ready, self.ready = self.ready, None
        if ready and ready[0] is message and ready[1] is rows:
            return ready[2]
        return render(message, rows)

    def _look_ahead(self, following: list[OutboxMessage], rows: Rows) -> None:
        """Render the next mail while the server answers; one that cannot be fails at its own turn."""
        if following:
            with suppress(Exception):
                self.ready = following[0], rows, render(following[0], rows)


def _rows(messages: list[OutboxMessage], *, now: datetime) -> Rows:
    """What these mails say, read now, with the links that they carry; links are saved before any mail can leave."""
    rows = fetch(messages, now=now)
    rows.links = links.issue([token for message in messages for token in _links(message, rows)], now=now)
    return rows


def _links(message: OutboxMessage, rows: Rows) -> list[DecisionToken]:
    """The links of this mail; none of one that this release cannot read: it fails by itself when its turn comes."""
    try:
        return wanted(message, rows)
    except (KeyError, TypeError, ValueError):
        return []


def _compose(message: OutboxMessage, mail: Mail) -> EmailMultiAlternatives:
    composed = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[message.recipient],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )
    composed.attach_alternative(mail.html, "text/html")
    return composed


def _failed(message: OutboxMessage, error: Exception, result: DeliveryResult, *, now: datetime) -> None:
    tired = now - message.created_at >= GIVE_UP and message.attempts >= ENOUGH
    permanent = is_permanent(error) or tired
    log.warning("mail_failed", message=message.pk, kind=message.kind, error=type(error).__name__, permanent=permanent)
    words = f"{type(error).__name__}: {_code(error)}"[:200]
    if permanent:
        with transaction.atomic():
            if _keep(message, MailStatus.FAILED, error=words):
                tell_next(message, now=now)
        result.failed += 1
        return
    _keep(message, MailStatus.RETRYING, error=words, due_at=now + wait(message.attempts))
    result.retrying += 1


def wait(attempts: int) -> timedelta:
    """Until the next try: twice as long each time up to a quarter of an hour, never the same for two messages."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT) * random.uniform(0.8, 1.2)


def is_permanent(error: Exception) -> bool:
    """True where trying again cannot help: the server refused this recipient or message for good (5xx)."""
    if isinstance(error, HasLeft):
        return True
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        return 500 <= error.smtp_code < 600
    return False


def is_gone(error: Exception) -> bool:
    """True where the server, and not this message, is the trouble: unreachable, hanging, hung up, or shutting down."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == CLOSING for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        return error.smtp_code == CLOSING
    return isinstance(error, OSError)  # time-outs, refused connections, and every other error of smtplib


def _code(error: Exception) -> str:
    """What is kept of an error: the server's code, never an address or a text that may hold one."""
    if isinstance(error, HasLeft):
        return "this person works here no more"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return ", ".join(str(code) for code, _ in error.recipients.values())
    return str(getattr(error, "smtp_code", "") or getattr(error, "errno", "") or "no answer")


def _put_back(messages: list[OutboxMessage], *, now: datetime) -> int:
    """What was claimed and not tried waits a little, and has not been tried."""
    found = OutboxMessage.objects.filter(pk__in=[each.pk for each in messages], lease=messages[0].lease)
    return found.update(
        status=MailStatus.RETRYING, due_at=now + wait(1), attempts=F("attempts") - 1, lease=None, lease_until=None
    )


def _sent(message: OutboxMessage, *, now: datetime) -> Sending:
    """As `_keep`, for the one result that every mail should have: on its way to the disk when this returns."""
    connection.ensure_connection()
    sending = Sending(connection.connection)
    below: Any = sending
    connection.make_cursor(below).execute(_SENT, [now, message.pk, message.lease])
    return sending


_SENT = """UPDATE offers_outboxmessage SET status = 'sent', lease = NULL, lease_until = NULL, sent_at = %s, error = ''
    WHERE id = %s AND lease = %s"""


def _keep(message: OutboxMessage, status: MailStatus, **fields: object) -> bool:
    """Write the result, if the lease is still ours; a worker that overran it does not overwrite another's."""
    mine = OutboxMessage.objects.filter(pk=message.pk, lease=message.lease)
    return bool(mine.update(status=status, lease=None, lease_until=None, **fields))
