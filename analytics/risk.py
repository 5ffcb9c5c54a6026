"""Open offers that will probably miss their target by the end of the next working day, by the client's own past."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from analytics.models import OfferFact
from analytics.statistics import Interval, wilson
from governance.business_time import Calendar, business_time_between
from offers.lifecycle import Status

LOOKED_BACK = timedelta(days=365)
MOST = 5000
LIKELY = 0.5
BEFORE_LETTER = (Status.DRAFT.value, Status.IN_REVIEW.value, Status.APPROVED.value, Status.NEGOTIATING.value)
WHOLE_WAY = ""  # the key of hours from verbal approval to the letter

Past = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Chance:
    """Of `n` past offers that had waited as long at the same stage, `late` got their letter only after as much time
    as this one has left. `stage` is a status, or WHOLE_WAY where too few were measured by stage."""

    late: int
    n: int
    stage: str

    @property
    def share(self) -> float:
        return self.late / self.n

    @property
    def interval(self) -> Interval | None:
        return wilson(self.late, self.n)


def chance(past: Past, *, status: str, in_stage: float, since_yes: float, left: float, minimum: int) -> Chance | None:
    """Pure; all in elapsed hours. None where too few past offers had waited as long to tell."""
    for stage, waited in ((status, in_stage), (WHOLE_WAY, since_yes)):
        alike = [hours for hours in past.get(stage, ()) if hours > waited]
        if len(alike) >= minimum:
            return Chance(sum(hours >= waited + left for hours in alike), len(alike), stage)
    return None


def measured(client_id: int, *, now: datetime) -> dict[str, list[float]]:
    """Hours until the letter in the last 365 days: from entering each status, and from the verbal approval."""
    since = now - LOOKED_BACK
    found: dict[str, list[float]] = {}
    for status, hours in _by_stage(client_id, since, now):
        found.setdefault(status, []).append(float(hours))
    whole = OfferFact.objects.filter(client=client_id, hours__isnull=False, written_at__range=(since, now))
    newest = whole.order_by("-written_at").values_list("hours", flat=True)[:MOST]
    found[WHOLE_WAY] = [hours for hours in newest if hours is not None]
    return found


def _by_stage(client_id: int, since: datetime, now: datetime) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH sent AS (
                SELECT id, written_at FROM offers_offer
                WHERE client_id = %(client)s AND NOT imported AND written_at BETWEEN %(since)s AND %(now)s
                ORDER BY written_at DESC LIMIT %(most)s
            )
            SELECT DISTINCT ON (s.id, e.status, e.moved_at)
                e.status, extract(epoch FROM s.written_at - e.moved_at) / 3600
            FROM sent s JOIN offers_offerevent e ON e.pgh_obj_id = s.id AND e.client_id = %(client)s
            WHERE e.status = ANY(%(stages)s) AND e.moved_at < s.written_at""",
            {"client": client_id, "since": since, "now": now, "most": MOST, "stages": list(BEFORE_LETTER)},
        )
        return cursor.fetchall()


def end_of_next_working_day(now: datetime, calendar: Calendar) -> datetime:
    """Midnight after the first day from tomorrow on with any open time; a week ahead where there is none."""
    zone = ZoneInfo(calendar.tz)
    day = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone)
    for ahead in range(1, 8):
        start, end = day + timedelta(days=ahead), day + timedelta(days=ahead + 1)
        if business_time_between(start, end, calendar) > timedelta():
            return end
    return day + timedelta(days=8)


def hours(length: timedelta) -> float:
    return length / timedelta(hours=1)


def likely(chances: Collection[tuple[Any, Chance | None]]) -> list[tuple[Any, Chance]]:
    """Those more likely than not to be late, the likeliest first."""
    found = [(row, each) for row, each in chances if each is not None and each.share >= LIKELY]
    return sorted(found, key=lambda pair: -pair[1].share)
