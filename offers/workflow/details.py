"""Who works on an offer and where it came from: what may change at any time, because nobody has approved it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from governance.history import because
from governance.models import User
from offers.errors import BadInput
from offers.models import Offer
from offers.workflow import mover

DETAILS = frozenset(
    {
        "recruiter", "coordinator", "hiring_manager", "opening_ref", "candidate_type", "source_channel", "applied_on",
        "expected_salary", "expected_currency",
    }
)  # fmt: skip


def save_details(offer_id: int, fields: Mapping[str, Any], *, actor: User, now: datetime) -> Offer:
    """Change details of an offer in any status. Whoever held it as its recruiter or coordinator hands it over."""
    if unknown := fields.keys() - DETAILS:
        raise BadInput(f"This is not a detail of an offer: {', '.join(sorted(unknown))}.")
    with transaction.atomic(), because(actor=actor.pk, action="offer.details"):
        offer = mover.lock(offer_id)
        mover.check_role(offer, "details", actor)
        changed = [name for name, value in fields.items() if getattr(offer, name) != value]
        held = offer.holder_id is not None and offer.holder_id in (offer.recruiter_id, offer.coordinator_id)
        for name in changed:
            setattr(offer, name, fields[name])
        if held and {"recruiter", "coordinator"} & set(changed):
            offer.holder = offer.recruiter or offer.coordinator
            changed.append("holder")
        try:
            offer.full_clean(validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            name, messages = next(iter(error.message_dict.items()))
            raise BadInput(messages[0], field=name) from error
        if changed:
            offer.save(update_fields=changed)
        return offer
