"""How long every report takes over a large past, whole and by a dimension of many values; and how long facts take."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection

from analytics.facts import refresh
from analytics.reports import REPORTS, UNCUT
from analytics.reports import run as report
from config.bench.past import past
from config.bench.place import NOW, own_client, own_database
from governance.models import Client

SIZE = 1_000_000
MANY_VALUES = "hiring_manager"
TIMES = 3
CHANGED = 1_000


def run(size: int) -> dict[str, Any]:
    """Facts of `size` offers, then of the thousand that changed; then each report, the best of three."""
    with own_database(), own_client() as (client, _):
        past(client, size=size)
        first = _seconds(lambda: refresh(client.pk, now=NOW))
        _settle()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE offers_offer SET satisfaction = 9 WHERE id <= %s", [CHANGED])
        again = _seconds(lambda: refresh(client.pk, now=NOW))
        _settle()
        return {
            "offers": size,
            "facts_seconds": first,
            "facts_a_second": round(size / first),
            f"changed_{CHANGED}_seconds": again,
            **_reports(client),
        }


def _reports(client: Client) -> dict[str, float]:
    """Seconds by report, total alone and by the dimension; the slowest of all first."""
    found = {
        f"{name} by {by}" if by else name: min(
            _seconds(partial(report, name, client=client, by=by, now=NOW)) for _ in range(TIMES)
        )
        for name in REPORTS
        for by in (("",) if name in UNCUT else ("", MANY_VALUES))
    }
    return {"slowest_seconds": max(found.values()), **found}


def _seconds(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return round(time.perf_counter() - began, 3)


def _settle() -> None:
    """What autovacuum does within minutes: statistics, and the map that lets an index answer alone."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("VACUUM (ANALYZE) analytics_offerfact, analytics_stepfact, analytics_counterfact")
        cursor.execute("SET ROLE handoff_app")
