"""From acceptance to the first day: contingencies, joining, and the candidate who withdraws after a yes."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from governance.models import User
from offers import overrides
from offers.errors import BadInput, NotInThisState, NotYours
from offers.lifecycle import Status
from offers.models import Contingency, Offer
from offers.models.offer import ContingencyStatus
from offers.workflow import mover
from offers.workflow.answer import keep_loss, recount, why_lost


def set_contingency(contingency_id: int, status: str, *, actor: User, now: datetime) -> Contingency:
    """Say where a contingency stands: pending, clear, failed or waived."""
    if status not in ContingencyStatus.values:
        raise BadInput("Say pending, clear, failed or waived.", field="status")
    offer_id = Contingency.objects.filter(pk=contingency_id).values_list("offer_id", flat=True).first()
    if offer_id is None:
        raise NotYours("There is no such contingency among yours.")
    with mover.acting(offer_id, "contingency", actor=actor, now=now, reason=status) as (offer, _, _):
        if offer.status != Status.ACCEPTED:
            raise NotInThisState("Contingencies run while an offer is accepted and has not started.")
        contingency = offer.contingencies.get(pk=contingency_id)
        contingency.status = status
        contingency.save(update_fields=["status"])
        return contingency


def join(
    offer_id: int, *, actor: User, now: datetime, on: date | None = None, contract_base: Decimal | None = None
) -> Offer:
    """Record the first day at work (the planned start unless `on` is given); contingencies must be clear or waived.

    A first day, or a base on the contract (full-time, by the version's period), that differs from the letter's version
    opens a suspected override.
    """
    with mover.acting(offer_id, "join", actor=actor, now=now) as (offer, programme, _):
        zone = ZoneInfo(offer.client.zone)
        today, signed = timezone.localdate(now, zone), timezone.localdate(offer.decided_at, zone)
        terms: Any = offer.letter.version if offer.letter else offer.version
        first_day = on or min(max(terms.start_on or today, signed), today)
        if first_day > today:
            raise BadInput("The first day lies in the future.", field="joined_on", next_step="Record it on the day.")
        if first_day < signed:
            raise BadInput("The first day lies before the acceptance.", field="joined_on")
        started = {"base": contract_base, "start_on": first_day if terms.start_on else None}
        found = [overrides.compare(terms, {name: value}, where="start") for name, value in started.items()]
        overrides.suspect(offer, found, programme, version=terms, now=now)
        return mover.move(offer, "join", Status.JOINED, now=now, joined_on=first_day)


def renege(
    offer_id: int, *, actor: User, now: datetime, theme: str, reason: str = "", secondary: Sequence[str] = (),
    verbatim: str = "", competing_kind: str = "",
) -> Offer:  # fmt: skip
    """Record that the candidate withdrew after accepting, or did not show up; the opening is free again."""
    why = why_lost(theme, reason, secondary, competing_kind)
    with mover.acting(offer_id, "renege", actor=actor, now=now, reason=theme, comment=verbatim) as (offer, _, note):
        keep_loss(offer, why, note, actor=actor, now=now)
        mover.move(offer, "renege", Status.RENEGED, now=now)
        recount(offer)
        return offer
