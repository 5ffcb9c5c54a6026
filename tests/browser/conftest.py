"""A real browser: the system's Chromium, which CI installs. Without one these tests are skipped and say so.

Every page that a test opens is watched: a refused inline script, a script error or a failed request fails the test.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Session
from django.utils import timezone
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from governance.models import User
from governance.tenancy import scope
from tests import factories
from tests.offers.desk import Desk

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000  # ms: a machine with much else to do is no fault of a page
expect.set_options(timeout=PATIENCE)
REFUSALS = ("the server responded with a status of 404", "the server responded with a status of 409")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed: `apt-get install chromium`")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser's loop runs in this thread
    return {"executable_path": CHROMIUM, "args": QUIET, "chromium_sandbox": os.geteuid() != 0}


@pytest.fixture
def desk(live_server: Any) -> Iterator[Desk]:
    """The desk of tests/offers/desk.py two days ago, by the clock that the portal reads: pages ask it, not a test."""
    client = factories.ClientFactory(name="Northbridge Bank")
    with scope([client.pk]):
        desk = Desk(client, timezone.now() - timedelta(days=2))
        desk.benchmark.as_of = desk.now.date() - timedelta(days=90)  # never stale, whatever the year
        desk.benchmark.save()
        yield desk


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """`visit(user)` is a blank page of somebody signed in; `width` and `script` say how it is looked at."""
    opened, faults = [], []

    def page_of(user: User | None = None, *, width: int = 1360, script: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            locale="en-GB",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        opened.append(context)
        if user is not None:
            session = Session()
            session.force_login(user)
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: faults.append(f"{page.url}: {message.text}") if _is_fault(message) else None)
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        return page

    yield page_of
    for context in opened:
        context.close()
    assert faults == []


def _is_fault(message: ConsoleMessage) -> bool:
    """A page that is itself a refusal says so in the console too: that is no fault, a missing file is one."""
    refusal = any(each in message.text for each in REFUSALS) and "." not in message.location["url"].rpartition("/")[2]
    return (message.type == "error" and not refusal) or "Content Security Policy" in message.text
