"""A report as a file: a row for each key, the total last, figures inside figures as columns of their own."""

from typing import Any

from tablib import Dataset  # type: ignore[import-untyped]

from governance.admin.exports import FORMULA

TOTAL = "total"


Line = dict[str, Any]


def lines(report: dict[str, Any]) -> list[Line]:
    """A report's rows, the total last."""
    return [*report["rows"], {**report["total"], "key": TOTAL}]


def as_csv(rows: list[Line], title: str) -> str:
    """Plain digits and ISO days, safe to open in a spreadsheet."""
    return str(_table(rows, title).export("csv"))


def as_xlsx(rows: list[Line], title: str) -> bytes:
    """The same table as a workbook, numbers as numbers."""
    content: bytes = _table(rows, title).export("xlsx")
    return content


def _table(rows: list[Line], title: str) -> Dataset:
    flattened = [flat(each) for each in rows]
    headers = list(dict.fromkeys(name for each in flattened for name in each))
    if "suppressed" in headers:
        headers = [*(name for name in headers if name != "suppressed"), "suppressed"]
    dataset = Dataset(headers=headers, title=title[:31])  # a sheet's name takes no more
    for each in flattened:
        dataset.append([cell(each.get(name)) for name in headers])
    return dataset


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """{"hours": {"provider": 3}} becomes {"hours_provider": 3}; money keeps its amount and says its currency."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= {f"{name}_{part}": inner for part, inner in value.items()}
        else:
            found[name] = value
    return found


def cell(value: Any) -> Any:
    """A value as a file holds it: nothing where it is unknown, yes or no, and text that starts no formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
