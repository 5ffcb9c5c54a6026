"""Bands and references held to whoever the statements of work name for benchmarking: pages, files, exceptions."""

import copy
from datetime import date, timedelta
from typing import Any

import pytest

from governance import keeping
from governance.access import Role
from governance.ingest import BANDS, MATCHES
from governance.keeping import ScopeError
from governance.models import JobMatch, Note, ReferenceException, SalaryBand, StatementOfWork
from governance.programme import load
from governance.sow import keeps_references
from tests import factories
from tests.governance.ingest.helpers import counts, take_in, written
from tests.governance.test_reference_pages import BANDS as FILE
from tests.governance.test_reference_pages import hidden, look, words
from tests.governance.test_sow import NOW, SOUND, agreement

HR, DIRECTOR, FINANCE = Role.HR_PARTNER, Role.ACCOUNT_DIRECTOR, Role.FINANCE_LEADER
GIVEN = "gives compensation benchmarking to the provider (clause 9.9)"


def names(party: str | None) -> dict[str, Any]:
    """The template with benchmarking given to this party, or to nobody."""
    document = copy.deepcopy(SOUND)
    document["activities"].pop("benchmarking")
    if party:
        document["activities"]["benchmarking"] = {"party": party, "clause": "9.9"}
    return document


def publish(party: str | None) -> StatementOfWork:
    """The next version of the client's only statement of work, in force from now on."""
    first = StatementOfWork.objects.get(version=1)
    return factories.StatementOfWorkFactory(
        engagement=first.engagement, name=first.name, version=StatementOfWork.objects.count() + 1,
        document=names(party), published_at=NOW,
    )  # fmt: skip


@pytest.fixture
def provider_keeps(scoped: Any) -> Any:
    publish("provider")
    return scoped


# --- which statement binds what belongs to the whole client


@pytest.mark.parametrize(
    ("parties", "may"),
    [
        ([], {HR}),
        ([None], {HR}),
        (["client_hr"], {HR}),
        (["provider"], {DIRECTOR}),
        (["provider", None], {DIRECTOR}),
        (["provider", "client_hr"], {HR, DIRECTOR}),
        (["finance"], {FINANCE}),
    ],
)
def test_whoever_a_statement_in_force_names_keeps_the_references_and_client_hr_where_none_does(parties, may):
    held = [agreement(id=n, engagement=n, document=names(party)) for n, party in enumerate(parties)]
    assert {role for role in (HR, DIRECTOR, FINANCE) if keeps_references(held, [role], NOW, "UTC") is None} == may


@pytest.mark.django_db
def test_a_statement_ends_with_its_engagement(provider_keeps, member):
    hana = member(HR)
    tomorrow = NOW + timedelta(days=1)
    assert GIVEN in str(keeping.refusal(hana, provider_keeps.pk, now=tomorrow))
    ended = StatementOfWork.objects.filter(version=2).get().engagement
    ended.ends_on = NOW.date()
    ended.save()
    assert load(provider_keeps.pk).agreement(ended.pk, tomorrow) is None
    assert keeping.refusal(hana, provider_keeps.pk, now=tomorrow) is None


# --- pages


BAND = {
    "code": "B1", "role_family": "Engineering", "grade": "G5", "location": "Austin", "currency": "USD",
    "period": "year", "kind": "range", "minimum": "80000", "midpoint": "100000", "maximum": "120000",
    "valid_from": "2026-01-01",
}  # fmt: skip
LIST = "/admin/governance/salaryband/"


def test_another_party_reads_is_told_the_clause_and_is_refused_by_every_form(provider_keeps, member, browser_client):
    band = factories.SalaryBandFactory(client=provider_keeps)
    hana = browser_client(member(HR))
    page = hana.get(LIST)
    assert GIVEN in words(page)
    assert "Bring in a file" not in words(page)
    assert "delete_selected" not in page.content.decode()
    one = f"{LIST}{band.pk}/change/"
    assert GIVEN in words(hana.get(one))
    assert "_save" not in hana.get(one).content.decode()
    deletes = {"action": "delete_selected", "_selected_action": [band.pk], "post": "yes"}
    tries = [(f"{LIST}add/", BAND), (one, BAND), (f"{LIST}{band.pk}/delete/", {"post": "yes"})]
    answers = [hana.post(path, data) for path, data in tries] + [hana.post(LIST, deletes, follow=True)]
    assert all(GIVEN in words(answer) for answer in answers)
    assert [answer.status_code for answer in answers] == [403, 403, 403, 200]
    assert SalaryBand.objects.get() == band


def test_whoever_keeps_them_adds_changes_and_deletes(provider_keeps, member, browser_client):
    dora = browser_client(member(DIRECTOR))
    assert dora.post(f"{LIST}add/", BAND).status_code == 302
    band = SalaryBand.objects.get()
    assert dora.post(f"{LIST}{band.pk}/change/", BAND | {"maximum": "125000"}).status_code == 302
    assert SalaryBand.objects.get().maximum == 125_000
    dora.post(LIST, {"action": "delete_selected", "_selected_action": [band.pk], "post": "yes"})
    assert not SalaryBand.objects.exists()


def test_of_two_clients_only_the_one_whose_references_are_theirs_can_be_chosen(
    provider_keeps, client_b, member, browser_client
):
    hana = member(HR)
    factories.MembershipFactory(user=hana, client=client_b, role=HR)
    browser = browser_client(hana)
    assert "Northbridge Bank: The statement of work" in words(browser.get(LIST))
    offered = browser.get(f"{LIST}add/").content.decode()
    clients = [client_b.pk, provider_keeps.pk]
    assert [f'<option value="{pk}"' in offered for pk in clients] == [True, False]
    refused = browser.post(f"{LIST}add/", BAND | {"client": provider_keeps.pk})
    assert refused.status_code == 200
    assert not SalaryBand.objects.exists()


# --- files


def test_a_file_is_refused_with_the_clause_to_whoever_brings_it_in_by_page(provider_keeps, member, browser_client):
    answer = look(browser_client(member(HR)), "bands", FILE)
    assert (answer.status_code, GIVEN in words(answer)) == (403, True)
    dora = browser_client(member(DIRECTOR))
    dora.post("/references/import/bands/", hidden(look(dora, "bands", FILE)))
    assert SalaryBand.objects.get().code == "B1"


def test_a_file_is_held_to_the_person_behind_it_and_to_nobody_where_there_is_none(provider_keeps, member, tmp_path):
    path = written(tmp_path, FILE)
    refused = take_in(BANDS, provider_keeps, path, actor=member(HR)).refused
    assert [(each.row, each.column, GIVEN in each.error) for each in refused] == [(None, None, True)]
    assert counts(take_in(BANDS, provider_keeps, path, actor=member(DIRECTOR))) == (1, 0, 0)
    assert counts(take_in(BANDS, provider_keeps, path)) == (0, 0, 1)


def test_a_file_is_brought_in_only_by_a_role_that_may_change_its_rows(scoped, member, tmp_path):
    rita = member(Role.RECRUITER, name="Rita")
    refused = take_in(MATCHES, scoped, written(tmp_path, "role_code\n"), actor=rita).refused
    assert str(refused[0]) == "No role of Rita at northbridge brings in matches."
    assert not JobMatch.objects.exists()


# --- exceptions


def allow(client: Any, actor: Any, **given: Any) -> ReferenceException:
    facts = {"party": "client_hr", "last": NOW.date() + timedelta(days=7), "reason": "The desk is closed.", **given}
    return keeping.record_exception(client, actor=actor, now=NOW, **facts)


def test_an_exception_opens_them_for_a_time_and_is_kept_with_its_reason(provider_keeps, member):
    hana, dora = member(HR), member(DIRECTOR)
    row = allow(provider_keeps, dora)
    assert (row.agreement.version, row.granted_by, row.reason.text) == (2, dora, "The desk is closed.")
    assert row.events.get().pgh_context["action"] == "reference.exception"
    for days, open_ in ((0, True), (7, True), (8, False)):
        assert (keeping.refusal(hana, provider_keeps.pk, now=NOW + timedelta(days=days)) is None) is open_
    keeping.end_exception(row, actor=dora, now=NOW)
    assert keeping.refusal(hana, provider_keeps.pk, now=NOW) is not None
    with pytest.raises(ScopeError, match="over already"):
        keeping.end_exception(row, actor=dora, now=NOW)


def test_it_is_made_and_ended_by_the_party_that_gives_them_up_or_by_the_final_authority(provider_keeps, member):
    for role in (FINANCE, Role.HIRING_MANAGER, Role.AUDITOR):
        with pytest.raises(ScopeError, match="Only the provider or the final authority"):
            allow(provider_keeps, member(role))
    row = allow(provider_keeps, member(HR))  # the template's final authority
    with pytest.raises(ScopeError, match="may end it"):
        keeping.end_exception(row, actor=member(Role.AUDITOR), now=NOW)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"party": "candidate"}, "party"),
        ({"party": "provider"}, "party"),
        ({"last": date(2026, 11, 23)}, "last"),
        ({"last": date(2027, 2, 23)}, "last"),
        ({"reason": " "}, "reason"),
    ],
)
def test_an_exception_that_cannot_be_names_its_field(provider_keeps, member, given, field):
    with pytest.raises(ScopeError) as error:
        allow(provider_keeps, member(DIRECTOR), **given)
    assert error.value.field == field
    assert not Note.objects.exists()


def test_it_is_recorded_and_ended_on_its_page(provider_keeps, member, browser_client):
    dora, path = browser_client(member(DIRECTOR)), "/references/exceptions/"
    assert "No exception is recorded" in words(dora.get(path))
    refused = dora.post(path, {"party": "client_hr", "last": "2020-01-01", "reason": "x"})
    assert "The last day lies in the past." in words(refused)
    last = keeping.today_in("UTC", factories.NOW) + timedelta(days=30)
    dora.post(path, {"party": "client_hr", "last": last.isoformat(), "reason": "The desk is closed."})
    row = ReferenceException.objects.get()
    assert "In force" in words(dora.get(path))
    assert "Record an exception" not in words(browser_client(member(Role.AUDITOR)).get(path))
    dora.post(f"{path}{row.pk}/end/")
    assert "Over" in words(dora.get(path))
    assert browser_client(member(Role.HIRING_MANAGER)).post(f"{path}{row.pk}/end/").status_code == 404
