"""What beat calls every few seconds. Thin: scope to every client, call a verb, log counts."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.utils import timezone

from governance.delegation import close_lapsed
from governance.tenancy import scope_all
from offers import approvals, delivery, staleness, token_ends
from offers import sweep as sweeping
from offers.lapse import expire_lapsed
from offers.watch import watch
from offers.workflow.advice import pass_on_challenges

log = structlog.get_logger(__name__)

PASS = timedelta(minutes=2)  # far below CELERY_TASK_TIME_LIMIT, so that a pass ends between two mails


@shared_task
def sweep() -> None:
    """Flag what is due and queue its mail."""
    with scope_all():
        result = sweeping.sweep(now=timezone.now())
    if result.due:
        log.info("swept", due=result.due, flagged=result.flagged, mails_queued=result.mails_queued)


@shared_task
def deliver() -> None:
    """Send what the outbox holds."""
    with scope_all():
        result = delivery.deliver(within=PASS)
    if result.sent or result.failed or result.retrying:
        log.info("delivered", sent=result.sent, failed=result.failed, retrying=result.retrying)


@shared_task
def warn_of_stale() -> None:
    """Tell owners of references that they are about to be too old."""
    with scope_all():
        staleness.warn_of_stale(now=timezone.now())


@shared_task
def warn_of_token_ends() -> None:
    """Tell people of the API tokens that end soon."""
    with scope_all():
        token_ends.warn_of_ends(now=timezone.now())


@shared_task
def expire() -> None:
    """Close offers whose last day to answer has passed."""
    with scope_all():
        closed = expire_lapsed(now=timezone.now())
    if closed:
        log.info("expired", offers=closed)


@shared_task
def audit() -> None:
    """Raise alarms for what is due and was not taken up, and clear those that are over."""
    with scope_all():
        raised, cleared = watch(now=timezone.now())
    if raised or cleared:
        log.warning("audited", raised=raised, cleared=cleared)


@shared_task
def watch_approvals() -> None:
    """Tell stand-ins what waits, raise alarms for what nobody can answer, and end absences that are over."""
    with scope_all():
        now = timezone.now()
        over = close_lapsed(now=now)
        alarms, told = approvals.alarm_orphans(now=now), approvals.tell_stand_ins(now=now)
    if over or alarms or told:
        log.info("approvals watched", absences_over=over, alarms=alarms, told=told)


@shared_task
def challenges() -> None:
    """Pass on challenges that nobody has decided in their hours."""
    with scope_all():
        passed = pass_on_challenges(now=timezone.now())
    if passed:
        log.info("challenges passed on", challenges=passed)
