"""What a mail says is looked at again when it is sent: nobody is asked for what was done, ended or stands still."""

from datetime import timedelta

import pytest

from governance.access import Role
from offers import nudges, pauses
from offers.delivery import HELD, deliver
from offers.errors import NotInThisState
from offers.models import OutboxMessage
from offers.models.outbox import MailKind
from offers.sweep import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(desk):
    """An offer in review, its approval mail queued, and its way to the letter stuck."""
    offer = desk.do("submit", desk.draft(94_000))
    sweep(now=desk.later(hours=24))
    return offer


def states(kind):
    return set(OutboxMessage.objects.filter(kind=kind).values_list("status", flat=True))


def pause(desk, offer):
    pauses.pause(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now, reason="A visit.")


def resume(desk, offer):
    pauses.resume(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now)


@pytest.mark.parametrize("kind", [MailKind.ESCALATION, MailKind.APPROVAL_ASKED, MailKind.VERBAL_CONFIRM])
def test_of_an_offer_that_was_withdrawn_nothing_goes(desk, asked, mailoutbox, kind):
    desk.do("withdraw", asked)
    deliver(now=desk.now)
    assert states(kind) == {"dropped"}
    assert asked.external_id not in " ".join(mail.subject for mail in mailoutbox)


def test_a_decision_that_was_given_is_asked_of_nobody(desk, asked):
    desk.do("reject", asked, by=Role.ACCOUNT_DIRECTOR)
    deliver(now=desk.now)
    assert states(MailKind.APPROVAL_ASKED) == {"dropped"}


def test_what_was_escalated_and_is_paused_asks_nobody(desk, asked):
    pause(desk, asked)
    deliver(now=desk.now)
    assert states(MailKind.ESCALATION) == {"dropped"}


def test_an_approval_is_not_asked_while_the_offer_is_paused_and_is_asked_afterwards(desk, asked):
    pause(desk, asked)
    for _ in range(3):
        deliver(now=desk.later(minutes=30))
    held = OutboxMessage.objects.filter(kind=MailKind.APPROVAL_ASKED)
    assert set(held.values_list("status", "attempts", "error")) == {
        ("queued", 0, "paused: the candidate asked for time")
    }
    resume(desk, asked)
    deliver(now=desk.now + HELD)
    assert states(MailKind.APPROVAL_ASKED) == {"sent"}


def test_a_nudge_is_neither_queued_nor_sent_while_the_offer_is_paused(desk, asked):
    coordinator = desk.people[Role.COORDINATOR]
    nudges.nudge(asked.pk, actor=coordinator, now=desk.now)
    pause(desk, asked)
    deliver(now=desk.now)
    assert states(MailKind.NUDGE) == {"dropped"}
    with pytest.raises(NotInThisState, match="paused"):
        nudges.nudge(asked.pk, actor=coordinator, now=desk.later(hours=2))


def test_a_step_that_was_handed_on_is_not_asked_of_the_first(desk, asked):
    OutboxMessage.objects.filter(kind=MailKind.APPROVAL_ASKED).update(due_at=desk.now - timedelta(minutes=1))
    asked_of = desk.waiting(asked)[0]
    other = desk.person(Role.HR_PARTNER)
    type(asked_of).objects.filter(pk=asked_of.pk).update(person=other)
    deliver(now=desk.now)
    assert states(MailKind.APPROVAL_ASKED) == {"dropped"}
