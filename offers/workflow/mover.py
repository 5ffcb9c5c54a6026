"""What every verb shares: the lock, the check against the table, the move and its record."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction

from governance.access import Role, roles_at
from governance.history import because
from governance.models import Note, User
from governance.programme import Programme, load
from offers import lifecycle, sow
from offers.errors import BadInput, NotInThisState, NotYours
from offers.lifecycle import Guard, Move, Status
from offers.models import Offer, Override
from offers.models.offer import ContingencyStatus
from offers.overrides import JUDGES

FAR_YEARS = 5
FAR = timedelta(days=366 * FAR_YEARS)  # no offer takes so long: whatever lies further away is a slip
PREPARERS = frozenset({Role.COORDINATOR, Role.RECRUITER, Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER})
ENDERS = PREPARERS | {Role.HIRING_MANAGER, Role.TALENT_LEADER}
MAY: dict[str, frozenset[Role]] = {
    **dict.fromkeys(lifecycle.ACTIONS, PREPARERS),
    "approve": frozenset(Role),  # who is asked decides, offers.approvals checks it
    "reject": frozenset(Role),
    "send_back": frozenset(Role),
    "skip": frozenset({Role.ADMINISTRATOR}),
    "reassign": frozenset({Role.HR_PARTNER, Role.ACCOUNT_DIRECTOR, Role.ADMINISTRATOR}),
    "rescind": ENDERS,
    "cancel": ENDERS,
    "leave": ENDERS,
    "take_back_leaving": ENDERS,
    "review_hire": ENDERS,
    "undo": frozenset({Role.ACCOUNT_DIRECTOR}),
    "advise": frozenset({Role.RECRUITER, Role.ACCOUNT_DIRECTOR}),
    "decide_advice": frozenset(Role),  # offers.workflow.advice checks who
    "report_override": frozenset(Role),
    "confirm_override": frozenset(JUDGES),
    "resolve_override": frozenset(JUDGES),
}
IN_WORDS = {
    "terms": "change the terms of",
    "verbal_approval": "record the verbal approval of",
    "verbal_offer": "record the verbal offer of",
    "contingency": "decide the contingencies of",
    "explain": "record why the candidate was lost for",
    "undo": "undo the answer to",
    "skip": "skip an approval of",
    "reassign": "give to somebody else an approval of",
    "leave": "record the leaving of",
    "take_back_leaving": "take back the leaving of",
    "rate": "record how satisfied the candidate was with",
    "review_hire": "review the hire of",
    "details": "change who works on",
    "escalate": "escalate",
    "nudge": "nudge the holder of",
    "contact": "log a contact for",
    "pause": "pause the clocks of",
    "resume": "resume the clocks of",
    "advise": "give advice on",
    "report_override": "report an override of",
    "confirm_override": "confirm an override of",
    "resolve_override": "resolve an override of",
}


class Acting(NamedTuple):
    """What a verb works with: the offer, its row locked, the rules in force, and the note of the comment given."""

    offer: Offer
    programme: Programme
    note: Note | None


@contextmanager
def acting(
    offer_id: int, action: str, *, actor: User | None, now: datetime, at: datetime | None = None,
    reason: str = "", comment: str = "",
) -> Iterator[Acting]:  # fmt: skip
    """Lock the offer, check role, state and guard, and name actor and action in the history of all that is written.

    Guards are asked as of `at`, where the event lies before now. `reason` is a code; `comment` is free text and goes to
    a Note, whose id stands in the history.
    """
    who: dict[str, Any] = {"actor": actor.pk if actor else None, "action": f"offer.{action}"}
    with (
        because(**who),
        transaction.atomic(),
    ):  # in this order nothing has to clear the context
        offer = lock(offer_id)
        programme = load(offer.client_id)
        check_role(offer, action, actor, programme.roles_of(actor.pk) if actor else None)
        if actor:
            sow.check(offer, action, programme.roles_of(actor.pk), programme)
        check_state(offer, action, at or now)
        note = keep_note(offer, comment, actor=actor, now=now)
        facts: dict[str, Any] = {"reason": reason or None, "note": note.pk if note else None}
        with because(**who, **facts):
            yield Acting(offer, programme, note)


def lock(offer_id: int) -> Offer:
    """The offer with what every verb reads, its row locked first, always.

    Two statements: one that waits for the lock would see the rows beside it as they were before the wait. The lock lets
    rows that point at the offer be written meanwhile, or the sweep and a verb could wait for each other.
    """
    if not list(Offer.objects.select_for_update(no_key=True).filter(pk=offer_id).values_list("pk")):
        raise NotYours("There is no such offer among yours.")
    offer = Offer.objects.select_related(
        "client", "requisition__engagement", "candidate", "version", "letter__version"
    ).get(pk=offer_id)
    versions = [offer.version, offer.letter.version if offer.letter else None]
    for version in versions:
        if version is not None:
            version.offer, version.client = offer, offer.client
    return offer


def check_role(offer: Offer, action: str, actor: User | None, held: frozenset[Role] | None = None) -> None:
    """Raise NotYours where no role of the person at this client allows the action; Handoff itself may do any."""
    if actor is None or _may(offer, action, actor, roles_at(actor, offer.client_id) if held is None else held):
        return
    allowed = ", ".join(Role(role).label.lower() for role in Role if role in MAY.get(action, PREPARERS))
    raise NotYours(f"Your role may not {IN_WORDS.get(action, action)} this offer.", next_step=f"Ask one of: {allowed}.")


def may(offer: Offer, action: str, actor: User) -> bool:
    """Whether a role of the person at this client allows the action."""
    return _may(offer, action, actor, roles_at(actor, offer.client_id))


def _may(offer: Offer, action: str, actor: User, held: frozenset[Role]) -> bool:
    enough = held & MAY.get(action, PREPARERS)
    if enough == {Role.HIRING_MANAGER} and MAY.get(action) is ENDERS:
        return offer.hiring_manager_id == actor.pk  # of their own offers only
    return bool(enough)


def check_state(offer: Offer, action: str, at: datetime) -> None:
    """Raise NotInThisState where the table or a guard stands against the action."""
    if action not in lifecycle.ACTIONS:
        return
    move = lifecycle.find(offer.status, action)
    if move is None:
        allowed = ", ".join(row.action for row in lifecycle.moves(offer.status)) or "nothing more"
        raise NotInThisState(
            f"An offer that is {offer.get_status_display().lower()} cannot {action}.",
            next_step=f"It can: {allowed}.",
        )
    if move.guard and not holds(move.guard, offer, at):
        raise NotInThisState(f"Not possible: {move.guard}.", rule=move.guard.name.lower())


def holds(guard: Guard, offer: Offer, at: datetime) -> bool:
    """Whether the fact that a row of the table asks for is true of this offer at that instant."""
    letter = offer.letter if offer.letter and offer.letter.revoked_at is None else None
    if guard is Guard.LETTER_OUT:
        return offer.letter_is_out(at)
    if guard is Guard.LETTER_SENT:
        return letter is not None
    if guard is Guard.LAPSED:
        return letter is not None and letter.expires_at is not None and letter.expires_at <= at
    if guard is Guard.HEARD:
        return offer.heard
    if guard is Guard.NOT_HEARD:
        return not offer.heard
    if guard is Guard.NO_OVERRIDE:
        return not Override.objects.holding().filter(offer=offer).exists()
    if guard is Guard.NEXT_VERSION:
        return offer.version is not None and offer.version.submitted_at is None
    if guard is Guard.NO_NEXT_VERSION:
        return offer.version is not None and offer.version.submitted_at is not None
    done = (ContingencyStatus.CLEAR, ContingencyStatus.WAIVED)
    return not offer.contingencies.exclude(status__in=done).exists()


def move(offer: Offer, action: str, target: Status, *, now: datetime, **fields: Any) -> Offer:
    """The one place that writes a status. `fields` are further columns of the offer that change with it."""
    row = lifecycle.find(offer.status, action)
    if row is None or target not in row.targets:
        raise NotInThisState(f"The table has no {action} from {offer.status} to {target}.")
    if target != offer.status:
        fields |= {"moved_from": offer.status, "moved_at": now}
    write(offer, status=target.value, **fields)
    return offer


def write(offer: Offer, **fields: Any) -> None:
    """Save these columns of the offer, and who holds it now unless that is given."""
    if "holder_id" not in fields:
        over = fields.get("status", offer.status) in lifecycle.ENDED | {Status.JOINED}
        holder = None if over else offer.recruiter_id or offer.coordinator_id
        fields |= {"holder_id": holder, "holder_role": "" if over or holder else Role.COORDINATOR.value}
    for name, value in fields.items():
        setattr(offer, name, value)
    offer.save(update_fields=list(fields))


def possible(offer: Offer, *, now: datetime, actor: User | None = None) -> list[Move]:
    """The moves that table, guards and the person's role allow now, in the table's order, for a page's buttons."""
    return [
        row
        for row in lifecycle.moves(offer.status)
        if (actor is None or _may(offer, row.action, actor, roles_at(actor, offer.client_id)))
        and (row.guard is None or holds(row.guard, offer, now))
    ]


def blocked(offer: Offer, *, now: datetime) -> list[Move]:
    """The moves that the status knows and a guard stands against, with the guard that says why."""
    return [row for row in lifecycle.moves(offer.status) if row.guard and not holds(row.guard, offer, now)]


def keep_note(offer: Offer, text: str, *, actor: User | None, now: datetime) -> Note | None:
    """Keep free text where it can be erased, and give its row; None for no text."""
    text = text.strip()
    return Note.objects.create(client_id=offer.client_id, text=text, author=actor, created_at=now) if text else None


def instant(at: datetime | None, *, now: datetime, field: str) -> datetime:
    """When it happened: `at`, or now. Refuses a naive instant, one in the future, and a slip of the year."""
    if at is None:
        return now
    if at.tzinfo is None:
        raise BadInput("Give the time with its offset from UTC.", field=field)
    if at > now:
        raise BadInput("This lies in the future.", field=field, next_step="Record it once it has happened.")
    if now - at > FAR:
        raise BadInput(f"This lies more than {FAR_YEARS} years back.", field=field, next_step="Check the year.")
    return at


def check_amount(amount: Decimal | None, *, field: str) -> None:
    """Refuse pay of nothing, or less than nothing; none given is fine."""
    if amount is not None and amount <= 0:
        raise BadInput("Pay is more than nothing.", field=field, next_step="Leave it empty where nobody named a sum.")


def coming(day: date, *, now: datetime, field: str) -> date:
    """A day that is planned, as given. Refuses one so far ahead that it is a slip of the year."""
    if day - now.date() > FAR:
        raise BadInput(f"This lies more than {FAR_YEARS} years ahead.", field=field, next_step="Check the year.")
    return day
