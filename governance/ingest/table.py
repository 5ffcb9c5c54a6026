"""Records to rows: the header against the columns that a kind knows, every cell through its column's parser."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import Any

from governance.ingest import cells
from governance.ingest.files import FileRefused, Record, records
from governance.ingest.report import Progress, Report


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind. `money`: the row's own currency says how many decimals it may have."""

    name: str
    parse: cells.Parse
    required: bool = False
    money: bool = False


@dataclass(slots=True)
class Row:
    """A row's values by column, only those that are given; `line` is its place in the file."""

    line: int
    given: dict[str, Any]

    def get(self, column: str, default: Any = None) -> Any:
        return self.given.get(column, default)


def read(path: Path, columns: Iterable[Column], report: Report, progress: Progress) -> list[Row]:
    """The rows of a file; what is wrong with it goes into the report, and such rows are left out."""
    known = {column.name: column for column in columns}
    rows: list[Row] = []
    try:
        found = records(path)
        header = next(found, None)
        if header is None:
            raise FileRefused("The file is empty: it has no header row.")
        names = _header(header, known, report)
        if report.refused:
            return []
        for count, record in enumerate(found, 1):
            row = _row(record, names, known, report)
            if row is not None:
                rows.append(row)
            if count % 5000 == 0:
                progress("read", count, None)
    except FileRefused as error:
        report.refused.clear()
        report.refuse(None, None, str(error))
        return []
    return rows


def _header(record: Record, known: dict[str, Column], report: Report) -> list[str]:
    names = [" ".join(name.split()) for name in record.cells]
    while names and not names[-1]:
        names.pop()
    for at, name in enumerate(names):
        if name in names[:at]:
            report.refuse(record.line, name, "This column stands twice in the header.")
        elif name not in known:
            report.refuse(record.line, name, _unknown(name, at, known))
    for column in known.values():
        if column.required and column.name not in names:
            report.refuse(record.line, column.name, "This column is required and the header does not have it.")
    return names


def _unknown(name: str, at: int, known: dict[str, Column]) -> str:
    if cells.looks_like_prior_pay(name):
        return f"“{name}” looks like what a candidate earns or earned. Handoff keeps no such thing."
    if not name:
        return f"Column {at + 1} has no name."
    if ";" in name or "\t" in name:
        return "The columns must be separated by commas."
    near = get_close_matches(name.lower(), known, n=1)
    return f"“{name}” is not known here." + (f" Is {near[0]} meant?" if near else f" Known: {', '.join(known)}.")


def _row(record: Record, names: list[str], known: dict[str, Column], report: Report) -> Row | None:
    if len(record.cells) != len(names) and (len(record.cells) < len(names) or any(record.cells[len(names) :])):
        report.refuse(record.line, None, f"This row has {len(record.cells)} cells, the header {len(names)}.")
        return None
    row = Row(record.line, {})
    faults = list(chain(_parse(row, record.cells, names, known), _check_money(row, known)))
    for column, error in faults:
        report.refuse(record.line, column, error)
    return None if faults else row


def _parse(row: Row, given: list[str], names: list[str], known: dict[str, Column]) -> Iterator[tuple[str, str]]:
    for name, raw in zip(names, given, strict=False):
        column = known[name]
        try:
            cell = cells.clean(raw) if raw else raw
            if cell:
                row.given[name] = column.parse(cell)
            elif column.required:
                yield name, "This is required and blank."
        except cells.Bad as error:
            yield name, str(error)


def _check_money(row: Row, known: dict[str, Column]) -> Iterator[tuple[str, str]]:
    code = row.get("currency")
    for name, value in row.given.items():
        if known[name].money and code and (error := cells.too_many_decimals(value, code)):
            yield name, error
