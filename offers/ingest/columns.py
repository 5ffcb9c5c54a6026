"""The columns of an offers file, and what can be wrong inside one row of it."""

from collections.abc import Iterator

from governance.access import Role
from governance.ingest import cells
from governance.ingest.kinds import Batch, Fault
from governance.ingest.table import Column, Row
from governance.models.base import PayPeriod, Priority
from offers.models.events import Competitor, Loss, Theme
from offers.models.intake import CandidateType, EmploymentType
from offers.models.offer import VerbalBasis

OPEN = "open"
OUTCOMES = (OPEN, "accepted", "declined", "expired", "withdrawn", "rescinded", "cancelled", "reneged", "joined")

share = cells.above_zero(cells.ratio(most=1, places=4))
COLUMNS = (
    Column("external_id", cells.text(60), required=True),
    Column("candidate_ref", cells.text(60), required=True),
    Column("requisition_ref", cells.text(60), required=True),
    Column("base_salary", cells.above_zero(cells.plain), required=True, money=True),
    Column("currency", cells.currency, required=True),
    Column("outcome", cells.choice(*OUTCOMES), required=True),
    Column("verbal_approved_at", cells.instant),
    Column("verbal_basis", cells.choice(*VerbalBasis.values)),
    Column("verbal_offer_at", cells.instant),
    Column("written_at", cells.instant),
    Column("decided_at", cells.instant),
    Column("joined_on", cells.day),
    Column("left_on", cells.day),
    Column("left_reason", cells.text(80)),
    Column("left_voluntary", cells.yes_or_no),
    Column("period", cells.choice(*PayPeriod.values)),
    Column("fte", share),
    Column("hours_per_week", cells.ratio(most=168, places=2)),
    Column("sign_on", cells.plain, money=True),
    Column("bonus_pct", cells.ratio(most=99_999, places=4)),
    Column("equity_value", cells.plain, money=True),
    Column("relocation", cells.plain, money=True),
    Column("expected_salary", cells.plain, money=True),
    Column("candidate_name", cells.text(200)),
    Column("candidate_email", cells.email),
    Column("candidate_type", cells.choice(*CandidateType.values)),
    Column("employment_type", cells.choice(*EmploymentType.values)),
    Column("business_unit", cells.text(80)),
    Column("role_family", cells.text(80)),
    Column("role_code", cells.text(40)),
    Column("grade", cells.text(20)),
    Column("location", cells.text(80)),
    Column("country", cells.country),
    Column("priority", cells.choice(*Priority.values)),
    Column("source_channel", cells.text(80)),
    Column("recruiter_email", cells.email),
    Column("hiring_manager_email", cells.email),
    Column("requisition_opened_on", cells.day),
    Column("opening_ref", cells.text(60)),
    Column("openings", cells.whole(1, 99_999)),
    Column("needed_by", cells.day),
    Column("budget_max", cells.plain, money=True),
    Column("posted_min", cells.plain, money=True),
    Column("posted_max", cells.plain, money=True),
    Column("applied_on", cells.day),
    Column("start_on", cells.day),
    Column("expires_on", cells.day),
    Column("lost_stage", cells.choice(*Loss.Stage.values)),
    Column("decline_theme", cells.choice(*Theme.values)),
    Column("decline_reason", cells.text(120)),
    Column("decline_note", cells.text(10_000, lines=True)),
    Column("competing_kind", cells.choice(*Competitor.values)),
    Column("satisfaction", cells.whole(0, 10)),
)
HAPPENED = {
    "verbal_approved_at": "This approval lies",
    "verbal_offer_at": "This verbal offer lies",
    "written_at": "This letter lies",
    "decided_at": "This decision lies",
}
PEOPLE = {"recruiter_email": Role.RECRUITER, "hiring_manager_email": Role.HIRING_MANAGER}


def check(row: Row, batch: Batch) -> Iterator[Fault]:
    """What a row may not say, whatever is in the database."""
    given = row.given
    for column, subject in HAPPENED.items():
        if column in given and given[column] > batch.now:
            yield column, f"{subject} in the future: {given[column]:%Y-%m-%d %H:%M} UTC."
    yield from _ending(row, batch)
    yield from _leaving(row, batch)
    if {"start_on", "expires_on"} <= given.keys() and given["expires_on"] >= given["start_on"]:
        yield "expires_on", f"The last day to answer must lie before the start, {given['start_on']}."
    if {"posted_min", "posted_max"} <= given.keys() and given["posted_max"] < given["posted_min"]:
        yield "posted_max", f"The posted maximum is below the posted minimum {given['posted_min']:f}."


def _ending(row: Row, batch: Batch) -> Iterator[Fault]:
    outcome = row.given["outcome"]
    if outcome == OPEN:
        for column in ("decided_at", "joined_on"):
            if column in row.given:
                yield column, "An open offer has no decision: give its outcome, or leave this blank."
        return
    if "decided_at" not in row.given:
        what = "the acceptance" if outcome in ("joined", "reneged") else "when it was"
        yield "decided_at", f"An offer that is {outcome} needs decided_at, {what}."
    if outcome == "joined" and "joined_on" not in row.given:
        yield "joined_on", "An offer that is joined needs joined_on, the first day at work."
    if row.get("joined_on") and row.given["joined_on"] > batch.today:
        ahead = row.given["joined_on"]
        yield "joined_on", f"This first day lies in the future: {ahead}. Until then give accepted, with start_on."


def _leaving(row: Row, batch: Batch) -> Iterator[Fault]:
    left, joined = row.get("left_on"), row.get("joined_on")
    if left is None:
        return
    if left > batch.today:
        yield "left_on", f"This leaving lies in the future: {left}."
    if joined is None:
        yield "left_on", "Nobody leaves before joining: joined_on is blank."
    elif left < joined:
        yield "left_on", f"The day of leaving lies before the first day, {joined}."
