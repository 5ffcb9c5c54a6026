"""Every main page, in a real browser: nothing refused, nothing that axe finds, no sideways scroll, light to load."""

import gzip
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from governance.access import Role
from governance.models import EscalationPath, SalaryBand
from offers.lifecycle import Status
from offers.models import Offer, OutboxMessage
from offers.sweep import sweep
from tests.offers.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Page]
HEAVIEST = 300_000  # bytes: all that a first visit loads
# What colours and width may change about a page that has been looked at once.
OF_THE_LOOK = ("color-contrast", "scrollable-region-focusable")
PHONE = {"width": 400, "height": 860}
LIVE = (Status.DRAFT, Status.IN_REVIEW, Status.APPROVED, Status.EXTENDED, Status.NEGOTIATING, Status.ACCEPTED)


def of_nobody(desk: Desk) -> Iterator[str]:
    yield from ("/account/login/", "/account/password/reset/", "/nowhere/")


def of_coordinator(desk: Desk) -> Iterator[str]:
    yield from (reverse("admin:index"), "/admin/nowhere/")
    offers = reverse("admin:offers_offer_changelist")
    yield from (offers, f"{offers}?q=Candidate&status=live&priority=standard", f"{offers}?q=nothing-like-it")
    yield reverse("admin:offers_offer_add")
    yield reverse("admin:offers_requisition_changelist")
    yield from (reverse("account_zone"), reverse("account_change_password"), reverse("mfa_index"))
    yield reverse("mfa_activate_totp")  # which first asks who one is
    yield reverse("admin:offers_outboxmessage_changelist")
    yield reverse("offers:mail", args=[OutboxMessage.objects.earliest("pk").pk])


def of_recruiter(desk: Desk) -> Iterator[str]:
    offers = {offer.status: offer.pk for offer in Offer.objects.order_by("pk")}
    yield from (reverse("admin:offers_offer_change", args=[offers[status]]) for status in LIVE)
    yield reverse("offers:terms", args=[offers[Status.DRAFT]])
    yield reverse("offers:act", args=[offers[Status.DRAFT], "submit"])
    yield reverse("offers:act", args=[offers[Status.EXTENDED], "decline"])
    yield reverse("offers:settle", args=[offers[Status.NEGOTIATING]])


def of_partner(desk: Desk) -> Iterator[str]:
    yield from (reverse("admin:index"), reverse("offers:waiting"), reverse("offers:stuck"))
    yield reverse("offers:decide", args=[desk.waiting(Offer.objects.get(status=Status.IN_REVIEW))[0].pk])
    yield reverse("admin:governance_salaryband_changelist")
    yield reverse("admin:governance_salaryband_change", args=[SalaryBand.objects.get().pk])
    yield reverse("admin:governance_approvalpolicy_changelist")
    yield reverse("policies:policy", args=[desk.policy.pk])
    yield from (reverse("policies:start"), reverse("policies:compare", args=[desk.policy.pk]))
    yield from (reverse("admin:governance_salaryband_add"), reverse("references:import", args=["bands"]))
    yield reverse("admin:governance_escalationpath_add")
    yield reverse("admin:governance_businesscalendar_change", args=[desk.calendar.pk])
    yield reverse("insight:casebook")


def of_administrator(desk: Desk) -> Iterator[str]:
    yield from (reverse("admin:governance_membership_changelist"), reverse("admin:governance_client_changelist"))
    path, member = EscalationPath.objects.get(), desk.people[Role.RECRUITER].memberships.get()
    yield reverse("admin:governance_escalationpath_change", args=[path.pk])
    yield reverse("admin:governance_escalationpath_history", args=[path.pk])
    yield reverse("admin:governance_membership_change", args=[member.pk])


def work_in_every_status(desk: Desk) -> None:
    """An offer in each status that is live, the oldest of them past 24 hours and told to whom the path names."""
    for status in LIVE:
        desk.bring(status)
    desk.later(hours=30)
    sweep(now=timezone.now())


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (None, of_nobody),
        (Role.COORDINATOR, of_coordinator),
        (Role.RECRUITER, of_recruiter),
        (Role.HR_PARTNER, of_partner),
        (Role.ADMINISTRATOR, of_administrator),
    ],
    ids=["nobody", "coordinator", "recruiter", "hr_partner", "administrator"],
)
def test_pages_are_accessible_light_dark_and_on_a_phone_and_slim(
    role: Role | None, pages: Callable[[Desk], Iterator[str]], visit: Visit, desk: Desk
) -> None:
    work_in_every_status(desk)
    user = desk.people[role] if role else None
    found = [fault for address in pages(desk) for fault in faults_of(visit(user), address)]
    assert not found, "\n".join(found)


def test_home_is_accessible_and_slim_for_everybody_who_decides(visit: Visit, desk: Desk) -> None:
    work_in_every_status(desk)
    roles = (Role.ACCOUNT_DIRECTOR, Role.HIRING_MANAGER, Role.FINANCE_LEADER)
    found = [fault for role in roles for fault in faults_of(visit(desk.people[role]), reverse("admin:index"))]
    assert not found, "\n".join(found)


def test_the_description_of_the_api_is_slim_to_read(visit: Visit) -> None:
    assert not faults_of(visit(), "/api/docs/")


def test_requests_are_tried_on_a_page_dressed_as_the_portal(visit: Visit) -> None:
    page = visit()
    page.emulate_media(color_scheme="dark")
    page.goto("/api/docs/?try")
    expect(page.locator(".opblock").first).to_be_visible()
    assert page.evaluate("document.documentElement.classList.contains('dark-mode')")


def faults_of(page: Page, address: str) -> list[str]:
    """What is wrong with a page that is visited for the first time: its weight, its access, what runs out of it."""
    page.goto(address)
    page.wait_for_selector("[aria-busy=true]", state="detached")
    page.wait_for_function("document.fonts.status === 'loaded'")
    faults = [f"weighs {weight} bytes"] if (weight := weight_of(page)) >= HEAVIEST else []
    faults += axe(page, "light, on a desk")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    faults += axe(page, "dark, on a phone", only=OF_THE_LOOK)
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    faults += [f"scrolls {over} px sideways on a phone"] if over > 0 else []
    page.context.close()
    return [f"{address}: {fault}" for fault in faults]


def weight_of(page: Page) -> int:
    """What production would have sent, in bytes: the page, and its static files compressed as WhiteNoise keeps them."""
    loaded = page.evaluate(
        "['navigation', 'resource'].flatMap(type => performance.getEntriesByType(type))"
        ".map(entry => [new URL(entry.name).pathname, entry.encodedBodySize])"
    )
    return sum(compressed(path) if path.startswith("/static/") else size for path, size in dict(loaded).items())


@cache
def compressed(path: str) -> int:
    content = Path(finders.find(path.removeprefix("/static/"))).read_bytes()
    return min(len(content), len(gzip.compress(content)))


def axe(page: Page, look: str, *, only: tuple[str, ...] = ()) -> list[str]:
    asked = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=asked | ({"runOnly": list(only)} if only else {})).response["violations"]
    return [f"{look}: {each['id']} at {each['nodes'][0]['target']} ({len(each['nodes'])})" for each in found]
