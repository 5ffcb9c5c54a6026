"""Pages of insight: who may open them, what they say, what they keep to themselves."""

import math
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from tablib import Dataset  # type: ignore[import-untyped]

from analytics.models import Finding
from analytics.reports.scorecard import INDICATORS
from analytics.views.pages import PAGES
from analytics.views.wording import said
from governance.access import Role
from governance.models import Client, User
from governance.tenancy import scope
from offers.presentation import Voice
from tests.factories import NOW, LossFactory, OfferFactory

pytestmark = pytest.mark.django_db
NAMES = ["scorecard", "declines", "compare", *(page.slug for page in PAGES)]


@pytest.fixture
def director(member: Callable[..., User], browser_client: Callable[[User], Browser]) -> Browser:
    return browser_client(member(Role.ACCOUNT_DIRECTOR))


def answered(client: Client, count: int, **fields: Any) -> None:
    with scope([client.pk]):
        for _ in range(count):
            offer = OfferFactory(
                client=client, verbal_approved_at=NOW - timedelta(days=9), verbal_basis="recorded",
                written_at=NOW - timedelta(days=7), decided_at=NOW - timedelta(days=5), **fields,
            )  # fmt: skip
            if offer.status == "declined":
                LossFactory(offer=offer, reason="Base")


def hired(client: Client, count: int, **fields: Any) -> None:
    answered(client, count, status="joined", joined_on=(NOW - timedelta(days=1)).date(), **fields)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_with_nothing_to_count_and_with_something(director: Browser, client_a: Client, name: str) -> None:
    empty = director.get(reverse(f"insight:{name}"), {"since": ""})
    answered(client_a, 6, status="accepted", source_channel="Board")
    answered(client_a, 2, status="declined", source_channel="Referral")
    hired(client_a, 6, satisfaction=3)  # none of whom would recommend it: the only figure that can lie below zero
    filled = director.get(reverse(f"insight:{name}"), {"since": "", "by": "source_channel"})
    assert (empty.status_code, filled.status_code) == (200, 200)
    assert "14 offers, as of" in filled.content.decode()


@pytest.mark.parametrize("figure", [each.key for each in INDICATORS])
def test_any_figure_of_the_scorecard_can_be_compared(director: Browser, client_a: Client, figure: str) -> None:
    hired(client_a, 6, satisfaction=3, source_channel="Board")
    asked = {"since": "2026-11-01", "by": "source_channel", "figure": figure}
    assert director.get(reverse("insight:compare"), asked).status_code == 200


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.RECRUITER, Role.HIRING_MANAGER, Role.ADMINISTRATOR])
def test_reports_are_for_those_who_answer_for_the_programme(
    member: Callable[..., User], browser_client: Callable[[User], Browser], role: Role
) -> None:
    assert browser_client(member(role)).get(reverse("insight:scorecard")).status_code == 403


def test_another_clients_reports_are_not_there(director: Browser, client_b: Client) -> None:
    answered(client_b, 6, status="accepted")
    assert director.get(reverse("insight:timing"), {"client": client_b.code}).status_code == 404


def test_small_cells_are_named_and_not_shown(director: Browser, client_a: Client) -> None:
    answered(client_a, 6, status="accepted", source_channel="Board")
    answered(client_a, 2, status="accepted", source_channel="Referral")
    text = director.get(reverse("insight:acceptance"), {"since": "", "by": "source_channel"}).content.decode()
    assert "not shown: 2, fewer than 5" in text


def test_the_offers_behind_a_figure_are_those_that_it_counted(director: Browser, client_a: Client) -> None:
    answered(client_a, 5, status="accepted", source_channel="Board")
    answered(client_a, 6, status="accepted", source_channel="Referral")
    asked = {"report": "acceptance", "by": "source_channel", "key": "Board", "since": ""}
    assert "5 offers were counted" in director.get(reverse("insight:behind"), asked).content.decode()


def test_a_file_holds_the_contracts_names(director: Browser, client_a: Client) -> None:
    answered(client_a, 6, status="accepted")
    response = director.get(reverse("insight:export", args=["acceptance", "csv"]), {"since": ""})
    header, total = response.content.decode().split()
    assert header.startswith("key,n,decided,accepted,")
    assert total.startswith("total,6,6,6,")


def test_people_are_called_by_name_on_pages_and_by_address_in_files(
    director: Browser, client_a: Client, member: Callable[..., User]
) -> None:
    who = member(Role.RECRUITER, name="Kim Huong", email="kim@meridian.example")
    answered(client_a, 6, status="accepted", recruiter=who)
    asked = {"since": "", "by": "recruiter"}
    page = director.get(reverse("insight:acceptance"), asked).content.decode()
    assert re.search(r">Kim Huong</a>\s*<small class=\"under\">kim@meridian.example</small>", page)
    file = director.get(reverse("insight:export", args=["acceptance", "csv"]), asked).content.decode()
    assert "kim@meridian.example,6" in file
    assert "Kim Huong" not in file


def test_a_period_from_the_first_day_there_is_has_none_before_it(director: Browser, client_a: Client) -> None:
    assert director.get(reverse("insight:compare"), {"since": "0001-01-01"}).status_code == 200


def test_codes_are_said_in_words(director: Browser, client_a: Client) -> None:
    answered(client_a, 6, status="accepted", priority="critical")
    page = director.get(reverse("insight:acceptance"), {"since": "", "by": "priority"}).content.decode()
    assert re.search(r">Critical</a>", page)


@pytest.mark.parametrize(
    ("kind", "values"),
    [("percent", (0.31, 0.315)), ("number", (1, 1.01)), ("hours", (48, 47.25)), ("days", (70, 70.5))],
)
def test_figures_of_a_column_have_the_same_decimals(kind: str, values: tuple[float, float]) -> None:
    decimals = {len(re.search(r"\.(\d+)", said(value, kind, Voice(NOW)))[1]) for value in values}
    assert len(decimals) == 1


@pytest.mark.parametrize("path", ["nonsense.csv", "acceptance.csv?by=shoe_size", "offers/?report=nonsense"])
def test_what_there_is_not_is_not_found(director: Browser, client_a: Client, path: str) -> None:
    assert director.get(f"{reverse('insight:scorecard')}{path}").status_code == 404


def test_a_theme_is_sent_back_once_with_an_owner_and_a_day(
    director: Browser, client_a: Client, member: Callable[..., User]
) -> None:
    owner = member(Role.RECRUITER)
    address = f"{reverse('insight:send-back')}?dim=source_channel&value=Board&theme=compensation"
    given = {"owner": owner.pk, "review_on": "2099-01-31"}
    assert director.post(address, given).status_code == 302
    assert director.post(address, given).status_code == 422
    with scope([client_a.pk]):
        assert list(Finding.objects.values_list("value", "theme", "owner")) == [("Board", "compensation", owner.pk)]
    assert "Board" in director.get(reverse("insight:declines")).content.decode()


def test_who_may_only_read_sends_nothing_back(
    member: Callable[..., User], browser_client: Callable[[User], Browser], client_a: Client
) -> None:
    address = f"{reverse('insight:send-back')}?dim=source_channel&value=Board&theme=compensation"
    browser_client(member(Role.AUDITOR)).post(address, {"review_on": "2099-01-31"})
    with scope([client_a.pk]):
        assert not Finding.objects.exists()


def test_the_api_gives_what_the_command_prints(director: Browser, client_a: Client) -> None:
    answered(client_a, 6, status="accepted")
    found = director.get("/api/v1/reports/acceptance", {"by": "source_channel"}).json()
    assert (found["total"]["decided"], found["rows"][0]["key"]) == (6, "")
    assert director.get("/api/v1/reports/nonsense").status_code == 404
    assert director.get("/api/v1/reports/acceptance", {"since": "soon"}).status_code == 400


def test_a_page_takes_as_many_queries_for_many_offers_as_for_few(
    director: Browser, client_a: Client, django_assert_max_num_queries: Any
) -> None:
    answered(client_a, 12, status="accepted", source_channel="Board")
    director.get(reverse("insight:acceptance"))
    with django_assert_max_num_queries(40):
        director.get(reverse("insight:acceptance"), {"since": ""})


def test_what_became_of_offers_below_their_reference_is_told_apart(director: Browser, client_a: Client) -> None:
    answered(client_a, 6, status="accepted")
    text = director.get(reverse("insight:pay"), {"since": ""}).content.decode()
    assert "What became of those below their reference" in text
    assert "Reference unknown" in text


def test_themes_are_shown_over_time(director: Browser, client_a: Client) -> None:
    answered(client_a, 6, status="declined")
    text = director.get(reverse("insight:declines"), {"since": ""}).content.decode()
    assert f"by=quarter&amp;report=declines&amp;key={NOW.year}-Q{(NOW.month + 2) // 3}" in text


def test_who_is_still_there_is_said_with_its_interval(director: Browser, client_a: Client) -> None:
    gone, stayed = ({"status": "joined", "joined_on": NOW.date() - timedelta(days=200)} for _ in range(2))
    answered(client_a, 3, **gone, left_on=NOW.date() - timedelta(days=150), left_voluntary=True)
    answered(client_a, 7, **stayed)
    rows = director.get(reverse("insight:attrition"), {"since": ""}).context["panels"][1]["rows"]
    at_60 = next(row for row in rows if row["key"] == "60 days")
    low, high = (loglog(0.7, 3 / 70, sign) for sign in (1, -1))
    said = [cell["text"].replace("\xa0", " ") for cell in at_60["cells"]]
    assert said == ["70.0 %", f"{low:.1f} to {high:.1f} %", "3", "10"]


def loglog(share: float, variance_of_log: float, sign: int) -> float:
    """Greenwood's interval on the log-log scale, in percent, by hand: 3 of 10 left on one day."""
    spread = 1.959964 * math.sqrt(variance_of_log) / abs(math.log(share))
    return round(100 * share ** math.exp(sign * spread), 1)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_compared_can_be_taken_away(director: Browser, client_a: Client, form: str) -> None:
    answered(client_a, 6, status="accepted", source_channel="Board")
    asked = {"by": "source_channel", "figure": "acceptance_rate", "since": "2020-01-01"}
    response = director.get(reverse("insight:compare-file", args=[form]), asked)
    rows = Dataset().load(response.content.decode() if form == "csv" else response.content, format=form).dict
    assert [(row["key"], int(row["n"]), float(row["value"])) for row in rows] == [("total", 6, 1), ("Board", 6, 1)]


def test_a_period_without_anything_says_so_and_one_with_too_few_names_what_is_hidden(
    director: Browser, client_a: Client
) -> None:
    answered(client_a, 2, status="accepted")
    shown = director.get(reverse("insight:acceptance"), {"since": ""}).content.decode()
    empty = director.get(reverse("insight:acceptance"), {"since": "2001-01-01", "until": "2001-02-01"}).content.decode()
    assert "not shown: 2, fewer than 5" in shown
    assert "Nothing of this kind happened" not in shown
    assert "Nothing of this kind happened" in empty
