"""The walls that migrations build: row-level security, keys that cannot cross clients, and append-only grants.

A migration that creates client-owned tables ends with `Walls([...])`. tests/test_walls.py compares every model with
what the database really has, so that none can be forgotten.
"""

from typing import Any

import pgtrigger.migrations
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

APP_ROLE = "handoff_app"

# Tried at 1.1 million rows: in this exact form it stays an index scan; a function or an OR does not.
VISIBLE = (
    "{column} = ANY ((SELECT string_to_array(nullif(current_setting('handoff.clients', true), ''), ',')"
    "::bigint[])::bigint[])"
)


class TenantKey(models.ForeignKey):
    """A foreign key between client-owned rows; the database holds it together with client_id: it cannot cross."""

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False  # the composite key of Walls takes its place
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


class Unrendered:
    """Changes the state without rendering every related model again, which made a first `migrate` take half a minute.

    Fit where nothing is read from the rendered models but the table that is being made or changed.
    """

    def state_forwards(self, app_label: str, state: Any) -> None:
        rendered = state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)  # type: ignore[misc]
        if rendered is not None:
            state.__dict__["apps"] = rendered


class AddTrigger(Unrendered, pgtrigger.migrations.AddTrigger):
    pass


class RemoveTrigger(Unrendered, pgtrigger.migrations.RemoveTrigger):
    pass


class AddConstraint(Unrendered, migrations.AddConstraint):
    pass


class AddIndex(Unrendered, migrations.AddIndex):
    pass


class CreateModel(Unrendered, migrations.CreateModel):
    def state_forwards(self, app_label: str, state: Any) -> None:
        super().state_forwards(app_label, state)
        if "apps" in state.__dict__:
            state.apps.render_multiple([state.models[app_label, self.name_lower]])
            state.apps.clear_cache()


class WideEvents(Operation):
    """Make the keys of the named models' event tables 64 bits wide; empty tables take no time, full ones a rewrite."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def deconstruct(self) -> Any:
        return self.__class__.__qualname__, [self.names], {}

    def describe(self) -> str:
        return f"64-bit keys for the events of {', '.join(self.names)}"

    def state_forwards(self, app_label: str, state: Any) -> None:
        for name in self.names:
            field = models.BigAutoField(primary_key=True, serialize=False)
            AlterField(f"{name}Event", "pgh_id", field).state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._widen(app_label, schema_editor, "bigint")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._widen(app_label, schema_editor, "integer")

    def _widen(self, app_label: str, schema_editor: Any, kind: str) -> None:
        for name in self.names:
            table = f"{app_label}_{name.lower()}event"
            schema_editor.execute(f'ALTER TABLE "{table}" ALTER COLUMN pgh_id TYPE {kind}')
            schema_editor.execute(f'ALTER SEQUENCE "{table}_pgh_id_seq" AS {kind}')


class OneRendered(Unrendered):
    """Changes one model's columns and renders that one alone again: the others know it only by its table."""

    def state_forwards(self, app_label: str, state: Any) -> None:
        super().state_forwards(app_label, state)
        if "apps" in state.__dict__:
            name = self.model_name_lower  # type: ignore[attr-defined]
            state.apps.unregister_model(app_label, name)
            state.apps.render_multiple([state.models[app_label, name]])
            state.apps.clear_cache()


class AddField(OneRendered, migrations.AddField):
    pass


class AlterField(OneRendered, migrations.AlterField):
    pass


class Walls(Operation):
    """Raise the walls around the named models of the migration's app (their event models are found by themselves)."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def deconstruct(self) -> Any:
        return self.__class__.__qualname__, [self.names], {}

    def describe(self) -> str:
        return f"Row-level security and same-client keys for {', '.join(self.names)}"

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        owned = [to_state.apps.get_model(app_label, name) for name in self.names]
        for model in owned:
            for statement in fence(model):
                schema_editor.execute(statement)
        for model in owned:
            for statement in same_client_keys(model):
                schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for name in self.names:
            table = from_state.apps.get_model(app_label, name)._meta.db_table
            schema_editor.execute(f'DROP POLICY IF EXISTS same_client ON "{table}"')


class Keys(Operation):
    """Raise the same-client keys of columns that a later migration adds to a model that has its walls already."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, name: str, fields: list[str]) -> None:
        self.name, self.fields = name, fields

    def deconstruct(self) -> Any:
        return self.__class__.__qualname__, [self.name, self.fields], {}

    def describe(self) -> str:
        return f"Same-client keys of {self.name}: {', '.join(self.fields)}"

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        for name in self.fields:
            schema_editor.execute(same_client_key(model, model._meta.get_field(name)))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        pass  # the column goes, and its key with it


def is_event(model: type[models.Model]) -> bool:
    """True for the event model that keeps another model's history."""
    return any(field.name == "pgh_id" for field in model._meta.fields)


def owner_column(model: type[models.Model]) -> str:
    """The column that says which client a row belongs to: client_id, and for a client itself its id."""
    if model._meta.model_name == "client" and not is_event(model):
        return "id"
    return "client_id" if any(field.column == "client_id" for field in model._meta.fields) else "id"


def fence(model: type[models.Model]) -> list[str]:
    """Statements that make the database show and take only rows of the clients in scope."""
    table, visible = model._meta.db_table, VISIBLE.format(column=owner_column(model))
    statements = [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'CREATE POLICY same_client ON "{table}" USING ({visible}) WITH CHECK ({visible})',
    ]
    if is_event(model):
        statements.append(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {APP_ROLE}')
    elif owner_column(model) == "client_id":
        statements.append(f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_client_id_id" UNIQUE (client_id, id)')
    return statements


def same_client_keys(model: type[models.Model]) -> list[str]:
    """Composite foreign keys of every column that points at another row of the client."""
    if is_event(model):
        return []
    return [same_client_key(model, field) for field in model._meta.fields if isinstance(field, TenantKey)]


def same_client_key(model: type[models.Model], field: Any) -> str:
    """A composite key: (client_id, x_id) references (client_id, id), checked when the transaction commits."""
    table = model._meta.db_table
    return (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{field.column}_same_client" '
        f'FOREIGN KEY (client_id, "{field.column}") '
        f'REFERENCES "{field.related_model._meta.db_table}" (client_id, id) DEFERRABLE INITIALLY DEFERRED'
    )


def making_role(name: str) -> str:
    """SQL that makes the role where it is missing and lets the current user, who need be no superuser, put it on."""
    return f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN  -- who may make none may have been given it
        CREATE ROLE {name} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN
    -- Since PostgreSQL 16 whoever makes a role may grant it, and may put it on only once it is granted to them.
    IF NOT pg_has_role(current_user, '{name}',
                       CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END) THEN
        EXECUTE format('GRANT {name} TO %I', current_user);
    END IF;
END $$;
"""


GRANTS = f"""
{making_role(APP_ROLE)}
GRANT USAGE ON SCHEMA public TO {APP_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE};
REVOKE INSERT, UPDATE, DELETE ON django_migrations, pghistory_context FROM {APP_ROLE};
"""

# Statement-level triggers of pghistory call this even where the context lies in the event row: no shared row then.
CONTEXT_ID_ONLY = """
CREATE OR REPLACE FUNCTION _pgh_attach_context() RETURNS pghistory_context.id%TYPE AS $$
    SELECT nullif(current_setting('pghistory.context_id', true), '')::uuid
$$ LANGUAGE sql STABLE;
"""

CLIENT_IDS = f"""
CREATE FUNCTION handoff_client_ids() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public AS 'SELECT id FROM governance_client ORDER BY id';
REVOKE ALL ON FUNCTION handoff_client_ids() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION handoff_client_ids() TO {APP_ROLE};
"""

# Only the owner of a table may analyse it. What this session has written since its counts were last collected (within a
# second of its last commit) is known to itself alone.
GATHER_STATISTICS = f"""
CREATE FUNCTION handoff_gather_statistics(many bigint, alone text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE name text;
BEGIN
    FOR name IN SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relowner = current_user::regrole
        AND (alone = '' OR relname = alone)
        AND pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid) >= many ORDER BY relname
    LOOP EXECUTE format('ANALYZE (SKIP_LOCKED) %I', name); END LOOP;
END $$;
REVOKE ALL ON FUNCTION handoff_gather_statistics(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION handoff_gather_statistics(bigint, text) TO {APP_ROLE};
"""
