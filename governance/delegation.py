"""Standing in for somebody who is away: time-boxed, never passed on, over when it ends.

A stand-in decides what waits for the person at this client, also what was waiting before. In SQL the same is: rows of
governance_delegation with this client and from_user, `ended_at` null and `starts_at` <= now < `ends_at`.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from governance.access import Role, roles_at
from governance.history import because
from governance.models import Client, Delegation, Membership, Note, User
from governance.programme import Programme

FOR_OTHERS = frozenset({Role.HR_PARTNER, Role.ADMINISTRATOR})
LONGEST = timedelta(days=180)
AHEAD = timedelta(days=366)


class DelegationError(Exception):
    """Why nobody can stand in like this: what happened and what to do next. `field` names the input at fault."""

    def __init__(self, message: str, next_step: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message, self.next_step, self.field = message, next_step, field

    def __str__(self) -> str:
        return " ".join(part for part in (self.message, self.next_step) if part)


def stand_ins(programme: Programme, people: Iterable[int], *, now: datetime) -> list[int]:
    """Whoever stands in now for these people, each once, without those who are among them already."""
    asked = list(people)
    found = (programme.stand_in_of(user, now) for user in asked)
    return [user for user in dict.fromkeys(found) if user is not None and user not in asked]


def delegate(
    *, client: Client, from_user: User, to_user: User, first: date, last: date, actor: User, now: datetime,
    reason: str = "",
) -> Delegation:  # fmt: skip
    """Let `to_user` decide for `from_user` from the first to the last day, both inside, in the client's time zone.

    For oneself, or for another as an HR business partner or administrator, who never names themselves. Raises
    DelegationError.
    """
    _check_actor(client, from_user, actor)
    if to_user.pk == actor.pk and from_user.pk != actor.pk:
        raise DelegationError(
            f"Nobody makes themselves the stand-in of {from_user}.",
            "Choose somebody else, or let them say so.",
            "to_user",
        )
    starts, ends = _span(client, first, last, now)
    with transaction.atomic(), because(actor=actor.pk, action="delegation.begin"):
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)  # one at a time, or two could make a circle
        _check_people(client, from_user, to_user)
        _check_others(client, from_user, to_user, starts, ends)
        note = Note.objects.create(client=client, text=text, author=actor, created_at=now) if (
            text := reason.strip()
        ) else None  # fmt: skip
        return Delegation.objects.create(
            client=client, from_user=from_user, to_user=to_user, starts_at=starts, ends_at=ends, note=note,
            made_at=now, made_by=actor,
        )  # fmt: skip


def end(delegation_id: int, *, actor: User, now: datetime) -> Delegation:
    """End it now, before its last day: what waits is the person's own again. Raises DelegationError."""
    with transaction.atomic(), because(actor=actor.pk, action="delegation.end"):
        found = Delegation.objects.select_for_update(of=("self",)).select_related("client", "from_user", "to_user")
        row = found.filter(pk=delegation_id).first()
        if row is None:
            raise DelegationError("There is no such absence among yours.")
        _check_actor(row.client, row.from_user, actor)
        if row.ended_at or row.ends_at <= now:
            raise DelegationError(f"{row} is over already.")
        row.ended_at, row.ended_by = now, actor
        row.save(update_fields=["ended_at", "ended_by"])
        return row


def close_lapsed(*, now: datetime) -> int:
    """Mark as ended what has reached its end, at the clients in scope; says how many."""
    with transaction.atomic(), because(actor=None, action="delegation.lapse"):
        return Delegation.objects.filter(ended_at=None, ends_at__lte=now).update(ended_at=now)


def _check_actor(client: Client, from_user: User, actor: User) -> None:
    held = roles_at(actor, client.pk)
    if (held and actor.pk == from_user.pk) or held & FOR_OTHERS:
        return
    raise DelegationError(
        "You may say who stands in for yourself only.",
        "Ask an HR business partner or an administrator of this client.",
        "from_user",
    )


def _span(client: Client, first: date, last: date, now: datetime) -> tuple[datetime, datetime]:
    """[from, to) as instants, from now where the first day is today."""
    zone = ZoneInfo(client.zone)
    today = now.astimezone(zone).date()
    if first < today:
        raise DelegationError("The first day lies in the past.", "Begin today or later.", "first")
    if first - today > AHEAD:
        raise DelegationError(
            f"The first day lies more than {AHEAD.days} days ahead.",
            "Check the year, or enter it nearer the time.",
            "first",
        )
    if last < first:
        raise DelegationError("The last day lies before the first.", field="last")
    if last - first > LONGEST:
        raise DelegationError(
            f"Nobody stands in for longer than {LONGEST.days} days at once.",
            "Choose a nearer last day; for longer, give the role to somebody else.",
            "last",
        )
    starts = datetime.combine(first, time(), zone)
    return max(starts, now), datetime.combine(last + timedelta(days=1), time(), zone)


def _check_people(client: Client, from_user: User, to_user: User) -> None:
    if from_user.pk == to_user.pk:
        raise DelegationError("Nobody stands in for themselves.", "Choose somebody else.", "to_user")
    active = Membership.objects.filter(client=client, is_active=True, user__is_active=True)
    members = set(active.filter(user__in=(from_user, to_user)).values_list("user", flat=True))
    for user, field in ((from_user, "from_user"), (to_user, "to_user")):
        if user.pk not in members:
            raise DelegationError(
                f"{user} is no active member of {client}.", "Choose somebody who works for this client.", field
            )


def _check_others(client: Client, from_user: User, to_user: User, starts: datetime, ends: datetime) -> None:
    """Nothing is passed on, so there are no chains and no circles: a stand-in is there, and stands in for one's own."""
    meanwhile = Delegation.objects.filter(client=client, ended_at=None, starts_at__lt=ends, ends_at__gt=starts)
    found = list(meanwhile.select_related("from_user", "to_user"))
    if any(each.from_user_id == from_user.pk for each in found):
        raise DelegationError(
            f"Somebody stands in for {from_user} in that time already.", "End that absence first, or choose other days."
        )
    if away := next((each for each in found if each.from_user_id == to_user.pk), None):
        raise DelegationError(
            f"{to_user} is away then, and {away.to_user} stands in: an approval is not passed on.",
            "Choose somebody who is there.",
            "to_user",
        )
    if held := next((each for each in found if each.to_user_id == from_user.pk), None):
        raise DelegationError(
            f"{from_user} stands in for {held.from_user} in that time, and that is not passed on.",
            f"Let somebody else stand in for {held.from_user} first: end that absence and enter it anew.",
        )
