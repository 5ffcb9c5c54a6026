"""The cases: one function a fault, said in its docstring ("fault. promise.")."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.test.utils import override_settings
from django.utils import timezone
from redis import Redis

from config import embedded
from config.celery import app
from config.embedded.processes import free_port
from config.faults.stage import Stage, ago, celery, children, end, row_locked, table_locked, waits_for_lock
from config.sink import until
from governance.tenancy import scope
from offers import tasks
from offers.clocks import start_verbal_clocks
from offers.delivery import deliver
from offers.models import Clock, Escalation, Offer, OutboxMessage, Requisition
from offers.models.outbox import MailKind, MailStatus
from offers.sweep import sweep
from offers.workflow import draft_offer

Outcome = tuple[str, bool]
ROOT = Path(settings.BASE_DIR)


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    fault: str
    promise: str
    play: Callable[[Stage], Outcome]


CASES: list[Case] = []


def case(play: Callable[[Stage], Outcome]) -> Callable[[Stage], Outcome]:
    fault, _, promise = (play.__doc__ or "").partition(". ")
    CASES.append(Case(play.__name__, fault, promise.rstrip("."), play))
    return play


def told(stage: Stage) -> str:
    """Rows, mailbox and history in a few words."""
    rows = ", ".join(f"{n} {status}" for status, n in sorted(stage.rows().items())) or "no mail"
    copies = stage.sink.copies
    twice = sum(n - 1 for n in copies.values())
    history = "history agrees" if stage.history_agrees() else "history DIFFERS"
    return f"rows: {rows}; mailbox: {len(copies)} messages, {twice} second copies; {history}"


def each_once(stage: Stage, n: int) -> Outcome:
    """Every mail sent and arrived exactly once."""
    copies = stage.sink.copies
    return told(stage), stage.all_sent() and sorted(copies.values()) == [1] * n and stage.history_agrees()


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


def order() -> None:
    """What beat does: publish a task. It is done again where the broker has been away since the last time."""
    until(_publish, "the broker takes an order")


def ordered(stage: Stage) -> bool:
    """One tick of beat where mails still wait: whether all are sent now."""
    if not stage.all_sent():
        order()
        time.sleep(1)
    return stage.all_sent()


def _publish() -> bool:
    try:
        tasks.deliver.delay()
    except Exception:
        return False
    return True


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


@case
def smtp_down(stage: Stage) -> Outcome:
    """SMTP down for an hour, a pass each minute. Nothing is lost or given up; each mail once when it is back."""
    stage.letters(3)
    start, failed = timezone.now(), 0
    with override_settings(EMAIL_PORT=free_port()):
        for minute in range(60):
            failed += deliver(now=start + timedelta(minutes=minute)).failed
    later = start + timedelta(minutes=80)
    deliver(now=later)
    found, held = each_once(stage, 3)
    return found, held and failed == 0


@case
def smtp_hangs(stage: Stage) -> Outcome:
    """SMTP accepts and says nothing. A pass ends after one time-out, with the others put back; each once after."""
    stage.letters(3)
    stage.sink.hold = "RCPT"
    began = time.monotonic()
    with override_settings(EMAIL_TIMEOUT=1):
        result = deliver()
    took = time.monotonic() - began
    stage.sink.release()
    time.sleep(0.1)
    stage.retries_due()
    deliver()
    found, held = each_once(stage, 3)
    return f"{took:.0f} s; {found}", held and result.retrying == 3 and took < 5


@case
def later_451(stage: Stage) -> Outcome:
    """451, try later. Tried again, and then sent once."""
    stage.letters(3)
    stage.sink.reply = lambda address: "451 later"
    first = deliver()
    stage.sink.reply = lambda address: "250 OK"
    stage.retries_due()
    deliver()
    found, held = each_once(stage, 3)
    return found, held and first.retrying == 3


@case
def refused_550(stage: Stage) -> Outcome:
    """550, no such mailbox. Failed for good, kept in sight, and the next level is told."""
    (mail,) = stage.letters(1)
    stage.sink.reply = lambda address: "550 unknown" if address == mail.address else "250 OK"
    deliver()
    mail.refresh_from_db()
    told_of = OutboxMessage.objects.filter(kind=MailKind.UNDELIVERED)
    names = set(told_of.values_list("user__email", "status"))
    held = mail.status == MailStatus.FAILED and bool(names) and {status for _, status in names} == {"sent"}
    return f"{told(stage)}; told: {len(names)}", held and stage.history_agrees()


@case
def one_of_three(stage: Stage) -> Outcome:
    """One recipient of three refused, on one connection. The other two get theirs once, the third is failed."""
    refused = stage.letters(3)[1]
    stage.sink.reply = lambda address: "550 unknown" if address == refused.address else "250 OK"
    result = deliver()
    escalations = OutboxMessage.objects.filter(kind=MailKind.ESCALATION)
    states = sorted(escalations.values_list("status", flat=True))
    arrived = {str(mail["To"]) for mail in stage.sink.messages}
    held = states == ["failed", "sent", "sent"] and refused.address not in arrived and result.failed == 1
    return told(stage), held and set(stage.sink.copies.values()) == {1}


@case
def two_beats(stage: Stage) -> Outcome:
    """Two beats at once. Each mail once."""
    stage.letters(5)
    with ExitStack() as stack:
        stack.enter_context(stage.worker())
        for _ in range(2):
            words = ("beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", "", "--max-interval", "1")
            stack.enter_context(celery(*words))
        until(stage.all_sent, "beat has had them sent", 60)
        time.sleep(2)
    return each_once(stage, 5)


@case
def twenty_sweeps(stage: Stage) -> Outcome:
    """Twenty sweeps at once. Each threshold is flagged once."""
    stage.letters(40)
    OutboxMessage.objects.all().delete()
    later = timezone.now() + timedelta(hours=24)  # past 48 h for all
    _together(20, lambda: sweep(now=later), stage)
    flagged = sorted(Escalation.objects.values_list("threshold_hours", flat=True))
    readers = set(OutboxMessage.objects.values_list("user", flat=True))
    carried = OutboxMessage.objects.filter(carried__isnull=False).count()
    found = f"{flagged.count(48)} flags at 48 h of 40 clocks, {carried} lines of mail to {len(readers)} people"
    return found, flagged == [24] * 40 + [48] * 40 and carried == 40 * len(readers) and stage.history_agrees()


def _together(n: int, work: Callable[[], object], stage: Stage) -> None:
    gate = threading.Barrier(n)

    def one() -> None:
        try:
            with scope([stage.client.pk]):
                gate.wait(timeout=60)
                work()
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@case
def clock_a_day_forward(stage: Stage) -> Outcome:
    """The clock jumps a day forward. The newest threshold alone is flagged, once; each mail once."""
    stage.letters(3)
    later = timezone.now() + timedelta(days=1)
    deliver(now=later)
    for _ in range(2):
        sweep(now=later)
    flagged = sorted(Escalation.objects.values_list("threshold_hours", flat=True))
    once = set(stage.sink.copies.values()) == {1}
    return f"{told(stage)}; flags: {flagged}", flagged == [24] * 3 + [48] * 3 and once


@case
def clock_an_hour_back(stage: Stage) -> Outcome:
    """The clock goes an hour back. Nothing is flagged or sent a second time."""
    stage.letters(3)
    deliver()
    early = ago(hours=1)
    sweep(now=early)
    deliver(now=early)
    found, held = each_once(stage, 3)
    return found, held and Escalation.objects.count() == 3


@case
def both_daylight_saving_nights(stage: Stage) -> Outcome:
    """Both nights on which New York changes its clocks. The ladder counts elapsed hours, the target working time."""
    zone, right = ZoneInfo("America/New_York"), []
    for noon in (datetime(2026, 10, 31, 12, tzinfo=zone), datetime(2027, 3, 13, 12, tzinfo=zone)):
        clock = _started(stage, noon.astimezone(UTC))
        due, target = clock.due_instants[0], clock.target_at
        assert target is not None
        before, at = sweep(now=due - timedelta(seconds=1)).due, sweep(now=due).due
        right.append((before, at, f"{due.astimezone(zone):%a %H:%M}", f"{target.astimezone(zone):%a %H:%M}"))
    found = "; ".join(
        f"due a second before: {before}, at 24 h, {there}: {at}; target {target}" for before, at, there, target in right
    )
    # From Saturday noon: 24 h later the clocks there show an hour less, or more. Two working days end as Tuesday does.
    return found, right == [(0, 1, "Sun 11:00", "Wed 00:00"), (0, 1, "Sun 13:00", "Wed 00:00")]


def _started(stage: Stage, began: datetime) -> Clock:
    """The clock that a verbal approval at this instant starts, and nothing else in the outbox."""
    stage.letters(1)
    OutboxMessage.objects.all().delete()
    Escalation.objects.all().delete()
    Clock.objects.all().delete()
    Offer.objects.update(verbal_approved_at=began)
    [clock] = start_verbal_clocks(list(Offer.objects.all()))
    return clock


@case
def old_worker_new_web(stage: Stage) -> Outcome:
    """An old worker meets orders and mails of a newer release. It passes over what it does not know, and goes on."""
    stage.letters(3)
    strange = OutboxMessage.objects.order_by("pk").first()
    OutboxMessage.objects.filter(pk=strange.pk if strange else 0).update(kind="of_tomorrow")
    with stage.worker() as worker:
        app.send_task("offers.tasks.of_tomorrow", kwargs={"shape": 2})
        app.send_task("offers.tasks.deliver", kwargs={"shape": 2})
        order()
        until(lambda: stage.rows().get("sent") == 2, "the worker has sent what it knows")
        alive = worker.poll() is None
    waits = stage.rows().get("retrying") == 1
    OutboxMessage.objects.filter(kind="of_tomorrow").update(kind=MailKind.ESCALATION)  # the worker is renewed
    stage.retries_due()
    deliver()
    found, held = each_once(stage, 3)
    return found, held and alive and waits
