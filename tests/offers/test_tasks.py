"""A real worker, fed through a real broker, flags what is stuck and mails its owner."""

import time

import pytest
from celery.contrib.testing.worker import start_worker
from django.utils import timezone

from config.celery import app
from governance.access import Role
from governance.tenancy import scope
from offers import tasks
from offers.models import Escalation, OutboxMessage
from offers.models.outbox import MailStatus
from tests.offers import smtp_sink
from tests.offers.stuck import waiting

pytestmark = pytest.mark.django_db(transaction=True)


def eventually(check, seconds=20):
    end = time.monotonic() + seconds
    while not (found := check()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def test_a_worker_flags_and_mails_through_the_broker(client_a, member):
    holder = member(Role.RECRUITER, email="rita@provider.example")
    with scope([client_a.pk]):
        waiting(client_a, hours=25, now=timezone.now(), holder=holder)
        with smtp_sink.running() as sink, start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
            tasks.sweep.delay()
            assert eventually(lambda: OutboxMessage.objects.filter(user=holder).exists())
            tasks.deliver.delay()
            assert eventually(lambda: OutboxMessage.objects.filter(status=MailStatus.SENT).exists())
        assert [mail["To"] for mail in sink.messages] == ["rita@provider.example"]


def test_beat_asks_every_ten_seconds():
    schedule = app.conf.beat_schedule
    assert (schedule["sweep"]["schedule"], schedule["deliver"]["schedule"]) == (10.0, 10.0)


def test_a_sweep_task_sees_the_offers_of_every_client(client_a, client_b):
    now = timezone.now()
    with scope([client_a.pk, client_b.pk]):
        for client in (client_a, client_b):
            waiting(client, hours=25, now=now)
        tasks.sweep()
        assert Escalation.objects.count() == 2


def test_an_order_whose_worker_dies_comes_back_and_none_runs_twice_at_once():
    """The broker gives an order to another worker only long after the first was ended, and a pass ends long before."""
    conf = app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.task_ignore_result) == (True, True, True)
    assert conf.broker_transport_options["visibility_timeout"] > conf.task_time_limit > tasks.PASS.total_seconds()
    assert not any({"eta", "countdown"} & set(entry["options"]) for entry in conf.beat_schedule.values())
