"""The stage of a fault: a client, mails to send, a real worker, a real mailbox, and time that can be moved."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone

from config.bench.deliver import one_mail_each
from config.bench.rows import open_clocks
from config.celery import app
from config.embedded import Services
from config.sink import Sink, until
from governance.models import Client, User
from offers.models import Escalation, OutboxMessage
from offers.models.outbox import MailStatus
from offers.sweep import sweep


class Stage:
    """What the cases share. `sink` listens at EMAIL_URL while a case runs."""

    def __init__(self, services: Services, client: Client, people: dict[str, User], sink: Sink) -> None:
        self.services, self.client, self.people, self.sink = services, client, people, sink

    def letters(self, n: int) -> list[OutboxMessage]:
        """An outbox of exactly this many mails, each an escalation of one offer to a mailbox of its own."""
        self.clear()
        open_clocks(self.client, self.people["recruiter"], size=n, due=n, now=timezone.now())
        sweep(now=timezone.now())
        one_mail_each(self.client)
        OutboxMessage.objects.update(created_at=ago(seconds=1), due_at=ago(seconds=1))
        return list(OutboxMessage.objects.order_by("pk"))

    def clear(self) -> None:
        """Forget the last case: rows as the owner, mails of the sink, and whatever the broker still holds."""
        connection.close()
        with psycopg.connect(self.services.database_url, autocommit=True) as owner:
            owner.execute(
                "TRUNCATE offers_outboxmessage, offers_escalation, offers_clock, offers_offer, offers_candidate,"
                " offers_requisition, offers_escalationevent, offers_clockevent CASCADE"
            )
        self.sink.messages.clear()
        self.sink.reply, self.sink.hold = (lambda address: "250 OK"), ""
        self.sink.held.clear()

    def rows(self) -> dict[str, int]:
        """How many mails stand in each state."""
        found: dict[str, int] = {}
        for status in OutboxMessage.objects.values_list("status", flat=True):
            found[status] = found.get(status, 0) + 1
        return found

    def all_sent(self) -> bool:
        return set(self.rows()) == {MailStatus.SENT.value}

    def lease_over(self) -> None:
        """Let five minutes go by for whatever is claimed: its lease is over now."""
        OutboxMessage.objects.filter(status=MailStatus.SENDING).update(lease_until=timezone.now())

    def retries_due(self) -> None:
        OutboxMessage.objects.filter(status=MailStatus.RETRYING).update(due_at=ago(seconds=1))

    def history_agrees(self) -> bool:
        """Every escalation has the one event of its making."""
        made = Escalation.pgh_event_model.objects.filter(pgh_label="insert").count()  # type: ignore[attr-defined]
        return made == Escalation.objects.count()

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A real Celery worker with one child, ready for work; killed at the end if it still lives."""
        with celery("worker", "--concurrency", "1", "--without-gossip") as process:
            until(_answers, "the worker is ready", 60)
            yield process


def _answers() -> bool:
    """Whether a worker is there; asked again where our own connection died with the broker of an earlier case."""
    try:
        return bool(app.control.ping(timeout=0.5))
    except Exception:
        return False


@contextmanager
def celery(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery process in a session of its own; what it says goes to var/log/faults.log."""
    folder = Path(settings.BASE_DIR) / "var" / "log"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "faults.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "config", *words],
            cwd=settings.BASE_DIR,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[Any]) -> None:
    """kill -9, the whole session: no last words."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def children(process: subprocess.Popen[Any]) -> list[int]:
    """The process numbers of its children."""
    said = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(number) for number in said.stdout.split()]


@contextmanager
def row_locked(services: Services, pk: int) -> Iterator[None]:
    """Nobody writes the result of this mail: the server has said yes, and what waits to say so is broken off.

    A statement that PostgreSQL has already would otherwise commit although whoever sent it is dead.
    """
    with psycopg.connect(services.database_url) as owner:
        owner.execute("SELECT 1 FROM offers_outboxmessage WHERE id = %s FOR UPDATE", [pk])
        yield
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'UPDATE%outbox%'"
        )


@contextmanager
def table_locked(services: Services) -> Iterator[None]:
    """Whoever claims mails waits inside the claim, for as long as the block lasts or the server lives."""
    with suppress(psycopg.OperationalError), psycopg.connect(services.database_url) as owner:
        owner.execute("LOCK TABLE offers_outboxmessage IN ACCESS EXCLUSIVE MODE")
        yield
        owner.rollback()


def waits_for_lock(services: Services) -> bool:
    """Whether a statement about mails waits for a lock of somebody else."""
    with psycopg.connect(services.database_url) as owner:
        (found,) = owner.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            " AND query LIKE '%offers_outboxmessage%'"
        ).fetchone() or (0,)
    return bool(found)


def ago(**span: float) -> datetime:
    return timezone.now() - timedelta(**span)
