"""Costs by month and kind, as finance books them."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from governance.ingest import cells
from governance.ingest.kinds import Batch, Fault, Kind, Write
from governance.ingest.table import Column, Row
from governance.ingest.upsert import upsert
from offers.models import Cost
from offers.models.cost import CostKind

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


def month(cell: str) -> date:
    """The first day of a month given as 2026-03."""
    found = _MONTH.fullmatch(cell)
    if found is None or not 1 <= int(found[2]) <= 12 or not 1900 <= int(found[1]) <= 9998:
        raise cells.Bad(f"“{cell}” is not a month as 2026-03.")
    return date(int(found[1]), int(found[2]), 1)


def signed(cell: str) -> Decimal:
    """An amount in plain digits, with a minus before it where it is a rebate's."""
    return -cells.plain(cell[1:]) if cell.startswith("-") else cells.plain(cell)


COLUMNS = (
    Column("month", month, required=True),
    Column("kind", cells.choice(*CostKind.values), required=True),
    Column("amount", signed, required=True, money=True),
    Column("currency", cells.currency, required=True),
    Column("source_channel", cells.text(80)),
    Column("business_unit", cells.text(80)),
)


def check(row: Row, batch: Batch) -> Iterator[Fault]:
    """Only rebates are negative, and they are."""
    rebate, amount = row.given["kind"] == CostKind.REBATE, row.given["amount"]
    if amount < 0 and not rebate:
        yield "amount", "Only a rebate is negative."
    if amount > 0 and rebate:
        yield "amount", "A rebate is negative: put a minus before it."


def plan(batch: Batch) -> Write:
    wanted = [
        (
            row.line,
            {
                **{name: row.given[name] for name in ("month", "kind", "amount", "currency")},
                **{name: row.get(name, "") for name in ("source_channel", "business_unit")},
            },
        )
        for row in batch.rows
    ]
    there = Cost.objects.filter(client=batch.client)
    return upsert(batch, Cost, there, wanted, key=("month", "kind", "source_channel", "business_unit"))


COSTS = Kind("costs", COLUMNS, plan, check, row="offers.cost")
