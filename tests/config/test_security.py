"""What browsers and operators are told: a strict policy on every page, and no secret that somebody could know."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse

from governance.access import Role
from governance.models import User

ROOT = Path(__file__).resolve().parents[2]
POLICY = {
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}


def policy(response: HttpResponse) -> set[str]:
    return {directive.strip() for directive in response["Content-Security-Policy"].split(";")}


@pytest.mark.parametrize("path", ["/account/login/", "/admin/", "/nowhere/", "/account/password/reset/"])
def test_every_page_of_a_stranger_carries_the_strict_policy(client: Browser, db: None, path: str) -> None:
    assert policy(client.get(path)) == POLICY


@pytest.mark.parametrize("path", ["/admin/", "/admin/governance/salaryband/", "/admin/nowhere/", "/admin/jsi18n/"])
def test_every_page_of_a_member_carries_the_strict_policy(
    member: Callable[..., User], browser_client: Callable[[User], Browser], path: str
) -> None:
    assert policy(browser_client(member(Role.HR_PARTNER)).get(path)) == POLICY


def test_a_page_tells_browsers_neither_to_frame_nor_to_guess_nor_to_tell_where_one_came_from(
    client: Browser, db: None
) -> None:
    page = client.get("/account/login/")
    assert (page["X-Frame-Options"], page["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert page["Referrer-Policy"] == "same-origin"


def test_a_form_without_its_token_is_refused(member: Callable[..., User]) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(member(Role.HR_PARTNER))
    assert browser.post(reverse("admin:governance_salaryband_add"), {}).status_code == 403


def test_scripts_cannot_read_the_session(client: Browser, member: Callable[..., User]) -> None:
    user = member(Role.AUDITOR, password="a long enough secret")
    response = client.post(reverse("account_login"), {"login": user.email, "password": "a long enough secret"})
    cookie = response.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def settings_say(expression: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the settings make of this environment alone."""
    code = f"from django.conf import settings; print({expression})"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


SERVER = {"DATABASE_URL": "postgres://handoff:x@127.0.0.1:1/handoff"}


def test_a_server_without_a_secret_key_does_not_start() -> None:
    refused = settings_say("settings.SECRET_KEY", **SERVER)
    assert refused.returncode != 0
    assert "Set the SECRET_KEY environment variable" in refused.stderr


STRICT = {
    "DEBUG": False,
    "ALLOWED_HOSTS": [],
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
}


def test_a_server_is_strict_unless_told_otherwise() -> None:
    asked = f"settings, [getattr(settings, name) for name in {list(STRICT)}]"
    assert settings_say(asked, SECRET_KEY="x" * 60, **SERVER).stdout.strip().endswith(str(list(STRICT.values())))


def test_the_processes_of_a_server_put_on_the_application_role() -> None:
    role = settings_say("settings.DATABASES['default']['OPTIONS']['assume_role']", SECRET_KEY="x" * 60, **SERVER)
    assert role.stdout.strip() == "handoff_app"
