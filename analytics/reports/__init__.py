"""Reports by name: what each finds, shown in the contract's shape with small cells left out."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from analytics.errors import UnknownReport, WrongUsage
from analytics.metrics import DEFINITIONS
from analytics.reports.acceptance import acceptance
from analytics.reports.advice import advice
from analytics.reports.found import Found, Row
from analytics.reports.frame import DIMS, Frame
from analytics.reports.losses import decline_lift, declines
from analytics.reports.money import cost_per_hire, pay_position, volume
from analytics.reports.people import attrition, quality
from analytics.reports.scorecard import scorecard
from analytics.reports.timing import delay_curve, sla, time_to_fill, time_to_offer
from analytics.reports.work import approvals, counters, overrides
from governance.models import Client

REPORTS: dict[str, Callable[[Frame], Found]] = {
    "acceptance": acceptance,
    "time_to_offer": time_to_offer,
    "time_to_fill": time_to_fill,
    "sla": sla,
    "declines": declines,
    "decline_lift": decline_lift,
    "delay_curve": delay_curve,
    "approvals": approvals,
    "overrides": overrides,
    "counters": counters,
    "attrition": attrition,
    "cost_per_hire": cost_per_hire,
    "pay_position": pay_position,
    "volume": volume,
    "advice": advice,
    "quality": quality,
    "scorecard": scorecard,
}
UNCUT = ("scorecard", "advice")  # their rows are figures and cases
# What a report can be cut by beside the common dimensions.
OWN_DIMS: dict[str, tuple[str, ...]] = {
    "approvals": ("role", "person"),
    "counters": ("origin",),
    "time_to_offer": ("hours",),
    "acceptance": ("reference",),
    "attrition": ("reference",),
}
ROOM = "64MB"  # so that what is counted by key stays in memory
PARTS = ("dim", "theme", "origin", "bucket")


def run(
    name: str,
    *,
    client: Client,
    since: date | None = None,
    until: date | None = None,
    by: str = "",
    now: datetime,
    of: bool = False,
) -> dict[str, Any]:
    """A report over the client's facts, which must be in scope: the JSON object of docs/reports.md.

    `since` is inclusive, `until` exclusive, both days of the client; None is open. Shares are 0 to 1, durations hours
    unless named days, money {"amount", "currency"}. With `of` rows also hold the counts that shares are of, by the
    share's name, where no figure is that count. Raises UnknownReport and WrongUsage.
    """
    frame = framed(name, client=client, since=since, until=until, by=by, now=now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")  # compiling takes longer than what it saves
        cursor.execute(f"SET LOCAL work_mem = '{ROOM}'")
        found = REPORTS[name](frame)
    for each in () if of else (found.total, *found.rows):
        each.pop("of", None)
    rows = [shown(each, frame.minimum, found.open_rows) for each in found.rows if each["n"] or found.open_rows]
    return {
        "report": name,
        "client": client.code,
        "since": since.isoformat() if since else None,
        "until": until.isoformat() if until else None,
        "by": by,
        "definition": DEFINITIONS[name].as_json(frame.minimum),
        "excluded": found.excluded,
        "total": shown({"key": "", **found.total}, frame.minimum, found.open_rows),
        "rows": sorted(rows, key=lambda each: str(each["key"])),
    }


def framed(name: str, *, client: Client, since: date | None, until: date | None, by: str, now: datetime) -> Frame:
    if name not in REPORTS:
        raise UnknownReport(f"There is no report “{name}”. Known: {', '.join(sorted(REPORTS))}.")
    known = (*DIMS, *OWN_DIMS.get(name, ()))
    if by and by not in known:
        raise WrongUsage(f"{name} cannot be cut by “{by}”. Known: {', '.join(known)}.")
    if by and name in UNCUT:
        raise WrongUsage(f"{name} is not cut by anything: ask the report of the figure for {by}.")
    if since and until and since >= until:
        raise WrongUsage(f"The period ends on {until}, which is not after {since}: its last day is not part of it.")
    return Frame(client, since, until, by, now)


def shown(found: Row, minimum: int, always: bool = False) -> Row:
    """A row as people may see it: a cell of fewer offers than the minimum keeps its key and nothing that tells."""
    if always or found["n"] >= minimum:
        return found
    return {name: found[name] for name in ("key", "n", *PARTS) if name in found} | {"suppressed": True}
