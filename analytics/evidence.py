"""Closing evidence for an open offer: what became of comparable past offers, and where those stood that closed.

The engine is pure: cases in, evidence out. Observational throughout: what closed may have closed for other reasons.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from statistics import median

from django.db.models import Q

from analytics.models import OfferFact
from analytics.statistics import Interval, wilson
from governance.models import Client
from offers.models import Offer

ENOUGH = 20
LOOKED_BACK = timedelta(days=730)
MOST = 2000
# From the most alike to the least; each step is named to the reader.
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("the same role, grade and location", ("role_code", "grade", "location")),
    ("the same role and grade, wherever", ("role_code", "grade")),
    ("the same role family and grade, wherever", ("role_family", "grade")),
    ("the same role family, whatever the grade", ("role_family",)),
)
JOB = ("role_code", "role_family", "grade", "location")


@dataclass(frozen=True, slots=True)
class Case:
    """A past offer with a letter and a final answer. Ratios are full-time base over reference and over midpoint."""

    offer: int
    job: dict[str, str]
    accepted: bool
    status: str
    decided_on: date
    market_ratio: float | None
    compa_ratio: float | None


@dataclass(frozen=True, slots=True)
class Where:
    """Where those stood that closed: the median of `n` of them, this offer's own place, and the raise between.

    `measure` is "reference" or "midpoint"; `share` is of base, 0 where this offer stands there already.
    """

    measure: str
    closed: float
    mine: float
    n: int

    @property
    def share(self) -> float:
        return max(0.0, self.closed / self.mine - 1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The cases of the first step with enough of them, else of the widest. `widened`: each step looked at, with its n.

    With fewer than the client's minimum `few` is true and nothing is claimed.
    """

    step: str
    widened: tuple[tuple[str, int], ...]
    cases: tuple[Case, ...]
    few: bool
    where: Where | None

    @property
    def closed(self) -> int:
        return sum(case.accepted for case in self.cases)

    @property
    def interval(self) -> Interval | None:
        return wilson(self.closed, len(self.cases))


def weigh(
    job: dict[str, str],
    cases: Sequence[Case],
    *,
    minimum: int,
    market_ratio: float | None = None,
    compa_ratio: float | None = None,
) -> Evidence:
    """Pure. Widens step by step until there are ENOUGH cases; a step whose field the offer lacks is left out."""
    widened: list[tuple[str, int]] = []
    found: list[Case] = []
    for words, fields in STEPS:
        if all(job[name] for name in fields):
            found = [case for case in cases if all(case.job[name] == job[name] for name in fields)]
            widened.append((words, len(found)))
            if len(found) >= max(ENOUGH, minimum):
                break
    few = len(found) < minimum
    where = None if few else _where(found, minimum, market_ratio, compa_ratio)
    return Evidence(widened[-1][0] if widened else "", tuple(widened), tuple(found), few, where)


def _where(cases: Iterable[Case], minimum: int, market: float | None, compa: float | None) -> Where | None:
    closed = [case for case in cases if case.accepted]
    for measure, mine, ratios in (
        ("reference", market, [case.market_ratio for case in closed if case.market_ratio]),
        ("midpoint", compa, [case.compa_ratio for case in closed if case.compa_ratio]),
    ):
        if mine and len(ratios) >= minimum:
            return Where(measure, median(ratios), mine, len(ratios))
    return None


def cases_for(client: Client, job: dict[str, str], *, besides: Offer, now: datetime) -> list[Case]:
    """Answered offers of two years that any step may take, the newest first; the client must be in scope."""
    steps = [Q(**{name: job[name] for name in fields}) for _, fields in STEPS if all(job[name] for name in fields)]
    if not steps:
        return []
    rows = OfferFact.objects.filter(
        reduce(or_, steps), client=client, answered=True, answer_contradicts=False, decided_at__lte=now,
        decided_on__gte=(now - LOOKED_BACK).date(),
    ).exclude(offer=besides)  # fmt: skip
    columns = (*JOB, "offer_id", "accepted", "status", "decided_on", "market_ratio", "compa_ratio")
    return [
        Case(job={name: row.pop(name) for name in JOB}, offer=row.pop("offer_id"), **row)
        for row in rows.order_by("-decided_at", "-offer").values(*columns)[:MOST]
    ]
