"""Signing in: by e-mail and password, for people whom an administrator has made."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core import mail
from django.core.cache import cache, caches
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from governance import attempts
from governance.access import Role
from governance.models import User
from tests.factories import NOW, UserFactory

PASSWORD = "a long enough secret"


@pytest.fixture
def person(member: Callable[..., User]) -> User:
    return member(Role.COORDINATOR, email="dana.lee@example.org", name="Dana Lee", password=PASSWORD)


@pytest.fixture(autouse=True)
def uncounted(db: None) -> None:
    """Tests with a server of their own leave their tries to sign in behind, which no transaction takes back."""
    cache.clear()


def sign_in(browser: Browser, email: str, password: str = PASSWORD) -> HttpResponse:
    return browser.post(reverse("account_login"), {"login": email, "password": password})


def is_inside(browser: Browser) -> bool:
    return browser.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("email", ["dana.lee@example.org", "Dana.Lee@Example.ORG"])
def test_the_e_mail_signs_in_whatever_its_capitals(client: Browser, person: User, email: str) -> None:
    response = sign_in(client, email)
    assert (response.status_code, response["Location"]) == (302, reverse("admin:index"))
    assert is_inside(client)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(client: Browser, person: User) -> None:
    wrong = sign_in(client, person.email, "something else entirely").context["form"].errors
    unknown = sign_in(client, "nobody@example.org").context["form"].errors
    assert wrong
    assert wrong == unknown
    assert not is_inside(client)


def test_whoever_is_switched_off_stays_outside(client: Browser, person: User) -> None:
    User.objects.update(is_active=False)
    sign_in(client, person.email)
    assert not is_inside(client)


def test_whoever_is_switched_off_meanwhile_is_out_at_the_next_page(client: Browser, person: User) -> None:
    sign_in(client, person.email)
    User.objects.update(is_active=False)
    assert not is_inside(client)


def test_a_password_alone_opens_nothing_without_a_role(client: Browser, db: None) -> None:
    sign_in(client, UserFactory(password=PASSWORD).email)
    assert not is_inside(client)


def test_whoever_was_made_without_a_password_cannot_sign_in_yet(db: None) -> None:
    user = UserFactory()
    assert not user.has_usable_password()
    assert authenticate(None, email=user.email, password="") is None


def test_nobody_signs_up_by_themselves(client: Browser, db: None) -> None:
    stranger = {"email": "stranger@example.org", "password1": PASSWORD}
    assert client.post(reverse("account_signup"), stranger).status_code == 200
    assert not User.objects.filter(email=stranger["email"]).exists()


def test_two_people_never_share_an_e_mail_whatever_its_capitals(person: User) -> None:
    with pytest.raises(ValidationError, match="Somebody signs in with this e-mail already"):
        User(email="DANA.LEE@example.org", name="Another", password="x").full_clean()


@pytest.mark.parametrize("name", ["admin:index", "admin:governance_client_changelist", "admin:autocomplete"])
def test_a_page_asks_strangers_to_sign_in_and_leads_back(client: Browser, db: None, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response["Location"].startswith((reverse("account_login"), reverse("admin:login")))
    assert reverse(name) in response["Location"]


def test_the_way_back_after_signing_in_stays_in_the_portal(client: Browser, person: User) -> None:
    response = client.post(
        reverse("account_login"), {"login": person.email, "password": PASSWORD, "next": "https://elsewhere.example/"}
    )
    assert response["Location"] == reverse("admin:index")


def test_signing_out_ends_the_session(client: Browser, person: User) -> None:
    sign_in(client, person.email)
    client.post(reverse("account_logout"))
    assert not is_inside(client)


def test_a_session_ends_within_the_working_day(client: Browser, person: User) -> None:
    sign_in(client, person.email)
    assert client.session.get_expiry_age() <= 12 * 3600


def test_nobody_moves_their_own_address_to_another_mailbox(client: Browser, person: User) -> None:
    """Mails with pay, one-time codes and links that decide go to it: an administrator gives it."""
    sign_in(client, person.email)
    before = person.email
    for action in ("action_add", "action_primary"):
        assert client.post("/account/email/", {action: "", "email": "other@example.org"}).status_code == 404
    person.refresh_from_db()
    assert person.email == before


def test_asking_for_a_new_password_says_and_mails_a_stranger_nothing(client: Browser, person: User) -> None:
    known, unknown = (
        client.post(reverse("account_reset_password"), {"email": email}) for email in (person.email, "no@example.org")
    )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [sent.to for sent in mail.outbox] == [[person.email]]


@pytest.fixture
def still() -> Iterator[None]:
    """Attempts are counted by the minute: on a slow machine none of them may grow too old meanwhile."""
    with time_machine.travel(NOW, tick=False):
        yield


def guess(browser: Browser, email: str = "x@example.org", address: str = "1.2.3.4") -> HttpResponse:
    """A try with a wrong password, from behind the proxy."""
    return browser.post(
        reverse("account_login"), {"login": email, "password": "x"}, headers={"X-Forwarded-For": address}
    )


def use_up_tries(browser: Browser, person: User) -> None:
    """One more than an address has in five minutes."""
    tries = [is_refused(guess(browser, person.email)) for _ in range(6)]
    assert tries == [False] * 5 + [True]


def is_refused(answer: HttpResponse) -> bool:
    return answer.status_code == 429 or "Too many" in answer.content.decode()


def test_failed_attempts_are_counted_by_the_address_that_the_proxy_saw(
    client: Browser, person: User, settings: Any, still: None
) -> None:
    """Else one stranger's failures would keep everybody out, since all come from the proxy."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for n in range(10):
        guess(client, f"{n}@example.org")
    assert is_refused(guess(client, "y@example.org"))
    client.post(
        reverse("account_login"), {"login": person.email, "password": PASSWORD}, headers={"X-Forwarded-For": "5.6.7.8"}
    )
    assert is_inside(client)


def test_all_web_workers_count_attempts_together(client: Browser, person: User, still: None) -> None:
    """Each process has its own cache object: what one has counted, a new one knows."""
    use_up_tries(client, person)
    del caches["default"]
    assert is_refused(guess(client, person.email))


def test_more_addresses_than_a_small_cache_holds_wash_no_count_away(client: Browser, person: User, still: None) -> None:
    use_up_tries(client, person)
    cache.set_many({f"another-{n}": n for n in range(310)})
    assert is_refused(guess(client, person.email))


def test_counts_that_are_over_are_forgotten(db: None) -> None:
    cache.set("over", 1, timeout=300)
    cache.set("runs", 1, timeout=3600)
    assert attempts.forget(now=timezone.now() + timedelta(minutes=10)) == 1
    assert cache.get_many(["over", "runs"]) == {"runs": 1}
