"""API tokens: each lets a program act as one person at one client. Issued once in clear, kept as a hash, for a time.

A token reads hof_CLIENT_SECRET: it names its client, so that it can be looked up behind the wall of that client alone.
"""

import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from governance.clients import ClientError
from governance.history import because
from governance.models import ApiToken, Client, User
from governance.models.access import TokenScope
from governance.tenancy import scope

FORM = re.compile(r"hof_([1-9][0-9]{0,17})_[A-Za-z0-9_-]{43}")
USE_IS_KEPT_TO = timedelta(minutes=1)  # a write a minute at most, however many requests there are
DAYS, MOST_DAYS = 365, 730  # what a token is good for unless said otherwise, and at most
SOON = timedelta(days=14)  # its person hears of the end so long before


class Expired(Exception):
    """The token is a real one, and was good until `at`."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"good until {at.isoformat()}")
        self.at = at


def issue(
    *, email: str, client: Client, access: str, days: int = DAYS, actor: User | None = None, now: datetime
) -> tuple[ApiToken, str]:
    """A new token of this member, "read" or "write", and the text to hand over, which nobody can read again.

    Raises ClientError naming the field that is wrong.
    """
    if access not in TokenScope.values:
        raise ClientError("scope", f"There is no scope “{access}”. Scopes: {', '.join(TokenScope.values)}.")
    if not 1 <= days <= MOST_DAYS:
        raise ClientError("days", f"A token is good for 1 to {MOST_DAYS} days, not for {days}.")
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None or not user.is_active or client.pk not in user.roles:
        raise ClientError("email", f"{email} is no active member of {client.code}: give them a role there first.")
    text = f"hof_{client.pk}_{secrets.token_urlsafe(32)}"
    with scope([client.pk]), transaction.atomic(), because(actor=actor.pk if actor else None, action="token.issue"):
        token = ApiToken.objects.create(
            client=client, user=user, scope=access, digest=_digest(text), hint=text[:12],
            created_at=now, expires_at=now + timedelta(days=days),
        )  # fmt: skip
    return token, text


def find(text: str, *, now: datetime) -> ApiToken | None:
    """The living token that this text is, its person limited to its client, and the use of it noted.

    None for any other text, a revoked token, and a person who has left or has no role at that client any more. Raises
    Expired for one that would be good but for its age.
    """
    named = FORM.fullmatch(text)
    if named is None:
        return None
    with scope([int(named[1])]):
        alive = ApiToken.objects.filter(revoked_at=None, user__is_active=True).select_related("user")
        token = alive.filter(digest=_digest(text)).first()
        if token is None:
            return None
        token.user.only_at(token.client_id)
        if not token.user.roles:
            return None
        if token.is_over(now):
            raise Expired(token.expires_at)
        if token.last_used_at is None or now - token.last_used_at >= USE_IS_KEPT_TO:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token


def revoke(token_ids: list[int], *, actor: User, now: datetime) -> int:
    """End these tokens for good, at the clients in scope; says how many were alive."""
    with transaction.atomic(), because(actor=actor.pk, action="token.revoke"):
        return ApiToken.objects.filter(pk__in=token_ids, revoked_at=None).update(revoked_at=now)


def _digest(text: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess.
    return sha256(text.encode()).hexdigest()
