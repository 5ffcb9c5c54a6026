"""What the outbox holds reaches a real mail server once, and what fails is tried again or shown as failed."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from governance.access import Role
from governance.tenancy import scope
from offers import clocks, outbox
from offers.delivery import LEASE, claim, deliver
from offers.models import OutboxMessage
from offers.models.outbox import MailKind, MailStatus
from offers.sweep import sweep
from tests.offers import smtp_sink
from tests.offers.stuck import waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def sink():
    with smtp_sink.running() as found:
        yield found


@pytest.fixture
def person(member):
    return member(Role.RECRUITER, email="rita@provider.example", name="Rita Recruiter")


@pytest.fixture
def stuck(scoped, now, person):
    """An offer that is stuck for 26 hours, with its escalation queued to its holder."""
    offer = waiting(scoped, hours=26, now=now, holder=person)
    sweep(now=now)
    return offer


def message():
    return OutboxMessage.objects.get()


def test_a_queued_mail_is_sent_once(stuck, sink, now):
    assert deliver(now=now).sent == 1
    assert deliver(now=now + timedelta(hours=1)).sent == 0
    assert [mail["To"] for mail in sink.messages] == ["rita@provider.example"]
    assert (message().status, message().attempts, message().sent_at) == (MailStatus.SENT, 1, now)


def test_the_message_id_is_the_outbox_rows_own(stuck, sink, now):
    deliver(now=now)
    assert sink.messages[0]["Message-ID"] == message().message_id


def test_an_offer_that_moved_on_sends_nothing(stuck, sink, now):
    clocks.stop_all(stuck, now=now)
    assert deliver(now=now).dropped == 1
    assert (sink.messages, message().status) == ([], MailStatus.DROPPED)


def test_a_temporary_refusal_is_tried_again_later(stuck, sink, now):
    sink.reply = lambda address: "451 try later"
    assert deliver(now=now).retrying == 1
    assert message().due_at > now
    sink.reply = lambda address: "250 OK"
    assert deliver(now=now + timedelta(seconds=20)).sent == 0
    assert deliver(now=now + timedelta(minutes=2)).sent == 1


def test_a_permanent_refusal_is_failed_and_kept(stuck, sink, now):
    sink.reply = lambda address: "550 no such mailbox"
    assert deliver(now=now).failed == 1
    assert (message().status, message().error) == (MailStatus.FAILED, "SMTPRecipientsRefused: 550")


def test_a_mail_to_somebody_who_has_left_the_client_meanwhile_goes_to_nobody(stuck, sink, now, person, member):
    director = member(Role.ACCOUNT_DIRECTOR)
    person.memberships.update(is_active=False)
    assert deliver(now=now).failed == 1
    assert [mail["To"] for mail in sink.messages] == [director.email]  # who hears that it never arrived
    assert OutboxMessage.objects.get(kind=MailKind.UNDELIVERED).user == director


def test_one_refused_recipient_does_not_stop_the_others(stuck, scoped, sink, now, member):
    refused = member(Role.COORDINATOR, email="gone@provider.example")
    outbox.queue(MailKind.ESCALATION, stuck, [refused.pk], cause="x", now=now)
    OutboxMessage.objects.get(user=refused).carried.create(client=scoped, escalation=stuck.escalations.get())
    sink.reply = lambda address: "550 gone" if address.startswith("gone") else "250 OK"
    result = deliver(now=now)
    assert (result.sent, result.failed) == (1, 1)


def test_with_the_mail_server_down_nothing_is_lost(stuck, now, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # discard: nobody listens
    result = deliver(now=now)
    assert (result.sent, result.failed, result.retrying) == (0, 0, 1)
    assert message().status == MailStatus.RETRYING


def test_a_mail_whose_worker_died_is_taken_over_after_the_lease(stuck, sink, now):
    assert len(claim(now=now)) == 1  # and the worker is gone
    assert deliver(now=now + LEASE - timedelta(seconds=1)).sent == 0
    assert deliver(now=now + LEASE).sent == 1


def test_the_same_cause_is_queued_once(stuck, now, person):
    for _ in range(2):
        outbox.queue(MailKind.APPROVED, stuck, [person.pk], cause="chain-1", now=now)
    assert OutboxMessage.objects.filter(kind=MailKind.APPROVED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_mail_once(client_a, member, sink, now):
    people = [member(Role.RECRUITER) for _ in range(15)]
    with scope([client_a.pk]):
        for person in people:
            waiting(client_a, hours=26, now=now, holder=person)
        sweep(now=now)
    gate, sent = threading.Barrier(2), []

    def work():
        try:
            with scope([client_a.pk]):
                gate.wait(timeout=10)
                sent.append(deliver(now=now).sent)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sum(sent) == len(sink.messages) == len({mail["Message-ID"] for mail in sink.messages}) == 15
