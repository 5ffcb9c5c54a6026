"""Append-only history: every tracked row leaves an event in the database, saying who, why and on whose behalf.

Statement-level triggers fill the event tables, so that bulk writes and `queryset.update()` are seen too. The
application role may only read and insert there (governance/walls.py): the grant is the guarantee, not the trigger.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.db import connection, models
from psycopg.pq import TransactionStatus

M = TypeVar("M", bound=models.Model)


def tracked(*, exclude: list[str] | None = None) -> Callable[[type[M]], type[M]]:
    """Class decorator: keep every insert, update and delete of the model in its event table.

    `exclude` names columns that are bookkeeping: they are not kept, and a change of nothing else makes no event.
    """
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=exclude,
        append_only=True,
        level=pgtrigger.Statement,
        context_field=pghistory.ContextJSONField(),
        context_id_field=pghistory.ContextUUIDField(),
        attrs={"pgh_id": models.BigAutoField(primary_key=True)},  # history outgrows 31 bits before its rows do
    )


@contextmanager
def because(*, actor: int | None, action: str, **context: Any) -> Iterator[None]:
    """Attach who and why to every event written inside; the context that stood before returns at the end.

    `actor` is a user id, None for Handoff itself. `context` takes `reason` (a code), `note` (the id of a Note, never
    its text), `on_behalf_of` (a user id) and other codes. Nothing here may be pay or personal text.
    """
    facts = {"actor": actor, "action": action, **{key: value for key, value in context.items() if value is not None}}
    with pghistory.context() as current:
        before = dict(current.metadata)
        current.metadata.clear()
        current.metadata.update({key: before[key] for key in ("via",) if key in before} | facts)
        try:
            yield
        finally:
            current.metadata.clear()
            current.metadata.update(before)
            if not before:
                _forget()


def _forget() -> None:
    """The context stays on the transaction: what it writes next, outside of any, must not inherit who and why."""
    raw = connection.connection
    failed = connection.needs_rollback or (raw and raw.info.transaction_status == TransactionStatus.INERROR)
    if connection.in_atomic_block and raw and not failed:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('pghistory.context_id', '', true), "
                "set_config('pghistory.context_metadata', '', true)"
            )


def bulk() -> None:
    """Begin a bulk transaction: deferred keys make trigger work quadratic, so check them as rows are written."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
