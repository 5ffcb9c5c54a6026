"""What happens twice, at the wrong time, or between two releases."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from config.celery import app
from config.faults.case import Outcome, case, each_once, order, told
from config.faults.stage import Stage, ago, celery
from config.sink import until
from governance.tenancy import scope
from offers.clocks import start_verbal_clocks
from offers.delivery import deliver
from offers.models import Clock, Escalation, Offer, OutboxMessage
from offers.models.outbox import MailKind
from offers.sweep import sweep


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
