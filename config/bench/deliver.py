"""How long the outbox takes to send, beside smtplib handing the same mails over in a loop on one connection."""

import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.test.utils import override_settings

from config.bench.place import NOW, own_client, own_database
from config.bench.rows import open_clocks
from config.sink import Sink, apart
from governance.models import Client
from offers.delivery import BATCH, deliver
from offers.models import Escalation, OutboxEscalation, OutboxMessage
from offers.models.outbox import MailKind, MailStatus
from offers.sweep import sweep

SIZE = 1_000


class Count:
    """Counts statements and costs nothing else, unlike the debug cursor."""

    seen = 0

    def __call__(self, execute: Any, *args: Any) -> Any:
        self.seen += 1
        return execute(*args)


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and of this process's processor: the mail server's and the database's are not in it."""

    clock: float
    work: float

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.clock + other.clock, self.work + other.work)


@dataclass(frozen=True, slots=True)
class Turn:
    """A batch three ways: by the outbox, by smtplib from EmailMessages, and by smtplib from bytes made beforehand."""

    ours: Spent
    messages: Spent
    ready: Spent


def run(size: int) -> dict[str, Any]:
    """Send `size` escalations of one offer each to a real SMTP server here, and the same mails by smtplib.

    They take turns, a batch each on one connection, so that whatever else the machine does falls on all. The server
    is a process of its own, and all hand the very same bytes to it. A batch that is not counted goes before.
    """
    with own_database(), own_client() as (client, people), apart() as (sink, take):
        all_ = size + BATCH
        open_clocks(client, people["recruiter"], size=all_, due=all_, now=NOW)
        sweep(now=NOW)
        one_mail_each(client)
        queries = Count()
        with override_settings(**sink.settings):
            _turn(sink, take, 0)
            with connection.execute_wrapper(queries):
                turns = [_turn(sink, take, batch) for batch in range(1, 1 - (-size // BATCH))]
        left = OutboxMessage.objects.exclude(status=MailStatus.SENT).count()
    nothing = Spent(0, 0)
    ours, plain, ready = (sum((getattr(turn, way) for turn in turns), nothing) for way in ("ours", "messages", "ready"))
    return {
        "mails": size,
        "left": left,
        "queries_a_mail": round(queries.seen / size, 2),
        "seconds": round(ours.clock, 2),
        "smtplib_seconds": round(plain.clock, 2),
        "ratio": round(ours.clock / plain.clock, 2),
        "median_ratio": round(median(turn.ours.clock / turn.messages.clock for turn in turns), 2),
        "work_seconds": round(ours.work, 2),
        "smtplib_work_seconds": round(plain.work, 2),
        "work_ratio": round(ours.work / plain.work, 2),
        "ready_bytes_seconds": round(ready.clock, 2),
        "ratio_to_ready_bytes": round(ours.clock / ready.clock, 2),
    }


def _turn(sink: Sink, take: Callable[[], list[bytes]], batch: int) -> Turn:
    """Raises AssertionError where the ways differ in one byte: they would not have done the same work."""
    ours = _timed(lambda: deliver(now=NOW + timedelta(seconds=batch)))
    sent = take()
    mails = [message_from_bytes(each, policy=policy.default) for each in sent]
    addresses = [(str(mail["From"]), str(mail["To"])) for mail in mails]
    messages = _timed(lambda: by_smtplib(sink, mails))
    assert take() == sent, "smtplib made other bytes of the same mails"
    ready = _timed(lambda: ready_by_smtplib(sink, addresses, sent))
    assert take() == sent, "smtplib handed other bytes over"
    return Turn(ours, messages, ready)


def _timed(work: Callable[[], object]) -> Spent:
    began, worked = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - began, time.process_time() - worked)


def one_mail_each(client: Client) -> None:
    """In place of the digests: one mail for each escalation, each to an address of its own."""
    OutboxMessage.objects.all().delete()
    found = list(Escalation.objects.order_by("pk"))
    mails = OutboxMessage.objects.bulk_create(
        OutboxMessage(
            client=client, key=f"bench-{each.pk}", kind=MailKind.ESCALATION, address=f"reader{each.pk}@bench.example",
            offer_id=each.offer_id, created_at=NOW, due_at=NOW + timedelta(seconds=place // BATCH),
        )
        for place, each in enumerate(found)
    )  # fmt: skip
    OutboxEscalation.objects.bulk_create(
        OutboxEscalation(client=client, message=mail, escalation=each) for mail, each in zip(mails, found, strict=True)
    )


def by_smtplib(sink: Sink, mails: list[EmailMessage]) -> None:
    """The same messages by the standard library, in a loop on one connection."""
    place = urlsplit(sink.url)
    with smtplib.SMTP(place.hostname or "", place.port or 0) as server:
        for mail in mails:
            server.send_message(mail)


def ready_by_smtplib(sink: Sink, addresses: list[tuple[str, str]], contents: list[bytes]) -> None:
    """The same, with nothing left to compose: what the talk with the server alone takes."""
    place = urlsplit(sink.url)
    with smtplib.SMTP(place.hostname or "", place.port or 0) as server:
        for (sender, to), content in zip(addresses, contents, strict=True):
            server.sendmail(sender, [to], content)
