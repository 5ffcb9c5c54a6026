"""What an ingest did, or would do: the counts, what was flagged and every refusal with its row and column."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

EXAMPLES = 100
Progress = Callable[[str, int, int | None], None]


def silent(stage: str, done: int, total: int | None) -> None:
    """A Progress that says nothing."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was written. `row` is the line of the file, the header being 1; both None: the file as a whole."""

    row: int | None
    column: str | None
    error: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.row and f"row {self.row}", self.column) if part)
        return f"{place}: {self.error}" if place else self.error


@dataclass(frozen=True, slots=True)
class Flagged:
    """A row that was kept although something about it needs a look; `flags` are codes."""

    row: int
    key: str
    flags: list[str]


@dataclass(frozen=True, slots=True)
class Diff:
    """One row that is new or changes: {field: [before, after]}, before being None for a new one."""

    row: int
    key: str
    action: str
    changes: dict[str, list[Any]]


@dataclass(slots=True)
class Report:
    """Counts are rows of the file; of benchmarks in the `bls` profile, references."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    flagged: list[Flagged] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    diff: list[Diff] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, row: int | None, column: str | None, error: str) -> None:
        self.refused.append(Refused(row, column, error))

    def show(self, row: int, key: str, action: str, changes: dict[str, list[Any]]) -> None:
        """Keep this one as an example of what changes; past a hundred, the counts have to do."""
        if len(self.diff) < EXAMPLES:
            self.diff.append(
                Diff(row, key, action, {name: [_plain(each) for each in pair] for name, pair in changes.items()})
            )

    def as_json(self, *, dry_run: bool) -> dict[str, Any]:
        refused = sorted(self.refused, key=lambda each: each.row or 0)
        counts = {} if refused else {"created": self.created, "updated": self.updated, "unchanged": self.unchanged}
        found = {
            **{"created": 0, "updated": 0, "unchanged": 0, **counts},
            "flagged": [asdict(each) for each in self.flagged],
            "refused": [asdict(each) for each in refused],
        }
        return {**found, "dry_run": True, "diff": [asdict(each) for each in self.diff]} if dry_run else found


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value if value is None or isinstance(value, (bool, int, list)) else str(value)
