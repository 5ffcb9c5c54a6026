"""What beat calls for governance. Thin: scope, call a verb, log."""

import structlog
from celery import shared_task
from django.utils import timezone

from governance import attempts, sealing
from governance.api import once
from governance.tenancy import scope_all

log = structlog.get_logger(__name__)


@shared_task
def seal() -> None:
    """Seal the history of the last minute. The log keeps each client's last seal where the database cannot reach."""
    with scope_all():
        before = sealing.heads()
    sealed = sealing.seal(now=timezone.now())
    if not sealed:
        return
    with scope_all():
        for client, (number, digest) in sealing.heads().items():
            if before.get(client) != (number, digest):
                log.info("sealed", client=client, seal=number, digest=digest)


@shared_task
def forget_answers() -> None:
    """Delete what was kept under an Idempotency-Key longer than it is good for."""
    with scope_all():
        once.forget(now=timezone.now())


@shared_task
def forget_attempts() -> None:
    """Delete counts of attempts to sign in that are over."""
    attempts.forget(now=timezone.now())
