"""Client companies and their people: a new client starts from a template, whose rules become rows of its own."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from governance import history, public_holidays
from governance.access import Role
from governance.ingest.cells import COUNTRIES, CURRENCIES
from governance.models import (
    ApprovalPolicy,
    BusinessCalendar,
    Client,
    Engagement,
    EscalationPath,
    Guardrail,
    Holiday,
    Membership,
    ServiceLevel,
    StatementOfWork,
    User,
)
from governance.tenancy import scope, scope_all

TEMPLATES = Path(__file__).parent / "data"


class ClientError(Exception):
    """A client or a person that cannot be made as asked; `field` names what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownClient(ClientError):
    """No client has this code."""


def find_client(code: str) -> Client:
    """The client with this code, whatever is in scope. Raises UnknownClient."""
    with scope_all():
        found = Client.objects.filter(code=code).first()
    if found is None:
        raise UnknownClient("client", f"There is no client “{code}”. Create it: manage.py client {code} --name NAME")
    return found


def create_client(
    *,
    code: str,
    name: str,
    country: str = "US",
    currency: str = "USD",
    zone: str = "America/New_York",
    template: str = "balanced",
    engagement: bool = True,
    actor: User | None = None,
    now: datetime,
) -> tuple[Client, bool]:
    """The client of this code, and whether it was made now, with its own copies of the template's rules.

    `actor` is who makes it, None for a command. Without `engagement` the caller brings the statements of work.
    Raises ClientError naming the field that is wrong. A client that is there already is returned as it stands.
    """
    try:
        return find_client(code), False
    except UnknownClient:
        _check_code(code)
    rules = _template(template)
    client = Client(code=code, name=name, country=country, currency=currency, zone=zone)
    check_places(client)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('governance_client', 'id'))")
        (client.pk,) = cursor.fetchone()
    _check(client.full_clean)
    reason = history.because(actor=actor.pk if actor else None, action="client.create")
    try:
        with scope([client.pk]), transaction.atomic(), reason:
            _write(client, rules, engagement=engagement, now=now)
    except IntegrityError:  # somebody else was faster
        return find_client(code), False
    return client, True


def _write(client: Client, rules: dict[str, Any], *, engagement: bool, now: datetime) -> None:
    client.save(force_insert=True)
    _copy_rules(client, rules, now=now)
    _copy_calendar(client, rules["calendar"], now=now)
    if engagement:
        _begin_engagement(client, rules["statement_of_work"], now=now)


def add_member(
    *,
    email: str,
    client: Client,
    role: str,
    name: str = "",
    password: str | None = None,
    title: str = "",
    manager: User | None = None,
    now: datetime,
) -> tuple[Membership, bool]:
    """The person's membership in this role, and whether it is new; the person is made where nobody has the address.

    Adding again takes over what is given (password, title, manager), makes an ended membership active, and gives a name
    to whoever has only the one made from the address. Of somebody who works for another client too, the name stays
    and another password is refused: they are not this client's to change. Raises ClientError naming the field that is
    wrong.
    """
    if role not in Role.values:
        raise ClientError("role", f"There is no role “{role}”. Roles: {', '.join(Role.values)}.")
    if manager and not Membership.objects.filter(client=client, user=manager).exists():
        raise ClientError("manager", f"{manager.email} is not a member of {client.code}.")
    _check_fields(Membership(title=title), "title")
    with scope([client.pk]), transaction.atomic(), history.because(actor=None, action="member.add"):
        user = _person(email=email.strip().lower(), client=client, name=name.strip(), password=password, now=now)
        membership, created = Membership.objects.get_or_create(client=client, user=user, role=role)
        given = {"title": title, "manager": manager, "is_active": True}
        changed = [key for key, value in given.items() if value and getattr(membership, key) != value]
        if changed:
            for key in changed:
                setattr(membership, key, given[key])
            membership.save(update_fields=changed)
    return membership, created


def _check_code(code: str) -> None:
    """Refuse a code that only capitals tell from another client's: people would take one for the other."""
    with scope_all():
        other = Client.objects.filter(code__iexact=code).first()
    if other is not None:
        raise ClientError("code", f"There is a client “{other.code}”: a code that differs in capitals alone misleads.")


def _template(name: str) -> dict[str, Any]:
    known = sorted(path.stem for path in TEMPLATES.glob("*.json"))
    if name not in known:
        raise ClientError("template", f"There is no template “{name}”. Templates: {', '.join(known)}.")
    return json.loads((TEMPLATES / f"{name}.json").read_text(encoding="utf-8"))


def check_places(client: Client) -> None:
    """Raises ClientError naming a zone, country or currency that there is not."""
    if client.zone not in available_timezones():
        raise ClientError("zone", f"“{client.zone}” is no time zone; give a name such as America/New_York.")
    if client.country not in COUNTRIES:
        raise ClientError("country", f"“{client.country}” is no country; give two capital letters such as US.")
    if client.currency not in CURRENCIES:
        raise ClientError("currency", f"“{client.currency}” is no currency; give three capital letters such as USD.")


def _check_fields(row: Model, *names: str) -> None:
    """Raises ClientError naming the first of these columns that cannot be so."""
    _check(lambda: row.clean_fields(exclude={field.name for field in row._meta.fields} - set(names)))


def _check(clean: Callable[[], None]) -> None:
    try:
        clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise ClientError(field, f"{field}: {' '.join(messages)}") from error


def _copy_rules(client: Client, rules: dict[str, Any], *, now: datetime) -> None:
    published = {"client": client, "name": rules["name"], "published_at": now}
    for model, key in (
        (ApprovalPolicy, "approval_policy"),
        (ServiceLevel, "service_level"),
        (EscalationPath, "escalation_path"),
        (Guardrail, "guardrails"),
    ):
        if found := model.problems(rules[key]):
            raise ClientError("template", f"The template's {key.replace('_', ' ')} cannot be published: {found[0]}")
        model.objects.create(document=rules[key], **published)


def _begin_engagement(client: Client, document: dict[str, Any], *, now: datetime) -> None:
    """The engagement that the provider begins with, under the template's statement of work, both from today."""
    if found := StatementOfWork.problems(document):
        raise ClientError("template", f"The template's statement of work cannot be published: {found[0]}")
    today = now.astimezone(ZoneInfo(client.zone)).date()
    engagement = Engagement.objects.create(
        client=client, code="RPO", name=f"{client.name} programme"[:120], delivery_model=document["delivery"],
        fee_model=document["fees"]["model"], embedded=document["embedded"], starts_on=today,
    )  # fmt: skip
    StatementOfWork.objects.create(
        client=client, engagement=engagement, name=engagement.code, document=document, valid_from=today,
        published_at=now,
    )  # fmt: skip


def _copy_calendar(client: Client, calendar: dict[str, Any], *, now: datetime) -> None:
    row = BusinessCalendar.objects.create(client=client, zone=client.zone, week=calendar["week"], is_default=True)
    if calendar["public_holidays"] == "closed":
        year = now.astimezone(ZoneInfo(client.zone)).year
        Holiday.objects.bulk_create(
            Holiday(client=client, calendar=row, country=day.country, date=day.date, name=day.name)
            for day in public_holidays.listed(client.country, range(year - 1, year + 3))
        )


def _person(*, email: str, client: Client, name: str, password: str | None, now: datetime) -> User:
    try:
        validate_email(email)
    except ValidationError:
        raise ClientError("email", f"“{email}” is not an e-mail address.") from None
    user = User.objects.filter(email__iexact=email).first() or User(email=email, created_at=now)
    if user.pk and Membership.objects.filter(user=user).exclude(client=client).exists():
        if password is not None and not user.check_password(password):
            raise ClientError(
                "password",
                f"{email} works for another client too: their password is their own. "
                "Leave out --password-stdin; they sign in as before.",
            )
        return user
    if password is not None:
        _set_password(user, password)
    elif not user.pk:
        user.set_unusable_password()
    from_address = email.partition("@")[0].replace(".", " ").title()
    if not user.pk or (name and user.name == from_address):
        user.name = name or from_address[:120]
    _check_fields(user, "email", "name")
    user.save()
    return user


def _set_password(user: User, password: str) -> None:
    if user.pk and user.check_password(password):
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ClientError("password", " ".join(error.messages)) from error
    user.set_password(password)
