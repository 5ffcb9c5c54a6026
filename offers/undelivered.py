"""A mail that failed for good must not end in silence: whoever stands above its reader hears that it never arrived."""

from datetime import datetime

from governance import ladder
from governance.access import Role
from governance.programme import Programme, load
from offers import approvals, outbox
from offers.models import Escalation, Offer, OutboxMessage
from offers.models.outbox import MailKind


def tell_next(message: OutboxMessage, *, now: datetime) -> None:
    """Queue the news of a failed mail, in the transaction that fails it; news that fails itself goes no further.

    An escalation's goes to the owners of the next level, an approval's to whoever hears its alarms, any other's to the
    client's administrators; they also hear where nobody of those can be told.
    """
    if message.kind == MailKind.UNDELIVERED:
        return
    programme = load(message.client_id)
    people = [user for user in _above(message, programme, now) if user != message.user_id]
    ids = {"message": message.pk}
    outbox.queue_for(
        message.client_id,
        MailKind.UNDELIVERED,
        people or programme.holders(Role.ADMINISTRATOR),
        offer_id=message.offer_id,
        cause=f"failed-{message.pk}-{now:%Y%m%d%H%M%S}",
        now=now,
        ids=ids,
    )


def _above(message: OutboxMessage, programme: Programme, now: datetime) -> list[int]:
    if message.kind == MailKind.APPROVAL_ASKED:
        return approvals.owners_of_alarm(programme, now)
    if message.kind != MailKind.ESCALATION:
        return programme.holders(Role.ADMINISTRATOR)
    carried = Escalation.objects.filter(mails__message=message).select_related("clock__path", "offer")
    return list(dict.fromkeys(user for each in carried for user in _next_level(each, programme)))


def _next_level(found: Escalation, programme: Programme) -> list[int]:
    path = found.clock.path
    if path is None:
        return []
    people: list[int] = []
    for owner in ladder.owners(path.document, found.level + 1):
        if "role" in owner:
            people += _of_role(owner["role"], found.offer, programme)
        elif "person" in owner:
            people += [owner["person"]] if programme.roles_of(owner["person"]) else []
    return people


def _of_role(role: str, offer: Offer, programme: Programme) -> list[int]:
    named = {
        Role.COORDINATOR: offer.coordinator_id,
        Role.RECRUITER: offer.recruiter_id,
        Role.HIRING_MANAGER: offer.hiring_manager_id,
    }.get(Role(role))
    return [named] if named and programme.roles_of(named) else programme.holders(role)
