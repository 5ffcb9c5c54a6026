"""What befalls the worker, the broker and the database."""

import os
import signal
import time
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis import Redis

from config import embedded
from config.faults.case import Outcome, case, each_once, order, ordered, told
from config.faults.stage import Stage, children, end, row_locked, table_locked, waits_for_lock
from config.sink import until
from governance.tenancy import scope
from offers.delivery import deliver
from offers.models import Offer, OutboxMessage, Requisition
from offers.models.outbox import MailStatus
from offers.workflow import draft_offer

ROOT = Path(settings.BASE_DIR)


@case
def killed_before_data(stage: Stage) -> Outcome:
    """Worker killed (kill -9) before DATA. Exactly one mail, once the lease is over."""
    stage.letters(1)
    stage.sink.hold = "RCPT"
    with stage.worker() as worker:
        order()
        until(stage.sink.held.is_set, "the worker is at RCPT")
        end(worker)
    stage.sink.release()
    early = deliver().sent
    stage.lease_over()
    deliver()
    found, held = each_once(stage, 1)
    return found, held and early == 0


@case
def killed_after_250(stage: Stage) -> Outcome:
    """Worker killed after the server's 250 and before the commit. At most two, with the same Message-ID."""
    (mail,) = stage.letters(1)
    stage.sink.hold = "DATA"
    with stage.worker() as worker:
        order()
        until(stage.sink.held.is_set, "the worker is at DATA")
        with row_locked(stage.services, mail.pk):
            stage.sink.release()
            until(lambda: stage.sink.messages, "the server has said 250")
            time.sleep(0.3)
            end(worker)
    stage.lease_over()
    deliver()
    copies = stage.sink.copies
    return told(stage), stage.all_sent() and list(copies) == [mail.message_id] and copies[mail.message_id] <= 2


@case
def child_killed(stage: Stage) -> Outcome:
    """Only the worker's child killed. The worker goes on by itself; exactly one mail."""
    stage.letters(1)
    stage.sink.hold = "RCPT"
    with stage.worker() as worker:
        order()
        until(stage.sink.held.is_set, "the child is at RCPT")
        for child in children(worker):
            os.kill(child, signal.SIGKILL)
        stage.sink.release()
        stage.lease_over()
        order()
        until(stage.all_sent, "the worker has sent it")
        alive = worker.poll() is None
    found, held = each_once(stage, 1)
    return found, held and alive


@case
def broker_restarted(stage: Stage) -> Outcome:
    """Broker restarted under a worker. The worker comes back; each mail once."""
    with stage.worker():
        embedded.fall(ROOT, stage.services, "valkey")
        stage.letters(3)
        embedded.rise(ROOT, stage.services)
        until(lambda: ordered(stage), "the worker has come back", 60)
    return each_once(stage, 3)


@case
def broker_flushed(stage: Stage) -> Outcome:
    """Broker flushed, with the order to deliver in it. The next tick finds the same rows; each mail once."""
    stage.letters(3)
    order()
    with Redis.from_url(stage.services.broker_url) as broker:  # a connection of its own: Celery's may have died before
        broker.flushall()
    with stage.worker():
        lost = stage.rows() == {MailStatus.QUEUED.value: 3}
        order()  # as beat does ten seconds later
        until(stage.all_sent, "the next tick has sent them")
    found, held = each_once(stage, 3)
    return found, held and lost


@case
def broker_down(stage: Stage) -> Outcome:
    """Broker down while people save. Saving works, within a second."""
    stage.letters(1)
    offer = Offer.objects.select_related("candidate").get()
    requisition = Requisition.objects.get()
    embedded.fall(ROOT, stage.services, "valkey")
    try:
        began = time.monotonic()
        candidate = type(offer.candidate).objects.create(client=stage.client, external_id="C-down")
        draft_offer(
            requisition=requisition, candidate=candidate, external_id="O-down", actor=stage.people["recruiter"],
            now=timezone.now(), terms={"base": Decimal(94_000)},
        )  # fmt: skip
        took = time.monotonic() - began
        sent = deliver().sent
    finally:
        embedded.rise(ROOT, stage.services)
    saved = Offer.objects.filter(external_id="O-down").exists()
    found, held = each_once(stage, 1)
    return f"saved in {took:.1f} s; {found}", held and saved and sent == 1 and took < 1


@case
def database_restarted(stage: Stage) -> Outcome:
    """PostgreSQL restarted while a mail is being sent. At most two, with the same Message-ID; the worker lives."""
    stage.letters(1)
    mail = OutboxMessage.objects.get()
    stage.sink.hold = "RCPT"
    with stage.worker() as worker:
        order()
        until(stage.sink.held.is_set, "the worker is at RCPT")
        connection.close()
        embedded.fall(ROOT, stage.services, "postgres")
        embedded.rise(ROOT, stage.services)
        stage.sink.release()
        until(lambda: stage.sink.messages, "the server has the mail")
        with scope([stage.client.pk]):
            stage.lease_over()
            order()
            until(lambda: ordered(stage), "it is sent", 60)
        alive = worker.poll() is None
    copies = stage.sink.copies
    return told(stage), alive and list(copies) == [mail.message_id] and copies[mail.message_id] <= 2


@case
def database_restarted_in_claim(stage: Stage) -> Outcome:
    """PostgreSQL restarted while a worker claims mails. The claim never was; each mail once, and the worker lives."""
    stage.letters(3)
    with stage.worker() as worker:
        with table_locked(stage.services):
            order()
            until(lambda: waits_for_lock(stage.services), "the worker is in its claim")
            connection.close()
            embedded.fall(ROOT, stage.services, "postgres")
        embedded.rise(ROOT, stage.services)
        with scope([stage.client.pk]):
            unclaimed = stage.rows() == {MailStatus.QUEUED.value: 3} and not stage.sink.messages
            until(lambda: ordered(stage), "they are sent", 60)
        alive = worker.poll() is None
    found, held = each_once(stage, 3)
    return found, held and unclaimed and alive
