"""The zone in which somebody reads times: theirs to choose."""

from collections.abc import Callable

from django.test import Client as Browser
from django.urls import reverse

from config.middleware import zone_of
from governance.access import Role
from governance.models import User


def choose(browser: Browser, name: str) -> int:
    return browser.post(reverse("account_zone"), {"zone": name}).status_code


def test_a_person_chooses_the_zone_of_their_times(
    member: Callable[..., User], browser_client: Callable[[User], Browser]
) -> None:
    user = member(Role.COORDINATOR)
    assert choose(browser_client(user), "Europe/Warsaw") == 302
    user.refresh_from_db()
    assert str(zone_of(user)) == "Europe/Warsaw"


def test_a_zone_that_does_not_exist_is_refused_beside_the_field(
    member: Callable[..., User], browser_client: Callable[[User], Browser]
) -> None:
    user = member(Role.COORDINATOR, zone="Europe/Warsaw")
    assert choose(browser_client(user), "Europe/Atlantis") == 200
    user.refresh_from_db()
    assert user.zone == "Europe/Warsaw"


def test_nobody_chooses_a_zone_without_signing_in(client: Browser) -> None:
    response = client.get(reverse("account_zone"))
    assert response["Location"].startswith(reverse("account_login"))
