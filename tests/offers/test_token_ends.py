"""API tokens that are about to end: their person hears ahead, once, and only while it is true."""

from datetime import timedelta

import pytest

from governance.access import Role
from governance.models import ApiToken, Membership
from offers.mail import Dropped, render
from offers.mail_rows import fetch
from offers.models import OutboxMessage
from offers.token_ends import warn_of_ends
from tests import factories


@pytest.fixture
def token(desk):
    person = desk.people[Role.RECRUITER]
    ends = desk.now + timedelta(days=14)
    return factories.ApiTokenFactory(client=desk.client, user=person, created_at=desk.now, expires_at=ends)


@pytest.mark.parametrize(("before", "told"), [(timedelta(seconds=1), 0), (timedelta(), 1), (timedelta(days=-13), 1)])
def test_its_person_is_mailed_from_two_weeks_before_the_end_once(desk, token, before, told):
    for _ in range(2):
        assert warn_of_ends(now=desk.now - before) == told
    assert desk.mailed("token_ends") == ({token.user} if told else set())
    assert OutboxMessage.objects.filter(kind="token_ends").count() == told


@pytest.mark.parametrize("over", ["ended", "revoked", "left"])
def test_nobody_is_told_of_a_token_that_opens_nothing(desk, token, over):
    match over:
        case "ended":
            ApiToken.objects.update(expires_at=desk.now)
        case "revoked":
            ApiToken.objects.update(revoked_at=desk.now)
        case "left":
            Membership.objects.filter(user=token.user).update(is_active=False)
    assert warn_of_ends(now=desk.now) == 0
    assert not desk.mailed("token_ends")


def test_the_mail_says_which_and_when_and_is_dropped_once_it_is_revoked(desk, token):
    warn_of_ends(now=desk.now)
    found = OutboxMessage.objects.select_related("client", "user").get(kind="token_ends")
    mail = render(found, fetch([found], now=desk.now))
    assert mail.subject == "Your API token ends on 8 Dec 2026"
    for words in (mail.text, mail.html):
        assert token.hint in words
        assert "8 Dec 2026" in words
    ApiToken.objects.update(revoked_at=desk.now)
    assert isinstance(render(found, fetch([found], now=desk.now)), Dropped)


def test_queries_do_not_grow_with_tokens(desk, token, django_assert_num_queries):
    for _ in range(3):
        factories.ApiTokenFactory(client=desk.client, user=token.user, expires_at=token.expires_at)
    with django_assert_num_queries(2):
        warn_of_ends(now=desk.now)
