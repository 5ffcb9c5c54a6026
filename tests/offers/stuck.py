"""Offers with a running verbal-to-written clock, for the tests of sweep and mail."""

from datetime import datetime, timedelta
from typing import Any

from governance.models import Client, User
from offers import clocks
from offers.models import Offer
from tests import factories


def waiting(
    client: Client,
    *,
    hours: float,
    now: datetime,
    holder: User | None = None,
    priority: str = "standard",
    **fields: Any,
) -> Offer:
    """A draft whose verbal approval lies this many hours back, with its clock running."""
    offer = factories.OfferFactory(
        client=client,
        priority=priority,
        holder=holder,
        verbal_approved_at=now - timedelta(hours=hours),
        verbal_basis="recorded",
        **fields,
    )
    clocks.start_verbal_clocks([offer])
    return offer
