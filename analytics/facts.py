"""Keeping the facts: bring those up to date whose offers changed since the last time, as history tells."""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from analytics import attribution, facts_sql, work_facts_sql
from analytics.due import Piece, pieces
from analytics.models import Freshness, OfferFact
from governance import ladder
from governance.business_time import Calendar, business_time_between
from governance.planner import gather_statistics
from governance.programme import Programme, load

CAPTURE_DAYS = 5
MANY = 500
LOOKED_BACK = timedelta(days=40)  # no run of closed days is longer than this
ROOM = "64MB"  # for each sort and hash of a large refresh


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many facts were brought up to date. `behind`: how many were left, because they were too many to wait for."""

    facts: int
    behind: int = 0


def refresh(client_id: int, *, now: datetime, at_most: int | None = None) -> Refreshed:
    """Bring one client's facts up to date. The client must be in scope; two at once do not disturb each other.

    Where more than `at_most` offers changed, nothing is done: a page does not wait for a large import.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('facts', %s))", [client_id])
        known = Freshness.objects.filter(client=client_id).first()
        cursor.execute(facts_sql.latest(), {"client": client_id})
        oldest, following, *newest = cursor.fetchone()
        marks = dict(zip((*facts_sql.SOURCES, *facts_sql.EVERYTHING), newest, strict=True))
        offers = _changed(cursor, client_id, known, marks)
        count = _size(cursor, client_id, offers)
        if at_most is not None and count > at_most:
            return Refreshed(0, behind=count)
        if count:
            _write(cursor, client_id, offers)
            gather_statistics()
        freshness = known or Freshness(client_id=client_id)
        _advance(freshness, marks, oldest, following)
        if known is None or count:
            freshness.facts = OfferFact.objects.filter(client=client_id).count()
        freshness.refreshed_at = now
        freshness.save()
    return Refreshed(count)


def _changed(cursor: Any, client_id: int, known: Freshness | None, marks: dict[str, int]) -> list[int] | None:
    """Offers to look at again; None is all of them."""
    if known is None or any(marks[table] > known.marks.get(table, 0) for table in facts_sql.EVERYTHING):
        return None
    cursor.execute(
        facts_sql.changed(), {"client": client_id, **{name: known.marks.get(name, 0) for name in facts_sql.SOURCES}}
    )
    return [row[0] for row in cursor.fetchall()]


def _size(cursor: Any, client_id: int, offers: list[int] | None) -> int:
    if offers is not None:
        return len(offers)
    cursor.execute("SELECT count(*) FROM offers_offer WHERE client_id = %s", [client_id])
    return int(cursor.fetchone()[0])


def _write(cursor: Any, client_id: int, offers: list[int] | None) -> None:
    programme = load(client_id)
    hours = _promised(programme)
    usual = {f"usual_{stage}": party for stage, party in attribution.parties(None).items()}
    values = {"client": client_id, "offers": offers, **hours, **usual, **attribution.terms(programme)}
    cursor.execute(facts_sql.DAYS + (facts_sql.THOSE if offers is not None else ""), values)
    days = [row[0] for row in cursor.fetchall()]
    found = list(pieces(days, hours["standard"], programme.calendar))
    values |= {f"piece_{each.name}": [getattr(piece, each.name) for piece in found] for each in fields(Piece)}
    cursor.execute("SET LOCAL jit = off")  # compiling the statement takes longer than running it
    if offers is None or len(offers) > MANY:
        cursor.execute("SET LOCAL enable_nestloop = off")  # right after an import the planner thinks tables are small
        cursor.execute(f"SET LOCAL work_mem = '{ROOM}'")
    cursor.execute(facts_sql.upsert(those=offers is not None), values)
    for statement in work_facts_sql.statements(those=offers is not None):
        cursor.execute(statement, values)
    cursor.execute("SET LOCAL enable_nestloop = on")
    cursor.execute("RESET work_mem")
    _count_working_days(cursor, client_id, offers, programme)


def _promised(programme: Programme) -> dict[str, int]:
    """Hours from verbal approval to the letter by priority; the usual 48 and 24 where nothing is published."""
    found = programme.service_level.document.get("verbal_to_written") if programme.service_level else None
    return {"standard": 48, "critical": 24} | {name: int(found[name]) for name in ladder.PRIORITIES if found}


def _advance(freshness: Freshness, marks: dict[str, int], oldest: int, following: int) -> None:
    """Move the marks as far as no transaction can write behind them any more."""
    if freshness.next_marks and oldest >= freshness.next_xid:
        freshness.marks = freshness.next_marks
    if oldest == following:  # nobody else is writing
        freshness.marks = marks
    freshness.next_marks, freshness.next_xid = marks, following


# --- what a calendar has to be asked


def _count_working_days(cursor: Any, client_id: int, offers: list[int] | None, programme: Programme) -> None:
    """Reasons recorded more than five days after the loss may still lie within five working days."""
    cursor.execute(
        f"""SELECT o.id, (o.decided_at AT TIME ZONE c.zone)::date, (l.recorded_at AT TIME ZONE c.zone)::date
        FROM offers_offer o JOIN offers_loss l ON l.offer_id = o.id JOIN governance_client c ON c.id = o.client_id
        WHERE o.client_id = %(client)s{facts_sql.THOSE if offers is not None else ""}
        AND l.theme NOT IN ('', 'not_given') AND l.has_reason AND l.recorded_at > o.decided_at + interval '5 days'
        AND l.recorded_at < o.decided_at + %(longest)s""",
        {"client": client_id, "offers": offers, "longest": LOOKED_BACK},
    )
    working = _WorkingDays(programme.calendar)
    in_time = [pk for pk, lost, told in cursor.fetchall() if working.between(lost, told) <= CAPTURE_DAYS]
    OfferFact.objects.filter(client=client_id, offer__in=in_time).update(captured=True)


class _WorkingDays:
    """Which days have any open time; each asked of the calendar once."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar, self.zone = calendar, ZoneInfo(calendar.tz)
        self.known: dict[date, bool] = {}

    def between(self, first: date, last: date) -> int:
        """Working days after the first up to and with the last."""
        return sum(self._is_open(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))

    def _is_open(self, day: date) -> bool:
        if day not in self.known:
            start = datetime(day.year, day.month, day.day, tzinfo=self.zone)
            end = start + timedelta(days=1)
            self.known[day] = business_time_between(start, end, self.calendar) > timedelta()
        return self.known[day]
