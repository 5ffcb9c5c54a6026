"""Offers files brought in by a person: rows that do what the offer's statement of work gives to another party.

What a row says anew counts, not what is there already. A file that nobody stands behind is bound by nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from governance.ingest.kinds import Batch
from governance.ingest.table import Row
from governance.programme import load
from governance.sow import OutOfScope, enforce, parties_of
from offers.ingest.columns import OPEN
from offers.ingest.rows import LOSS, There
from offers.models import Requisition, ScopeException

LEAVING = {  # a column, and what an offer says of it
    "left_on": "left_on",
    "left_reason": "why_left",
    "left_voluntary": "left_voluntary",
    "satisfaction": "satisfaction",
}


def refuse_out_of_scope(
    batch: Batch, rows: list[Row], there: Mapping[str, There], requisitions: Mapping[str, Requisition]
) -> None:
    """Refuse each such row at its column, with the clause. Two queries, whatever the number of rows."""
    if batch.actor is None:
        return
    programme = load(batch.client.pk)
    roles = programme.roles_of(batch.actor.pk)
    opened: dict[str, set[str]] = defaultdict(set)
    exceptions = ScopeException.objects.filter(client=batch.client, party__in=parties_of(roles))
    for reference, activity in exceptions.values_list("requisition__external_id", "activity"):
        opened[reference].add(activity)
    for row in rows:
        known = there.get(row.given["external_id"])
        reference = row.given["requisition_ref"]
        agreement = programme.agreement(requisitions[reference].engagement_id, _drafted_at(row, known, batch))
        for column, activity in _does(row, known):
            if activity in opened[reference]:
                continue
            try:
                enforce(agreement, activity, roles)
            except OutOfScope as refused:
                batch.report.refuse(row.line, column, f"{refused} {refused.next_step}")


def _drafted_at(row: Row, known: There | None, batch: Batch) -> Any:
    """When the offer was drafted, which says what statement of work it keeps; a new one as early as its row speaks."""
    if known:
        return known.offer.created_at
    return min((row.given[name] for name in ("verbal_approved_at", "written_at", "decided_at") if name in row.given),
               default=batch.now)  # fmt: skip


def _does(row: Row, known: There | None) -> Iterator[tuple[str, str]]:
    """(column, activity) of what the row says that nobody has said yet."""
    if known is None and row.given["outcome"] == OPEN:
        yield "outcome", "first_draft"
    if known and known.worked_on:
        return  # a file changes nothing of it
    loss = known.loss if known else None
    told = {column: getattr(loss, name, None) for column, name in LOSS.items()}
    told["decline_note"] = loss.verbatim.text if loss and loss.verbatim else None
    if column := _news(row, told):
        yield column, "decline_capture"
    if column := _news(
        row, {column: getattr(known.offer, name) if known else None for column, name in LEAVING.items()}
    ):
        yield column, "attrition_capture"


def _news(row: Row, there: Mapping[str, Any]) -> str:
    return next((name for name, value in there.items() if name in row.given and row.given[name] != value), "")
