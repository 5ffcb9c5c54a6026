"""What happened to an offer, newest first, from the events that the database keeps: who, why and on whose behalf.

An entry stands at the instant at which the thing happened, which may be earlier than the one at which it was recorded.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from governance.models import Note, User
from offers.models import (
    Advice,
    Approval,
    Clock,
    Contingency,
    CounterOffer,
    Escalation,
    HireReview,
    Letter,
    Loss,
    Offer,
    OfferVersion,
    Override,
    VerbalApproval,
    VerbalOffer,
)
from offers.presentation import Voice
from offers.views.happenings import READ, Happening, Row

_MORE: dict[Any, str] = {
    Escalation: "jsonb_build_object('clock', (SELECT kind FROM offers_clock c WHERE c.id = e.clock_id))",
    Approval: "jsonb_build_object('decided_by', (SELECT user_id FROM offers_decision d WHERE d.approval_id = e.id"
    " ORDER BY decided_at DESC, id DESC LIMIT 1))",
    # Words that can be erased stand in the row alone.
    Loss: "jsonb_build_object('reason', (SELECT reason FROM offers_loss l WHERE l.id = e.id AND l.theme = e.theme))",
}
# At one instant a cause stands before what follows from it: the offer's own row is drafted first, and moves last.
_SOURCES = (
    OfferVersion,
    VerbalApproval,
    VerbalOffer,
    CounterOffer,
    Approval,
    Letter,
    Loss,
    Contingency,
    Clock,
    Escalation,
    Override,
    Advice,
    HireReview,
    Offer,
)
_COPIES = ("offer.reject", "offer.send_back", "offer.recall")


def timeline(offer: Offer, voice: Voice) -> list[dict[str, Any]]:
    """The context of templates/partials/timeline.html. Three queries, whatever the number of events."""
    found = sorted(_once(list(_happenings(offer))), key=lambda each: (each.at, each.order), reverse=True)
    contexts = [each.context for each in found]
    people = {person for each in found for person in (each.actor, each.person, each.context.get("on_behalf_of"))}
    known = User.objects.filter(pk__in=[person for person in people if person])
    names = {user.pk: str(user) for user in known}
    notes = {context["note"] for context in contexts if context.get("note")}
    texts = dict(Note.objects.filter(client_id=offer.client_id, pk__in=notes).values_list("pk", "text"))
    nobody = "" if offer.imported else "Handoff"  # whose doing an imported thing was is not known
    said = [_said(each, names, nobody, texts.pop(each.context.get("note", 0), ""), voice) for each in reversed(found)]
    return said[::-1]  # a note is said once, at the first thing that it explains


def _once(found: list[Happening]) -> list[Happening]:
    """What an imported offer says of its instants is left out where a row of its own says it."""
    said = {(each.at, each.icon) for each in found if each.order[1] >= 0}
    return [each for each in found if each.order[1] >= 0 or (each.at, each.icon) not in said]


def _said(each: Happening, names: dict[int, str], nobody: str, note: str, voice: Voice) -> dict[str, Any]:
    context, moment = each.context, voice.moment(each.at or voice.now)
    person = names.get(each.person or 0, "")
    behalf = names.get(context.get("on_behalf_of") or 0, "")
    parts = [
        f"on behalf of {behalf}" if behalf else "",
        " ".join(part for part in (each.detail, person) if part),
        f"“{note}”" if note else "",
        f"by {context['via']}" if context.get("via", "portal") != "portal" else "",
    ]
    return {
        "icon": each.icon,
        "kind": each.kind,
        "title": each.title,
        "who": names.get(each.actor or 0, nobody),
        "detail": " · ".join(part for part in parts if part),
        "at": voice.day(each.day) if each.day else moment.text,
        "at_exact": voice.day(each.day) if each.day else moment.exact,
        "iso": each.day.isoformat() if each.day else moment.iso,
    }


def _happenings(offer: Offer) -> Iterator[Happening]:
    before: dict[tuple[str, int], Row] = {}
    rank = {model._meta.model_name: place for place, model in enumerate(_SOURCES)}
    zone = ZoneInfo(offer.client.zone)
    for model, label, context, row, recorded, order in _events(offer):
        key = (model, row["id"])
        if model == "offerversion" and label == "insert" and (context or {}).get("action") in _COPIES:
            before[key] = row  # the copy that goes back to the desk is no news
            continue
        for each in READ[model](row, before.get(key), offer):
            actor = (context or {}).get("actor") or each.actor
            first = model == "offer" and label == "insert"
            place = (recorded.timestamp(), -1 if first else rank[model], order)
            at = datetime.combine(each.day, each.behind, zone) if each.day else each.at or recorded
            yield replace(each, at=at, context=context or {}, order=place, actor=actor)
        before[key] = row
        if label == "delete":
            before.pop(key)


def _events(offer: Offer) -> list[tuple[str, str, Row, Row, datetime, int]]:
    """Every event of the offer's rows in the order in which they were written, in one query."""
    each = (
        "SELECT '{model}', pgh_label, pgh_context, to_jsonb(e) - 'pgh_context' || {more}, pgh_created_at, pgh_id "
        'FROM "{table}" e WHERE client_id = %s AND {column} = %s'
    )
    parts = [
        each.format(
            model=model._meta.model_name,
            table=f"{model._meta.db_table}event",
            column="pgh_obj_id" if model is Offer else "offer_id",
            more=_MORE.get(model, "'{}'"),
        )
        for model in _SOURCES
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"{' UNION ALL '.join(parts)} ORDER BY 5, 6", [offer.client_id, offer.pk] * len(parts))
        return [(model, label, _json(context), _json(row), at, n) for model, label, context, row, at, n in cursor]


def _json(value: Any) -> Row:
    if isinstance(value, str):
        import json

        value = json.loads(value)
    return value or {}
