"""The portal's frame: who sees which jobs, where a page belongs, and what change lists tell their cells."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.test import RequestFactory, override_settings

from config.portal import Entry, HandoffAdminSite, Link, Section
from config.templatetags.portal import initials, list_name, sentence, share, span
from governance.access import Role
from governance.models import Benchmark, Holiday, User


def links(user: User, path: str = "/admin/") -> dict[str, Link]:
    request = RequestFactory().get(path)
    request.user = user  # type: ignore[attr-defined]
    site: HandoffAdminSite = admin.site  # type: ignore[assignment]
    return {link.entry.label: link for section in site.portal_sections(request) for link in section["links"]}


def counted(request: object) -> dict[str, int]:
    return {"waiting": 4}


def test_a_person_without_a_role_sees_no_jobs(member: Callable[..., User]) -> None:
    assert links(member()) == {}


def test_the_sidebar_shows_only_what_a_role_may_open(member: Callable[..., User]) -> None:
    assert "Members" not in links(member(Role.COORDINATOR))
    assert "Members" in links(member(Role.ADMINISTRATOR))


def test_everything_registered_and_open_to_a_person_is_reachable(member: Callable[..., User]) -> None:
    user = member(Role.HR_PARTNER, Role.ADMINISTRATOR)
    request = RequestFactory().get("/admin/")
    request.user = user  # type: ignore[attr-defined]
    targets = {link.entry.target.lower() for link in links(user).values()}
    open_to_them = {
        model._meta.label_lower for model, held in admin.site._registry.items() if held.has_view_permission(request)
    }
    assert open_to_them <= targets


def test_a_page_belongs_to_the_job_whose_list_it_was_opened_from(member: Callable[..., User]) -> None:
    shown = links(member(Role.HR_PARTNER), "/admin/governance/salaryband/12/change/")
    assert [label for label, link in shown.items() if link.current] == ["Salary bands"]


def test_home_is_current_on_the_home_page_alone(member: Callable[..., User]) -> None:
    user = member(Role.HR_PARTNER)
    assert links(user)["Home"].current
    assert not links(user, "/admin/governance/salaryband/")["Home"].current


@override_settings(PORTAL_COUNTS="tests.config.test_portal.counted")
def test_numbers_beside_jobs_come_from_the_function_that_settings_name(member: Callable[..., User]) -> None:
    site = HandoffAdminSite()
    site.sections = (Section("My day", (Entry("Home", "admin:index", "house", count="waiting"),)),)
    request = RequestFactory().get("/admin/")
    request.user = member(Role.COORDINATOR)  # type: ignore[attr-defined]
    assert [link.count for section in site.portal_sections(request) for link in section["links"]] == [4]


def test_an_app_has_no_page_of_its_own(member: Callable[..., User], browser_client: Callable[[User], Browser]) -> None:
    response = browser_client(member(Role.ADMINISTRATOR)).get("/admin/governance/")
    assert response["Location"] == "/admin/"


def test_figures_are_marked_in_head_and_body_and_cells_name_their_column(
    member: Callable[..., User], browser_client: Callable[[User], Browser]
) -> None:
    page = browser_client(member(Role.ADMINISTRATOR)).get("/admin/governance/businesscalendar/").content.decode()
    assert 'class="sortable column-holiday_count num"' in page
    assert 'class="field-holiday_count num" data-label="Holidays"' in page


@pytest.mark.parametrize("path", ["/admin/", "/admin/governance/businesscalendar/", "/account/login/", "/nowhere/"])
def test_no_page_carries_inline_style_or_script(
    path: str, member: Callable[..., User], browser_client: Callable[[User], Browser]
) -> None:
    browser = Browser() if path == "/account/login/" else browser_client(member(Role.ADMINISTRATOR))
    page = browser.get(path).content.decode()
    assert not {mark for mark in (" style=", "<style", " onclick=", "<script>", "javascript:") if mark in page}
    assert "handoff/css/tokens.css" in page


def test_lengths_on_drawings_stay_on_the_drawing_and_out_of_the_locale() -> None:
    assert [share(150, 600), share(-3), share(250)] == ["25.00%", "0.00%", "100.00%"]
    assert span({"x1": 120, "x2": 480}, 600) == "60.00%"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Change Password", "Change password"),
        ("Two-Factor Authentication", "Two-factor authentication"),
        ("Use an SMS Code. Then Sign In", "Use an SMS code. Then sign in"),
    ],
)
def test_titles_of_packages_are_written_as_sentences(words: str, said: str) -> None:
    assert sentence(words) == said


def test_a_list_is_called_what_the_sidebar_calls_it() -> None:
    assert list_name(Benchmark._meta) == "Market references"
    assert list_name(Holiday._meta) == "Holidays"


def test_initials_are_two_letters_of_a_name_or_an_address() -> None:
    assert [initials("Dana Lee"), initials("dana.lee@example.org"), initials("Cher")] == ["DL", "dl", "C"]
