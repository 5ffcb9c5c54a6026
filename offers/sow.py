"""Statements of work, enforced: what an offer's SOW gives to another party is refused with the clause that says so.

The one table of which verb is which activity. An offer keeps the version that was in force when it was drafted; an
exception, recorded with its reason, opens an activity to another party for one requisition.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from governance.access import Role, roles_at
from governance.history import because
from governance.models import Note, User
from governance.programme import Programme, load
from governance.sow import BENCHMARKING, Agreement, OutOfScope, clause_for, enforce, final_authority, parties_of
from governance.sow_schema import ACTIVITIES, PARTIES
from offers.errors import BadInput, NotReady, NotYours
from offers.lifecycle import ENDED_BY_CANDIDATE
from offers.models import Offer, Requisition, ScopeException

ACTIVITY_OF = {
    "terms": "first_draft",
    "verbal_offer": "presenting",
    "extend": "presenting",
    "prolong": "presenting",
    "counter": "counter_offers",
    "settle": "counter_offers",
    "stand": "counter_offers",
    "decline": "decline_capture",
    "withdraw": "decline_capture",
    "explain": "decline_capture",
    "renege": "decline_capture",
    "leave": "attrition_capture",
    "take_back_leaving": "attrition_capture",
    "review_hire": "attrition_capture",
    "rate": "attrition_capture",
}
OUTSIDE_BAND = frozenset({"below", "above", "off_step"})
Roles = Collection[Role]


def agreement_of(offer: Offer, programme: Programme) -> Agreement | None:
    """The SOW version that the offer was drafted under; None where there was none."""
    return programme.agreement(offer.requisition.engagement_id, offer.created_at)


def activity_of(offer: Offer, action: str) -> str:
    """The activity of a verb on this offer, "" for none: changing a version after the first is no first draft."""
    if action == "terms" and offer.version and offer.version.number > 1:
        return ""
    if action == "rate" and offer.status in ENDED_BY_CANDIDATE:
        return "decline_capture"
    return ACTIVITY_OF.get(action, "")


def check(offer: Offer, action: str, roles: Roles, programme: Programme) -> None:
    """Raise NotYours, naming SOW and clause, where the verb belongs to a party that the person is not of."""
    if activity := activity_of(offer, action):
        require(offer.requisition, activity, roles, agreement_of(offer, programme))


def check_exception_to_band(offer: Offer, band_position: str, actor: User, programme: Programme) -> None:
    """Pay outside the band, or beside the scale, is asked for by the party that negotiates exceptions."""
    if band_position in OUTSIDE_BAND:
        roles = programme.roles_of(actor.pk)
        require(offer.requisition, "exceptions", roles, agreement_of(offer, programme))


def check_approval(offer: Offer, role: str, actor: User, programme: Programme) -> None:
    """An approval is given by the party that the SOW names for its role; a delegate stands in for that role."""
    if role:
        roles = programme.roles_of(actor.pk) | {Role(role)}
        require(offer.requisition, f"approval_{role}", roles, agreement_of(offer, programme))


def require(requisition: Requisition, activity: str, roles: Roles, agreement: Agreement | None) -> None:
    """Raise NotYours where the SOW gives the activity to others and no exception is recorded for these."""
    try:
        enforce(agreement, activity, roles)
    except OutOfScope as refused:
        if not _exceptions(requisition).filter(activity=activity, party__in=parties_of(roles)).exists():
            raise NotYours(str(refused), rule=refused.rule, next_step=refused.next_step) from None


def refusals(offer: Offer, user: User, programme: Programme) -> dict[str, NotYours]:
    """What the SOW keeps from this person on this offer, by action: for a page's buttons. At most one query."""
    agreement, roles = agreement_of(offer, programme), roles_at(user, offer.client_id)
    found: dict[str, NotYours] = {}
    for action in ACTIVITY_OF:
        try:
            enforce(agreement, activity_of(offer, action), roles)
        except OutOfScope as refused:
            found[action] = NotYours(str(refused), rule=refused.rule, next_step=refused.next_step)
    if found:
        open_to = _exceptions(offer.requisition).filter(party__in=parties_of(roles))
        opened = set(open_to.values_list("activity", flat=True))
        found = {action: error for action, error in found.items() if activity_of(offer, action) not in opened}
    return found


def _exceptions(requisition: Requisition) -> QuerySet[ScopeException]:
    return ScopeException.objects.filter(requisition_id=requisition.pk)


# --- exceptions


def record_exception(
    requisition: Requisition, activity: str, *, party: str, actor: User, reason: str, now: datetime
) -> ScopeException:
    """Open an activity of the SOW in force to another party for this requisition. The reason is kept.

    May be done by the party that the SOW gives the activity to, and by the final authority.
    """
    if activity not in ACTIVITIES:
        raise BadInput("Choose an activity of the statement of work.", field="activity")
    if activity == BENCHMARKING:
        raise BadInput(
            "Bands and references belong to the whole client, not to one requisition.", field="activity",
            next_step="Record an exception for pay references instead.",
        )  # fmt: skip
    if party not in PARTIES:
        raise BadInput("Choose the party that may do it.", field="party")
    if not reason.strip():
        raise BadInput("Say why: the exception is kept with its reason.", field="reason")
    programme = load(requisition.client_id)
    agreement = programme.agreement(requisition.engagement_id, now)
    given = clause_for(agreement.document, activity) if agreement else None
    if agreement is None or given is None:
        raise NotReady("No statement of work names anybody for this: no exception is needed.")
    if given.party == party:
        raise BadInput(f"The statement of work gives this to {PARTIES[party]} already.", field="party")
    if not may_except(programme.roles_of(actor.pk), given.party, agreement):
        raise NotYours(
            f"Only {PARTIES[given.party]} or the final authority makes an exception here.",
            rule=OutOfScope(agreement, given).rule,
            next_step="Ask one of them.",
        )
    with transaction.atomic(), because(actor=actor.pk, action="requisition.scope_exception", reason=activity):
        held = ScopeException.objects.filter(requisition=requisition, activity=activity, party=party).first()
        if held:
            return held
        note = Note.objects.create(client_id=requisition.client_id, text=reason.strip(), author=actor, created_at=now)
        return ScopeException.objects.create(
            client_id=requisition.client_id, requisition=requisition, agreement_id=agreement.id, activity=activity,
            party=party, reason=note, granted_by=actor, granted_at=now,
        )  # fmt: skip


def may_except(roles: Roles, party: str, agreement: Agreement) -> bool:
    """True for the party that the activity is given to, and for the role of the final authority."""
    return party in parties_of(roles) or final_authority(agreement.document)[0] in roles
