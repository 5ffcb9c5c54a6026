"""A client starts from a template of its own; people are added by address and role."""

import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from governance.access import Role
from governance.clients import ClientError, UnknownClient, add_member, create_client, find_client
from governance.models import (
    ApprovalPolicy,
    BusinessCalendar,
    Client,
    EscalationPath,
    Guardrail,
    Membership,
    ServiceLevel,
    User,
)
from governance.programme import load
from governance.tenancy import scope, scope_all

pytestmark = pytest.mark.django_db


def test_a_new_client_has_every_rule_of_the_template_in_force(now):
    client, created = create_client(code="lumen", name="Lumen", now=now)
    assert created
    with scope([client.pk]):
        programme = load(client.pk)
        assert [programme.need(name).id for name in ("policy", "service_level", "path", "guardrail")] == [
            model.objects.get(published_at=now).pk
            for model in (ApprovalPolicy, ServiceLevel, EscalationPath, Guardrail)
        ]


def test_the_calendar_is_in_the_clients_zone_with_its_countrys_holidays(now):
    client, _ = create_client(code="lumen", name="Lumen", country="DE", currency="EUR", zone="Europe/Berlin", now=now)
    with scope([client.pk]):
        calendar = BusinessCalendar.objects.get(is_default=True)
        days = dict(calendar.holidays.values_list("date", "name"))
    assert calendar.zone == "Europe/Berlin"
    assert days[date(2026, 10, 3)] == "German Unity Day"
    assert {day.year for day in days} == {2025, 2026, 2027, 2028}


def test_creating_a_client_again_changes_nothing(now):
    first, _ = create_client(code="lumen", name="Lumen", now=now)
    second, created = create_client(code="lumen", name="Another name", country="DE", now=now)
    assert (second, second.name, created) == (first, "Lumen", False)
    with scope([first.pk]):
        assert ApprovalPolicy.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("template", "daring"),
        ("zone", "Mars/Olympus"),
        ("country", "XX"),
        ("country", "ZZ"),
        ("country", "USA"),
        ("currency", "DOLLAR"),
        ("code", "two words"),
        ("name", ""),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_field(now, field, value):
    with pytest.raises(ClientError) as error:
        create_client(**{"code": "lumen", "name": "Lumen", "now": now, field: value})
    assert error.value.field == field
    with scope_all():
        assert not Client.objects.exists()


def test_a_code_that_differs_in_capitals_alone_is_refused(client_a, now):
    with pytest.raises(ClientError, match="There is a client “northbridge”") as refused:
        create_client(code="NorthBridge", name="Another", now=now)
    assert refused.value.field == "code"


def test_a_client_is_found_by_its_code_from_outside_every_scope(client_a):
    assert find_client("northbridge") == client_a
    with pytest.raises(UnknownClient, match="client northwind --name"):
        find_client("northwind")


def test_a_member_is_made_with_a_name_from_the_address(client_a, now):
    membership, created = add_member(email="Ada.Lovelace@Example.org", client=client_a, role="recruiter", now=now)
    assert created
    assert (membership.user.email, membership.user.name) == ("ada.lovelace@example.org", "Ada Lovelace")
    assert not membership.user.has_usable_password()


def test_adding_a_member_again_keeps_one_and_takes_over_what_is_given(scoped, now):
    add_member(email="ada@example.org", client=scoped, role="finance_leader", now=now)
    Membership.objects.update(is_active=False)
    again, created = add_member(
        email="ADA@example.org", client=scoped, role="finance_leader", title="CFO", name="Ada King", now=now
    )
    assert (created, again.title, again.is_active, again.user.name) == (False, "CFO", True, "Ada King")
    assert (User.objects.count(), Membership.objects.count()) == (1, 1)


def test_a_name_that_somebody_was_given_stays(scoped, now):
    given = {"email": "ada@example.org", "client": scoped, "role": "recruiter", "now": now}
    for name in ("Ada King", "Somebody Else"):
        membership, _ = add_member(**given, name=name)
    assert membership.user.name == "Ada King"


def test_somebody_of_another_client_keeps_name_and_password(client_a, client_b, now):
    given = {"email": "ada@example.org", "role": "recruiter", "now": now}
    add_member(**given, client=client_a, name="Ada King", password="correct horse 9")
    membership, created = add_member(**given, client=client_b, name="Somebody Else", password="correct horse 9")
    assert (created, membership.user.name) == (True, "Ada King")
    with pytest.raises(ClientError, match="their password is their own") as error:
        add_member(**given, client=client_b, password="another horse 9")
    assert error.value.field == "password"
    assert User.objects.get().check_password("correct horse 9")


def test_a_weak_password_a_strange_role_and_a_foreign_manager_are_refused(client_a, now):
    stranger = User.objects.create_user("stranger@example.org", name="Stranger")
    wrong = {"password": "short", "role": "king", "manager": stranger, "email": "nobody"}
    for field, given in (wrong | {"name": "x" * 121, "title": "x" * 61}).items():
        with pytest.raises(ClientError) as error:
            add_member(
                **{"email": "ada@example.org", "client": client_a, "role": "recruiter", "now": now, field: given}
            )
        assert error.value.field == field
    assert not Membership.objects.exists()


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_client_command_says_whether_it_made_one():
    asked = ("client", "lumen", "--name", "Lumen", "--json")
    assert json.loads(run(*asked)) == {
        "client": "lumen",
        "created": True,
        "code": "lumen",
        "name": "Lumen",
        "country": "US",
        "currency": "USD",
        "zone": "America/New_York",
    }
    assert json.loads(run(*asked))["created"] is False


def test_the_member_command_reads_the_password_from_stdin(client_a, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse 9\n"))
    found = json.loads(
        run("member", "ada@example.org", "--client", "northbridge", "--role", "recruiter", "--password-stdin", "--json")
    )
    assert found == {
        "email": "ada@example.org",
        "name": "Ada",
        "client": "northbridge",
        "role": Role.RECRUITER,
        "created": True,
    }
    assert User.objects.get().check_password("correct horse 9")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["client", "two words", "--name", "Two"], 2),
        (["client", "lumen", "--name", "Lumen", "--zone", "Mars"], 2),
        (["member", "ada@example.org", "--client", "nowhere", "--role", "recruiter"], 2),
        (["member", "ada", "--client", "northbridge", "--role", "recruiter"], 2),
        (["member", "a@example.org", "--client", "northbridge", "--role", "recruiter", "--password-stdin"], 1),
    ],
)
def test_wrong_usage_ends_with_2_and_a_refused_password_with_1(client_a, monkeypatch, arguments, code):
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError) as error:
        run(*arguments)
    assert error.value.returncode == code
