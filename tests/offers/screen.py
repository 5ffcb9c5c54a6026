"""A person at a screen: pages opened and forms sent at the desk's own time."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import time_machine
from django.http import HttpResponse
from django.test import Client as Browser

from governance.access import Role
from governance.models import User
from offers.models import Offer
from offers.views.frame import url_of
from tests.offers.desk import Desk


class Screen:
    """One person's browser. The clock of the portal is the desk's."""

    def __init__(self, desk: Desk, who: Role | User) -> None:
        self.desk = desk
        self.user = desk.people[who] if isinstance(who, Role) else who
        self.browser = Browser()

    def get(self, path: str, **query: Any) -> HttpResponse:
        with self.signed_in():
            return self.browser.get(path, query)

    def post(self, path: str, **data: Any) -> HttpResponse:
        with self.signed_in():
            return self.browser.post(path, data)

    @contextmanager
    def signed_in(self) -> Iterator[None]:
        """At the desk's own time, with a session that has not run out by then."""
        with time_machine.travel(self.desk.now, tick=False):
            self.browser.force_login(self.user)
            yield

    def offer(self, offer: Offer) -> str:
        """The workbench, as it is read."""
        return text(self.get(url_of(offer)))

    def do(self, offer: Offer, act: str, **data: Any) -> HttpResponse:
        return self.post(f"/offers/{offer.pk}/do/{act}/", **data)


def text(response: HttpResponse) -> str:
    """A page's words alone, on one line."""
    assert response.status_code in (200, 409), response.status_code
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def acts(response: HttpResponse) -> set[str]:
    """What a workbench leads to, by name."""
    return {
        name.replace("-", "_") for name in re.findall(r'href="/offers/\d+/do/([\w-]+)/"', response.content.decode())
    }
