"""Files as records: what is read, and what is refused as a whole."""

import gzip
import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from governance.ingest import files
from governance.ingest.files import FileRefused, records
from tests.governance.ingest.helpers import written

TABLE = "code,note\nA,plain\nB,two words\n"


def lines(path):
    return [(record.line, record.cells) for record in records(path)]


def test_csv_gzip_and_a_byte_order_mark_read_the_same(tmp_path):
    expected = [(1, ["code", "note"]), (2, ["A", "plain"]), (3, ["B", "two words"])]
    assert lines(written(tmp_path, TABLE)) == expected
    assert lines(written(tmp_path, "\ufeff" + TABLE)) == expected
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(TABLE.encode()))
    assert lines(tmp_path / "t.csv.gz") == expected


def test_a_row_is_the_line_it_starts_on_whatever_is_quoted_before_it(tmp_path):
    path = written(tmp_path, 'code,note\r\nA,"one\r\ntwo"\r\n\r\nB,plain\r\n')
    assert [line for line, _ in lines(path)] == [1, 2, 5]


def test_a_sheet_reads_as_the_text_that_a_csv_would_hold(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["amount", "day", "at", "bonus_pct", "share", "yes", "code"])
    sheet.append([95000.1, date(2026, 3, 2), datetime.fromisoformat("2026-03-02T09:30"), 0.07, 0.5, True, 11])
    sheet["D2"].number_format, sheet["E2"].number_format = "0.0%", "0%"
    sheet.append([])
    sheet.append([1e15])
    book.save(tmp_path / "t.xlsx")
    assert lines(tmp_path / "t.xlsx")[1:] == [
        (2, ["95000.1", "2026-03-02", "2026-03-02T09:30:00", "7", "50%", "yes", "11"]),
        (4, ["1000000000000000", "", "", "", "", "", ""]),
    ]


def bomb(folder):
    path = folder / "t.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "")
        archive.writestr("xl/worksheets/sheet1.xml", "0" * 3000)
    return path


def named(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.txt", b"code\n", "none of .csv"),
        ("t.csv", b"PK\x03\x04rest", "ZIP or Excel"),
        ("t.csv", gzip.compress(b"code\n", mtime=0), "gzip"),
        ("t.csv", "code\nZürich\n".encode("latin-1"), "not UTF-8"),
        ("t.csv", "code\n".encode("utf-16"), "UTF-16"),
        ("t.csv", b"code\x00\n", "no text"),
        ("t.csv", b'code\n"never closed\n', "cannot be read as CSV from line 2"),
        ("t.csv.gz", b"code\n", "no gzip"),
        ("t.csv.gz", gzip.compress(b"code\n" * 999, mtime=0)[:-20], "damaged or cut short"),
        ("t.xlsx", b"code\n", "no Excel workbook"),
        ("t.xlsx", b"PK\x03\x04rest", "no Excel workbook"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused_whole(tmp_path, name, content, words):
    with pytest.raises(FileRefused, match=words):
        lines(named(tmp_path, name, content))


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("letter.docx", "dear")
    with pytest.raises(FileRefused, match="no Excel workbook"):
        lines(named(tmp_path, "t.xlsx", held.getvalue()))


def test_a_file_past_a_limit_is_refused_while_it_is_read(tmp_path, monkeypatch):
    path = written(tmp_path, TABLE)
    monkeypatch.setattr(files, "MAX_ROWS", 1)
    with pytest.raises(FileRefused, match="more than 1 rows"):
        lines(path)
    monkeypatch.setattr(files, "MAX_BYTES", 20)
    with pytest.raises(FileRefused, match="larger than"):
        lines(path)


def test_blank_rows_count_towards_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_ROWS", 3)
    assert len(lines(written(tmp_path, TABLE + "\n"))) == 3
    with pytest.raises(FileRefused, match="more than 3 rows"):
        lines(written(tmp_path, TABLE + "\n\n"))


def test_a_month_typed_into_a_sheet_is_a_month(tmp_path):
    book = openpyxl.Workbook()
    for text in ("mmm-yy", "yyyy-mm", "dd.mm.yyyy"):
        book.active.append([date(2026, 3, 1)])
        book.active.cell(book.active.max_row, 1).number_format = text
    book.save(tmp_path / "t.xlsx")
    assert [cells for _, cells in lines(tmp_path / "t.xlsx")] == [["2026-03"], ["2026-03"], ["2026-03-01"]]


def test_a_formula_that_was_never_worked_out_is_no_blank(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["code", "sign_on"])
    book.active.append(["A", "=2*2500"])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(FileRefused, match=r"B2 .* no value"):
        lines(tmp_path / "t.xlsx")


def test_what_unpacks_to_more_than_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_UNZIPPED", 2000)
    for path in (named(tmp_path, "t.csv.gz", gzip.compress(b"0" * 9_000_000)), bomb(tmp_path)):
        with pytest.raises(FileRefused, match="unzipped"):
            lines(path)
