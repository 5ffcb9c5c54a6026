"""The walls as the database has them, compared with every model that there is; a new model is found by itself."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models

from governance.models import Client, Membership, User
from governance.models.base import ClientOwned
from governance.tenancy import scope
from governance.walls import APP_ROLE, VISIBLE, TenantKey, is_event, owner_column
from tests import factories

pytestmark = pytest.mark.django_db

OUTSIDE = {User, Membership}  # sign-in has to read them before any client is in scope
MODELS = [model for app in ("governance", "offers", "analytics") for model in apps.get_app_config(app).get_models()]
FENCED = [model for model in MODELS if model not in OUTSIDE]
ROWS = [model for model in FENCED if not is_event(model)]
EVENTS = [model for model in FENCED if is_event(model)]
OWNED = [model for model in MODELS if issubclass(model, ClientOwned)]

each = pytest.mark.parametrize
named = {"ids": lambda value: getattr(value, "__name__", str(value))}


def ask(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall()) if cursor.description else []


def policies(table: str) -> list[tuple[Any, ...]]:
    return ask(
        "SELECT polname, polcmd, polpermissive, polroles, pg_get_expr(polqual, polrelid),"
        " pg_get_expr(polwithcheck, polrelid) FROM pg_policy WHERE polrelid = %s::regclass",
        table,
    )


def constraints(table: str) -> dict[str, str]:
    return dict(
        ask("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass", table)
    )


@each("model", FENCED, **named)
def test_every_row_stands_behind_the_one_policy(model: type[models.Model]) -> None:
    visible = VISIBLE.format(column=owner_column(model))
    ask("CREATE TEMP TABLE same AS SELECT 1::bigint AS id, 1::bigint AS client_id")
    ask(f"CREATE POLICY same_client ON same USING ({visible}) WITH CHECK ({visible})")
    assert ask("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", model._meta.db_table) == [(True,)]
    assert policies(model._meta.db_table) == policies("same")


@each("model", OWNED, **named)
def test_every_owned_row_names_its_client(model: type[models.Model]) -> None:
    field = model._meta.get_field("client")
    assert (field.column, field.null, field.related_model) == ("client_id", False, Client)


@each("model", [model for model in ROWS if issubclass(model, ClientOwned)], **named)
def test_every_owned_row_can_be_referred_to_together_with_its_client(model: type[models.Model]) -> None:
    assert "UNIQUE (client_id, id)" in constraints(model._meta.db_table).values()


KEYS = [
    (model, field)
    for model in OWNED
    for field in model._meta.fields
    if field.is_relation and field.name != "client" and issubclass(field.related_model, ClientOwned)
]


@each(("model", "field"), KEYS, **named)
def test_no_key_between_two_owned_rows_can_cross_clients(model: type[models.Model], field: Any) -> None:
    assert isinstance(field, TenantKey)
    target = field.related_model._meta.db_table
    assert constraints(model._meta.db_table)[f"{model._meta.db_table}_{field.column}_same_client"] == (
        f"FOREIGN KEY (client_id, {field.column}) REFERENCES {target}(client_id, id) DEFERRABLE INITIALLY DEFERRED"
    )


@each("model", EVENTS, **named)
def test_the_application_may_only_read_and_add_events(model: type[models.Model]) -> None:
    held = ask(
        "SELECT privilege FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) privilege"
        " WHERE has_table_privilege(%s, %s, privilege) ORDER BY 1",
        APP_ROLE,
        model._meta.db_table,
    )
    assert held == [("INSERT",), ("SELECT",)]
    assert ask("SELECT has_any_column_privilege(%s, %s, 'UPDATE')", APP_ROLE, model._meta.db_table) == [(False,)]


@each("model", EVENTS, **named)
def test_every_event_has_a_key_of_64_bits(model: type[models.Model]) -> None:
    table = model._meta.db_table
    kinds = "SELECT format_type(atttypid, null) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'pgh_id'"
    assert ask(kinds, table) == [("bigint",)]
    sequence = "SELECT format_type(seqtypid, null) FROM pg_sequence WHERE seqrelid = %s::regclass"
    assert ask(sequence, f"{table}_pgh_id_seq") == [("bigint",)]


def test_history_without_its_rows_is_kept_by_nobody() -> None:
    tracked = {model.pgh_tracked_model for model in EVENTS}
    untracked = {model.__name__ for model in MODELS if not is_event(model)} - {model.__name__ for model in tracked}
    # People, and rows of personal text that can be erased; the outbox keeps its own account; answers expire; facts
    # are made from history, and seals close it; a book is written once.
    assert untracked == {
        "User", "Person", "Note", "OutboxMessage", "OutboxEscalation", "DecisionToken", "StoredAnswer", "OfferFact",
        "StepFact", "CounterFact", "Freshness", "HistorySeal", "ProgrammeBook",
    }  # fmt: skip


def test_the_application_role_is_bound_by_everything() -> None:
    assert ask(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles WHERE rolname = %s",
        APP_ROLE,
    ) == [(False, False, False, False, False)]
    assert ask("SELECT roleid FROM pg_auth_members WHERE member = %s::regrole", APP_ROLE) == []
    assert ask("SELECT relname FROM pg_class WHERE relowner = %s::regrole", APP_ROLE) == []
    assert ask("SELECT has_schema_privilege(%s, 'public', 'CREATE')", APP_ROLE) == [(False,)]


def test_the_application_role_empties_no_table_at_once() -> None:
    assert (
        ask(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND has_table_privilege(%s, oid, 'TRUNCATE')",
            APP_ROLE,
        )
        == []
    )


@each("table", ["django_migrations", "pghistory_context"])
@each("privilege", ["INSERT", "UPDATE", "DELETE"])
def test_the_application_role_does_not_touch_the_ledgers_of_libraries(table: str, privilege: str) -> None:
    assert ask("SELECT has_table_privilege(%s, %s, %s)", APP_ROLE, table, privilege) == [(False,)]


def test_tests_run_as_the_application_role() -> None:
    assert ask("SELECT current_user") == [(APP_ROLE,)]


@each("change", ["UPDATE governance_clientevent SET name = 'x'", "DELETE FROM governance_clientevent"])
def test_no_statement_of_the_application_changes_an_event(client_a: Client, change: str) -> None:
    with scope([client_a.pk]), pytest.raises(DatabaseError, match="permission denied"):
        ask(change)


@each("change", ["UPDATE governance_clientevent SET name = 'x'", "DELETE FROM governance_clientevent"])
def test_not_even_the_owner_changes_an_event_by_mistake(
    client_a: Client, as_owner: Callable[[], AbstractContextManager[None]], change: str
) -> None:
    with pytest.raises(DatabaseError, match="Cannot update or delete rows"), as_owner():
        ask(change)


@each("model", [model for model in ROWS if model is not Client], **named)
def test_every_row_has_a_factory_so_that_the_crawl_can_plant_it(model: type[models.Model]) -> None:
    row = factories.of(model)()
    assert not model._default_manager.exists()
    with scope([row.client_id]):
        assert model._default_manager.get(pk=row.pk) == row
        ask("SET CONSTRAINTS ALL IMMEDIATE")
