"""Bringing references in by page, and comparing years: what is looked at changes nothing, what is taken in is said."""

import re
from datetime import date
from decimal import Decimal as D
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.access import Role
from governance.models import Benchmark, Incumbent, SalaryBand
from tests import factories

pytestmark = pytest.mark.django_db
BANDS = "code,role_family,grade,location,currency,period,minimum,maximum,valid_from\nB1,Engineering,G5,Austin,USD,year,80000,120000,2026-01-01\n"  # fmt: skip  # noqa: E501


@pytest.fixture
def partner(scoped, member, browser_client):
    return browser_client(member(Role.HR_PARTNER))


def words(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def look(browser, kind, text, name="file.csv", **more):
    return browser.post(f"/references/import/{kind}/", {"file": SimpleUploadedFile(name, text.encode()), **more})


def hidden(response):
    found = re.findall(
        r'<input type="hidden" name="(name|packed|client|profile)" value="([^"]*)"', response.content.decode()
    )
    return dict(found)


def test_a_look_shows_the_difference_and_writes_nothing_and_the_same_file_is_then_taken_in(partner, scoped):
    shown = look(partner, "bands", BANDS)
    assert "1 added, 0 changed, 0 unchanged" in words(shown)
    assert not SalaryBand.objects.exists()
    done = partner.post("/references/import/bands/", hidden(shown), follow=True)
    assert "Taken in file.csv: 1 added, 0 changed, 0 unchanged." in words(done)
    assert SalaryBand.objects.get().maximum == D(120_000)
    assert SalaryBand.objects.get().events.get().pgh_context["actor"] is not None
    shown = words(look(partner, "bands", BANDS.replace("120000", "125000")))
    assert "maximum 120000 → 125000" in shown
    assert "Nothing changes" in words(look(partner, "bands", BANDS))


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        (BANDS.replace("80000", "-1"), "b.csv", "minimum"),
        (BANDS.replace("minimum", "previous_salary"), "b.csv", "looks like what a candidate earns or earned"),
        (BANDS, "b.xlsx", "b.xlsx is refused, nothing is written"),
        (BANDS, "b.pdf", "Give a file that ends in one of: .csv, .csv.gz, .xlsx."),
        ("", "b.csv", "The submitted file is empty."),
    ],
)
def test_what_is_wrong_with_a_file_is_said_on_the_page(partner, text, name, says):
    assert says in words(look(partner, "bands", text, name))
    assert not SalaryBand.objects.exists()


def test_a_packed_file_that_was_tampered_with_is_refused(partner, scoped):
    sent = {**hidden(look(partner, "bands", BANDS)), "packed": "!!"}
    answer = partner.post("/references/import/bands/", sent)
    assert answer.status_code == 409
    assert "choose it again" in words(answer)
    assert partner.post("/references/import/bands/", sent | {"name": "../../etc/passwd"}).status_code == 409


def test_employee_references_are_hashed_on_this_way_too(partner):
    text = "employee_ref,role_code,grade,location,currency,period,base\nAnn-77,ENG,G5,Austin,USD,year,90000\n"
    shown = look(partner, "incumbents", text)
    assert "Ann-77" not in words(shown)
    partner.post("/references/import/incumbents/", hidden(shown))
    assert Incumbent.objects.get().employee_hash != "Ann-77"


def test_only_whoever_may_change_references_brings_them_in(scoped, member, browser_client):
    browser = browser_client(member(Role.RECRUITER))
    assert browser.get("/references/import/bands/").status_code == 403
    assert look(browser, "bands", BANDS).status_code == 403
    assert browser.get("/references/compare/bands/").status_code == 200
    assert browser_client(member(Role.HR_PARTNER)).get("/references/import/offers/").status_code == 404


def test_bands_are_compared_on_two_days(partner, scoped):
    band = {"client": scoped, "role_code": "ENG", "code": "B"}
    factories.SalaryBandFactory(**band, valid_from=date(2025, 1, 1), valid_to=date(2025, 12, 31))
    factories.SalaryBandFactory(**band, valid_from=date(2026, 1, 1), midpoint=D(103_000), maximum=D(126_000))
    days = {"then": "2025-06-01", "now": "2026-06-01"}
    page = words(partner.get("/references/compare/bands/", days))
    assert "1 of 1" in page
    assert "103,000 100,000" in page
    assert "+3.0 %" in page
    sheet = partner.get("/references/compare/bands/", days | {"format": "csv"}).content.decode()
    assert "ENG G5,New York,USD,year,80000,100000,120000,80000,103000,126000,0.03,changed" in sheet
    assert "Nothing differs" in words(partner.get("/references/compare/bands/", days | {"then": "2026-02-01"}))
    assert "Give two days" in words(partner.get("/references/compare/bands/", days | {"then": "yesterday"}))


def test_benchmarks_are_compared_where_a_match_points_at_them(partner, scoped):
    source = factories.MarketSourceFactory(client=scoped)
    match = factories.JobMatchFactory(source=source)
    for year, p50 in ((2025, 97_000), (2026, 100_000)):
        factories.BenchmarkFactory(source=source, role_code=match.source_role_code, as_of=date(year, 5, 31), p50=p50)
        factories.BenchmarkFactory(source=source, as_of=date(year, 5, 31))
    page = words(partner.get("/references/compare/benchmarks/"))
    assert "1 of 1" in page
    assert "+3.1 %" in page
    assert Benchmark.objects.count() == 4


def test_a_list_leads_to_the_file_and_the_comparison_for_whoever_may(scoped, member, browser_client):
    path = "/admin/governance/salaryband/"
    assert "/references/import/bands/" in browser_client(member(Role.HR_PARTNER)).get(path).content.decode()
    page = browser_client(member(Role.RECRUITER)).get(path).content.decode()
    assert "/references/import/bands/" not in page
    assert "/references/compare/bands/" in page
