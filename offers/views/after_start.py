"""What an offer's page says of the months after the first day."""

from typing import Any

from offers.lifecycle import Status
from offers.models import Offer
from offers.presentation import Pill
from offers.views.frame import Page


def panel(offer: Offer, page: Page) -> dict[str, Any] | None:
    """How long somebody has been there, whether they left, and the review; None before the first day."""
    if offer.status != Status.JOINED or offer.joined_on is None:
        return None
    today = page.now.astimezone(page.voice.zone).date()
    last, day = offer.left_on or today, page.voice.day
    may = offer.hiring_manager_id == page.user.pk or page.user.has_perm("offers.view_hirereview", offer)
    review = offer.reviews.first() if may else None
    facts = [("First day", day(offer.joined_on)), ("Days at work", f"{(last - offer.joined_on).days}")]
    if offer.left_on:
        facts += [("Last day", day(offer.left_on)), ("Why", offer.why_left or "not said")]
    if offer.satisfaction is not None:
        facts.append(("Satisfied with the process", f"{offer.satisfaction} of 10"))
    if review and review.manager_rating is not None:
        facts.append(("Manager's rating", f"{review.manager_rating} of 100"))
    if review and review.productive_target_on:
        facts.append(("Productive by", day(review.productive_target_on)))
    if review and review.productive_on:
        facts.append(("Productive since", day(review.productive_on)))
    return {"facts": facts, "pill": _state(offer)}


def _state(offer: Offer) -> Pill:
    if offer.left_on is None:
        return Pill("ok", "At work")
    return Pill("warn", "Let go" if offer.left_voluntary is False else "Left")
