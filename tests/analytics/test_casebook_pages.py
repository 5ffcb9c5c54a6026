"""The case book as people get it: whose cases, for whom, what is never in it, and how other clients' come in."""

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.models import ProgrammeBook
from analytics.programme_book import period, write_books
from governance.access import Role
from governance.clients import create_client
from governance.models import Client, User
from governance.tenancy import scope
from tests.factories import (
    NOW,
    AdviceFactory,
    CandidateFactory,
    LossFactory,
    NoteFactory,
    OfferFactory,
    OfferVersionFactory,
    PersonFactory,
    RequisitionFactory,
)

pytestmark = pytest.mark.django_db
PAGE = "insight:casebook"
ENDED = NOW - timedelta(days=70)  # in a quarter that has ended
Sign = Callable[..., Browser]


@pytest.fixture
def sign_in(member: Callable[..., User], browser_client: Callable[[User], Browser]) -> Sign:
    return lambda *roles: browser_client(member(*roles))


def advised(client: Client, text: str = "", family: str = "Engineering", **offer: Any) -> None:
    """A lost offer of 100,000 to Anna Berg in Charlotte, on which 110,000 was advised and refused."""
    with scope([client.pk]):
        person = PersonFactory(client=client, name="Anna Berg")
        lost = OfferFactory(
            client=client, status="declined", decided_at=ENDED, written_at=ENDED - timedelta(days=5),
            candidate=CandidateFactory(client=client, person=person),
            requisition=RequisitionFactory(client=client, role_family=family, location="Charlotte"), **offer,
        )  # fmt: skip
        lost.version = OfferVersionFactory(
            offer=lost, annual=Decimal(100_000), submitted_at=ENDED - timedelta(days=5),
            reference_amount=Decimal(108_700), market_ratio=Decimal("0.92"), reference_percentile=75,
        )  # fmt: skip
        lost.save()
        LossFactory(offer=lost, theme="competing_offer", verbatim=NoteFactory(client=client, text=text))
        AdviceFactory(
            offer=lost, version=lost.version, given_at=ENDED - timedelta(days=6), decision="refused",
            decided_at=ENDED - timedelta(days=5),
        )  # fmt: skip


def waited(client: Client, signed: int, lost: int) -> None:
    """Ended offers whose letters took four days."""
    with scope([client.pk]):
        for status in ["accepted"] * signed + ["declined"] * lost:
            OfferFactory(
                client=client, status=status, verbal_approved_at=ENDED - timedelta(days=9), verbal_basis="recorded",
                written_at=ENDED - timedelta(days=5), decided_at=ENDED,
            )  # fmt: skip


def told(browser: Browser, **asked: str) -> str:
    response = browser.get(reverse(PAGE), {"since": "", **asked})
    assert response.status_code == 200
    return response.content.decode()


def test_a_case_is_told_in_shares_without_names_places_amounts_and_days(sign_in: Sign, client_a: Client) -> None:
    advised(client_a, external_id="NB-4711")
    text = told(sign_in(Role.TALENT_LEADER))
    for secret in ("Anna", "Berg", "Charlotte", "NB-4711", "100,000", "100000", "110,000", "108,700", "15 Sep"):
        assert secret not in text
    for share in ("+10 %", "−8 %", "senior", "Northern America", "2026-Q3", "Competing offer", "Refused"):
        assert share in text


def test_what_was_said_stands_only_where_it_names_nobody(sign_in: Sign, client_a: Client) -> None:
    advised(client_a, "They answered much faster.")
    advised(client_a, "The other one told anna more.")
    browser = sign_in(Role.TALENT_LEADER)
    assert "They answered" not in told(browser)
    text = told(browser, words="yes")
    assert "They answered much faster." in text
    assert "The other one" not in text
    assert "1 comment is left out, because in the text stands a name." in text


@pytest.mark.parametrize(
    ("role", "own", "others"),
    [
        (Role.ACCOUNT_DIRECTOR, 200, 200),
        (Role.TALENT_LEADER, 200, 200),
        (Role.AUDITOR, 200, 200),
        (Role.HR_PARTNER, 200, 403),
        (Role.FINANCE_LEADER, 200, 403),
        (Role.RECRUITER, 403, 403),
        (Role.HIRING_MANAGER, 403, 403),
    ],
)
def test_who_may_read_the_book(sign_in: Sign, role: Role, own: int, others: int) -> None:
    browser = sign_in(role)
    for name, form in ((PAGE, []), ("insight:casebook-export", ["csv"])):
        address = reverse(name, args=form)
        assert browser.get(address).status_code == own
        assert browser.get(address, {"whose": "programme"}).status_code == others


def test_a_file_tells_what_the_page_tells_and_starts_no_formula(sign_in: Sign, client_a: Client) -> None:
    advised(client_a, "=nobody called back", family="=HYPERLINK")
    browser, asked = sign_in(Role.AUDITOR), {"since": "", "words": "yes"}
    header, row = browser.get(reverse("insight:casebook-export", args=["csv"]), asked).content.decode().splitlines()
    assert header.startswith("case,quarter,region,job_family,level,against_reference_pct,advised_pct,")
    assert "'=HYPERLINK,senior,-8,10," in row
    assert "'=nobody called back" in row
    content = browser.get(reverse("insight:casebook-export", args=["xlsx"]), asked).content
    cells = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))[1]
    assert cells[3] == "'=HYPERLINK"
    assert cells[5] == -8


def test_a_longer_book_takes_no_more_queries(sign_in: Sign, client_a: Client) -> None:
    browser, counts = sign_in(Role.TALENT_LEADER), []
    advised(client_a)
    told(browser)  # the facts are brought up to date once
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            told(browser)
        counts.append(len(queries))
        advised(client_a)
        advised(client_a)
        told(browser)
    assert counts[0] == counts[1]


# --- all other clients'


@pytest.fixture
def client_c() -> Client:
    return create_client(code="lumen", name="Lumen Software", now=NOW)[0]


def book(client: Client) -> Any:
    with scope([client.pk]):
        return ProgrammeBook.objects.get(client=client).tables


def test_other_clients_cases_are_told_in_groups_and_the_readers_own_are_not_among_them(
    sign_in: Sign, client_a: Client, client_b: Client, client_c: Client
) -> None:
    waited(client_a, 3, 2)
    waited(client_b, 7, 5)
    waited(client_c, 6, 6)
    assert write_books(now=NOW) == 3
    assert book(client_a)["waited"]["region"]["total"] == {"key": "", "n": 24, "signed": 13}
    text = told(sign_in(Role.TALENT_LEADER), whose="programme", kind="waited")
    assert "24 cases ended, 13 signed" in text
    for name in ("Corvane", "Lumen"):
        assert name not in text


def test_a_group_of_one_other_company_is_refused(
    sign_in: Sign, client_a: Client, client_b: Client, client_c: Client
) -> None:
    waited(client_b, 7, 5)
    waited(client_c, 5, 4)
    write_books(now=NOW)
    assert book(client_a)["waited"]["region"]["total"] is None
    assert "Refused: it could be told whose cases these are" in told(
        sign_in(Role.TALENT_LEADER), whose="programme", kind="waited"
    )


def test_what_ends_in_the_running_quarter_waits_for_its_end(client_a: Client, client_b: Client) -> None:
    assert (period(NOW).quarter, str(period(NOW).since), str(period(NOW).until)) == (
        "2026-Q3", "2024-10-01", "2026-10-01",
    )  # fmt: skip


def test_a_book_stands_behind_its_readers_wall_and_is_never_written_again(client_a: Client, client_b: Client) -> None:
    assert (write_books(now=NOW), write_books(now=NOW)) == (2, 0)
    with scope([client_a.pk]):
        assert list(ProgrammeBook.objects.values_list("client", flat=True)) == [client_a.pk]
        with pytest.raises(DatabaseError), transaction.atomic():
            ProgrammeBook.objects.update(quarter="2026-Q2")
        with pytest.raises(DatabaseError), transaction.atomic():
            ProgrammeBook.objects.all().delete()


def test_before_the_first_book_the_page_says_when_it_comes(sign_in: Sign) -> None:
    assert "Not written yet" in told(sign_in(Role.AUDITOR), whose="programme")


def test_the_case_book_is_one_click_from_the_recent_cases_of_an_offer(sign_in: Sign, client_a: Client) -> None:
    advised(client_a)
    with scope([client_a.pk]):
        other = OfferFactory(client=client_a)
    text = sign_in(Role.ACCOUNT_DIRECTOR).get(reverse("offers:cases", args=[other.pk])).content.decode()
    assert f"{reverse(PAGE)}?client={client_a.code}&amp;kind=advice_not_taken" in text
    assert reverse(PAGE) not in sign_in(Role.RECRUITER).get(reverse("offers:cases", args=[other.pk])).content.decode()
