"""Skills of candidates against what a requisition needs; both are known here before a file speaks of them."""

from typing import Any

from governance.ingest import cells
from governance.ingest.kinds import Batch, Kind, Write
from governance.ingest.table import Column
from governance.ingest.upsert import upsert
from offers.ingest.intake import found_by
from offers.models import Candidate, Requisition, SkillAssessment

level = cells.whole(1, 5)
COLUMNS = (
    Column("candidate_ref", cells.text(60), required=True),
    Column("requisition_ref", cells.text(60), required=True),
    Column("skill", cells.text(80), required=True),
    Column("required", level, required=True),
    Column("assessed", level, required=True),
)


def plan(batch: Batch) -> Write:
    ours = {"client": batch.client}
    known: dict[str, dict[str, Any]] = {
        column: found_by(model.objects.filter(**ours), "external_id", {row.given[column] for row in batch.rows})
        for column, model in (("candidate_ref", Candidate), ("requisition_ref", Requisition))
    }
    wanted = []
    for row in batch.rows:
        missing = [column for column, found in known.items() if row.given[column] not in found]
        for column in missing:
            what = column.removesuffix("_ref")
            batch.report.refuse(row.line, column, f"There is no {what} “{row.given[column]}” at {batch.client.code}.")
        if not missing:
            keys = {f"{column.removesuffix('_ref')}_id": known[column][row.given[column]].pk for column in known}
            levels = {name: row.given[name] for name in ("skill", "required", "assessed")}
            wanted.append((row.line, keys | levels))
    there = SkillAssessment.objects.filter(**ours)
    key = ("candidate_id", "requisition_id", "skill")
    return upsert(batch, SkillAssessment, there, wanted, key=key, column="candidate_ref")


ASSESSMENTS = Kind("assessments", COLUMNS, plan)
