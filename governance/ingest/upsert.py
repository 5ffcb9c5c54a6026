"""Rows that have a natural key: what of a file is new, what changes, what is there already, and the writing of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, models

from governance.ingest.kinds import Batch, Write
from governance.ingest.report import Progress
from governance.planner import MANY, gather_statistics

AT_ONCE = 2000

Wanted = tuple[int, dict[str, Any]]  # the line of the file, and the row's values by attribute


def upsert(
    batch: Batch,
    model: type[models.Model],
    existing: models.QuerySet[Any],
    wanted: Sequence[Wanted],
    *,
    key: Sequence[str],
    column: str = "",
) -> Write:
    """Count and show what the file changes, and return the write. Every wanted row names the same attributes.

    A key that the file gives twice with the same content counts as unchanged; with other content it is refused, by
    the `column` of the file where that is called otherwise than the key's first attribute.
    """
    if not wanted:
        return lambda: None
    names = list(wanted[0][1])
    there = {
        tuple(found[name] for name in key): found for found in existing.values("pk", *names).iterator(chunk_size=10_000)
    }
    new: list[models.Model] = []
    changed: list[models.Model] = []
    for line, of_row, values in _once(batch, wanted, key, column or key[0]):
        old = there.get(of_row)
        if _counted(batch, line, of_row, old, values):
            row = model(pk=old["pk"] if old else None, client_id=batch.client.pk, **values)
            (changed if old else new).append(row)
    fields = [name for name in names if name not in key]

    def write() -> None:
        change(changed, fields, progress=batch.progress)  # first: a band that is closed makes room for the next
        create(new, progress=batch.progress)

    return write


def _once(
    batch: Batch, wanted: Sequence[Wanted], key: Sequence[str], column: str
) -> Iterator[tuple[int, tuple[Any, ...], dict[str, Any]]]:
    """Each key the first time that the file gives it, with its line; what comes again is counted or refused."""
    seen: dict[tuple[Any, ...], Wanted] = {}
    for line, values in wanted:
        of_row = tuple(values[name] for name in key)
        earlier = seen.setdefault(of_row, (line, values))
        if earlier[0] == line:
            yield line, of_row, values
        else:
            _again(batch, earlier, line, values, column)


def _counted(batch: Batch, line: int, key: tuple[Any, ...], old: dict[str, Any] | None, values: dict[str, Any]) -> bool:
    """Whether the row is new or changes; either way it is counted, and shown where it does."""
    report = batch.report
    changes = {name: [old and old[name], value] for name, value in values.items() if not old or old[name] != value}
    if not changes:
        report.unchanged += 1
        return False
    if old:
        report.updated += 1
    else:
        report.created += 1
    label = " ".join(str(part) for part in key if part not in ("", None))
    report.show(line, label, "update" if old else "create", changes)
    return True


def _again(batch: Batch, earlier: Wanted, line: int, values: dict[str, Any], column: str) -> None:
    differs = [name for name, value in values.items() if earlier[1][name] != value]
    if differs:
        error = f"The same key stands on line {earlier[0]} with other content ({', '.join(differs)})."
        batch.report.refuse(line, column, error)
    else:
        batch.report.unchanged += 1


def create(rows: Sequence[models.Model], *, progress: Progress) -> None:
    """Insert rows of one model, some thousands a statement; those without a key get theirs.

    Rows that point at them are checked one by one: with many, the planner has to know of them by then.
    """
    for part in _parts(rows, "write", progress):
        type(part[0])._default_manager.bulk_create(part)
    if len(rows) >= MANY:
        gather_statistics(type(rows[0])._meta.db_table)


def change(rows: Sequence[models.Model], fields: Sequence[str], *, progress: Progress) -> None:
    """Update these fields of whole rows of one model, some thousands a statement.

    As an insert that meets its own keys: `bulk_update` took minutes where this takes seconds.
    """
    for part in _parts(rows, "change", progress):
        type(part[0])._default_manager.bulk_create(
            part, update_conflicts=True, update_fields=list(fields), unique_fields=["id"]
        )


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """That many unused keys of a table, so that rows which point at each other can be made together."""
    with connection.cursor() as cursor:
        table = model._meta.db_table
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


def _parts(rows: Sequence[Any], stage: str, progress: Progress) -> Iterable[list[Any]]:
    for start in range(0, len(rows), AT_ONCE):
        yield list(rows[start : start + AT_ONCE])
        progress(stage, min(start + AT_ONCE, len(rows)), len(rows))
