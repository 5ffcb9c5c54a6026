"""A member of client A walks every address and every form field with client B's keys: nothing of B shows or changes.

tests/crawl.py finds models, addresses and fields by themselves.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import models, transaction
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse

from governance import scoping
from governance.access import PERMISSIONS, Role
from governance.models import Client, Membership, User
from governance.scoping import ScopedAdmin, ScopedInline, ScopedModelForm
from offers.models.offer import OfferQuerySet
from tests import factories
from tests.crawl import (
    KEY,
    KEYS,
    ROWS,
    Marks,
    Rows,
    addresses,
    chooses,
    fields_of,
    filled,
    leaks,
    plant,
    plant_marked,
    rows_of,
    snapshot,
    with_key,
    without_key,
)

Owner = Callable[[], AbstractContextManager[None]]
REGISTERED = dict(admin.site._registry.items())
DIFFERENT = {PERMISSIONS[role]: role for role in Role}.values()  # one role of each that may do the same


@pytest.fixture
def marks(db: None) -> Marks:
    return plant_marked()


@pytest.fixture
def own(client_a: Client) -> Rows:
    """A row of client A of every model."""
    return plant(client_a, factories.UserFactory(), lambda model: {"version": 9} if hasattr(model, "problems") else {})


@pytest.fixture
def insider(own: Rows, member: Callable[..., User]) -> Browser:
    """Somebody with every role at client A, signed in."""
    return signed_in(member(*Role))


def signed_in(user: User) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(user)
    return browser


def own_pages(own: Rows, *, every: bool = True) -> list[str]:
    """Every address with client A's own keys: that of its own model in the admin, that of the offer elsewhere."""
    rows = {f"{model._meta.app_label}_{model._meta.model_name}": row for model, row in own.items()}
    found = []
    for name, asked in addresses():
        if KEYS & set(asked):
            row = rows.get("_".join(name.removeprefix("admin:").split("_")[:2]), rows["offers_offer"])
            found += filled(name, asked, row.pk, every=every)
    return found


def ours(paths: list[str]) -> list[str]:
    """Without the pages for signing in, which know no client."""
    return [path for path in paths if not path.startswith("/account/")]


def list_of(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def asked_for_b() -> Iterator[str]:
    """Lists searched and filtered for what is B's, and what the boxes of forms offer."""
    for model in REGISTERED:
        relations = [field.name for field in model._meta.fields if field.is_relation]
        filters = "&".join(f"{name}__id__exact={KEY}" for name in relations)
        yield from (f"{list_of(model)}?{query}" for query in ("q=qz", filters, f"id__exact={KEY}", "_popup=1"))
        for name in relations:
            query = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}&field_name={name}"
            yield f"{reverse('admin:autocomplete')}?{query}"


# --- reading


def walk(browser: Browser, marks: Marks, paths: list[str]) -> dict[str, set[str]]:
    """What is given away, by path; a page that breaks counts as well."""
    found = {}
    for path in paths:
        with transaction.atomic():
            response = browser.get(path)
            transaction.set_rollback(True)
        if given := leaks(response, marks) | ({"breaks"} if response.status_code >= 500 else set()):
            found[path] = given
    return found


@pytest.mark.slow
@pytest.mark.parametrize("role", DIFFERENT)
def test_no_role_of_client_a_reads_anything_of_client_b(
    role: Role, marks: Marks, own: Rows, member: Callable[..., User]
) -> None:
    """Every page of A's own rows is walked below, behind each wall by itself."""
    assert walk(signed_in(member(role)), marks, [*without_key(), *with_key(KEY, every=False)]) == {}


@pytest.mark.slow
def test_an_address_with_a_key_of_client_b_opens_nothing(marks: Marks, insider: Browser) -> None:
    assert [path for path in with_key(KEY) if insider.get(path).status_code not in (302, 403, 404, 405)] == []


# --- each wall by itself


def unscope(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the first wall away: lists, forms, filters and views ask for every row that there is."""
    scoped, outside = scoping.of_clients, (User, Membership)  # for people there is no second wall
    monkeypatch.setattr(scoping, "of_clients", lambda rows, ids: scoped(rows, ids) if rows.model in outside else rows)
    monkeypatch.setattr(scoping, "visible_to", lambda rows, user: rows)
    monkeypatch.setattr(OfferQuerySet, "visible_to", lambda rows, user: rows)


def everything(own: Rows) -> list[str]:
    return [*without_key(), *with_key(KEY, every=False), *own_pages(own, every=False), *asked_for_b()]


@pytest.mark.slow
def test_row_level_security_holds_where_no_queryset_is_scoped(
    marks: Marks, own: Rows, insider: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    unscope(monkeypatch)
    assert walk(insider, marks, everything(own)) == {}


@pytest.mark.slow
def test_the_querysets_hold_where_there_is_no_row_level_security(
    marks: Marks, own: Rows, insider: Browser, as_owner: Owner
) -> None:
    with as_owner():
        assert walk(insider, marks, everything(own)) == {}


@pytest.mark.slow
def test_the_crawl_sees_what_shows_where_neither_wall_stands(
    marks: Marks, insider: Browser, as_owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    unscope(monkeypatch)
    lists = {list_of(model): model for model in REGISTERED}
    with as_owner():
        seen = walk(insider, marks, list(lists))
    assert {model for path, model in lists.items() if path not in seen} <= {Membership}


# --- writing


def post(browser: Browser, path: str, marks: Marks, data: dict[str, Any]) -> HttpResponse:
    response = browser.post(path, data)
    assert leaks(response, marks) == set(), (path, data)
    assert response.status_code < 500, (path, data)
    return response


def standing(browser: Browser, path: str) -> dict[str, Any]:
    """What the forms of a page would send as they stand."""
    return {name: value for name, (_, value) in fields_of(browser.get(path)).items()}


@pytest.mark.slow
def test_no_field_of_any_form_takes_a_key_of_client_b(
    marks: Marks, own: Rows, insider: Browser, as_owner: Owner
) -> None:
    with as_owner():
        before = snapshot()
    tried = set()
    for path in ours([*without_key(), *own_pages(own)]):
        fields = fields_of(insider.get(path))
        sent = {name: value for name, (_, value) in fields.items()}
        for name in (name for name, (field, _) in fields.items() if chooses(name, field)):
            post(insider, path, marks, {**sent, name: KEY})
            tried.add((path, name))
    with as_owner():
        assert snapshot() == before
    assert {"client", "source", "manager", "recruiter"} <= {name for _, name in tried}


@pytest.mark.slow
def test_no_post_to_an_address_with_a_key_of_client_b_changes_anything(
    marks: Marks, insider: Browser, as_owner: Owner
) -> None:
    with as_owner():
        before = snapshot()
    for path in with_key(KEY):
        for data in ({}, {"post": "yes", "confirm": "yes", "verdict": "approved", "_save": "1"}):
            assert post(insider, path, marks, data).status_code in (302, 403, 404, 405), path
    with as_owner():
        assert snapshot() == before


@pytest.mark.slow
def test_keys_of_client_b_that_no_form_asks_for_are_not_taken(
    marks: Marks, own: Rows, insider: Browser, as_owner: Owner
) -> None:
    with as_owner():
        before = rows_of(KEY)
    smuggled = dict.fromkeys(("client", "client_id", "id", "pk", "user", "offer", "published_by"), KEY)
    for path in ours([*without_key(), *own_pages(own)]):
        with transaction.atomic():
            post(insider, path, marks, smuggled | standing(insider, path))
            with as_owner():
                assert rows_of(KEY) == before, path
            transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.parametrize("across", [0, 1])
def test_no_action_of_a_list_reaches_rows_of_client_b(
    across: int, marks: Marks, insider: Browser, member: Callable[..., User], as_owner: Owner, rf: Any
) -> None:
    request = rf.get("/")
    request.user = member(*Role)
    with as_owner():
        before = rows_of(KEY)
    for model, held in REGISTERED.items():
        for action in held.get_actions(request):
            data = {"action": action, "_selected_action": [KEY], "select_across": across, "post": "yes", "confirm": "1"}
            with transaction.atomic():
                post(insider, list_of(model), marks, data)
                with as_owner():
                    assert rows_of(KEY) == before, (model, action)
                transaction.set_rollback(True)


@pytest.mark.slow
def test_whoever_may_only_read_client_b_changes_nothing_there(
    marks: Marks, own: Rows, member: Callable[..., User], as_owner: Owner
) -> None:
    user = member(*Role)
    factories.MembershipFactory(client=Client(pk=KEY), user=user, role=Role.AUDITOR)
    reader = signed_in(user)
    with as_owner():
        before = rows_of(KEY)
    for path in with_key(KEY):
        reader.post(path, standing(reader, path) | {"post": "yes", "verdict": "approved"})
    with as_owner():
        assert rows_of(KEY) == before


# --- the base itself


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
def test_every_list_stands_on_the_one_base(model: Any) -> None:
    held = REGISTERED[model]
    assert isinstance(held, ScopedAdmin)
    assert issubclass(held.form, ScopedModelForm)
    assert all(issubclass(inline, ScopedInline) for inline in held.inlines)
    assert not held.raw_id_fields
    assert not held.list_editable


def test_nothing_but_our_own_lists_is_in_the_admin() -> None:
    assert set(REGISTERED) <= set(ROWS)


def test_no_copy_of_what_people_type_is_kept_beside_history(insider: Browser) -> None:
    source = {"name": "Survey", "yearly_rate": 3, "stale_after_days": 9}
    assert insider.post(reverse("admin:governance_marketsource_add"), source).status_code == 302
    assert not LogEntry.objects.exists()
