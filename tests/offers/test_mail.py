"""What the mails say: which offer, how long, who holds it, what to do; and what they never say."""

from datetime import timedelta

import pytest

from governance.access import Role
from offers.mail import Mail, render, waited
from offers.mail_rows import fetch
from offers.models import OutboxMessage
from offers.sweep import sweep
from tests import factories
from tests.offers.stuck import waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder(member):
    return member(Role.RECRUITER, name="Rita Recruiter")


def rendered(now, **which):
    found = OutboxMessage.objects.select_related("client", "user").get(**which)
    return render(found, fetch([found], now=now))


def test_an_escalation_says_which_how_long_who_and_what_to_do(scoped, now, holder):
    offer = waiting(scoped, hours=26, now=now, holder=holder, external_id="NB-77")
    sweep(now=now)
    mail = rendered(now)
    assert isinstance(mail, Mail)
    assert mail.subject == "Stuck 26 h: offer NB-77, Engineer, New York, held by Rita Recruiter"
    for part in (mail.text, mail.html):
        for words in ("NB-77", "26 h", "Rita Recruiter", "submit the terms for approval", f"/offer/{offer.pk}/change/"):
            assert words in part


def test_times_are_said_in_the_readers_zone_and_else_in_the_clients(scoped, now, member):
    for zone, told in (("", "23 Nov, 02:00 EST"), ("Europe/Berlin", "23 Nov, 08:00 CET")):
        reader = member(Role.RECRUITER, zone=zone)
        waiting(scoped, hours=26, now=now, holder=reader)
        sweep(now=now)
        assert told in rendered(now, user=reader).text


def test_a_digest_lists_the_oldest_first(scoped, now, holder):
    for reference, hours in (("NB-1", 25), ("NB-2", 40)):
        waiting(scoped, hours=hours, now=now, holder=holder, external_id=reference)
    sweep(now=now)
    mail = rendered(now)
    assert mail.subject == "2 offers are stuck, the oldest for 40 h"
    assert mail.text.index("NB-2") < mail.text.index("NB-1")


def test_names_with_special_characters_stand_plain_in_text_and_escaped_in_html(scoped, now, member):
    holder = member(Role.RECRUITER, name="Ann <b>O'Neil</b>")
    waiting(scoped, hours=26, now=now, holder=holder)
    sweep(now=now)
    mail = rendered(now)
    assert "Ann <b>O'Neil</b>" in mail.text
    assert "<b>O" not in mail.html


def test_rendering_a_batch_takes_as_many_queries_for_many_as_for_one(scoped, now, member, django_assert_num_queries):
    people = [member(Role.RECRUITER) for _ in range(4)]
    for person in people:
        waiting(scoped, hours=26, now=now, holder=person)
    sweep(now=now)
    messages = list(OutboxMessage.objects.select_related("client", "user"))
    for batch in (messages[:1], messages):
        with django_assert_num_queries(3):
            rows = fetch(batch, now=now)
            assert all(isinstance(render(message, rows), Mail) for message in batch)


def test_rejections_of_a_batch_are_read_together(scoped, now, holder, django_assert_num_queries):
    for _ in range(3):
        decision = factories.DecisionFactory(approval__chain__version__offer__client=scoped, verdict="rejected")
        ids, offer = {"approval": decision.approval_id}, decision.approval.offer
        factories.OutboxMessageFactory(kind="rejected", offer=offer, user=holder, address="", ids=ids)
    messages = list(OutboxMessage.objects.select_related("client", "user"))
    for batch in (messages[:1], messages):
        with django_assert_num_queries(4):
            rows = fetch(batch, now=now)
            assert all("has rejected" in render(message, rows).text for message in batch)


@pytest.mark.parametrize(
    ("hours", "words"), [(0.75, "45 min"), (26.4, "26 h"), (71.9, "71 h"), (72, "3 days"), (74, "3 days 2 h")]
)
def test_waiting_is_said_as_people_say_it(hours, words):
    assert waited(hours) == words


def test_no_subject_ever_carries_pay(scoped, now, holder):
    version = factories.OfferVersionFactory(offer__client=scoped, base="123456")
    offer = version.offer
    offer.version, offer.holder = version, holder
    offer.verbal_approved_at = now - timedelta(hours=30)
    offer.save()
    waiting(scoped, hours=30, now=now, holder=holder)
    sweep(now=now)
    for message in OutboxMessage.objects.select_related("client", "user"):
        assert "123" not in render(message, fetch([message], now=now)).subject
