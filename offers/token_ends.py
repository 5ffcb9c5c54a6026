"""API tokens that are about to end: the person whom each acts for hears of it ahead, once."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from governance.models import ApiToken, Membership
from governance.tokens import SOON
from offers.models import OutboxMessage
from offers.models.outbox import MailKind


def warn_of_ends(*, now: datetime) -> int:
    """Mail the person of each token that ends within two weeks, at the clients in scope; says how many end."""
    there = Membership.objects.filter(client=OuterRef("client"), user=OuterRef("user"), is_active=True)
    ending = ApiToken.objects.filter(revoked_at=None, expires_at__gt=now, expires_at__lte=now + SOON)
    due = list(ending.filter(Exists(there), user__is_active=True).order_by("pk"))
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                client_id=token.client_id,
                key=f"{MailKind.TOKEN_ENDS}:{token.pk}",
                kind=MailKind.TOKEN_ENDS,
                user_id=token.user_id,
                ids={"api_token": token.pk},
                created_at=now,
                due_at=now,
            )
            for token in due
        ],
        ignore_conflicts=True,
    )
    return len(due)
