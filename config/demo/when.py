"""Puts the closed offers into time: eight quarters that end with today's first minute. Pure; the day is given.

Everything of an offer, up to the candidate's answer, lies in its one quarter. People act on working days, between seven
and eight o'clock of the place.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from config.demo.plan import LETTERED, Case, Plan
from config.demo.references import HISTORY, QUARTER
from config.demo.tables import PLACES

TRIES = 400
LEADS = {"Ohio": (10, 24), "Georgia": (10, 24), "Berlin": (60, 95), "Warsaw": (30, 75)}
LEAD = (14, 35)  # days from the answer to the first day
MORNING, EVENING = time(7), time(20)
DAYS_TO_ANSWER = 7  # five working days


@dataclass(frozen=True, slots=True)
class Countered:
    """When a counter-offer came and was answered; `letter` is that of the settled terms, where they were settled."""

    at: datetime
    answered: datetime
    letter: datetime | None


@dataclass(frozen=True, slots=True)
class Moments:
    """When it happened, aware UTC; dates are the place's own. None: it did not."""

    created: datetime
    verbal: datetime
    submitted: datetime
    verbal_offer: datetime | None
    written: datetime | None
    expires: datetime | None
    countered: Countered | None
    decided: datetime
    start_on: date
    joined_on: date | None
    left_on: date | None


def first_day(now: datetime, zone: str) -> date:
    """The day with which the programme's first quarter begins, on the company's own calendar."""
    return now.astimezone(ZoneInfo(zone)).date() - timedelta(days=HISTORY)


def quarter_starts(now: datetime, zone: str, quarter: int) -> datetime:
    """The first instant of a quarter (9: of today), midnight in the company's zone."""
    day = first_day(now, zone) + timedelta(days=QUARTER * (quarter - 1))
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def moments(plan: Plan, *, now: datetime, seed: int, holidays: Collection[date]) -> dict[int, Moments]:
    """When everything of each closed offer happened, by the offer's number."""
    rng = Random(f"{seed} {plan.company.code} days")
    zone = plan.company.zone
    bounds = {q: (quarter_starts(now, zone, q), quarter_starts(now, zone, q + 1)) for q in range(1, 9)}
    return {case.number: _of(rng, case, *bounds[case.cell.quarter], now=now, holidays=holidays) for case in plan.cases}


def _of(
    rng: Random, case: Case, start: datetime, end: datetime, *, now: datetime, holidays: Collection[date]
) -> Moments:
    zone = ZoneInfo(PLACES[case.place].zone)
    for _ in range(TRIES):
        verbal = _working_moment(rng, start.astimezone(zone).date(), zone)
        written = verbal + timedelta(minutes=case.wait or 0)
        expires = _end_of_day(written.astimezone(zone).date() + timedelta(days=DAYS_TO_ANSWER), zone)
        decided = expires if case.status == "expired" else _answered(verbal, written, case)
        if start <= verbal and decided < end and _at_work(verbal, zone, holidays) and _at_work(written, zone, holidays):
            break
    else:
        raise ValueError(f"No working days in the quarter fit a wait of {case.wait} minutes.")
    submitted = verbal + (written - verbal) * rng.uniform(0.1, 0.3)
    heard = case.cell.ending != "cancelled"
    lettered = case.cell.ending in LETTERED
    start_on = _monday(decided.astimezone(zone).date() + timedelta(days=rng.randint(*LEADS.get(case.place, LEAD))))
    today = now.astimezone(zone).date()
    joined = start_on if case.accepted and not case.reneged and start_on < today else None
    left = joined + timedelta(days=case.leaves_after) if joined and case.leaves_after is not None else None
    told = submitted + (written - submitted) * 0.6 if lettered else verbal + (decided - verbal) * 0.5
    return Moments(
        created=verbal - timedelta(minutes=rng.randint(30, 900)),
        verbal=verbal,
        submitted=submitted if lettered else verbal + (decided - verbal) * 0.3,
        verbal_offer=told if heard else None,
        written=written if lettered else None,
        expires=max(expires, decided + timedelta(minutes=1)) if lettered and case.status != "expired" else expires,
        countered=_countered(case, written, decided),
        decided=decided,
        start_on=start_on,
        joined_on=joined,
        left_on=left if left and left < today else None,
    )


def _working_moment(rng: Random, first: date, zone: ZoneInfo) -> datetime:
    day = first + timedelta(days=rng.randrange(QUARTER))
    minute = rng.randint(7 * 60 + 5, 19 * 60 + 55)
    return datetime.combine(day, time(minute // 60, minute % 60, rng.randrange(60)), zone).astimezone(UTC)


def _at_work(instant: datetime, zone: ZoneInfo, holidays: Collection[date]) -> bool:
    there = instant.astimezone(zone)
    return there.weekday() < 5 and MORNING <= there.time() < EVENING and there.date() not in holidays


def _answered(verbal: datetime, written: datetime, case: Case) -> datetime:
    since = written if case.cell.ending in LETTERED else verbal
    return since + timedelta(minutes=case.answer)


def _countered(case: Case, written: datetime, decided: datetime) -> Countered | None:
    if case.counter is None:
        return None
    at = written + (decided - written) * case.counter.after
    if case.counter.settled is None:
        return Countered(at, decided, None)  # lost before there was an answer
    answered = at + timedelta(minutes=case.counter.answered)
    return Countered(at, answered, answered + timedelta(minutes=case.counter.letter))


def _monday(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _end_of_day(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
