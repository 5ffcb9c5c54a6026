"""A second step of sign-in, for those who want it: codes of an app, recovery codes, and what is kept of them."""

import hmac
import json
import re
from base64 import b32decode
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse

from governance.access import Role
from governance.models import User
from tests.factories import NOW

PASSWORD = "a long enough secret"


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def person(member: Callable[..., User]) -> User:
    return member(Role.COORDINATOR, email="dana.lee@example.org", password=PASSWORD)


def sign_in(person: User) -> tuple[Browser, HttpResponse]:
    browser = Browser()
    answer = browser.post(reverse("account_login"), {"login": person.email, "password": PASSWORD}, follow=True)
    return browser, answer


def prove(browser: Browser) -> None:
    """Show once more who one is, as a change to how one signs in asks for."""
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def is_inside(browser: Browser) -> bool:
    return browser.get(reverse("admin:index")).status_code == 200


def code_of(key: str, later: int = 0) -> str:
    """What an authenticator app shows: RFC 6238, six digits of half a minute, `later` half minutes from now."""
    counter = (int(NOW.timestamp()) // 30 + later).to_bytes(8, "big")
    digest = hmac.digest(b32decode(key), counter, "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


@pytest.fixture
def key(person: User) -> str:
    """The key of the app that the person has set up by the page; its code of now is used by that."""
    browser, _ = sign_in(person)
    prove(browser)
    page = browser.get(reverse("mfa_activate_totp")).content.decode()
    key = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert key
    browser.post(reverse("mfa_activate_totp"), {"code": code_of(key[1])})
    return key[1]


def test_nobody_is_asked_for_a_second_step_who_has_none(person: User) -> None:
    assert is_inside(sign_in(person)[0])


def test_with_one_the_password_alone_opens_nothing(person: User, key: str) -> None:
    browser, page = sign_in(person)
    assert "The second step" in page.content.decode()
    assert not is_inside(browser)
    assert browser.get("/api/v1/offers").status_code == 401


def test_the_code_of_the_app_opens_and_works_once(person: User, key: str) -> None:
    (first, _), (second, _) = sign_in(person), sign_in(person)
    for browser in (first, second):
        browser.post(reverse("mfa_authenticate"), {"code": code_of(key, later=1)})
    assert (is_inside(first), is_inside(second)) == (True, False)


@pytest.mark.parametrize("wrong", ["", "000000", "a code"])
def test_another_code_opens_nothing(person: User, key: str, wrong: str) -> None:
    browser, _ = sign_in(person)
    browser.post(reverse("mfa_authenticate"), {"code": wrong})
    assert not is_inside(browser)


def test_codes_cannot_be_tried_one_after_the_other(person: User, key: str) -> None:
    for _ in range(5):
        browser, _ = sign_in(person)
        browser.post(reverse("mfa_authenticate"), {"code": "000000"})
    browser, _ = sign_in(person)
    refused = browser.post(reverse("mfa_authenticate"), {"code": code_of(key, later=1)})
    assert "Too many" in refused.content.decode()
    assert not is_inside(browser)


def test_each_recovery_code_opens_once(person: User, key: str) -> None:
    browser, _ = sign_in(person)
    browser.post(reverse("mfa_authenticate"), {"code": code_of(key, later=1)})
    prove(browser)
    codes = re.findall(r"<code>(\d+)</code>", browser.get(reverse("mfa_view_recovery_codes")).content.decode())
    assert len(codes) == 10
    inside = []
    for code in (codes[0], codes[0], codes[1]):
        browser, _ = sign_in(person)
        browser.post(reverse("mfa_authenticate"), {"code": code})
        inside.append(is_inside(browser))
    assert inside == [True, False, True]


def test_what_the_codes_are_made_from_is_not_in_the_database(person: User, key: str) -> None:
    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert key not in kept
    assert {each.type for each in Authenticator.objects.all()} == {"totp", "recovery_codes"}


def test_a_new_secret_key_reads_what_the_one_before_kept(person: User, key: str, settings: object) -> None:
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another one"  # type: ignore[attr-defined]
    browser = Browser(raise_request_exception=True)
    browser.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FALLBACKS"):
        browser.post(reverse("mfa_authenticate"), {"code": code_of(key, later=1)})
    settings.SECRET_KEY_FALLBACKS = [before]  # type: ignore[attr-defined]
    browser.post(reverse("mfa_authenticate"), {"code": code_of(key, later=1)})
    assert is_inside(browser)


def test_to_change_it_one_shows_once_more_who_one_is(person: User, key: str) -> None:
    browser, _ = sign_in(person)
    browser.post(reverse("mfa_authenticate"), {"code": code_of(key, later=1)})
    for name in ("mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_view_recovery_codes"):
        assert "Is it you?" in browser.get(reverse(name), follow=True).content.decode()
    browser.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.count() == 2
    prove(browser)
    browser.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()


def test_its_pages_keep_the_strict_policy_and_need_no_wider_one(person: User, key: str) -> None:
    browser, step = sign_in(person)
    browser.post(reverse("mfa_authenticate"), {"code": code_of(key, later=1)})
    asks = browser.get(reverse("mfa_deactivate_totp"), follow=True)
    prove(browser)
    names = ("mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp")
    pages = [step, asks, *(browser.get(reverse(name)) for name in names)]
    Authenticator.objects.all().delete()
    pages.append(browser.get(reverse("mfa_activate_totp")))
    for page in pages:
        words = page.content.decode()
        assert page.status_code == 200
        assert "default-src 'self'" in page["Content-Security-Policy"]
        assert not re.search(r" style=|<script(?![^>]*src=)|data:", words)
    assert "<svg" in pages[-1].content.decode()


def test_who_has_lost_phone_and_codes_is_let_in_again_by_whoever_runs_it(person: User, key: str) -> None:
    said = StringIO()
    call_command("two_step", "Dana.Lee@example.org", "--remove", stdout=said)
    assert said.getvalue().startswith("dana.lee@example.org signs in by password alone now")
    assert is_inside(sign_in(person)[0])
    for stranger in (person.email, "nobody@example.org"):
        with pytest.raises(CommandError):
            call_command("two_step", stranger, "--remove")
