"""Putting mail into the outbox. The row commits with the change that causes it; nothing is published, beat finds it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from offers.models import Offer, OutboxMessage
from offers.models.outbox import MailKind


def queue(
    kind: MailKind,
    offer: Offer,
    to: Iterable[int | None],
    *,
    cause: str,
    now: datetime,
    ids: dict[str, Any] | None = None,
) -> None:
    """One mail a person, each person once. `cause` names what happened (a row and its turn): the same cause, once."""
    queue_for(offer.client_id, kind, to, offer_id=offer.pk, cause=cause, now=now, ids=ids)


def queue_for(
    client_id: int,
    kind: MailKind,
    to: Iterable[int | None],
    *,
    cause: str,
    now: datetime,
    offer_id: int | None = None,
    ids: dict[str, Any] | None = None,
) -> None:
    """As `queue`, for news that is of no one offer."""
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                client_id=client_id,
                key=f"{kind}:{cause}:{user}",
                kind=kind,
                user_id=user,
                offer_id=offer_id,
                ids=ids or {},
                created_at=now,
                due_at=now,
            )
            for user in dict.fromkeys(to)
            if user is not None
        ],
        ignore_conflicts=True,
    )
