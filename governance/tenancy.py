"""Which clients this piece of work may see: the second wall, in the database, behind the querysets.

`scope()` names the clients on the connection; row-level security policies compare every row's client with it. Unset
sees nothing, and there is no wildcard: a system task scopes to the list of all clients.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created
from psycopg.pq import TransactionStatus

SETTING = "handoff.clients"
_current: ContextVar[str] = ContextVar(SETTING, default="")


@contextmanager
def scope(client_ids: Iterable[int]) -> Iterator[None]:
    """Let the database show rows of these clients, and only these, until the block ends."""
    value = ",".join(str(int(pk)) for pk in sorted(set(client_ids)))
    token = _current.set(value)
    try:
        _apply(value)
        yield
    finally:
        _current.reset(token)
        _restore()


@contextmanager
def scope_all() -> Iterator[None]:
    """Scope to the list of all clients, for system work: sweeps, deliveries, commands."""
    with scope(all_client_ids()):
        yield


def scoped_ids() -> frozenset[int]:
    """The clients in scope now."""
    value = _current.get()
    return frozenset(int(pk) for pk in value.split(",")) if value else frozenset()


def all_client_ids() -> list[int]:
    """Every client's id, read through a function of the owner: ids and nothing else leave the wall."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT handoff_client_ids()")
        return [row[0] for row in cursor.fetchall()]


def _apply(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT set_config('{SETTING}', %s, false)", [value])


def _restore() -> None:
    # A failed transaction takes no statement; its rollback also puts the setting back to what it was before.
    raw = connection.connection
    if raw is None or raw.closed or raw.info.transaction_status == TransactionStatus.INERROR:
        return
    _apply(_current.get())


def _on_connect(*, connection: Any, **kwargs: Any) -> None:
    value = _current.get()
    if value:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT set_config('{SETTING}', %s, false)", [value])


connection_created.connect(_on_connect, dispatch_uid="handoff-tenancy")


@contextmanager
def as_owner() -> Iterator[None]:
    """Reconnect as the owner of the tables, for `migrate` and for tests' own set-up; never in application work."""
    options = connection.settings_dict["OPTIONS"]
    role = options.pop("assume_role", None)
    before = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
    connection.close()
    connection.settings_dict.update(settings.MIGRATION_DATABASE)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
        if role:
            options["assume_role"] = role
