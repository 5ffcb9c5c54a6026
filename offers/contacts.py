"""The contact log: what was said to the candidate, and when the next word is due. Weekly until the start by default."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, DateField, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Cast

from governance.models import User
from offers.errors import BadInput, NotInThisState
from offers.lifecycle import LIVE, Status
from offers.models import Contact, Offer
from offers.models.events import Means
from offers.models.offer import OfferQuerySet
from offers.workflow import mover

KEEP_WARM = timedelta(days=7)
TALKED_WITH = LIVE | {Status.ACCEPTED}


def log_contact(
    offer_id: int, *, actor: User, now: datetime, at: datetime | None = None, means: str = Means.CALL,
    note: str = "", next_on: date | None = None,
) -> Contact:  # fmt: skip
    """Record one touch with the candidate and when the next is due: a week on, unless the start comes before.

    Raises BadInput for a touch in the future, an unknown means and a next day that has passed; NotInThisState where
    nobody waits for the candidate any more.
    """
    when = mover.instant(at, now=now, field="at")
    if means not in Means.values:
        raise BadInput(f"Say by what means: {', '.join(Means.values)}.", field="means")
    with mover.acting(offer_id, "contact", actor=actor, now=now, comment=note) as (offer, programme, kept):
        if offer.status not in TALKED_WITH:
            raise NotInThisState(f"This offer is {offer.get_status_display().lower()}: keeping in touch is over.")
        zone = ZoneInfo(programme.zone)
        if next_on and next_on <= now.astimezone(zone).date():
            raise BadInput("The next touch must lie after today.", field="next_on")
        if next_on:
            mover.coming(next_on, now=now, field="next_on")
        day = next_on or _next_touch(offer, when.astimezone(zone).date())
        return Contact.objects.create(
            client_id=offer.client_id, offer=offer, at=when, by=actor, means=means, note=kept, next_on=day
        )


def _next_touch(offer: Offer, last: date) -> date | None:
    """A week after the last touch, none where the candidate has started by then."""
    version = offer.letter.version if offer.letter else offer.version
    start = version.start_on if version else None
    day = last + KEEP_WARM
    return None if start and day >= start else day


def with_next_touch(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """Annotates `touch_on`: what the newest contact says; of an accepted offer without any, a week after the yes."""
    newest = Contact.objects.filter(offer=OuterRef("pk")).order_by("-at", "-pk")
    first = Cast(F("decided_at") + KEEP_WARM, DateField())
    said = offers.annotate(last_touch=Subquery(newest.values("at")[:1]))
    return said.annotate(
        touch_on=Case(When(last_touch=None, then=first), default=Subquery(newest.values("next_on")[:1]))
    )


def touches_due(user: User, today: date) -> OfferQuerySet:
    """The person's offers whose candidate should hear from us by today: accepted ones, and those with a day agreed."""
    talked = Offer.objects.visible_to(user).filter(status__in=sorted(TALKED_WITH))
    due: Any = with_next_touch(talked)
    return due.filter(touch_on__lte=today).order_by("touch_on", "pk")
