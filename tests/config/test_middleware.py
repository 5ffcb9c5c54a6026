"""What every request carries: the person's clients, their time zone, and their name in history."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django.utils import timezone

from config.middleware import ScopeMiddleware, zone_of
from governance.access import Role
from governance.models import Client, MarketSource, User
from governance.tenancy import scope, scoped_ids
from tests.factories import MarketSourceFactory, MembershipFactory, UserFactory

Member = Callable[..., User]


def passed(user: Any, view: Callable[[HttpRequest], Any]) -> Any:
    """What the view returns when this person asks for it."""
    request = RequestFactory().get("/")
    request.user = user
    found = []
    ScopeMiddleware(lambda request: found.append(view(request)) or HttpResponse())(request)
    return found[0]


def test_a_request_sees_the_clients_at_which_the_person_has_a_role(
    member: Member, client_a: Client, client_b: Client
) -> None:
    user = member(Role.AUDITOR)
    assert passed(user, lambda request: scoped_ids()) == {client_a.pk}
    MembershipFactory(user=user, client=client_b, role=Role.AUDITOR)
    assert passed(User.objects.get(pk=user.pk), lambda request: scoped_ids()) == {client_a.pk, client_b.pk}


@pytest.mark.parametrize(
    "address", ["/offers/stuck/?unit=a%00b", "/offers/stuck/?a%00b=1", "/admin/offers/offer/a%00b/"]
)
def test_an_address_with_a_nul_character_is_refused_in_words(
    member: Member, browser_client: Callable[[User], Any], address: str
) -> None:
    response = browser_client(member(Role.RECRUITER)).get(address)
    assert (response.status_code, b"NUL character" in response.content) == (400, True)


def test_the_api_refuses_such_an_address_in_its_own_way(member: Member, browser_client: Callable[[User], Any]) -> None:
    response = browser_client(member(Role.RECRUITER)).get("/api/v1/offers?status=a%00b")
    assert (response.status_code, "NUL character" in response.json()["error"]["message"]) == (400, True)


def test_a_stranger_sees_no_client(client_a: Client) -> None:
    assert passed(AnonymousUser(), lambda request: list(Client.objects.all())) == []


def test_after_the_request_the_connection_shows_nothing(member: Member, client_a: Client) -> None:
    assert passed(member(Role.AUDITOR), lambda request: Client.objects.get()) == client_a
    assert list(Client.objects.all()) == []


def test_a_view_that_fails_leaves_no_scope_behind(member: Member) -> None:
    def failing(request: HttpRequest) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        passed(member(Role.AUDITOR), failing)
    assert scoped_ids() == frozenset()


def test_a_page_is_drawn_inside_the_scope(
    member: Member, browser_client: Callable[[User], Any], client_a: Client
) -> None:
    MarketSourceFactory(client=client_a, name="Seen while drawing")
    page = browser_client(member(Role.HR_PARTNER)).get("/admin/governance/marketsource/")
    assert isinstance(page, TemplateResponse)
    assert b"Seen while drawing" in page.content


def test_what_a_request_writes_names_the_person_and_the_portal(member: Member, client_a: Client) -> None:
    user = member(Role.HR_PARTNER)
    passed(user, lambda request: MarketSource.objects.create(client=client_a, name="Survey"))
    with scope([client_a.pk]):
        event = apps.get_model("governance.MarketSourceEvent").objects.get()
    assert event.pgh_context == {"actor": user.pk, "via": "portal"}


def test_instants_are_read_in_the_persons_own_zone(member: Member) -> None:
    shown = passed(member(Role.AUDITOR, zone="Europe/Berlin"), lambda request: timezone.get_current_timezone_name())
    assert shown == "Europe/Berlin"
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.parametrize("zone", ["", "Not/AZone", "../etc/passwd"])
def test_without_a_zone_of_their_own_people_read_their_clients(member: Member, client_a: Client, zone: str) -> None:
    shown = passed(member(Role.AUDITOR, zone=zone), lambda request: timezone.get_current_timezone_name())
    assert shown == client_a.zone == "America/New_York"


@pytest.mark.parametrize("zone", ["", "Not/AZone", "../etc/passwd"])
def test_a_zone_that_is_none_is_utc_for_who_has_no_client(db: None, zone: str) -> None:
    assert zone_of(UserFactory(zone=zone)) == ZoneInfo("UTC")


def test_a_request_costs_one_read_of_roles_and_two_settings(
    member: Member, django_assert_num_queries: Callable[[int], Any]
) -> None:
    user = member(Role.AUDITOR)
    with django_assert_num_queries(3):
        passed(User(pk=user.pk, is_active=True, zone="Europe/Berlin"), lambda request: None)
