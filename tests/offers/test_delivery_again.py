"""What becomes of a mail that did not go: tried again, given back untried, or failed and told to the next level."""

import smtplib
from datetime import timedelta
from itertools import count

import pytest

from governance.access import Role
from governance.models import Membership
from offers import clocks
from offers.delivery import ENOUGH, FIRST_WAIT, GIVE_UP, LEASE, LONGEST_WAIT, claim, deliver, is_permanent, wait
from offers.models import DecisionToken, OutboxMessage
from offers.models.outbox import MailKind, MailStatus
from offers.sweep import sweep
from offers.undelivered import tell_next
from tests.offers import smtp_sink
from tests.offers.stuck import waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def sink():
    with smtp_sink.running() as found:
        yield found


@pytest.fixture
def three(scoped, member, now):
    """Three people, each with the mail of one stuck offer."""
    people = [member(Role.RECRUITER, email=f"r{place}@provider.example") for place in range(3)]
    for person in people:
        waiting(scoped, hours=26, now=now, holder=person)
    sweep(now=now)
    return people


def mail_of(person):
    return OutboxMessage.objects.get(user=person, kind=MailKind.ESCALATION)


def states():
    return sorted(OutboxMessage.objects.values_list("status", "attempts"))


# --- again, later


def test_each_try_waits_about_twice_as_long_as_the_one_before_up_to_a_quarter_of_an_hour():
    for attempts in range(1, 40):
        middle = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
        assert middle * 0.8 <= wait(attempts) <= middle * 1.2


def test_no_two_mails_come_back_at_the_same_instant():
    assert len({wait(1) for _ in range(20)}) > 15


def test_every_try_carries_the_same_message_id(three, sink, now):
    seen = []
    sink.reply = lambda address: "451 later"
    deliver(now=now)
    sink.reply = lambda address: "250 OK"
    seen += [OutboxMessage.objects.get(user=person).message_id for person in three]
    deliver(now=now + timedelta(minutes=2))
    assert sorted(mail["Message-ID"] for mail in sink.messages) == sorted(seen)


def test_no_other_installation_and_no_later_database_has_the_same_message_id(now, settings):
    seen = set()
    for settings.PORTAL_URL in ("https://handoff.one.example", "https://handoff.two.example:8443"):
        for made in (now, now + timedelta(days=1)):
            seen.add(OutboxMessage(pk=7, created_at=made).message_id)
    assert len(seen) == 4


def test_a_server_that_always_says_later_is_given_up_after_two_days_of_tries(three, sink, now):
    sink.reply = lambda address: "451 later"
    OutboxMessage.objects.update(attempts=ENOUGH)
    assert deliver(now=now + GIVE_UP - timedelta(seconds=1)).failed == 0
    OutboxMessage.objects.update(attempts=2, due_at=now)
    assert deliver(now=now + GIVE_UP).failed == 0  # long, and hardly tried: the worker was down
    OutboxMessage.objects.update(attempts=ENOUGH, due_at=now)
    assert deliver(now=now + GIVE_UP).failed == 3


# --- one server, one connection, one result each


def test_a_batch_goes_over_one_connection(three, sink, now):
    assert deliver(now=now).sent == 3
    assert sink.connections == 1


def test_each_recipient_has_a_result_of_their_own(three, sink, now):
    answers = {three[0].email: "250 OK", three[1].email: "451 later", three[2].email: "550 unknown"}
    sink.reply = lambda address: answers.get(address, "250 OK")
    deliver(now=now)
    assert [mail_of(person).status for person in three] == ["sent", "retrying", "failed"]


def test_a_server_that_closes_the_connection_ends_the_pass_and_costs_the_others_no_try(three, sink, now):
    sink.reply = lambda address: "421 closing"
    assert deliver(now=now).retrying == 3
    assert states() == [("retrying", 0), ("retrying", 0), ("retrying", 1)]


def test_a_result_is_written_before_the_next_mail_goes(three, sink, now):
    sent = []

    def tick():
        sent.append(OutboxMessage.objects.filter(status="sent").count())
        return now

    deliver(clock=tick)
    assert sent == [0, 0, 1, 2, 3]  # at the claim, before each mail, and at the claim that finds nothing


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"")}), True),
        (smtplib.SMTPRecipientsRefused({"a": (451, b"")}), False),
        (smtplib.SMTPRecipientsRefused({"a": (550, b""), "b": (451, b"")}), False),
        (smtplib.SMTPDataError(554, b""), True),
        (smtplib.SMTPDataError(452, b""), False),
        (smtplib.SMTPAuthenticationError(535, b""), False),
        (smtplib.SMTPServerDisconnected(), False),
        (TimeoutError(), False),
        (ValueError("a template"), False),
    ],
)
def test_only_what_the_server_refuses_for_good_is_final(error, final):
    assert is_permanent(error) is final


def test_a_slow_server_does_not_have_rows_read_and_links_made_for_mails_that_go_much_later(scoped, member, sink, now):
    for _ in range(20):
        waiting(scoped, hours=26, now=now, holder=member(Role.RECRUITER))
    sweep(now=now)
    seconds = count()
    assert deliver(clock=lambda: now + timedelta(seconds=next(seconds))).sent == 20
    assert DecisionToken.objects.count() < 60  # of 20 at first, then of about as many as go in two seconds


# --- the lease


def test_what_is_claimed_is_nobody_elses_until_the_lease_is_over(three, now):
    mine = claim(now=now, limit=2)
    others = claim(now=now)
    assert {mail.pk for mail in mine} & {mail.pk for mail in others} == set()
    assert claim(now=now + LEASE - timedelta(seconds=1)) == []
    assert len(claim(now=now + LEASE)) == 3


def test_a_worker_that_overran_its_lease_leaves_the_rest_to_the_next(three, sink, now):
    times = iter([now, now])
    result = deliver(clock=lambda: next(times, now + LEASE))
    assert (result.sent, result.retrying) == (1, 2)


def test_a_pass_ends_between_two_mails_once_its_time_is_up(three, sink, now):
    times = iter([now, now, now, now + timedelta(minutes=1)])
    result = deliver(clock=lambda: next(times, now + timedelta(minutes=1)), within=timedelta(seconds=30))
    assert (result.sent, result.retrying) == (1, 2)
    assert {attempts for status, attempts in states() if status == "retrying"} == {0}


# --- failed for good


def test_a_failed_escalation_is_told_to_the_next_level(three, sink, now, member):
    partner, finance = member(Role.HR_PARTNER), member(Role.FINANCE_LEADER)
    sink.reply = lambda address: "550 unknown" if address == three[0].email else "250 OK"
    deliver(now=now)
    told = OutboxMessage.objects.filter(kind=MailKind.UNDELIVERED)
    assert set(told.values_list("user", "status")) == {(partner.pk, "sent")}
    assert finance not in {mail.user for mail in told}


def test_a_failed_mail_with_nobody_above_it_is_told_to_administrators(three, sink, now, member):
    administrator = member(Role.ADMINISTRATOR)
    sink.reply = lambda address: "550 unknown" if address == three[0].email else "250 OK"
    deliver(now=now)
    assert {mail.user for mail in OutboxMessage.objects.filter(kind=MailKind.UNDELIVERED)} == {administrator}


def test_news_of_a_failure_that_fails_itself_goes_no_further(three, sink, now, member):
    member(Role.ADMINISTRATOR)
    sink.reply = lambda address: "550 unknown"
    for _ in range(3):
        deliver(now=now)
    news = OutboxMessage.objects.filter(kind=MailKind.UNDELIVERED)
    assert set(news.values_list("status", flat=True)) == {"failed"}
    tell_next(news[0], now=now)
    assert OutboxMessage.objects.filter(kind=MailKind.UNDELIVERED).count() == len(news) == 3


def test_whoever_has_left_the_client_is_sent_nothing_and_somebody_hears_of_it(three, sink, now, member):
    administrator = member(Role.ADMINISTRATOR)
    Membership.objects.filter(user=three[0]).update(is_active=False)
    assert deliver(now=now).failed == 1
    assert (mail_of(three[0]).error, three[0].email in {mail["To"] for mail in sink.messages}) == (
        "HasLeft: this person works here no more",
        False,
    )
    assert OutboxMessage.objects.get(kind=MailKind.UNDELIVERED).user == administrator


def test_a_failed_mail_that_is_tried_again_is_sent_and_its_news_dropped(three, sink, now, member):
    member(Role.ADMINISTRATOR)
    sink.reply = lambda address: "550 unknown" if address == three[0].email else "451 later"
    deliver(now=now)
    sink.reply = lambda address: "250 OK"
    OutboxMessage.objects.filter(status="failed").update(status="queued", attempts=0, due_at=now)
    later = now + timedelta(minutes=20)
    deliver(now=later)
    assert mail_of(three[0]).status == "sent"
    assert OutboxMessage.objects.get(kind=MailKind.UNDELIVERED).status == "dropped"


# --- one bad row


@pytest.mark.parametrize(
    ("kind", "ids"), [("of_tomorrow", {}), (MailKind.APPROVAL_ASKED, {"approvals": [1]}), (MailKind.NUDGE, {})]
)
def test_a_mail_of_a_newer_release_does_not_stop_the_others(three, sink, now, kind, ids):
    OutboxMessage.objects.filter(user=three[0]).update(kind=kind, ids=ids)
    result = deliver(now=now)
    assert (result.sent, result.retrying) == (2, 1)
    assert OutboxMessage.objects.get(user=three[0]).status == MailStatus.RETRYING


@pytest.mark.parametrize("place", [1, 2], ids=["the next one, rendered already", "a later one"])
def test_what_is_done_while_a_batch_is_sent_is_not_mailed_any_more(three, sink, now, place):
    """Rows are read anew once they are two seconds old."""
    stopped = OutboxMessage.objects.order_by("due_at", "pk")[place]
    times = iter([now, now])

    def tick():
        at = next(times, now + timedelta(seconds=2))
        if at > now:
            clocks.stop_all(stopped.offer, now=now)
        return at

    result = deliver(clock=tick)
    stopped.refresh_from_db()
    assert (result.sent, result.dropped, stopped.status) == (2, 1, "dropped")
    assert stopped.user.email not in {mail["To"] for mail in sink.messages}
