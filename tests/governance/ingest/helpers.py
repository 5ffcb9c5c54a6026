"""Files for tests of the ingest: written to a temporary folder, taken in for a client."""

from pathlib import Path
from typing import Any

from governance.ingest.kinds import Kind, ingest
from governance.ingest.report import Report
from governance.models import Client
from tests.factories import NOW


def written(folder: Path, text: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def take_in(kind: Kind, client: Client, path: Path, **options: Any) -> Report:
    return ingest(kind, path, client=client, **{"now": NOW, **options})


def counts(report: Report) -> tuple[int, int, int]:
    """(created, updated, unchanged), and nothing refused."""
    assert [str(each) for each in report.refused] == []
    return report.created, report.updated, report.unchanged


def refusals(report: Report) -> list[tuple[int | None, str | None]]:
    return [(each.row, each.column) for each in report.refused]
