"""Job matches: which published job, place and percentile is the reference of the client's own role."""

from governance.ingest import cells
from governance.ingest.benchmarks import sources_named
from governance.ingest.kinds import Batch, Kind, Write
from governance.ingest.table import Column
from governance.ingest.upsert import upsert
from governance.models import Benchmark, JobMatch

COLUMNS = (
    Column("role_code", cells.text(40), required=True),
    Column("grade", cells.text(20)),
    Column("location", cells.text(80), required=True),
    Column("source", cells.text(80), required=True),
    Column("source_role_code", cells.text(40), required=True),
    Column("source_location", cells.text(80), required=True),
    Column("target_percentile", cells.choice("10", "25", "50", "75", "90")),
)


def plan(batch: Batch) -> Write:
    sources = sources_named({row.given["source"] for row in batch.rows}, batch)
    wanted = [
        (
            row.line,
            {
                "role_code": row.given["role_code"],
                "grade": row.get("grade", ""),
                "location": row.given["location"],
                "source_id": sources[row.given["source"]].pk,
                "source_role_code": row.given["source_role_code"],
                "source_location": row.given["source_location"],
                "target_percentile": int(row.get("target_percentile", 50)),
            },
        )
        for row in batch.rows
    ]
    _note_dangling(batch)
    there = JobMatch.objects.filter(client=batch.client)
    return upsert(batch, JobMatch, there, wanted, key=("role_code", "grade", "location"))


def _note_dangling(batch: Batch) -> None:
    """A match may come before its benchmarks, or be a slip: it reads as unknown until the source has such a row."""
    named = {(row.given["source"], row.given["source_role_code"], row.given["source_location"]) for row in batch.rows}
    there = set(
        Benchmark.objects.filter(client=batch.client, role_code__in={code for _, code, _ in named})
        .values_list("source__name", "role_code", "location")
        .distinct()
    )
    missing = sorted(named - there)
    if missing:
        example = ", ".join(missing[0])
        batch.report.notes.append(f"References that are not there yet: {len(missing)}, such as {example}.")


MATCHES = Kind("matches", COLUMNS, plan, row="governance.jobmatch", kept=True)
