"""Who keeps the bands and references of a client: held to the statements of work, opened by recorded exceptions.

They belong to the whole client, not to one engagement: `governance.sow.keeps_references` says which SOW binds.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from governance.access import PERMISSIONS, Role
from governance.history import because
from governance.models import Client, Note, ReferenceException, User
from governance.programme import Programme, load, load_many
from governance.sow import (
    BENCHMARKING,
    KEEPS_BY_ITSELF,
    PARTY_OF_ROLE,
    Agreement,
    OutOfScope,
    final_authority,
    keeps_references,
    named_for,
    parties_of,
)
from governance.sow_schema import PARTIES

LONGEST = timedelta(days=90)
MAY_CHANGE = tuple(role for role in Role if "change_benchmark" in PERMISSIONS[role])


class ScopeError(Exception):
    """Why an exception cannot be recorded or ended: what happened, which rule, what next; `field` is at fault."""

    def __init__(self, message: str, *, field: str = "", rule: str = "", next_step: str = "") -> None:
        super().__init__(message)
        self.message, self.field, self.rule, self.next_step = message, field, rule, next_step

    def __str__(self) -> str:
        return " ".join(part for part in (self.message, self.next_step) if part)


def refusals(user: User, client_ids: Iterable[int], *, now: datetime) -> dict[int, OutOfScope]:
    """What keeps this person from the references of these clients, by client id. Two queries, whatever their number."""
    programmes = load_many(client_ids)
    found = {pk: _refusal(each, each.roles_of(user.pk), now) for pk, each in programmes.items()}
    refused = {pk: error for pk, error in found.items() if error}
    if not refused:
        return {}
    days = {pk: today_in(programmes[pk].zone, now) for pk in refused}
    rows = ReferenceException.objects.filter(client__in=refused, ended_at=None).values_list(
        "client", "party", "first", "last"
    )
    opened = {
        pk for pk, party, first, last in rows
        if first <= days[pk] <= last and party in parties_of(programmes[pk].roles_of(user.pk))
    }  # fmt: skip
    return {pk: error for pk, error in refused.items() if pk not in opened}


def refusal(user: User, client_id: int, *, now: datetime) -> OutOfScope | None:
    """What keeps this person from the references of the client; None where they may change them."""
    return refusals(user, [client_id], now=now).get(client_id)


def _refusal(programme: Programme, roles: Collection[Role], now: datetime) -> OutOfScope | None:
    return keeps_references(programme.agreements, roles, now, programme.zone)


def today_in(zone: str, now: datetime) -> date:
    """The day at the client."""
    return now.astimezone(ZoneInfo(zone)).date()


def record_exception(
    client: Client, *, party: str, last: date, actor: User, reason: str, now: datetime
) -> ReferenceException:
    """Open bands and references to another party from today to the last day. The reason is kept.

    May be done by a party that keeps them, and by the final authority of a SOW that names one. Raises ScopeError.
    """
    programme = load(client.pk)
    agreements, keepers = _keepers(programme, now)
    today = today_in(programme.zone, now)
    _check_given(party, keepers, last, today, reason)
    if not _may_except(programme, actor, now):
        words = " or ".join(PARTIES[each] for each in sorted(keepers))
        raise ScopeError(
            f"Only {words} or the final authority makes an exception here.",
            rule=f"statement of work “{agreements[0]}”" if agreements else "statements of work in force",
            next_step="Ask one of them.",
        )
    with transaction.atomic(), because(actor=actor.pk, action="reference.exception", reason=BENCHMARKING):
        note = Note.objects.create(client=client, text=reason.strip(), author=actor, created_at=now)
        return ReferenceException.objects.create(
            client=client, agreement_id=agreements[0].id if agreements else None, party=party, first=today, last=last,
            reason=note, granted_by=actor, granted_at=now,
        )  # fmt: skip


def _check_given(party: str, keepers: Collection[str], last: date, today: date, reason: str) -> None:
    if party not in PARTIES:
        raise ScopeError("Choose the party that may change them.", field="party")
    if party in keepers:
        words = PARTIES[party][:1].upper() + PARTIES[party][1:]
        raise ScopeError(f"{words} keeps them already: no exception is needed.", field="party")
    if last < today:
        raise ScopeError("The last day lies in the past.", field="last", next_step="Choose today or later.")
    if last - today > LONGEST:
        raise ScopeError(
            f"An exception holds for {LONGEST.days} days at most.", field="last",
            next_step="For longer, change the statement of work.",
        )  # fmt: skip
    if not reason.strip():
        raise ScopeError("Say why: the exception is kept with its reason.", field="reason")


def _keepers(programme: Programme, now: datetime) -> tuple[list[Agreement], set[str]]:
    """The agreements that name somebody, and the parties that keep the references."""
    named = named_for(programme.agreements, BENCHMARKING, now, programme.zone)
    return [agreement for agreement, _ in named], {given.party for _, given in named} or {KEEPS_BY_ITSELF}


def _may_except(programme: Programme, actor: User, now: datetime) -> bool:
    agreements, keepers = _keepers(programme, now)
    roles = programme.roles_of(actor.pk)
    final = {final_authority(each.document)[0] for each in agreements} or {final_authority(None)[0]}
    return bool(parties_of(roles) & keepers) or bool({str(role) for role in roles} & final)


def owners(programme: Programme, now: datetime) -> list[int]:
    """Users who look after the references: of the parties that keep them whoever may change them, else client HR."""
    _, keepers = _keepers(programme, now)
    found = [user for role in MAY_CHANGE if PARTY_OF_ROLE[role] in keepers for user in programme.holders(role)]
    return list(dict.fromkeys(found)) or programme.holders(Role.HR_PARTNER)


def may_except(client_ids: Iterable[int], *, actor: User, now: datetime) -> list[int]:
    """Of these clients those at which the person may record and end exceptions, in one query."""
    return [pk for pk, programme in load_many(client_ids).items() if _may_except(programme, actor, now)]


def end_exception(row: ReferenceException, *, actor: User, now: datetime) -> ReferenceException:
    """End it now, before its last day. Raises ScopeError."""
    with transaction.atomic(), because(actor=actor.pk, action="reference.end_exception"):
        held = ReferenceException.objects.select_for_update(of=("self",)).get(pk=row.pk)
        programme = load(held.client_id)
        if held.ended_at or held.last < today_in(programme.zone, now):
            raise ScopeError("This exception is over already.")
        if not _may_except(programme, actor, now):
            raise ScopeError("Whoever may record an exception here may end it.", next_step="Ask one of them.")
        held.ended_at, held.ended_by = now, actor
        held.save(update_fields=["ended_at", "ended_by"])
        return held
