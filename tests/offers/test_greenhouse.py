"""Greenhouse: what its lists and web hooks say of an offer, what is refused, flagged or passed over; signatures."""

import hmac
import io
import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client as Browser
from django.urls import reverse

from governance.models import Client
from offers.ats.greenhouse import Unreadable, day, read
from offers.ats.signature import key_of
from offers.ingest import KINDS
from offers.models import Offer, Override
from offers.models.offer import VerbalBasis
from tests.factories import OfferFactory, OfferVersionFactory
from tests.governance.ingest.helpers import counts, refusals, take_in, written

GREENHOUSE = KINDS["greenhouse"]
PAY = {"salary": {"name": "Salary", "type": "currency", "value": {"value": 95000, "currency": "USD"}}}


def listed(**changes: Any) -> dict[str, Any]:
    """An offer as the list of the API has it: version 2 of application 700, sent on 2 March, signed on the 4th."""
    return {
        "id": 31, "version": 2, "application_id": 700, "job_id": 80, "candidate_id": 90,
        "opening": {"opening_id": "4-7"}, "sent_at": "2026-03-02",
        "resolved_at": "2026-03-04T20:00:00.000Z", "starts_at": "2026-05-01",
        "status": "accepted", "keyed_custom_fields": PAY, **changes,
    }  # fmt: skip


def hook(action: str = "offer_created", **changes: Any) -> dict[str, Any]:
    payload = {
        "id": 31, "application_id": 700, "job_id": 80, "version": 1, "sent_on": "2026-03-02",
        "start_date": "05/01/2026", "resolved_at": "2026-03-04T20:00:00Z", "offer_status": "Accepted",
        "custom_fields": PAY, **changes,
    }  # fmt: skip
    return {"action": action, "payload": payload}


def salary(value: Any) -> dict[str, Any]:
    return {"keyed_custom_fields": {"salary": {"name": "Salary", "type": "currency", "value": value}}}


# --- reading


@pytest.mark.parametrize(
    ("value", "amount", "currency"),
    [
        ({"value": 42000, "currency": "EUR"}, "42000", "EUR"),
        ({"amount": 80000, "unit": "USD"}, "80000", "USD"),
        ({"value": "81500.50", "currency": "USD"}, "81500.5", "USD"),
    ],
)
def test_pay_is_an_amount_with_its_currency(value: Any, amount: str, currency: str) -> None:
    reading = read(listed(**salary(value)))
    assert reading is not None
    assert (reading.cells["base_salary"], reading.cells["currency"], reading.unread) == (amount, currency, "")


@pytest.mark.parametrize(
    "value",
    [
        "Around $100k",
        "$123,000",
        95000,
        {"value": 95000},
        {"currency": "USD"},
        {"min_value": "70000.0", "max_value": "90000.0", "unit": "USD"},
    ],
)
def test_pay_that_is_not_certain_is_not_guessed(value: Any) -> None:
    reading = read(listed(**salary(value)))
    assert reading is not None
    assert "base_salary" not in reading.cells
    assert reading.unread


@pytest.mark.parametrize(
    ("given", "found"), [("04/15/2013", "2013-04-15"), ("4/5/2013", "2013-04-05"), ("2013-04-15", "2013-04-15")]
)
def test_days_are_read_as_either_api_writes_them(given: str, found: str) -> None:
    assert day(given, "start_on") == found


def test_a_day_of_another_form_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"15\.04\.2013"):
        day("15.04.2013", "start_on")


def test_a_hire_tells_candidate_job_and_posted_range() -> None:
    value = {"unit": "USD", "min_value": "80000.0", "max_value": "110000.0"}
    found = read({
        "action": "hire_candidate",
        "payload": {"application": {
            "id": 700, "source": {"public_name": "Board"}, "opening": {"opening_id": "1-2"},
            "candidate": {"id": 90, "first_name": "Anna", "last_name": "Berg"},
            "job": {"id": 80, "open_date": "2026-01-05T10:00:00Z", "departments": [{"name": "Risk"}], "offices": [],
                    "custom_fields": {"salary_range": {"type": "currency_range", "value": value}}},
            "offer": {"sent_at": "2026-03-02", "resolved_at": "2026-03-04T20:00:00Z", "custom_fields": PAY},
        }},
    })  # fmt: skip
    assert found is not None
    wanted = {
        "candidate_name": "Anna Berg", "business_unit": "Risk", "requisition_opened_on": "2026-01-05",
        "posted_min": "80000", "posted_max": "110000", "opening_ref": "1-2", "source_channel": "Board",
    }  # fmt: skip
    assert {name: found.cells[name] for name in wanted} == wanted


# --- taking in


@pytest.fixture
def bring(scoped: Client, tmp_path: Path) -> Any:
    """`bring(object, …)` takes in a file of these objects."""
    return lambda *objects: take_in(GREENHOUSE, scoped, written(tmp_path, json.dumps(objects), "offers.json"))


@pytest.mark.django_db
def test_versions_of_one_application_are_one_offer_and_a_deprecated_one_is_no_decline(bring: Any) -> None:
    versions = listed(version=1, status="deprecated", **salary({"value": 90000, "currency": "USD"})), listed()
    report = bring(*versions)
    assert counts(report) == (1, 0, 1)
    assert [each.flags for each in report.flagged] == [["deprecated"], ["written_by_day"]]
    offer = Offer.objects.select_related("version", "candidate", "requisition").get()
    assert (offer.external_id, offer.status, offer.version.base) == ("700", "accepted", 95_000)
    assert (offer.candidate.external_id, offer.requisition.external_id, offer.opening_ref) == ("90", "80", "4-7")
    assert (offer.written_at, offer.verbal_basis) == (datetime(2026, 3, 2, 5, tzinfo=UTC), VerbalBasis.MISSING)
    assert counts(bring(*versions)) == (0, 0, 2)


@pytest.mark.django_db
def test_a_letter_after_the_answer_is_kept_and_flagged(bring: Any) -> None:
    report = bring(listed(sent_at="2026-03-05"))
    assert [flag for each in report.flagged for flag in each.flags] == ["written_by_day", "decided_before_written"]


@pytest.mark.django_db
def test_an_offer_created_as_accepted_is_accepted(bring: Any) -> None:
    assert counts(bring(hook())) == (1, 0, 0)
    offer = Offer.objects.get()
    assert (offer.status, str(offer.candidate)) == ("accepted", "Candidate application-700")
    assert counts(bring(listed(version=1))) == (0, 1, 0)
    offer.refresh_from_db()
    assert str(offer.candidate) == "Candidate 90"


@pytest.mark.django_db
def test_a_web_hook_that_comes_late_opens_nothing_again(bring: Any) -> None:
    bring(hook())
    report = bring(hook(offer_status="Created", resolved_at=None))
    assert counts(report) == (0, 0, 1)
    assert [each.flags for each in report.flagged] == [["older_than_known"]]
    assert Offer.objects.get().status == "accepted"


@pytest.mark.django_db
def test_a_deleted_offer_is_flagged_and_stays(bring: Any) -> None:
    bring(hook())
    nested = {"action": "offer_deleted", "payload": {"offer": hook()["payload"] | {"offer_status": "Created"}}}
    assert [each.flags for each in bring(nested).flagged] == [["deleted_in_greenhouse"]]
    assert Offer.objects.get().status == "accepted"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "column"),
    [
        (salary("Around $100k"), "base_salary"),
        ({"keyed_custom_fields": {}}, "base_salary"),
        ({"resolved_at": None}, "decided_at"),
        ({"starts_at": "1 May"}, "start_on"),
        ({"status": "maybe"}, "outcome"),
        ({"application_id": None}, "external_id"),
        (salary({"value": "95000.005", "currency": "USD"}), "base_salary"),
        (salary({"value": 95000, "currency": "bucks"}), "currency"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(bring: Any, change: dict[str, Any], column: str) -> None:
    assert refusals(bring(listed(application_id=701), listed(**change))) == [(2, column)]
    assert not Offer.objects.exists()


@pytest.mark.django_db
def test_pay_that_cannot_be_read_leaves_what_is_known(bring: Any) -> None:
    bring(listed(status="unresolved", resolved_at=None))
    report = bring(listed(**salary("Around $100k")))
    assert "pay_not_read" in report.flagged[0].flags
    offer = Offer.objects.select_related("version").get()
    assert (offer.status, offer.version.base) == ("accepted", 95_000)


@pytest.mark.django_db
def test_objects_about_anything_else_are_passed_over(bring: Any) -> None:
    report = bring({"id": 1, "name": "Department"}, {"action": "new_candidate_application", "payload": {}})
    assert (counts(report), report.notes) == ((0, 0, 0), ["Objects that speak of no offer, passed over: 2."])


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["{", "[NaN]", "[" * 200_000])
def test_what_is_no_json_is_refused_whole(scoped: Client, tmp_path: Path, content: str) -> None:
    assert refusals(take_in(GREENHOUSE, scoped, written(tmp_path, content, "offers.json"))) == [(None, None)]


@pytest.mark.django_db
def test_a_letter_that_nobody_here_approved_is_suspected(scoped: Client, bring: Any) -> None:
    own = OfferFactory(client=scoped, external_id="700")
    own.version = OfferVersionFactory(offer=own)
    own.save()
    report = bring(listed(status="unresolved", resolved_at=None))
    assert "letter_before_approval" in [flag for each in report.flagged for flag in each.flags]
    assert Override.objects.get().kind == "bypassed_process"
    assert own.requisition.external_id != "80"


# --- web hooks


def send(client_code: str, content: bytes, key: str | None) -> Any:
    browser = Browser(enforce_csrf_checks=True)
    signature = hmac.new(key.encode(), content, sha256).hexdigest() if key else ""
    headers = {"Signature": f"sha256 {signature}"} if key else {}
    address = reverse("hooks:greenhouse", args=[client_code])
    return browser.post(address, content, content_type="application/json", headers=headers)


@pytest.mark.django_db
def test_a_signed_web_hook_is_taken_in_once(client_a: Client) -> None:
    content = json.dumps(hook()).encode()
    answers = [send(client_a.code, content, key_of(client_a.pk)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [(answer.json()["created"], answer.json()["unchanged"]) for answer in answers] == [(1, 0), (0, 1)]


@pytest.mark.django_db
def test_what_is_refused_says_so_to_whoever_sent_it(client_a: Client) -> None:
    content = json.dumps(hook(custom_fields={})).encode()
    answer = send(client_a.code, content, key_of(client_a.pk))
    assert (answer.status_code, answer.json()["refused"][0]["column"]) == (422, "base_salary")


@pytest.mark.django_db
def test_without_the_clients_own_signature_nothing_is_read_and_nothing_is_told(
    client_a: Client, client_b: Client
) -> None:
    content = json.dumps(hook()).encode()
    wrong = [
        send(client_a.code, content, None),
        send(client_a.code, content, key_of(client_b.pk)),
        send(client_a.code, content, key_of(client_a.pk).upper()),
        send("nobody", content, key_of(0)),
    ]
    assert {(answer.status_code, answer.content) for answer in wrong} == {
        (401, b'{"error": "The signature is missing or wrong."}')
    }


@pytest.mark.django_db
def test_a_web_hook_is_never_asked_for(client_a: Client) -> None:
    assert Browser().get(reverse("hooks:greenhouse", args=[client_a.code])).status_code == 405


@pytest.mark.django_db
def test_the_command_says_where_web_hooks_go_and_with_which_key(client_a: Client, settings: Any) -> None:
    settings.PORTAL_URL = "https://handoff.example"
    out = io.StringIO()
    call_command("hook", "greenhouse", client=client_a.code, json=True, stdout=out)
    url = "https://handoff.example/hooks/greenhouse/northbridge/"
    assert json.loads(out.getvalue()) == {"url": url, "key": key_of(client_a.pk)}
    with pytest.raises(CommandError) as refused:
        call_command("hook", "greenhouse", client="nobody")
    assert refused.value.returncode == 2
