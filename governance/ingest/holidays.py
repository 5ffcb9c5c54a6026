"""Closed days of the client's default calendar. They are added and renamed; none is taken away by a file."""

from collections.abc import Iterator
from typing import Any

from governance.business_time import DAYS_OF
from governance.ingest import cells
from governance.ingest.kinds import Batch, Fault, Kind, Write
from governance.ingest.table import Column, Row
from governance.ingest.upsert import upsert
from governance.models import BusinessCalendar, Holiday

COLUMNS = (
    Column("country", cells.country, required=True),
    Column("subdivision", cells.text(10)),
    Column("date", cells.day, required=True),
    Column("name", cells.text(120)),
)


def check(row: Row, batch: Batch) -> Iterator[Fault]:
    if row.given["date"].year > batch.today.year + 10:
        yield "date", f"{row.given['date']} lies more than ten years ahead."
    if row.given["date"].year < DAYS_OF[0]:
        yield "date", f"{row.given['date']} lies before {DAYS_OF[0]}: check the year."


def plan(batch: Batch) -> Write:
    calendar = BusinessCalendar.objects.filter(client=batch.client, is_default=True).first()
    if calendar is None:
        error = f"{batch.client.code} has no default calendar to take holidays. Make one under Rules, Calendars."
        batch.report.refuse(None, None, error)
        return lambda: None
    wanted = [(row.line, _values(row, calendar.pk)) for row in batch.rows]
    there = Holiday.objects.filter(client=batch.client, calendar=calendar)
    return upsert(batch, Holiday, there, wanted, key=("country", "subdivision", "date"))


def _values(row: Row, calendar_id: int) -> dict[str, Any]:
    given = row.given
    return {
        "country": given["country"],
        "subdivision": given.get("subdivision", ""),
        "date": given["date"],
        "name": given.get("name", "Holiday"),
        "calendar_id": calendar_id,
    }


HOLIDAYS = Kind("holidays", COLUMNS, plan, check, row="governance.holiday")
