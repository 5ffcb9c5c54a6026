"""Pay references and bands of the sample, in three yearly issues counted back from today. Pure.

An issue comes out on the first day of a quarter, so that every quarter is judged by one issue alone. The newest carries
the figures of the tables; each older one is 3 % lower.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from config.demo.tables import PLACES, Job, Published, published

QUARTER = 91  # days: 13 whole weeks, so that every quarter has as many working days
QUARTERS = 8
HISTORY = QUARTER * QUARTERS
ISSUES = (273, 637, 1001)  # days before today, newest first: the first days of quarters 6, 2 and -2
RATE = Decimal(3)
DISCONTINUED = ("PRD", "WAW")  # this row has only its oldest issue: it grows stale
NO_SOURCE = Decimal(290_000)  # midpoint of the one role that nobody publishes

MINIMUM, MAXIMUM = Decimal("0.85"), Decimal("1.18")  # of a band's midpoint


def issue_of(quarter: int) -> int:
    """Which issue (0 is the newest) judges this quarter; quarter 9 is today."""
    before = HISTORY - QUARTER * (quarter - 1)
    return next(issue for issue, days in enumerate(ISSUES) if days >= before)


def issued(amount: Decimal, issue: int, unit: str = "10") -> Decimal:
    """A newest figure as the issue had it, to the unit: tens of money a year, five cents an hour."""
    step = Decimal(unit)
    older = amount / (1 + RATE / 100) ** issue
    return (older / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def row_of(job: Job, place: str) -> Published | None:
    """The published row of this job in this place; None where no source knows it."""
    where = PLACES[place]
    code = job.occupation(where)
    return published()[where.source, code, where.source_location] if code else None


def reference(job: Job, place: str, quarter: int) -> Decimal:
    """The yearly reference in the middle of the quarter (9: today), aged; without one, the band's midpoint."""
    issue = issue_of(quarter)
    middle = QUARTER // 2 if quarter <= QUARTERS else 0
    days = ISSUES[issue] - (HISTORY - QUARTER * (quarter - 1)) + middle
    amount = midpoint(job, place, issue)
    return (amount * (1 + RATE / 100 * days / 365)).quantize(Decimal(1))


def midpoint(job: Job, place: str, issue: int) -> Decimal:
    """The middle of the job's band: what its own source published, else the nation, else a figure of the company's."""
    row = row_of(job, place)
    amount = row.percentiles[job.percentile] if row else NO_SOURCE
    if amount is None and row is not None:
        amount = published()[row.source, row.role_code, "0000000"].percentiles[job.percentile]
    assert amount is not None
    return issued(amount, issue, "100")


def band(job: Job, place: str, issue: int) -> tuple[Decimal, Decimal, Decimal]:
    """Minimum, midpoint and maximum a year, in whole hundreds."""
    middle = midpoint(job, place, issue)
    low, high = (issued(middle * share, 0, "100") for share in (MINIMUM, MAXIMUM))
    return low, middle, high


def steps(job: Job, issue: int) -> list[Decimal]:
    """The union scale of the job, money an hour, lowest step first."""
    return [issued(step, issue, "0.05") for step in job.steps]


def rounded(amount: Decimal | Fraction, unit: int = 100) -> Decimal:
    """To the nearest whole unit of money."""
    return Decimal(int(Fraction(amount) / unit + Fraction(1, 2)) * unit)
