"""Web hooks in: what an applicant tracking system tells of its offers, taken in like a file of one object.

Nobody is signed in. The signature over the raw body says whose it is; without it nothing is read, and an unknown client
is told from a wrong signature by nothing.
"""

import tempfile
from pathlib import Path
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from governance.clients import ClientError, find_client
from governance.ingest.kinds import ingest
from offers.ats.signature import is_signed
from offers.ingest.greenhouse import GREENHOUSE

log = structlog.get_logger(__name__)
NOBODY = 0


@csrf_exempt
@require_POST
def greenhouse(request: HttpRequest, client: str) -> JsonResponse:
    """200 with the counts of `ingest`; 422 where it is refused, 401 where not signed, 413 where too large."""
    try:
        body = request.body
    except RequestDataTooBig:
        return JsonResponse({"error": "This is too large for a web hook."}, status=413)
    try:
        found: Any = find_client(client)
    except ClientError:
        found = None
    signed = is_signed(body, request.headers.get("Signature", ""), found.pk if found else NOBODY)
    if found is None or not signed:
        return JsonResponse({"error": "The signature is missing or wrong."}, status=401)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hook.json"
        path.write_bytes(body)
        report = ingest(GREENHOUSE, path, client=found, now=timezone.now())
    told = report.as_json(dry_run=False)
    log.info(
        "greenhouse_hook", client=found.pk, created=told["created"], updated=told["updated"],
        flags=[flag for each in report.flagged for flag in each.flags],
        refused=[each.column for each in report.refused],
    )  # fmt: skip
    return JsonResponse(told, status=422 if report.refused else 200)
