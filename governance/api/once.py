"""Writes that are done once: the same Idempotency-Key and body gives the stored answer again instead of a second write.

The key's row is inserted in the transaction of the write itself. Of two at once, the second waits on the unique key and
then finds the first one's answer, or, where the first was refused, does the work itself.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response

from governance.api.problems import Problem
from governance.models import StoredAnswer

KEPT = timedelta(hours=24)
HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
PARAMETER = OpenApiParameter(
    HEADER, OpenApiTypes.STR, OpenApiParameter.HEADER, pattern="^[ -~]{1,200}$",
    description="Any text of your own, kept for 24 hours: sent again with the same body, nothing is done twice.",
)  # fmt: skip


def once(
    request: Any, client_id: int, work: Callable[[], tuple[int, Any]], *, keep: type[Exception] = Problem
) -> Response:
    """The answer (status, body) of `work`, or the one that this person's key at this client had before.

    Without the header the work is simply done. A refusal is not stored: once what stood against it is mended, the same
    key may be tried again. What the work itself committed before it raised `keep` stays (a suspicion that it noted), so
    the work makes its own changes atomic. Raises Problem where the key was used for something else.
    """
    key = request.headers.get(HEADER)
    if key is None:
        status, body = work()
        return Response(body, status)
    if not re.fullmatch("[ -~]{1,200}", key):
        raise Problem(f"{HEADER} is 1 to 200 plain characters.", field=HEADER)
    refused: Exception | None = None
    with transaction.atomic():
        kept, mine = _claim(request, client_id, key, now=timezone.now())
        if not mine:
            return _replay(kept, _fingerprint(request))
        try:
            kept.status, kept.body = work()
            kept.save(update_fields=["status", "body"])
        except keep as error:
            refused = error
            kept.delete()
    if refused:
        raise refused
    return Response(kept.body, kept.status)


def _claim(request: Any, client_id: int, key: str, *, now: datetime) -> tuple[StoredAnswer, bool]:
    named = {"client_id": client_id, "user": request.user, "key": key}
    StoredAnswer.objects.filter(**named, expires_at__lte=now).delete()
    fresh = StoredAnswer(**named, fingerprint=_fingerprint(request), created_at=now, expires_at=now + KEPT)
    StoredAnswer.objects.bulk_create([fresh], ignore_conflicts=True)  # waits for whoever is inserting the same key
    kept = StoredAnswer.objects.get(**named)
    return kept, kept.status == 0


def _replay(kept: StoredAnswer, fingerprint: str) -> Response:
    if kept.fingerprint != fingerprint:
        raise Problem(
            f"This {HEADER} was used for another request.", status=422, code="key_reused", field=HEADER,
            next_step="Use a new key for every new request, and the same one only to repeat it.",
        )  # fmt: skip
    return Response(kept.body, kept.status, headers={REPLAYED: "true"})


def _fingerprint(request: Any) -> str:
    body = json.dumps(request.data, sort_keys=True)
    return sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()


def forget(*, now: datetime) -> int:
    """Delete answers that have expired, at the clients in scope; says how many."""
    return StoredAnswer.objects.filter(expires_at__lte=now).delete()[0]
