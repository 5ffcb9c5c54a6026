"""Handing offers to another recruiter, with a reason: somebody leaves, or has too much."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from governance.access import Role
from governance.history import because
from governance.models import User
from governance.programme import load
from offers.errors import BadInput
from offers.lifecycle import LIVE, Status
from offers.models import Offer, Requisition
from offers.models.intake import RequisitionStatus
from offers.workflow import mover

TAKES_OVER = frozenset({Role.RECRUITER, Role.COORDINATOR})
OPEN = LIVE | {Status.ACCEPTED}


def hand_over(offer_id: int, *, to: User, actor: User, now: datetime, reason: str) -> Offer:
    """Make `to` the offer's recruiter, and its holder where the recruiter held it. History keeps the reason.

    Raises BadInput for a blank reason, for who is no recruiter or coordinator here, and for who has it already.
    """
    if not reason.strip():
        raise BadInput("Say why: whoever reads the offer later will ask.", field="reason")
    with mover.acting(offer_id, "details", actor=actor, now=now, comment=reason) as (offer, programme, _):
        if not programme.roles_of(to.pk) & TAKES_OVER:
            raise BadInput(f"{to} is no recruiter or coordinator of this client.", field="recruiter")
        if offer.recruiter_id == to.pk:
            raise BadInput(f"{to} is its recruiter already.", field="recruiter")
        held = offer.holder_id is not None and offer.holder_id in (offer.recruiter_id, offer.coordinator_id)
        if offer.coordinator_id == offer.recruiter_id:
            offer.coordinator = None
        offer.recruiter = to
        if held:
            offer.holder = to
        offer.save(update_fields=["recruiter", "coordinator", "holder"])
        return offer


def hand_over_requisitions(leaver: User, *, client_id: int, to: User, actor: User, now: datetime, reason: str) -> int:
    """Make `to` the recruiter of the leaver's open requisitions at this client; says how many."""
    with transaction.atomic(), because(actor=actor.pk, action="requisition.hand_over"):
        programme = load(client_id)
        if not programme.roles_of(actor.pk) & mover.PREPARERS or not programme.roles_of(to.pk) & TAKES_OVER:
            raise BadInput(f"{to} cannot take these over.", field="recruiter")
        return open_requisitions(leaver).filter(client=client_id).update(recruiter=to)


def open_requisitions(recruiter: User) -> QuerySet[Requisition]:
    """What this person still recruits for."""
    return Requisition.objects.filter(
        recruiter=recruiter, status__in=[RequisitionStatus.OPEN, RequisitionStatus.ON_HOLD]
    )
