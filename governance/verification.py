"""Verifying history: finds any edit, gap or cut tail, and names the first one that is bad.

Three things are read back. Every seal against the one before it. Every sealed event against its seal. And every row
that history keeps against its newest event, which covers what is not sealed yet, and a tail that was cut together with
its seals.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, models

from governance.models import Client, HistorySeal
from governance.sealing import EventTable, digest_of, event_models, event_tables, leaf

AT_ONCE = 50_000  # events compared in one statement
LEAF = 32


@dataclass(frozen=True, slots=True)
class Bad:
    """What is wrong first. `event` is a pgh_id of `table`, `seal` a number of the client, `row` a live row's id."""

    what: str
    client: str | None = None
    table: str | None = None
    seal: int | None = None
    event: int | None = None
    row: int | None = None

    def __str__(self) -> str:
        named = {name: value for name, value in asdict(self).items() if value is not None and name != "what"}
        where = ", ".join(f"{name} {value}" for name, value in named.items())
        return f"{self.what} ({where})" if where else self.what


@dataclass(frozen=True, slots=True)
class Verified:
    """How many events there are and how many are sealed; `heads` is each client's last seal, to be kept elsewhere."""

    events: int
    sealed: int
    first_bad: Bad | None
    heads: dict[str, dict[str, Any]]

    @property
    def intact(self) -> bool:
        return self.first_bad is None

    def as_json(self) -> dict[str, Any]:
        bad = asdict(self.first_bad) if self.first_bad else None
        return {
            "events": self.events, "sealed": self.sealed, "intact": self.intact, "first_bad": bad, "heads": self.heads,
        }  # fmt: skip


def verify(known_heads: Iterable[str] = ()) -> Verified:
    """Read back the history of the clients in scope. `known_heads` are digests of seals that were seen before."""
    tables = {table.name: table for table in event_tables()}
    codes = dict(Client.objects.values_list("pk", "code"))
    bad = next(_faults(tables, codes, list(known_heads)), None)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f'SELECT count(*) FROM "{name}"' for name in tables))
        events = sum(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT coalesce(sum(cardinality(ids)), 0) FROM governance_historyseal")
        (sealed,) = cursor.fetchone()
    last = HistorySeal.objects.order_by("client", "-number").distinct("client")
    heads = {
        codes[client]: {"number": number, "digest": digest}
        for client, number, digest in last.values_list("client", "number", "digest")
        if client in codes
    }
    return Verified(events, sealed, bad, dict(sorted(heads.items())))


def _faults(tables: dict[str, EventTable], codes: dict[int, str], known: list[str]) -> Iterator[Bad]:
    yield from _broken_chains(codes)
    there = set(HistorySeal.objects.filter(digest__in=known).values_list("digest", flat=True))
    yield from (Bad(f"the seal {digest} is gone: the tail was cut") for digest in known if digest not in there)
    yield from _bad_events(tables, codes)
    yield from _never_sealed(tables, codes)
    for model in event_models():
        yield from _unaccounted(model, codes)


# --- seals against each other


def _broken_chains(codes: dict[int, str]) -> Iterator[Bad]:
    seals = HistorySeal.objects.order_by("client", "number").iterator(chunk_size=200)
    for client, chain in groupby(seals, key=lambda seal: seal.client_id):
        number, previous = 0, ""
        for seal in chain:
            named: dict[str, Any] = {"client": codes.get(client, str(client)), "table": seal.table}
            named["seal"] = seal.number
            if seal.number != number + 1:
                yield Bad("a seal is missing before this one", **named)
            elif seal.previous != previous or digest_of(seal) != seal.digest:
                yield Bad("the seal was changed", **named)
            number, previous = seal.number, seal.digest


# --- events against their seals


def _bad_events(tables: dict[str, EventTable], codes: dict[int, str]) -> Iterator[Bad]:
    order = HistorySeal.objects.order_by("table", "client", "upto").iterator(chunk_size=200)
    for (name, client), seals in groupby(order, key=lambda seal: (seal.table, seal.client_id)):
        code, after = codes.get(client, str(client)), 0
        if name not in tables:
            yield Bad("the table of these events is gone", client=code, table=name)
            continue
        for columns, together in groupby(seals, key=lambda seal: tuple(seal.columns)):
            for some in _portions(together):
                yield from _compare(tables[name], columns, client, code, some, after)
                after = some[-1].upto


def _never_sealed(tables: dict[str, EventTable], codes: dict[int, str]) -> Iterator[Bad]:
    """Events put in afterwards for a client that had none in that table when its seals were made."""
    sealed = HistorySeal.objects.values("table").annotate(last=models.Max("upto"), of=ArrayAgg("client", distinct=True))
    for name, upto, clients in sealed.order_by("table").values_list("table", "last", "of"):
        if name in tables:
            owner = tables[name].owner
            with connection.cursor() as cursor:
                others = f'pgh_id <= %s AND "{owner}" <> ALL(%s)'
                cursor.execute(
                    f'SELECT "{owner}", min(pgh_id) FROM "{name}" WHERE {others} GROUP BY 1', [upto, clients]
                )
                for client, event in cursor.fetchall():
                    code = codes.get(client, str(client))
                    yield Bad("the event was put in afterwards", client=code, table=name, event=event)


def _portions(seals: Iterable[HistorySeal]) -> Iterator[list[HistorySeal]]:
    held: list[HistorySeal] = []
    for seal in seals:
        held.append(seal)
        if sum(len(each.ids) for each in held) >= AT_ONCE:
            yield held
            held = []
    if held:
        yield held


def _compare(
    table: EventTable, columns: tuple[str, ...], client: int, code: str, seals: list[HistorySeal], after: int
) -> Iterator[Bad]:
    named: dict[str, Any] = {"client": code, "table": table.name}
    if gone := sorted(set(columns) - _columns(table)):
        yield Bad(f"the sealed column {gone[0]} is gone", seal=seals[0].number, **named)
        return
    there = _read(table, columns, client, after, seals[-1].upto)
    for seal in seals:
        leaves = bytes(seal.leaves)
        for at, event in enumerate(seal.ids):
            now = there.pop(event, None)
            if now is None:
                yield Bad("the event is missing", seal=seal.number, event=event, **named)
            elif now != leaves[at * LEAF : (at + 1) * LEAF]:
                yield Bad("the event was changed", seal=seal.number, event=event, **named)
    for event in sorted(there):
        yield Bad("the event was put in afterwards", event=event, **named)


def _columns(table: EventTable) -> set[str]:
    """Those that the table really has: one that history keeps no more stays where events were sealed with it."""
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, table.name)}


def _read(table: EventTable, columns: tuple[str, ...], client: int, after: int, upto: int) -> dict[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT pgh_id, {leaf(columns)} FROM "{table.name}"'
            f' WHERE "{table.owner}" = %s AND pgh_id > %s AND pgh_id <= %s',
            [client, after, upto],
        )
        return {event: bytes(found) for event, found in cursor.fetchall()}


# --- rows against their newest event


def _unaccounted(model: Any, codes: dict[int, str]) -> Iterator[Bad]:
    """Rows that are not what their newest event says, and rows that are gone without an event that says so."""
    live, events = model.pgh_tracked_model._meta.db_table, model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields if not field.name.startswith("pgh_")]
    row, event = (", ".join(f'{alias}."{column}"' for column in columns) for alias in ("r", "e"))
    owner = "id" if live == Client._meta.db_table else "client_id"
    changed = f"""
        SELECT r.id, r."{owner}", e.pgh_id FROM "{live}" r LEFT JOIN LATERAL (
            SELECT * FROM "{events}" one WHERE one.pgh_obj_id = r.id ORDER BY one.pgh_id DESC LIMIT 1) e ON true
        WHERE e.pgh_id IS NULL OR e.pgh_label = 'delete' OR ROW({row}) IS DISTINCT FROM ROW({event})
        ORDER BY r.id LIMIT 1
    """
    gone = f"""
        SELECT e.pgh_obj_id, e."{owner}", e.pgh_id FROM "{events}" e
        WHERE NOT EXISTS (SELECT FROM "{live}" r WHERE r.id = e.pgh_obj_id)
            AND NOT EXISTS (SELECT FROM "{events}" l WHERE l.pgh_obj_id = e.pgh_obj_id AND l.pgh_label = 'delete')
        ORDER BY 1 LIMIT 1
    """
    for query, what in ((changed, "the row is not what its newest event says"), (gone, "the row is gone unsaid")):
        with connection.cursor() as cursor:
            cursor.execute(query)
            for key, client, last in cursor.fetchall():
                yield Bad(what, client=codes.get(client, str(client)), table=events, event=last, row=key)
