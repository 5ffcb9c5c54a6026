"""What changed since a theme was sent back to sourcing: its share before that day and from it on, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.models import Finding
from analytics.reports.acceptance import DECIDED
from analytics.reports.behind import COUNTED_BY, key_condition, key_value
from analytics.reports.frame import FACTS, Frame
from governance.models import Client

LOST = "f.status IN ('declined', 'expired', 'withdrawn') AND f.theme = %(theme)s"
BEFORE = "f.decided_on < %(found_on)s AND (%(since)s::date IS NULL OR f.decided_on >= %(since)s)"
AFTER = "f.decided_on >= %(found_on)s"
NAMED = ("key", "theme", "since", "found_on")


@dataclass(frozen=True, slots=True)
class Change:
    """Written offers with an answer, and those of them lost for the theme, before and since."""

    lost_before: int
    offers_before: int
    lost_since: int
    offers_since: int


def changes(client: Client, findings: Sequence[Finding], *, now: datetime) -> dict[int, Change]:
    """The change behind each finding, by its id. The client must be in scope."""
    if not findings:
        return {}
    values: dict[str, Any] = {}
    parts = []
    for number, finding in enumerate(findings):
        frame = Frame(client, None, None, finding.dim, now)
        own = {"key": key_value(frame, finding.value), "theme": finding.theme}
        values |= {
            f"{name}_{number}": value
            for name, value in {**own, "since": finding.since, "found_on": finding.found_on}.items()
        }
        counts = ", ".join(
            f"count(*) FILTER (WHERE {when}{lost})" for when in (BEFORE, AFTER) for lost in (f" AND {LOST}", "")
        )
        condition = key_condition(frame, COUNTED_BY["decline_lift"], "decline_lift")
        part = (
            f"SELECT {finding.pk}, {counts} FROM {FACTS} WHERE f.client_id = %(client)s AND {frame.population('')} "
            f"AND {DECIDED} AND {condition}"
        )
        for name in NAMED:
            part = part.replace(f"%({name})s", f"%({name}_{number})s")
        parts.append(part)
    rows = Frame(client, None, None, "", now).read(" UNION ALL ".join(parts), **values)
    return {row[0]: Change(*row[1:]) for row in rows}
