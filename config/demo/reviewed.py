"""What became of hires: the manager's rating and the day the work got productive, half a year after the first day.

Who is reviewed and what is said goes by turn, without regard to the offer: what a report finds there is chance.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.demo.ground import Ground
from config.demo.overridden import share
from offers.models import HireReview, Offer

AFTER = timedelta(days=180)
TARGET = timedelta(days=90)


class Said(NamedTuple):
    """One review: the rating, and after how many days the work was productive; without either, None."""

    rating: int | None
    days: int | None


# Each as often as any other. Of twenty who stayed 18 are rated; 13 were productive on target, 5 later, 2 never asked.
STAYED = (
    Said(90, 62), Said(75, 85), Said(80, 70), Said(60, 118), Said(85, 77), Said(None, 81), Said(95, 55), Said(70, 104),
    Said(80, None), Said(75, 88), Said(85, 66), Said(65, 127), Said(90, 73), Said(40, 150), Said(100, 49), Said(70, 90),
    Said(None, 79), Said(80, 96), Said(75, None), Said(85, 84),
)  # fmt: skip
LEFT = (Said(55, None), Said(40, None), Said(None, None), Said(70, None), Said(30, None))  # never on target
COUNTS = {"northbridge": (220, 20), "corvane": (660, 60), "lumen": (220, 20)}  # stayed, left; of the whole programme


def insert(ground: Ground, *, now: datetime) -> None:
    """The reviews of one client, whose closed offers are in the database; of fewer offers, a share in proportion."""
    today, part = now.astimezone(ZoneInfo(ground.company.zone)).date(), share(ground)
    rows = Offer.objects.filter(client=ground.client, imported=True, joined_on__lte=today - AFTER)
    hires = list(rows.only("client", "joined_on", "left_on").order_by("joined_on", "external_id"))
    left = [offer for offer in hires if offer.left_on and offer.left_on - offer.joined_on <= AFTER]  # type: ignore[operator]
    gone = {offer.pk for offer in left}
    stayed = [offer for offer in hires if offer.pk not in gone]
    for found, said, count in zip((stayed, left), (STAYED, LEFT), COUNTS[ground.company.code], strict=True):
        chosen = _evenly(found, int(count * part))
        HireReview.objects.bulk_create(
            _review(offer, each, asked=found is left) for offer, each in zip(chosen, cycle(said), strict=False)
        )


def _evenly(rows: list[Offer], count: int) -> Iterator[Offer]:
    count = min(count, len(rows))
    return (rows[(2 * i + 1) * len(rows) // (2 * count)] for i in range(count))


def _review(offer: Offer, said: Said, *, asked: bool) -> HireReview:
    """`asked`: there was a target although the work never got productive."""
    first: date = offer.joined_on  # type: ignore[assignment]
    return HireReview(
        client_id=offer.client_id, offer=offer, manager_rating=said.rating,
        productive_target_on=first + TARGET if asked or said.days else None,
        productive_on=first + timedelta(days=said.days) if said.days else None,
    )  # fmt: skip
