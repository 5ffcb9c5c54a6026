"""What recruiting costs at each client, in its own currency: as its fee model says, month by month.

Monthly amounts stand for 23 months from the one after the programme's first day; what a hire costs is counted from the
offers, in the month of the first day.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth

from config.demo.ground import Ground
from config.demo.overridden import share
from config.demo.when import first_day
from offers.models import Cost, Offer
from offers.models.cost import CostKind

MONTHS = 23
REFERRAL = "Employee referral"
KIND = CostKind


class Monthly(NamedTuple):
    """An amount of the whole programme, booked every so many months, from that month on (the first is 0)."""

    kind: CostKind
    amount: int
    channel: str = ""
    every: int = 1
    first: int = 0


class Each(NamedTuple):
    """What one start costs, and one start by a referral on top; 0 is not booked."""

    success_fee: int
    screening: int
    referral: int


MONTHLY = {
    "northbridge": (  # mixed fee
        Monthly(KIND.INTERNAL, 38_000),
        Monthly(KIND.TECHNOLOGY, 9_500),
        Monthly(KIND.MANAGEMENT_FEE, 72_000),
        Monthly(KIND.CHANNEL, 6_500, "Wallstead Careers"),
        Monthly(KIND.CHANNEL, 2_500, "University"),
        Monthly(KIND.RELOCATION, 9_000),
        Monthly(KIND.REBATE, -7_200, every=6, first=7),
    ),
    "corvane": (  # monthly fee
        Monthly(KIND.INTERNAL, 42_000),
        Monthly(KIND.TECHNOLOGY, 8_000),
        Monthly(KIND.MANAGEMENT_FEE, 96_000),
        Monthly(KIND.AGENCY, 24_000, every=3, first=2),
        Monthly(KIND.CHANNEL, 11_000, "Plantwork board"),
        Monthly(KIND.CHANNEL, 4_000, "Walk-in day"),
        Monthly(KIND.RELOCATION, 6_000),
        Monthly(KIND.REBATE, -9_600, every=11, first=9),
    ),
    "lumen": (  # mixed fee for the embedded recruiters, success fees alone in Warsaw
        Monthly(KIND.INTERNAL, 46_000),
        Monthly(KIND.TECHNOLOGY, 12_500),
        Monthly(KIND.MANAGEMENT_FEE, 58_000),
        Monthly(KIND.AGENCY, 18_000, every=3, first=1),
        Monthly(KIND.CHANNEL, 9_000, "Boardwalk Jobs"),
        Monthly(KIND.CHANNEL, 1_800, "Meetups"),
        Monthly(KIND.RELOCATION, 14_000),
        Monthly(KIND.REBATE, -5_800, every=6, first=6),
    ),
}
EACH = {"northbridge": Each(1_560, 180, 2_000), "corvane": Each(0, 90, 500), "lumen": Each(1_020, 140, 1_500)}


def insert(ground: Ground, *, now: datetime) -> None:
    """The costs of one client, whose closed offers are in the database; of fewer offers, a share in proportion."""
    part = share(ground)
    rows = [
        Cost(client=ground.client, month=month, kind=line.kind, source_channel=line.channel, amount=amount)
        for line in MONTHLY[ground.company.code]
        for month in _months(first_day(now, ground.company.zone))[line.first :: line.every]
        if (amount := round(line.amount * part))
    ]
    rows += [
        Cost(client=ground.client, month=month, kind=kind, source_channel=channel, amount=amount)
        for kind, channel, counted in _counted(ground)
        for month, amount in sorted(counted.items())
        if amount
    ]
    for row in rows:
        row.currency = ground.client.currency
    Cost.objects.bulk_create(rows)


def _counted(ground: Ground) -> Iterator[tuple[CostKind, str, dict[date, Any]]]:
    """(kind, channel, {month: amount}) of what follows from the offers; sign-ons in another currency are paid there."""
    each = EACH[ground.company.code]
    joined = Offer.objects.filter(client=ground.client, imported=True, joined_on__isnull=False)
    started = _by_month(joined, Count("pk"))
    yield KIND.SUCCESS_FEE, "", {month: n * each.success_fee for month, n in started.items()}
    yield KIND.SCREENING, "", {month: n * each.screening for month, n in started.items()}
    referred = _by_month(joined.filter(source_channel=REFERRAL), Count("pk"))
    yield KIND.REFERRAL, REFERRAL, {month: n * each.referral for month, n in referred.items()}
    own = joined.filter(version__currency=ground.client.currency)
    yield KIND.SIGN_ON, "", _by_month(own, Sum("version__sign_on"))


def _by_month(rows: QuerySet[Offer], figure: Any) -> dict[date, Any]:
    by_month = rows.order_by().annotate(month=TruncMonth("joined_on")).values_list("month")
    return dict(by_month.annotate(figure=figure))


def _months(first: date) -> list[date]:
    """The first days of the 23 months that follow that of this day; the last has begun when the programme ends."""
    found = [_next(first)]
    while len(found) < MONTHS:
        found.append(_next(found[-1]))
    return found


def _next(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
