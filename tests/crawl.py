"""What the crawl needs: client B planted with marks, every address with every key, and what a response gives away.

Every row of client B has the same key, KEY, and a mark of its own in every field that can hold one. So one number tries
any address or field with B's keys, and any mark in a response is a leak. New models, fields and addresses are found by
themselves; where the crawl does not know what to try, it fails and says so.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from django import forms
from django.apps import apps
from django.contrib.admin.helpers import AdminForm, InlineAdminFormSet
from django.db import connection, models
from django.forms import BaseForm, BaseFormSet
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from analytics.models import CounterFact, Freshness, OfferFact, StepFact
from governance.models import Client, Membership, User
from governance.models.base import ClientOwned, PercentField
from governance.tenancy import scope
from governance.walls import TenantKey, is_event
from offers.lifecycle import ACTIONS
from offers.models import Offer, OfferVersion
from tests import factories

KEY = 7_000_001
OWN_MODELS = [model for app in ("governance", "offers", "analytics") for model in apps.get_app_config(app).get_models()]
ROWS = [model for model in OWN_MODELS if not is_event(model)]
KEYS = {"pk", "object_id"}
# What else an address may ask for, and what to try there.
OTHERS = {
    "name": [action.replace("_", "-") for action in (*ACTIONS, "acknowledge", "nudge", "hand_over")],
    "url": ["nowhere"],
    "token": ["x"],
    "content_type_id": ["1"],
    "app_label": ["governance"],
    "uidb36": ["1"],
    "kind": ["bands"],
    "report": ["acceptance"],
    "form": ["csv"],
    "key": ["x"],
    "email": ["x"],
    "client": ["corvane"],
}

Row = models.Model
Rows = dict[type[Row], Row]


# --- planting


class Marks:
    """Values that occur nowhere else: words such as qz00042, numbers such as 7310042."""

    def __init__(self) -> None:
        self.number = count(1)
        self.given: set[str] = set()

    def fields(self, model: type[Row]) -> dict[str, Any]:
        """A mark for every field of the model that can hold one."""
        found = {field.name: self.mark(field) for field in model._meta.concrete_fields if not field.is_relation}
        return {name: value for name, value in found.items() if value is not None}

    def mark(self, field: Any) -> Any:
        match field:
            case _ if field.choices or field.primary_key:
                return None
            case models.EmailField():
                return f"{self.word()}@b.example"
            case models.JSONField():
                return {self.word(): self.word()}
            case models.CharField() | models.TextField() if (field.max_length or 99) >= 8:
                return self.word()
            case PercentField():
                return self.figure(73_000)
            case models.DecimalField() if field.max_digits - field.decimal_places >= 7:
                return self.figure(7_310_000)
            case models.IntegerField() if not isinstance(
                field, models.SmallIntegerField | models.PositiveSmallIntegerField
            ):
                return self.figure(7_310_000)
        return None

    def word(self) -> str:
        return self._give(f"qz{next(self.number):05}")

    def figure(self, above: int) -> int:
        return int(self._give(str(above + next(self.number))))

    def _give(self, mark: str) -> str:
        self.given.add(mark)
        return mark


def plant(client: Client, user: User, fields: Callable[[type[Row]], dict[str, Any]]) -> Rows:
    """One row of every model of the client, each hanging on the others, with these fields."""
    made: Rows = {Client: client, User: user}
    for model in ROWS:
        _plant(model, made, fields)
    with scope([client.pk]):
        Offer.objects.update(version=made[OfferVersion])
    return made


def _plant(model: type[Row], made: Rows, fields: Callable[[type[Row]], dict[str, Any]]) -> Row:
    if model not in made:
        keys = [field for field in model._meta.fields if isinstance(field, TenantKey) or field.related_model is User]
        needed = {key.name: _plant(key.related_model, made, fields) for key in keys if not key.null}
        people = [key.name for key in keys if key.related_model is User and not key.null]
        needed |= {name: factories.UserFactory() for name in people[1:]}  # two people of one row may have to differ
        there = {key.name: made[key.related_model] for key in keys if key.related_model in made}
        made[model] = factories.of(model)(client=made[Client], **there | needed | fields(model))
    return made[model]


def plant_marked() -> Marks:
    """Client B, every row of it under KEY and marked."""
    marks = Marks()

    def fields(model: type[Row]) -> dict[str, Any]:
        return {"pk": KEY, **marks.fields(model)}

    user = factories.UserFactory(**fields(User))
    client = factories.ClientFactory(**fields(Client))
    factories.MembershipFactory(client=client, user=user, role="hr_partner")
    plant(client, user, fields)
    return marks


# --- addresses


def addresses() -> Iterator[tuple[str, list[str]]]:
    """Every address of the portal: its name, and the names of what it asks for."""
    yield from _walk(get_resolver().url_patterns, "", [])


def _walk(patterns: list[Any], namespace: str, asked: list[str]) -> Iterator[tuple[str, list[str]]]:
    for pattern in patterns:
        wanted = [*asked, *pattern.pattern.regex.groupindex]
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, wanted)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}", wanted


def filled(name: str, asked: list[str], key: Any, *, every: bool = True) -> list[str]:
    """The paths of an address: `key` for what it asks of keys, every (or the first) known value for the rest."""
    found: list[dict[str, Any]] = [{}]
    for one in asked:
        assert one in KEYS or one in OTHERS, f"{name} asks for “{one}”: say in tests/crawl.py what to try there"
        values = [key] if one in KEYS else OTHERS[one] if every else OTHERS[one][:1]
        found = [{**kwargs, one: value} for kwargs in found for value in values]
    return [reverse(name, kwargs=kwargs) for kwargs in found]


def with_key(key: Any, *, every: bool = True) -> list[str]:
    """Every address that asks for a key, but those for signing in, which know no client."""
    return [
        path
        for name, asked in addresses()
        if KEYS & set(asked)
        for path in filled(name, asked, key, every=every)
        if not path.startswith("/account/")
    ]


def without_key() -> list[str]:
    return [path for name, asked in addresses() if not KEYS & set(asked) for path in filled(name, asked, None)]


# --- forms


def fields_of(response: HttpResponse) -> dict[str, tuple[forms.Field, Any]]:
    """Every field of every form on a page: {its name in the POST: (the field, what stands in it)}."""
    found = {}
    for form in _forms(getattr(response, "context", None)):
        for name, field in form.fields.items():
            value = form[name].value()
            shown = field.prepare_value(value) if not callable(value) else ""
            found[form.add_prefix(name)] = (field, "" if shown in (None, False) else shown)
    return found


def _forms(context: Any) -> Iterator[BaseForm]:
    for layer in context or []:
        for value in layer.values() if hasattr(layer, "values") else layer.flatten().values():
            yield from _forms_in(value)


def _forms_in(value: Any) -> Iterator[BaseForm]:
    match value:
        case BaseForm():
            yield value
        case BaseFormSet():
            yield from (value.management_form, *value.forms)
        case AdminForm():
            yield value.form
        case InlineAdminFormSet():
            yield from _forms_in(value.formset)
        case list() | tuple():
            for one in value:
                yield from _forms_in(one)


def chooses(name: str, field: forms.Field) -> bool:
    """True where the field takes a key: of a choice among rows, or of a row inside the form."""
    return isinstance(field, forms.ModelChoiceField) or re.search(r"-\d+-(id|\w+_ptr)$", name) is not None


# --- what a response gives away


def leaks(response: HttpResponse, marks: Marks) -> set[str]:
    """The marks of client B in body, headers or cookies; files are unpacked, figures are read without commas."""
    body = response.getvalue() if response.streaming else response.content
    parts = [*_unpacked(body), *map(str, response.headers.values()), response.cookies.output()]
    text = re.sub(r"(?<=\d)[,.'’\s\u00a0\u202f](?=\d{3}(?!\d))", "", "\n".join(parts))
    return marks.given & set(re.findall(r"qz\d{5}|(?<!\d)\d{5,7}(?!\d)", text))


def _unpacked(body: bytes) -> list[str]:
    if not body.startswith(b"PK"):
        return [body.decode("utf-8", "replace")]
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]


def snapshot() -> dict[str, str]:
    """A sum over every table of ours but facts, which a look brings up to date; work as the owner to see all rows."""
    tables = [
        model._meta.db_table for model in OWN_MODELS if model not in (OfferFact, StepFact, CounterFact, Freshness)
    ]
    each = " UNION ALL ".join(
        f"SELECT '{table}', md5(coalesce(string_agg(row::text, ' ' ORDER BY row::text), '')) FROM \"{table}\" row"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(each)
        return dict(cursor.fetchall())


def rows_of(client: int) -> dict[str, str]:
    """A sum over every table of ours, of the rows of one client alone."""
    owned = [model for model in OWN_MODELS if issubclass(model, ClientOwned) or model in (Membership,)]
    each = " UNION ALL ".join(
        f"SELECT '{model._meta.db_table}', md5(coalesce(string_agg(row::text, ' ' ORDER BY row::text), ''))"
        f' FROM "{model._meta.db_table}" row WHERE client_id = {client}'
        for model in owned
    )
    with connection.cursor() as cursor:
        cursor.execute(each)
        return dict(cursor.fetchall())
