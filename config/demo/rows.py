"""A client's closed offers on their way into the database."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db.models import Model

from config.demo.advised import Advised
from config.demo.ground import Ground
from config.demo.insert import Rows
from config.demo.judged import Judge

M = TypeVar("M", bound=Model)


@dataclass
class Past:
    """What one client's offers are made with; all clients share the `rows`."""

    ground: Ground
    judge: Judge
    now: datetime
    rows: Rows
    advised: list[Advised] = field(default_factory=list)

    def add(self, row: M) -> M:
        """Make it the client's, give it its key, and keep it for the insert of its table."""
        row.client = self.ground.client  # type: ignore[attr-defined]
        self.rows.add(row)
        return row
