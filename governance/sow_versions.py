"""Versions of statements of work: begun, changed while they are drafts, published, compared in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from governance.history import because
from governance.models import Engagement, StatementOfWork, User
from governance.policy_schema import ROLES
from governance.sow_schema import ACTIVITIES, DELIVERIES, DUTIES, FEES, HAND_OFFS, KPIS, PARTIES, SCOPES, warnings
from governance.versions import next_number, starting_document


class SowError(Exception):
    """What cannot be done with a statement of work; says why and what next."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that two versions say: kind is added, removed, changed or same."""

    kind: str
    title: str
    before: str
    after: str


@transaction.atomic
def begin(engagement: Engagement, *, actor: User, today: date) -> tuple[StatementOfWork, bool]:
    """A draft for the engagement, and whether it is new: from its newest version, else from the starting template."""
    rows = StatementOfWork.objects.filter(engagement=engagement).order_by("-version")
    draft = rows.filter(published_at=None).first()
    if draft:
        return draft, False
    last = rows.first()
    name = last.name if last else engagement.code
    with because(actor=actor.pk, action="statementofwork.begin"):
        return StatementOfWork.objects.create(
            client_id=engagement.client_id, engagement=engagement, name=name,
            version=next_number(StatementOfWork, engagement.client_id, name),
            document=last.document if last else starting_document("statement_of_work"),
            valid_from=max(today, engagement.starts_on), valid_to=engagement.ends_on,
        ), True  # fmt: skip


@transaction.atomic
def save(row: StatementOfWork, *, document: Any, valid_from: date, valid_to: date | None, actor: User) -> None:
    """Change a draft. Raises SowError where it was published meanwhile."""
    held = _locked(row)
    held.document, held.valid_from, held.valid_to = document, valid_from, valid_to
    with because(actor=actor.pk, action="statementofwork.change"):
        held.save(update_fields=["document", "valid_from", "valid_to"])


@transaction.atomic
def publish(row: StatementOfWork, *, confirmed: bool, actor: User, now: datetime) -> None:
    """Freeze the draft: offers drafted from now on (and from its first day) are made under it; the others keep theirs.

    The engagement's own columns follow where it is in force today. `confirmed` says that its warnings were read.
    """
    held = _locked(row)
    if warnings_of(held) and not confirmed:
        raise SowError("Say that you have read what is warned of; then publish.")
    with because(actor=actor.pk, action="statementofwork.publish"):
        try:
            held.publish(actor=actor, now=now)
        except ValidationError as error:
            raise SowError(f"It cannot be published: {' '.join(error.messages)}") from error
        today = now.astimezone(ZoneInfo(held.client.zone)).date()
        if held.valid_from <= today and (held.valid_to is None or today <= held.valid_to):
            Engagement.objects.filter(pk=held.engagement_id).update(
                delivery_model=held.document["delivery"], fee_model=held.document["fees"]["model"],
                embedded=held.document["embedded"],
            )  # fmt: skip


def _locked(row: StatementOfWork) -> StatementOfWork:
    held: StatementOfWork = (
        StatementOfWork.objects.select_for_update(of=("self",)).select_related("client").get(pk=row.pk)
    )
    if held.published_at:
        raise SowError("This version is published and never changes: make a new version of it.")
    return held


def warnings_of(row: StatementOfWork) -> list[str]:
    """What is warned of before publishing; nothing for a document that is not sound."""
    return [] if StatementOfWork.problems(row.document) else warnings(row.document)


# --- in words


def lines(old: Any, new: Any) -> list[Line]:
    """Two documents side by side, one line a thing that either says."""
    before, after = dict(said(old)), dict(said(new))
    found = []
    for where in [*after, *(each for each in before if each not in after)]:
        one, other = before.get(where, ""), after.get(where, "")
        kind = "same" if one == other else "added" if not one else "removed" if not other else "changed"
        found.append(Line(kind, where, one, other))
    return found


def said(document: Any) -> Iterator[tuple[str, str]]:
    """Everything that a document says, as (what about, in words); what cannot be read is left out."""
    whole: Mapping[str, Any] = document if isinstance(document, Mapping) else {}
    yield from _plain(whole)
    activities = _group(whole, "activities")
    for name, words in ACTIVITIES.items():
        given = activities.get(name)
        if isinstance(given, Mapping):
            yield words[:1].upper() + words[1:], _with_clause(_word(PARTIES, given.get("party")), given)
    final = _group(whole, "final_authority")
    if final:
        role = str(final.get("title") or _word(ROLES, final.get("role")))
        yield "Final authority", _with_clause(role, final)
    fees = _group(whole, "fees")
    if fees:
        share = f", {fees['success_percent']} % of it for success" if fees.get("success_percent") else ""
        yield "Fees", _with_clause(_word(FEES, fees.get("model")) + share, fees)
    targets = _group(whole, "kpis")
    for name, words in KPIS.items():
        if targets.get(name):
            yield f"Target: {words}", str(targets[name])


def _plain(whole: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if whole:
        yield "Delivery", _word(DELIVERIES, whole.get("delivery"))
        yield "Recruiters", "embedded" if whole.get("embedded") else "not embedded"
        granted = whole.get("recruiters_may_grant", bool(whole.get("embedded")))
        yield "Guardrail", "recruiters may use it" if granted else "recruiters have none"
        yield "Scope", _word(SCOPES, whole.get("scope"))
    hand_off = _group(whole, "hand_off")
    if hand_off:
        given = hand_off.get("share")
        shared = ", ".join(_word(DUTIES, each) for each in given) if isinstance(given, list) else "?"
        within = f" within {hand_off['within_days']} days" if hand_off.get("within_days") else ""
        to = _word(PARTIES, hand_off.get("to"))
        point = _word(HAND_OFFS, hand_off.get("after"))
        yield "Hand-off", _with_clause(f"after {point} to {to}; shared{within}: {shared}", hand_off)


def _group(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = whole.get(name)
    return found if isinstance(found, Mapping) else {}


def _with_clause(words: str, given: Mapping[str, Any]) -> str:
    return f"{words} (clause {given['clause']})" if given.get("clause") else words


def _word(known: Mapping[str, str], value: Any) -> str:
    return known.get(value, "?") if isinstance(value, str) else "?"
