"""What the page behind a link shows: exactly what would be decided, as the server holds it now."""

from collections.abc import Callable
from typing import Any

from offers import links
from offers.mail import one_an_offer, stuck_item
from offers.models import DecisionToken, Offer, OfferVersion
from offers.models.tokens import Purpose
from offers.presentation import Voice, standing_pill
from offers.views import approvals, standing, terms
from offers.views.frame import role_of
from offers.views.timeline import timeline

HAPPENINGS = 8


def decision(token: DecisionToken, voice: Voice) -> dict[str, Any]:
    """An approval: its terms beside the ones before, standing, reasons, who has decided and what happened."""
    offer = _offer(token)
    approval: Any = token.approval
    version: OfferVersion = approval.chain.version
    version.offer, version.client = offer, token.client
    previous = offer.versions.select_related("client").filter(number=version.number - 1).first()
    chain = approvals.newest_chain(offer)
    return {
        "offer": offer,
        "role": role_of(offer),
        "approval": approval,
        "due": voice.moment(approval.due_at) if approval.due_at else None,
        "facts": _figures(version, voice),
        "pill": standing_pill(version, voice),
        "terms": terms.compare(version, previous, voice),
        "standing": standing.frozen(version, voice),
        "steps": approvals.steps(chain, offer, voice) if chain else [],
        "events": timeline(offer, voice)[:HAPPENINGS],
    }


def verbal(token: DecisionToken, voice: Voice) -> dict[str, Any]:
    """A verbal approval as it was recorded."""
    offer = _offer(token)
    said: Any = token.verbal_approval
    amounts = [("Base a year, full-time", said.base), ("First-year cash", said.first_year_total)]
    return {
        "offer": offer,
        "role": role_of(offer),
        "verbal": said,
        "when": voice.exact(said.approved_at),
        "facts": [(name, voice.money(amount, said.currency)) for name, amount in amounts if amount is not None],
    }


def stuck(token: DecisionToken, voice: Voice) -> dict[str, Any]:
    """The escalations that the mail told of and that still run, the longest first."""
    running = [each for each in links.carried(token) if each.clock.stopped_at is None]
    offers = Offer.objects.for_list().in_bulk([each.offer_id for each in running])
    items = [stuck_item(each, offers[each.offer_id], voice.now) for each in running]
    return {"items": one_an_offer(items)}


def _offer(token: DecisionToken) -> Offer:
    rows = Offer.objects.select_related("requisition", "candidate__person", "recruiter", "letter")
    return rows.get(pk=token.offer_id or 0)


def _figures(version: OfferVersion, voice: Voice) -> list[tuple[str, str]]:
    """The two figures that a decision turns on; everything else stands in the table below them."""
    base = f"{voice.money(version.base, version.currency)} a {version.pay_period}"
    return [("Base", base), ("First-year cash", voice.money(version.first_year_cash, version.currency))]


PAGES: dict[str, Callable[[DecisionToken, Voice], dict[str, Any]]] = {
    Purpose.DECIDE: decision,
    Purpose.CONFIRM: verbal,
    Purpose.ACKNOWLEDGE: stuck,
}
