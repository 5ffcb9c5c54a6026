"""What beat calls for insight. Thin: ask the clock, call, log counts."""

import structlog
from celery import shared_task
from django.utils import timezone

from analytics.facts import refresh
from analytics.programme_book import write_books
from governance.tenancy import all_client_ids, scope

log = structlog.get_logger(__name__)


@shared_task
def refresh_facts() -> None:
    """Bring the facts of every client up to date, one client a transaction."""
    for client_id in all_client_ids():
        with scope([client_id]):
            done = refresh(client_id, now=timezone.now())
        if done.facts:
            log.info("facts_refreshed", client=client_id, facts=done.facts)


@shared_task
def write_programme_books() -> None:
    """Write what is missing of the last quarter's books of other clients' cases."""
    if written := write_books(now=timezone.now()):
        log.info("programme_books_written", books=written)
