"""Offers whose last day to answer has passed."""

from datetime import datetime

from offers.errors import OfferError
from offers.lifecycle import Status
from offers.models import Offer
from offers.workflow import expire


def expire_lapsed(*, now: datetime) -> int:
    """Close every unanswered offer whose letter has lapsed; says how many. One answered meanwhile is left alone."""
    lapsed = Offer.objects.filter(
        status__in=[Status.EXTENDED, Status.NEGOTIATING], letter__revoked_at=None, letter__expires_at__lte=now
    ).values_list("pk", flat=True)
    closed = 0
    for offer_id in list(lapsed):
        try:
            expire(offer_id, now=now)
        except OfferError:
            continue
        closed += 1
    return closed
