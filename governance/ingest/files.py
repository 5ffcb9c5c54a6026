"""Files as records of text: CSV, gzipped CSV and XLSX behind one reader, with limits kept while reading.

Every record carries the line of the file that it starts on, the header being 1. A sheet's cells become the text that a
CSV file would hold: numbers in plain digits, dates as YYYY-MM-DD, 12.5 % as 12.5 under a heading that ends in _pct.
"""

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from itertools import repeat
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl  # type: ignore[import-untyped]

MAX_BYTES = 100_000_000
MAX_ROWS = 1_000_000
MAX_UNZIPPED = 200_000_000

_MAGIC = {
    b"PK\x03\x04": "a ZIP or Excel file",
    b"\x1f\x8b": "a gzip file",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
}


class FileRefused(Exception):
    """The file as a whole is refused: not what its name says, not UTF-8, or past a limit."""


@dataclass(slots=True)
class Record:
    """One row as text: `line` is where it starts in the file, from 1."""

    line: int
    cells: list[str]


def records(path: Path) -> Iterator[Record]:
    """The file's records, blank ones skipped, the header first. Raises FileRefused, also half way."""
    kind = next((kind for kind in READERS if path.name.lower().endswith(kind)), None)
    if kind is None:
        raise FileRefused(f"{path.name} is none of {', '.join(READERS)}.")
    if path.stat().st_size > MAX_BYTES:
        raise FileRefused(f"The file is larger than {MAX_BYTES // 10**6} MB.")
    for count, record in enumerate(READERS[kind](path)):
        if count > MAX_ROWS:  # blank ones count: a hundred million of them fit into a small file
            raise FileRefused(f"The file has more than {MAX_ROWS:,} rows.")
        if any(record.cells):
            yield record


def _csv(path: Path) -> Iterator[Record]:
    with path.open("rb") as source:
        yield from _parse_csv(source, MAX_BYTES)


def _gzipped_csv(path: Path) -> Iterator[Record]:
    with path.open("rb") as source:
        if source.read(2) != b"\x1f\x8b":
            raise FileRefused("The file is no gzip file, though its name ends in .gz.")
    with gzip.open(path, "rb") as source:
        try:
            yield from _parse_csv(source, MAX_UNZIPPED)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise FileRefused("The gzip file is damaged or cut short.") from None


def _parse_csv(source: Any, limit: int) -> Iterator[Record]:
    buffered = io.BufferedReader(_Metered(source, limit))
    _check_text(buffered.peek(4096))
    lines = io.TextIOWrapper(buffered, encoding="utf-8-sig", newline="")
    reader = csv.reader(lines, strict=True)
    start = 1
    try:
        for cells in reader:
            yield Record(start, cells)
            start = reader.line_num + 1
    except UnicodeDecodeError:
        raise FileRefused("The file is not UTF-8; save it as “CSV UTF-8”.") from None
    except csv.Error as error:
        raise FileRefused(f"The file cannot be read as CSV from line {start} on: {error}.") from None


def _check_text(head: bytes) -> None:
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            raise FileRefused(f"The file is {name}, though its name says CSV.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused("The file is UTF-16, not UTF-8; save it as “CSV UTF-8”.")
    if b"\x00" in head:
        raise FileRefused("The file is no text, though its name says CSV.")


class _Metered(io.RawIOBase):
    """Counts what passes, so that a gzip bomb stops at the limit and not at the end of memory."""

    def __init__(self, source: BinaryIO, limit: int) -> None:
        self.source, self.limit, self.total = source, limit, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self.source.read(len(buffer))
        self.total += len(found)
        if self.total > self.limit:
            raise FileRefused(f"The file is larger than {self.limit // 10**6} MB unzipped.")
        buffer[: len(found)] = found
        return len(found)


def _xlsx(path: Path) -> Iterator[Record]:
    _check_workbook(path)
    with ExitStack() as opened:
        values = _first_sheet(path, opened, data_only=True)
        formulas = _first_sheet(path, opened, data_only=False).iter_rows() if _has_formulas(values) else repeat(())
        yield from _sheet(zip(values.iter_rows(), formulas, strict=False))


def _first_sheet(path: Path, opened: ExitStack, *, data_only: bool) -> Any:
    with _unreadable_is_refused():
        book = openpyxl.load_workbook(path, read_only=True, data_only=data_only, keep_links=False)
    opened.callback(book.close)
    if not book.worksheets:
        raise FileRefused("The workbook has no sheet.")
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what the file says of its size may be wrong, and rows would be lost
    return sheet


def _has_formulas(sheet: Any) -> bool:
    """Whether the sheet's XML has the element of a formula; most have none and need not be read twice."""
    with _unreadable_is_refused(), sheet._get_source() as source:
        last = b""
        while part := source.read(1 << 20):
            if re.search(rb"<(\w+:)?f[\s/>]", last + part):
                return True
            last = part[-40:]
    return False


def _sheet(both: Iterator[Any]) -> Iterator[Record]:
    percents: list[bool] | None = None
    rows = enumerate(both, 1)
    while True:
        with _unreadable_is_refused():
            line, (row, formulas) = next(rows, (0, ((), ())))
        if not line:
            return
        for cell, formula in zip(row, formulas, strict=False):
            # A text formula that comes to nothing is of another type: that one is a blank.
            if cell.value is None and formula.data_type == "f" and cell.data_type == "n":
                name = formula.coordinate
                raise FileRefused(f"{name} is a formula with no value in the file: save it from a spreadsheet program.")
        record = Record(line, [_as_text(cell, percents, at) for at, cell in enumerate(row)])
        if percents is None and any(record.cells):
            percents = [name.strip().endswith("_pct") for name in record.cells]
        record.cells += [""] * (len(percents or ()) - len(record.cells))  # a sheet leaves out what is blank at the end
        yield record


def _check_workbook(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info.filename for info in archive.infolist()}
            # zipfile never unpacks more of a member than it declares, so the declared sizes are a true bound
            unzipped = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError):
        raise FileRefused("The file is no Excel workbook, though its name ends in .xlsx.") from None
    if "xl/workbook.xml" not in names:
        raise FileRefused("The file is no Excel workbook, though its name ends in .xlsx.")
    if unzipped > MAX_UNZIPPED:
        raise FileRefused(f"The workbook is larger than {MAX_UNZIPPED // 10**6} MB unzipped.")


@contextmanager
def _unreadable_is_refused() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # openpyxl raises whatever a damaged file leads it into
        raise FileRefused(f"The workbook cannot be read: {type(error).__name__}.") from error


def _as_text(cell: Any, percents: list[bool] | None, at: int) -> str:
    value = cell.value
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        number = Decimal(repr(value))
        if "%" not in (cell.number_format or ""):
            return _digits(number)
        share = _digits(number * 100)
        return share if percents and at < len(percents) and percents[at] else f"{share}%"
    if isinstance(value, datetime) and value.time() == time():
        shown = re.sub(r'\[[^]]*\]|"[^"]*"|\\.', "", (cell.number_format or "").lower())
        months = "m" in shown and "y" in shown and "d" not in shown  # what a sheet makes of a month that is typed in
        return value.date().isoformat()[: 7 if months else 10]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _digits(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


READERS = {".csv": _csv, ".csv.gz": _gzipped_csv, ".xlsx": _xlsx}
