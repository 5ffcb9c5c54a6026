"""What cannot be, typed into the forms of pay references: refused at its field, never a crash."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from governance.access import Role
from governance.models import Client, ExchangeRate, SalaryBand, User
from governance.tenancy import scope
from tests.factories import BenchmarkFactory, JobMatchFactory, MarketSourceFactory, SalaryBandFactory

pytestmark = pytest.mark.django_db
NO_NUMBER = ("NaN", "1e400", "abc", "9" * 40)
NO_DAY = ("2026-02-30", "yesterday")
NO_TEXT = ("", "a\x00b", "x" * 5000)
NO_CHOICE = ("", "\x00", "fortnight")
BAD: dict[str, dict[str, tuple[str, ...]]] = {
    "salaryband": {
        "minimum": NO_NUMBER, "maximum": NO_NUMBER, "code": NO_TEXT, "grade": NO_TEXT, "currency": NO_TEXT,
        "kind": NO_CHOICE, "period": NO_CHOICE, "valid_from": (*NO_DAY, ""), "valid_to": NO_DAY,
    },
    "benchmark": {
        "p10": (*NO_NUMBER, "-1"), "p90": (*NO_NUMBER, "-1"), "as_of": (*NO_DAY, ""), "period": NO_CHOICE,
        "location": NO_TEXT, "source": ("", "\x00", "0", "abc"),
    },
    "jobmatch": {"target_percentile": (*NO_CHOICE, "33"), "source_role_code": NO_TEXT},
    "marketsource": {
        "yearly_rate": ("NaN", "1e400", "51", "-50.0001", ""), "stale_after_days": ("-1", "9" * 40, "1.5", ""),
        "name": NO_TEXT,
    },
}  # fmt: skip


@pytest.fixture
def editor(member: Callable[..., User], browser_client: Callable[[User], Browser]) -> Browser:
    return browser_client(member(Role.HR_PARTNER))


def made(model: str, client: Client) -> Any:
    match model:
        case "salaryband":
            return SalaryBandFactory(client=client)
        case "benchmark":
            return BenchmarkFactory(source__client=client)
        case "jobmatch":
            return JobMatchFactory(source__client=client)
    return MarketSourceFactory(client=client)


def held(editor: Browser, page: str) -> dict[str, Any]:
    """The form's fields as they stand, as a browser sends them."""
    initial = editor.get(page).context["adminform"].form.initial
    return {name: value for name, value in initial.items() if value not in (None, "", False)}


@pytest.mark.parametrize("model", BAD)
def test_what_cannot_be_is_refused_at_its_field(editor: Browser, client_a: Client, model: str) -> None:
    page = reverse(f"admin:governance_{model}_change", args=[made(model, client_a).pk])
    sound = held(editor, page)
    for field, values in BAD[model].items():
        for value in values:
            refused = editor.post(page, sound | {field: value})
            assert refused.status_code == 200, (field, value[:20])
            assert field in refused.context["adminform"].form.errors, (field, value[:20])
    assert editor.post(page, sound).status_code == 302


def test_a_rate_that_is_none_is_refused(editor: Browser, client_a: Client) -> None:
    given = {"base": "EUR", "quote": "USD", "rate": "1.1", "as_of": "2026-01-01", "source": "ECB"}
    for rate in ("0", "-1", *NO_NUMBER):
        assert editor.post(reverse("admin:governance_exchangerate_add"), given | {"rate": rate}).status_code == 200
    with scope([client_a.pk]):
        assert not ExchangeRate.objects.exists()


def test_days_the_wrong_way_round_and_bands_that_overlap_are_refused(editor: Browser, client_a: Client) -> None:
    page = reverse("admin:governance_salaryband_change", args=[SalaryBandFactory(client=client_a).pk])
    same = held(editor, page)
    early = editor.post(page, same | {"valid_from": "2026-02-01", "valid_to": "2026-01-01"})
    again = editor.post(reverse("admin:governance_salaryband_add"), same | {"code": "ANOTHER"})
    assert "before it starts" in early.content.decode()
    assert "Another band of this role" in again.content.decode()
    with scope([client_a.pk]):
        assert SalaryBand.objects.count() == 1
