"""Offers from Greenhouse, as files and as web hooks: read by offers/ats/greenhouse, then taken in like any other.

Rows are the objects of the file, from 1. An offer is known here by the number of its application.
"""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from governance.ingest import cells
from governance.ingest.files import FileRefused
from governance.ingest.kinds import Batch, Kind, Write
from governance.ingest.report import Flagged, Report
from governance.ingest.table import Row
from offers.ats import greenhouse
from offers.ats.greenhouse import DELETED, DEPRECATED, OPEN, Reading, Unreadable
from offers.ingest import offers as file_of_offers
from offers.ingest.columns import COLUMNS, check
from offers.ingest.intake import found_by
from offers.lifecycle import LIVE
from offers.models import Offer

BY_NAME = {column.name: column for column in COLUMNS}
OF_JOB = {"business_unit": "business_unit", "location": "location", "requisition_opened_on": "opened_on",
          "posted_min": "posted_min", "posted_max": "posted_max"}  # fmt: skip
PASSED_OVER = (DEPRECATED, DELETED)


def read(path: Path, report: Report) -> list[Row]:
    """The offers that a file speaks of; objects about anything else are passed over, and counted in a note."""
    try:
        objects = greenhouse.load(path)
    except FileRefused as error:
        report.refuse(None, None, str(error))
        return []
    rows, others = [], 0
    for line, found in enumerate(objects, 1):
        try:
            reading = greenhouse.read(found)
        except Unreadable as error:
            report.refuse(line, error.column or None, str(error))
            continue
        if reading is None:
            others += 1
        else:
            rows.append(Row(line, {"reading": reading}))
    if others:
        report.notes.append(f"Objects that speak of no offer, passed over: {others}.")
    return rows


def plan(batch: Batch) -> Write:
    """The newest version of each application as a row of an offers file, with what is known here where it is silent."""
    newest = _newest(batch)
    offers = Offer.objects.filter(client=batch.client).select_related("version", "requisition", "candidate")
    known = found_by(offers, "external_id", {row.given["reading"].application for row in newest})
    batch.rows = [
        offer_row
        for row in newest
        if (offer_row := _row(batch, row, known.get(row.given["reading"].application))) is not None
    ]
    return file_of_offers.plan(batch)


def _newest(batch: Batch) -> list[Row]:
    """One row an application: its highest version that stands. A deprecated one is no decline, a deleted one no end."""
    found: dict[str, Row] = {}
    for row in batch.rows:
        reading: Reading = row.given["reading"]
        before = found.get(reading.application)
        if reading.status in PASSED_OVER:
            _pass_over(batch, row, f"{reading.status}_in_greenhouse" if reading.status == DELETED else reading.status)
        elif before is None or before.given["reading"].version <= reading.version:
            found[reading.application] = row
            if before is not None:
                _pass_over(batch, before, "older_version")
        else:
            _pass_over(batch, row, "older_version")
    return list(found.values())


def _pass_over(batch: Batch, row: Row, why: str) -> None:
    batch.report.unchanged += 1
    batch.report.flagged.append(Flagged(row.line, row.given["reading"].application, [why]))


def _row(batch: Batch, row: Row, known: Offer | None) -> Row | None:
    reading: Reading = row.given["reading"]
    if known is not None and reading.status == OPEN and known.status not in LIVE:
        _pass_over(batch, row, "older_than_known")  # web hooks may come late; what has ended is not opened by them
        return None
    given = {"external_id": reading.application, "outcome": reading.status, **reading.cells}
    flags = list(reading.flags)
    stand_in = f"application-{reading.application}"  # offers' own web hooks name no candidate
    if known is None:
        given["candidate_ref"] = given.get("candidate_ref") or stand_in
    else:
        _keep(given, known, stand_in)
        flags += ["pay_not_read"] if reading.unread and "base_salary" not in given else []
    found = Row(row.line, {})
    faults = [*_parse(found, given), *_instants(batch, found, reading, known, flags)]
    if known is None and "base_salary" not in given:
        faults.append(("base_salary", reading.unread or "No field for the salary is filled in."))
    faults = faults or list(check(found, batch))
    for column, error in faults:
        batch.report.refuse(row.line, column, error)
    if flags and not faults:
        batch.report.flagged.append(Flagged(row.line, reading.application, flags))
    return None if faults else found


def _keep(given: dict[str, str], known: Offer, stand_in: str) -> None:
    """What is known here of job and candidate stays: Greenhouse adds to it, and takes the place of a stand-in."""
    job, candidate = known.requisition, known.candidate
    given["requisition_ref"] = job.external_id
    if candidate.external_id != stand_in or not given.get("candidate_ref"):
        given["candidate_ref"] = candidate.external_id
        if candidate.person_id:
            given.pop("candidate_name", None)
    for column, name in OF_JOB.items():
        if getattr(job, name):
            given.pop(column, None)


def _parse(row: Row, given: dict[str, str]) -> list[tuple[str, str]]:
    """Cells through the parsers of an offers file; an amount may be no finer than its currency."""
    faults = []
    for name, text in given.items():
        try:
            if cell := cells.clean(text):
                row.given[name] = BY_NAME[name].parse(cell)
        except cells.Bad as error:
            faults.append((name, str(error)))
    code = row.get("currency")
    for name, value in row.given.items():
        if BY_NAME[name].money and code and (too_fine := cells.too_many_decimals(value, code)):
            faults.append((name, too_fine))
    return faults


def _instants(batch: Batch, row: Row, reading: Reading, known: Offer | None, flags: list[str]) -> list[tuple[str, str]]:
    """When the letter went out and when the answer came. A day alone is the start of that day at the client's, flagged.

    An instant that is known here of the same day is kept: it is the more exact one.
    """
    faults = []
    wanted = {"written_at": reading.sent, "decided_at": "" if reading.status == OPEN else reading.resolved}
    if reading.status == OPEN and reading.resolved:
        flags.append("resolved_but_open")
    for column, text in wanted.items():
        if not text:
            continue
        try:
            found, whole_day = _instant(text, batch)
        except cells.Bad as error:
            faults.append((column, str(error)))
            continue
        before = getattr(known, column, None)
        if whole_day and before is not None and before.astimezone(batch.zone).date() == found:
            row.given[column] = before
            continue
        row.given[column] = _midnight(found, batch) if whole_day else found
        if whole_day:
            flags.append(f"{column.removesuffix('_at')}_by_day")
            if column == "written_at":  # whether it went out too early can be told by the end of its day alone
                row.given["written_by"] = _midnight(found + timedelta(days=1), batch)
    return faults


def _instant(text: str, batch: Batch) -> tuple[Any, bool]:
    """A day, and True; or an instant, and False."""
    if "T" in text:
        return cells.instant(text), False
    return cells.day(greenhouse.day(text, "")), True


def _midnight(day: date, batch: Batch) -> datetime:
    return datetime.combine(day, time(), batch.zone).astimezone(UTC)


GREENHOUSE = Kind("greenhouse", (), plan, read=read)
