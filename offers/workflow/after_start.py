"""The months after the first day: who left, when and why, how satisfied candidates were, what became of the hire.

All of it may be corrected later: the earlier word stays in the history.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from governance.models import User
from offers.errors import BadInput, NotInThisState
from offers.lifecycle import ENDED_BY_CANDIDATE, Status
from offers.models import HireReview, Offer
from offers.models.review import LEAVING_REASONS
from offers.workflow import mover

BEST, FULL = 10, 100


def leave(
    offer_id: int, *, actor: User, now: datetime, on: date, reason: str, voluntary: bool | None = None,
    comment: str = "",
) -> Offer:  # fmt: skip
    """Record, or correct, that somebody who joined has left: the last day, why, and in whose words.

    `reason` is one of LEAVING_REASONS (or what a file said before), from which `voluntary` follows unless it is open.
    """
    with mover.acting(offer_id, "leave", actor=actor, now=now, comment=comment) as (offer, _, _):
        _check_joined(offer)
        _check_day(offer, on, now, field="left_on")
        kept = bool(reason) and reason == offer.left_words
        if not kept and reason not in LEAVING_REASONS:
            raise BadInput(f"Say one of: {', '.join(LEAVING_REASONS)}.", field="reason")
        follows = offer.left_voluntary if kept else LEAVING_REASONS[reason]
        if follows is not None and voluntary not in (None, follows):
            raise BadInput(
                f"“{reason}” is the {'person' if follows else 'employer'}'s doing.", field="voluntary",
                next_step="Choose another reason, or leave this out: it follows from the reason.",
            )  # fmt: skip
        willing = voluntary if follows is None else follows
        if willing is None:
            raise BadInput("Say whether the person left of their own accord.", field="voluntary")
        why = {} if kept else {"left_reason": reason, "left_words": ""}
        return _write(offer, left_on=on, left_voluntary=willing, **why)


def take_back_leaving(offer_id: int, *, actor: User, now: datetime, reason: str) -> Offer:
    """Take back that somebody left: they are still there. Why is kept, and so is what was recorded."""
    if not reason.strip():
        raise BadInput("Say what was wrong: the history keeps both.", field="reason")
    with mover.acting(offer_id, "take_back_leaving", actor=actor, now=now, comment=reason) as (offer, _, _):
        if offer.left_on is None:
            raise NotInThisState("No leaving is recorded here.")
        return _write(offer, left_on=None, left_reason="", left_words="", left_voluntary=None)


def rate(offer_id: int, *, actor: User, now: datetime, satisfaction: int) -> Offer:
    """Record, or correct, the candidate's answer to how satisfied they were with the process, 0 to 10."""
    if not 0 <= satisfaction <= BEST:
        raise BadInput(f"Satisfaction is a whole number from 0 to {BEST}.", field="satisfaction")
    with mover.acting(offer_id, "rate", actor=actor, now=now) as (offer, _, _):
        if offer.status not in ENDED_BY_CANDIDATE | {Status.ACCEPTED, Status.JOINED}:
            raise NotInThisState("Candidates are asked once they have answered, or have left the process.")
        return _write(offer, satisfaction=satisfaction)


def review_hire(
    offer_id: int, *, actor: User, now: datetime, manager_rating: int | None = None,
    productive_target_on: date | None = None, productive_on: date | None = None,
) -> HireReview:  # fmt: skip
    """Record, or correct, what became of a hire: the manager's rating 0 to 100, productive by when and since when.

    Gives the whole review: what is left out is not known.
    """
    if manager_rating is not None and not 0 <= manager_rating <= FULL:
        raise BadInput(f"The rating lies between 0 and {FULL}.", field="manager_rating")
    if (manager_rating, productive_target_on, productive_on) == (None, None, None):
        raise BadInput("Give a rating, or a day.", field="manager_rating")
    with mover.acting(offer_id, "review_hire", actor=actor, now=now) as (offer, _, _):
        _check_joined(offer)
        if productive_target_on and offer.joined_on and productive_target_on < offer.joined_on:
            raise BadInput(f"This lies before the first day, {offer.joined_on}.", field="productive_target_on")
        if productive_on:
            _check_day(offer, productive_on, now, field="productive_on")
            if offer.left_on and productive_on > offer.left_on:
                raise BadInput(f"This lies after the last day, {offer.left_on}.", field="productive_on")
        given = {"manager_rating": manager_rating, "productive_target_on": productive_target_on,
                 "productive_on": productive_on}  # fmt: skip
        review, _ = HireReview.objects.update_or_create(client_id=offer.client_id, offer=offer, defaults=given)
        return review


def _check_joined(offer: Offer) -> None:
    if offer.status != Status.JOINED or offer.joined_on is None:
        raise NotInThisState(
            f"An offer that is {offer.get_status_display().lower()} has no months at work.",
            next_step="Record the first day first.",
        )


def _check_day(offer: Offer, day: date, now: datetime, *, field: str) -> None:
    if day > timezone.localdate(now, ZoneInfo(offer.client.zone)):
        raise BadInput("This lies in the future.", field=field, next_step="Record it once it has happened.")
    if offer.joined_on and day < offer.joined_on:
        raise BadInput(f"This lies before the first day, {offer.joined_on}.", field=field)


def _write(offer: Offer, **fields: Any) -> Offer:
    for name, value in fields.items():
        setattr(offer, name, value)
    offer.save(update_fields=list(fields))
    return offer
