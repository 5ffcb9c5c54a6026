"""What a new offer needs first: a reference that is free, and a candidate."""

from governance.history import because
from governance.models import Person, User
from offers.errors import OfferError
from offers.models import Candidate, Offer, Requisition


def next_reference(requisition: Requisition) -> str:
    """The requisition's own reference with the next number that no offer of it has."""
    offers = Offer.objects.filter(client_id=requisition.client_id, requisition=requisition)
    taken = set(offers.values_list("external_id", flat=True))
    number = len(taken) + 1
    while f"{requisition.external_id}-{number}" in taken:
        number += 1
    return f"{requisition.external_id}-{number}"


def add_candidate(client_id: int, reference: str, *, name: str, email: str, actor: User, field: str) -> Candidate:
    """A candidate with this reference. Raises OfferError at `field` where the reference is there already."""
    if Candidate.objects.filter(client_id=client_id, external_id=reference).exists():
        raise OfferError("A candidate with this reference is here already.", field=field, next_step="Choose them.")
    with because(actor=actor.pk, action="candidate.add"):
        person = Person.objects.create(client_id=client_id, name=name, email=email)
        return Candidate.objects.create(client_id=client_id, external_id=reference, person=person)
