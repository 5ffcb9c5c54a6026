"""Erasing a person: name, address and everything that was written about their offers; what remains is history by ids.

Person and Note rows are deleted; the few words that stand elsewhere are blanked where they stand. That the rows which
pointed at them do so no more is an event each, saying who erased and when, so that the chain of history still verifies.
The candidate is marked, so that the next file with the same rows brings none of it back (offers/ingest/intake.py).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import transaction

from governance.access import Role, roles_at
from governance.history import because
from governance.models import Note, Person, StoredAnswer, User
from governance.walls import is_event
from offers.errors import NotInThisState, NotYours
from offers.lifecycle import LIVE, Status
from offers.models import Candidate, Loss, Offer

MAY = frozenset({Role.HR_PARTNER})
# How a row hangs on an offer, the nearest way first.
PATHS = (("offer", "offer__in"), ("approval", "approval__offer__in"))


def erase(candidate_id: int, *, actor: User | None, now: datetime) -> int:
    """Erase the candidate's person and every note of their offers; says how many notes. `actor` None: a command.

    Raises NotYours for who is no HR business partner there, NotInThisState while an offer of theirs is open.
    """
    with transaction.atomic(), because(actor=actor.pk if actor else None, action="candidate.erase"):
        candidate = Candidate.objects.select_for_update(of=("self",)).filter(pk=candidate_id).first()
        if candidate is None or (actor and not roles_at(actor, candidate.client_id) & MAY):
            raise NotYours("Your role may not erase a person.", next_step="Ask an HR business partner of this client.")
        offers = list(Offer.objects.select_for_update(no_key=True).filter(candidate=candidate).order_by("pk"))
        if waits := next((offer for offer in offers if offer.status in LIVE | {Status.ACCEPTED}), None):
            raise NotInThisState(
                f"Offer {waits} is still open, and people need to know whom it is for.",
                next_step="End it first, or let it come to its first day.",
            )
        notes = _let_go_of_notes(candidate.client_id, [offer.pk for offer in offers])
        person, candidate.person, candidate.erased_at = candidate.person_id, None, now
        candidate.save(update_fields=["person", "erased_at"])
        if person:
            Person.objects.filter(pk=person, candidates=None).delete()
        _blank_words([offer.pk for offer in offers])
        StoredAnswer.objects.filter(client=candidate.client_id, body__candidate__id=candidate.pk).delete()
        return Note.objects.filter(pk__in=notes).delete()[0]


def _blank_words(offers: list[int]) -> None:
    """The words that stand in a row itself; history never had them."""
    Loss.objects.filter(offer__in=offers).update(reason="")
    Offer.objects.filter(pk__in=offers).update(left_words="")


def _let_go_of_notes(client_id: int, offers: list[int]) -> set[int]:
    """The notes of these offers, which no row points at any more."""
    found = set(_in_contexts(offers))
    for model, field, path in _pointers():
        rows = model._default_manager.filter(**{path: offers, f"{field}__isnull": False})
        found |= set(rows.values_list(f"{field}_id", flat=True))
        rows.update(**{field: None})
    return found


def _pointers() -> Iterator[tuple[Any, str, str]]:
    """(model, its key to a note, the way to its offer) of everything that keeps what was written about an offer."""
    for model in apps.get_models():
        names = {field.name for field in model._meta.fields}
        path = next((path for name, path in PATHS if name in names), None)
        if path and not is_event(model):
            yield from ((model, field.name, path) for field in model._meta.fields if field.related_model is Note)


def _in_contexts(offers: list[int]) -> Iterator[int]:
    """Reasons that stand in the history alone: of a recall, a cancellation, a pause."""
    for model in apps.get_models():
        if not is_event(model) or not hasattr(model, "pgh_tracked_model"):
            continue
        names = {field.name for field in model._meta.fields}
        if model.pgh_tracked_model is Offer:
            rows = model._default_manager.filter(pgh_obj_id__in=offers)
        elif "offer" in names:
            rows = model._default_manager.filter(offer_id__in=offers)
        else:
            continue
        contexts = rows.filter(pgh_context__note__isnull=False)
        yield from contexts.values_list("pgh_context__note", flat=True).distinct()
