"""People who hold a role today: their reference is hashed as it is read, and no column takes a name."""

from decimal import Decimal
from typing import Any

from governance.ingest import cells
from governance.ingest.kinds import Batch, Kind, Write
from governance.ingest.table import Column, Row
from governance.ingest.upsert import upsert
from governance.models import Incumbent
from governance.models.base import PayPeriod
from governance.models.incumbents import hashed

COLUMNS = (
    Column("employee_ref", cells.text(120), required=True),
    Column("role_code", cells.text(40), required=True),
    Column("grade", cells.text(20), required=True),
    Column("location", cells.text(80), required=True),
    Column("currency", cells.currency, required=True),
    Column("period", cells.choice(*PayPeriod.values), required=True),
    Column("base", cells.above_zero(cells.plain), required=True, money=True),
    Column("fte", cells.above_zero(cells.ratio(most=1, places=4))),
    Column("hired_on", cells.day),
)


def check(row: Row, batch: Batch) -> Any:
    hired = row.get("hired_on")
    if hired and hired > batch.today:
        yield "hired_on", f"This first day lies in the future: {hired}."


def plan(batch: Batch) -> Write:
    wanted = [(row.line, _values(row, batch.client.pk)) for row in batch.rows]
    there = Incumbent.objects.filter(client=batch.client)
    return upsert(batch, Incumbent, there, wanted, key=("employee_hash",), column="employee_ref")


def _values(row: Row, client_id: int) -> dict[str, Any]:
    given = row.given
    return {
        "employee_hash": hashed(given["employee_ref"], client_id),
        **{name: given[name] for name in ("role_code", "grade", "location", "currency", "period", "base")},
        "fte": given.get("fte", Decimal(1)),
        "hired_on": given.get("hired_on"),
    }


INCUMBENTS = Kind("incumbents", COLUMNS, plan, check, row="governance.incumbent")
