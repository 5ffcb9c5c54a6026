"""Sealing history: what the events of the last minute were is written into a chain that nobody can change unseen.

Each event's SHA-256 goes into a seal, each seal's into the next one of its client. Every event table is sealed; a new
one is found by itself. governance/verification.py reads the chain back.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from governance.models import HistorySeal
from governance.tenancy import scope_all
from governance.walls import is_event, owner_column

PATIENCE = timedelta(seconds=5)
AT_ONCE = 100_000  # ids a statement, so that a seal stays within memory whatever was written


@dataclass(frozen=True, slots=True)
class EventTable:
    """A table of events: its own name, the column of its client, and the columns that are sealed, in a fixed order."""

    name: str
    owner: str
    columns: tuple[str, ...]


def event_tables() -> list[EventTable]:
    """Every table of events that there is, by name."""
    return sorted((_table(model) for model in event_models()), key=lambda table: table.name)


def event_models() -> list[Any]:
    """Every model of events that has a table; the library's own views over all of them have none."""
    return [model for model in apps.get_models() if is_event(model) and hasattr(model, "pgh_tracked_model")]


def _table(model: type[models.Model]) -> EventTable:
    columns = sorted(str(field.column) for field in model._meta.concrete_fields)
    return EventTable(model._meta.db_table, owner_column(model), tuple(columns))


def leaf(columns: Iterable[str]) -> str:
    """SQL: the SHA-256 of an event's columns, as bytes. As JSON their text does not hang on types or their order."""
    listed = ", ".join(f'"{column}"' for column in columns)
    return f"sha256(convert_to(jsonb_build_array({listed})::text, 'UTF8'))"


def seal(*, now: datetime, patience: timedelta = PATIENCE) -> int:
    """Seal every event of every client that is settled, and say how many. Nothing where a writer takes too long.

    Works on all clients at once, outside of any scope. An event gets its number before its transaction commits, so
    a lower one may still come: what writes to history when the numbers are read is waited for before any is sealed.
    """
    tables = event_tables()
    with scope_all():
        bounds = {table: upto for table, upto in _bounds(tables).items() if upto}
    if not bounds or not _wait_for_writers(tables, patience):
        return 0
    with scope_all(), transaction.atomic():  # anew: a client may have been made meanwhile
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('seal', 0))")
        upmost = HistorySeal.objects.order_by().values("table").annotate(last=models.Max("upto"))
        sealed = dict(upmost.values_list("table", "last"))
        last = heads()
        return sum(
            _seal_table(table, after=sealed.get(table.name, 0), upto=upto, heads=last, now=now)
            for table, upto in bounds.items()
        )


def _bounds(tables: list[EventTable]) -> dict[EventTable, int]:
    """The highest event of each table."""
    each = " UNION ALL ".join(f"SELECT '{table.name}', max(pgh_id) FROM \"{table.name}\"" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(each)
        found = dict(cursor.fetchall())
    return {table: found[table.name] or 0 for table in tables}


# Who writes to a table holds this lock until the transaction ends, from before the first number is drawn.
_WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND relation = ANY(%s::regclass[]::oid[])
"""


def _wait_for_writers(tables: list[EventTable], patience: timedelta) -> bool:
    """Wait for whoever writes to these tables now; later ones draw higher numbers. False where it takes too long."""
    names, until = [f'"{table.name}"' for table in tables], time.monotonic() + patience.total_seconds()
    waited_for = _running(_WRITERS, names)
    while waited_for & _running(_WRITERS, names):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _running(query: str, names: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(query, [names])
        return {row[0] for row in cursor.fetchall()}


def heads() -> dict[int, tuple[int, str]]:
    """(number, digest) of each client's last seal."""
    last = HistorySeal.objects.order_by("client", "-number").distinct("client")
    return {client: (number, digest) for client, number, digest in last.values_list("client", "number", "digest")}


def _seal_table(
    table: EventTable, *, after: int, upto: int, heads: dict[int, tuple[int, str]], now: datetime
) -> int:  # fmt: skip
    sealed = 0
    for low in range(after, upto, AT_ONCE):
        high = min(low + AT_ONCE, upto)
        made = [_next(table, *row, heads=heads, now=now) for row in _leaves(table, low, high)]
        HistorySeal.objects.bulk_create(made)
        sealed += sum(len(each.ids) for each in made)
    return sealed


def _leaves(table: EventTable, after: int, upto: int) -> list[tuple[int, list[int], bytes]]:
    """(client, events, their leaves) for each client that has any in the range."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{table.owner}", array_agg(pgh_id ORDER BY pgh_id),'
            f" string_agg({leaf(table.columns)}, ''::bytea ORDER BY pgh_id)"
            f' FROM "{table.name}" WHERE pgh_id > %s AND pgh_id <= %s GROUP BY 1 ORDER BY 1',
            [after, upto],
        )
        return [(client, ids, bytes(leaves)) for client, ids, leaves in cursor.fetchall()]


def _next(
    table: EventTable, client: int, ids: list[int], leaves: bytes, *, heads: dict[int, tuple[int, str]], now: datetime
) -> HistorySeal:
    number, previous = heads.get(client, (0, ""))
    made = HistorySeal(
        client_id=client, number=number + 1, table=table.name, columns=list(table.columns), ids=ids, leaves=leaves,
        upto=ids[-1], sealed_at=now, previous=previous,
    )  # fmt: skip
    made.digest = digest_of(made)
    heads[client] = (made.number, made.digest)
    return made


def digest_of(seal: Any) -> str:
    """SHA-256 over everything that a seal says."""
    found = sha256()
    for part in (
        seal.client_id, seal.number, seal.table, ",".join(seal.columns), ",".join(map(str, seal.ids)),
        bytes(seal.leaves).hex(), seal.upto, seal.sealed_at.timestamp(), seal.previous,
    ):  # fmt: skip
        found.update(f"{part}\n".encode())
    return found.hexdigest()
