"""The rules and the people in the admin: what lists cost and show, how people and clients are added, files."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.db import models
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from governance.access import Role
from governance.admin.cells import validity
from governance.admin.documents import laid_out
from governance.admin.exports import plain
from governance.models import (
    ApprovalPolicy,
    Benchmark,
    BusinessCalendar,
    Client,
    Engagement,
    EscalationPath,
    ExchangeRate,
    Guardrail,
    JobMatch,
    MarketSource,
    Membership,
    SalaryBand,
    ServiceLevel,
    User,
)
from governance.money import format_money, format_percent
from governance.rule_forms.hours import OverridesForm, WeekForm
from governance.tenancy import scope
from governance.versions import starting_document
from tests import factories
from tests.factories import BenchmarkFactory, JobMatchFactory, SalaryBandFactory, UserFactory
from tests.governance.filling import untouched

QUERIES = {
    ApprovalPolicy: 9,
    Benchmark: 10,
    BusinessCalendar: 8,
    Client: 8,
    Engagement: 8,
    EscalationPath: 9,
    ExchangeRate: 10,
    Guardrail: 9,
    JobMatch: 10,
    MarketSource: 10,
    Membership: 8,
    SalaryBand: 11,
    ServiceLevel: 9,
}


def address(model: type[models.Model], view: str, *key: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=key)


@pytest.fixture
def editor(member: Callable[..., User], browser_client: Callable[[User], Browser]) -> Browser:
    """An HR partner who administers client A as well."""
    return browser_client(member(Role.HR_PARTNER, Role.ADMINISTRATOR, name="Dana Lee"))


def given(number: int, model: type[models.Model], client: Client) -> dict[str, Any]:
    """What the factory of a model needs for a row of the client that differs from the others."""
    found: dict[str, Any] = {"client": client}
    if hasattr(model, "problems"):
        found["name"] = f"Rule {number}"
    if model is ExchangeRate:
        found["as_of"] = date(2026, 1, number)
    if model in (Benchmark, JobMatch):
        found["source__client"] = client
    return found


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("model", "queries"), QUERIES.items(), ids=lambda value: getattr(value, "__name__", None))
def test_a_list_costs_the_same_whatever_the_number_of_its_rows(
    model: type[models.Model],
    queries: int,
    count: int,
    editor: Browser,
    client_a: Client,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    if model is not Client:
        for number in range(1, count + 1):
            factories.of(model)(**given(number, model, client_a))
    with django_assert_num_queries(queries):
        assert editor.get(address(model, "changelist")).status_code == 200
    assert queries <= 11


@pytest.mark.parametrize("model", QUERIES, ids=lambda model: model.__name__)
def test_an_empty_list_says_what_to_do(
    model: type[models.Model], member: Callable[..., User], browser_client: Callable[[User], Browser]
) -> None:
    bare = factories.ClientFactory()
    page = browser_client(member(Role.AUDITOR, client=bare)).get(address(model, "changelist")).content.decode()
    assert "yet</p>" in page or model in (Client, Membership)


class TestFigures:
    @pytest.mark.parametrize(
        ("amount", "currency", "locale", "text"),
        [
            ("95000", "USD", "en", "95,000 USD"),
            ("95000.5000", "USD", "en", "95,000.50 USD"),
            ("95000.5", "EUR", "de", "95.000,50 EUR"),
            ("5000000.0000", "JPY", "en", "5,000,000 JPY"),
            ("12.345", "KWD", "en", "12.345 KWD"),
            ("12.3456", "USD", "en", "12.3456 USD"),
            (None, "USD", "en", "–"),
        ],
    )
    def test_an_amount_stands_with_its_code_and_no_empty_decimals(
        self, amount: str | None, currency: str, locale: str, text: str
    ) -> None:
        shown = format_money(None if amount is None else Decimal(amount), currency, locale)
        assert shown.replace("\u00a0", " ") == text

    def test_a_percent_is_written_as_people_do(self) -> None:
        assert format_percent(Decimal("3.5000")) == "3.5\u00a0%"

    @pytest.mark.parametrize(
        ("first", "last", "words"),
        [
            (date(2026, 11, 24), None, "Valid today"),
            (date(2026, 1, 1), date(2026, 11, 24), "Valid today"),
            (date(2026, 11, 25), None, "From"),
            (date(2026, 1, 1), date(2026, 11, 23), "Ended"),
        ],
    )
    def test_validity_counts_both_ends(self, first: date, last: date | None, words: str) -> None:
        assert words in validity(first, last, date(2026, 11, 24))

    def test_amounts_in_lists_are_read_with_their_currency(self, editor: Browser, client_a: Client) -> None:
        SalaryBandFactory(client=client_a, currency="EUR")
        page = editor.get(address(SalaryBand, "changelist")).content.decode()
        assert "100,000" in page
        assert "EUR\N{NO-BREAK SPACE}a\N{NO-BREAK SPACE}year" in page

    @pytest.mark.parametrize(("choice", "shown"), [("valid", "fresh"), ("stale", "old")])
    def test_references_that_count_as_unknown_are_found(
        self, editor: Browser, client_a: Client, choice: str, shown: str
    ) -> None:
        source = factories.MarketSourceFactory(client=client_a, stale_after_days=10)
        today = timezone.localdate()
        BenchmarkFactory(source=source, role_code="fresh", as_of=today - timedelta(days=10))
        BenchmarkFactory(source=source, role_code="old", as_of=today - timedelta(days=11))
        found = editor.get(address(Benchmark, "changelist"), {"age": choice}).context["cl"].result_list
        assert [row.role_code for row in found] == [shown]

    def test_percentiles_that_fall_are_refused_in_words(self, editor: Browser, client_a: Client) -> None:
        row = BenchmarkFactory(source__client=client_a, p50=None)
        page = address(Benchmark, "change", row.pk)
        held = editor.get(page).context["adminform"].form.initial
        given = {name: value for name, value in held.items() if value not in (None, "")} | {"p75": "84999"}
        assert "Percentiles rise" in editor.post(page, given).content.decode()
        assert editor.post(page, given | {"p75": "85000"}).status_code == 302

    def test_a_match_to_nothing_published_says_so(self, editor: Browser, client_a: Client) -> None:
        JobMatchFactory(client=client_a, source=factories.MarketSourceFactory(client=client_a))
        assert b"No such row in the source" in editor.get(address(JobMatch, "changelist")).content


def test_a_document_is_set_out_over_lines_and_stays_the_same() -> None:
    document = starting_document("approval_policy")
    assert json.loads(laid_out(document)) == document
    assert laid_out({"hours": [24, 48], "ask": [{"role": "hr_partner"}] * 5}) == (
        '{\n  "hours": [24, 48],\n  "ask": [\n' + ",\n".join(['    {"role": "hr_partner"}'] * 5) + "\n  ]\n}"
    )


class TestPeople:
    def add(self, editor: Browser, **given: Any) -> Any:
        person = {"email": "kim.park@example.org", "name": "Kim Park", "role": "recruiter", "title": "", **given}
        return editor.post(address(Membership, "add"), person)

    def test_somebody_new_is_made_together_with_their_role(self, editor: Browser, client_a: Client) -> None:
        assert self.add(editor).status_code == 302
        user = User.objects.get(email="kim.park@example.org")
        assert (user.name, user.roles) == ("Kim Park", {client_a.pk: {Role.RECRUITER}})
        assert not user.has_usable_password()

    def test_somebody_known_keeps_their_name_and_gets_the_role(self, editor: Browser, client_a: Client) -> None:
        known = UserFactory(email="kim.park@example.org", name="Kim Y. Park")
        self.add(editor, email="Kim.Park@Example.org", name="Somebody Else")
        known.refresh_from_db()
        assert (known.name, User.objects.get(pk=known.pk).roles) == ("Kim Y. Park", {client_a.pk: {Role.RECRUITER}})

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"name": ""}, "Nobody in Handoff has this e-mail yet: give the person&#x27;s name."),
            ({"email": "no address"}, "Enter a valid email address."),
            ({"email": "gone@example.org"}, "This person signs in no more: their account was switched off."),
        ],
    )
    def test_what_is_missing_is_said(self, editor: Browser, given: dict[str, str], words: str) -> None:
        UserFactory(email="gone@example.org", is_active=False)
        response = self.add(editor, **given)
        assert words in response.content.decode()
        assert not Membership.objects.filter(role=Role.RECRUITER).exists()

    def test_nobody_has_a_role_twice(self, editor: Browser) -> None:
        self.add(editor)
        assert b"This person has this role at this client already." in self.add(editor).content

    def test_a_role_that_is_switched_off_opens_nothing_any_more(self, editor: Browser, client_a: Client) -> None:
        self.add(editor)
        row = Membership.objects.get(role=Role.RECRUITER)
        editor.post(address(Membership, "change", row.pk), {"role": "recruiter", "title": ""})
        assert User.objects.get(pk=row.user_id).roles == {}

    def test_the_person_of_a_role_is_never_exchanged(self, editor: Browser) -> None:
        self.add(editor)
        row = Membership.objects.get(role=Role.RECRUITER)
        editor.post(address(Membership, "change", row.pk), {"role": "recruiter", "user": UserFactory().pk})
        assert Membership.objects.get(pk=row.pk).user_id == row.user_id


class TestClients:
    def add(self, editor: Browser, **given: Any) -> Any:
        client = {
            "name": "Lumen", "code": "lumen", "country": "US", "currency": "USD", "zone": "America/Chicago",
            "hours_divisor": 2080, "minimum_cell": 7, "minimum_peers": 5, "pay_in_mail": "on",
            "link_rule": "code", **given,
        }  # fmt: skip
        return editor.post(address(Client, "add"), client)

    def test_a_new_client_starts_with_rules_and_with_whoever_made_it(self, editor: Browser) -> None:
        assert self.add(editor).status_code == 302
        newest = Membership.objects.order_by("pk").last()
        assert newest is not None
        assert (newest.user.name, newest.role) == ("Dana Lee", Role.ADMINISTRATOR)
        with scope([newest.client_id]):
            assert (newest.client.code, newest.client.minimum_cell) == ("lumen", 7)
            assert ApprovalPolicy.objects.published().count() == 1

    @pytest.mark.parametrize("code", ["corvane", "Corvane"])
    def test_the_code_of_another_client_makes_nobody_its_administrator(
        self, editor: Browser, client_b: Client, code: str
    ) -> None:
        response = self.add(editor, code=code)
        assert response.context["adminform"].form.errors == {"code": ["This code cannot be taken: choose another one."]}
        assert not Membership.objects.filter(client=client_b).exists()

    @pytest.mark.parametrize(("field", "value"), [("zone", "Mars/Olympus"), ("country", "XX"), ("currency", "ABC")])
    def test_a_place_that_there_is_not_is_said_at_its_field(self, editor: Browser, field: str, value: str) -> None:
        assert list(self.add(editor, **{field: value}).context["adminform"].form.errors) == [field]

    def test_the_code_of_a_client_stays(self, editor: Browser, client_a: Client) -> None:
        assert b'name="code"' not in editor.get(address(Client, "change", client_a.pk)).content


class TestCalendars:
    NONE = {"holidays-TOTAL_FORMS": 0, "holidays-INITIAL_FORMS": 0}

    def sent(self, calendar: BusinessCalendar, **week: str) -> dict[str, Any]:
        return {
            "name": calendar.name, "zone": calendar.zone, **self.NONE,
            **untouched(WeekForm, calendar.week, prefix="week", **week),
            **untouched(OverridesForm, calendar.overrides, prefix="overrides"),
        }  # fmt: skip

    def test_a_holiday_is_added_inside_its_calendar(self, editor: Browser, client_a: Client) -> None:
        calendar = factories.BusinessCalendarFactory(client=client_a)
        page = address(BusinessCalendar, "change", calendar.pk)
        day = {"date": "2026-12-24", "name": "Christmas Eve", "country": "US", "subdivision": "", "id": ""}
        holidays = {"TOTAL_FORMS": 1, **{f"0-{name}": value for name, value in day.items()}}
        posted = self.sent(calendar) | {f"holidays-{name}": value for name, value in holidays.items()}
        assert editor.post(page, posted | {"holidays-0-calendar": calendar.pk}).status_code == 302
        with scope([client_a.pk]):
            assert calendar.holidays.get().client_id == client_a.pk

    @pytest.mark.parametrize(
        ("field", "value", "says"),
        [
            ("date", "0001-01-01", "Give a day of the years 1950 to 2100."),
            ("date", "9999-12-31", "Give a day of the years 1950 to 2100."),
            ("country", "-1", "Give the two letters of the country"),
        ],
    )
    def test_a_holiday_that_cannot_be_is_refused_at_its_field(
        self, editor: Browser, client_a: Client, field: str, value: str, says: str
    ) -> None:
        calendar = factories.BusinessCalendarFactory(client=client_a)
        day = {
            "date": "2026-12-24",
            "name": "Christmas Eve",
            "country": "US",
            "subdivision": "",
            "id": "",
            field: value,
        }
        sent = self.sent(calendar) | {"holidays-TOTAL_FORMS": 1, "holidays-0-calendar": calendar.pk}
        response = editor.post(
            address(BusinessCalendar, "change", calendar.pk),
            sent | {f"holidays-0-{name}": text for name, text in day.items()},
        )
        [errors] = response.context["inline_admin_formsets"][0].formset.errors
        assert says in errors[field][0]
        with scope([client_a.pk]):
            assert not calendar.holidays.exists()

    def test_hours_are_changed_by_filling_in_a_form_and_history_says_so(
        self, editor: Browser, client_a: Client
    ) -> None:
        calendar = factories.BusinessCalendarFactory(client=client_a, overrides={"2026-12-31": []})
        hours = {"mon_0_from": "9:00", "mon_0_to": "12:00", "mon_1_from": "13:00", "mon_1_to": "24:00"}
        page = address(BusinessCalendar, "change", calendar.pk)
        assert editor.post(page, self.sent(calendar, **hours)).status_code == 302
        with scope([client_a.pk]):
            found = BusinessCalendar.objects.get(pk=calendar.pk)
        assert found.week == calendar.week | {"mon": [["09:00", "12:00"], ["13:00", "24:00"]]}
        assert found.overrides == {"2026-12-31": []}
        assert b"businesscalendar.change" in editor.get(address(BusinessCalendar, "history", calendar.pk)).content

    def test_hours_that_cannot_be_are_said_at_their_field(self, editor: Browser, client_a: Client) -> None:
        calendar = factories.BusinessCalendarFactory(client=client_a)
        page = address(BusinessCalendar, "change", calendar.pk)
        refused = editor.post(page, self.sent(calendar, mon_0_to="25:00")).content.decode()
        assert '<a href="#id_week-mon_0_to">Monday, open until, 1</a>: “25:00” is no time' in refused

    def test_a_zone_that_there_is_not_is_said_at_the_zone(self, editor: Browser, client_a: Client) -> None:
        calendar = factories.BusinessCalendarFactory(client=client_a)
        sent = self.sent(calendar) | {"zone": "Mars/Olympus"}
        response = editor.post(address(BusinessCalendar, "change", calendar.pk), sent)
        assert list(response.context["adminform"].form.errors) == ["zone"]

    def test_who_only_reads_is_given_no_form(
        self, member: Callable[..., User], browser_client: Callable[[User], Browser], client_a: Client
    ) -> None:
        calendar = factories.BusinessCalendarFactory(client=client_a)
        page = address(BusinessCalendar, "change", calendar.pk)
        reader = browser_client(member(Role.AUDITOR))
        shown = reader.get(page).content.decode()
        assert 'name="week-' not in shown
        assert "<td>00:00 to 24:00</td>" in shown
        assert reader.post(page, self.sent(calendar)).status_code == 403


class TestFiles:
    def download(self, editor: Browser, model: type[models.Model], form: str, *rows: Any) -> bytes:
        chosen = {"action": f"download_{form}", "_selected_action": [row.pk for row in rows]}
        return editor.post(address(model, "changelist"), chosen).content

    @pytest.mark.parametrize(
        ("kind", "make"), [("bands", SalaryBandFactory), ("benchmarks", BenchmarkFactory), ("matches", JobMatchFactory)]
    )
    def test_a_file_that_was_downloaded_is_taken_in_again_and_changes_nothing(
        self, kind: str, make: Any, editor: Browser, client_a: Client, tmp_path: Any, capsys: Any
    ) -> None:
        row = make(client=client_a) if kind == "bands" else make(source=factories.MarketSourceFactory(client=client_a))
        file = tmp_path / "rows.csv"
        file.write_bytes(self.download(editor, type(row), "csv", row))
        call_command("ingest", kind, str(file), client=client_a.code, json=True)
        assert '"unchanged": 1' in capsys.readouterr().out

    def test_a_workbook_holds_the_same_as_the_text(self, editor: Browser, client_a: Client) -> None:
        band = SalaryBandFactory(client=client_a)
        text = list(csv.reader(io.StringIO(self.download(editor, SalaryBand, "csv", band).decode())))
        book = openpyxl.load_workbook(io.BytesIO(self.download(editor, SalaryBand, "xlsx", band))).active
        assert [[cell or "" for cell in row] for row in book.iter_rows(values_only=True)] == text

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
    def test_no_text_becomes_a_formula(self, text: str) -> None:
        assert plain(text) == f"'{text}"
