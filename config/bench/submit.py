"""How many queries a submit takes, and how long: judge, freeze, build the chain, start its clocks, queue its mail."""

import statistics
import time
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.bench.place import NOW, own_client, own_database
from governance.models import Benchmark, Client, JobMatch, MarketSource, SalaryBand, User
from offers.models import Candidate, Requisition
from offers.workflow import draft_offer, record_verbal_approval, submit

SIZE = 200


def run(size: int) -> dict[str, Any]:
    """Submit `size` offers that lie 6 % below their reference, one after the other."""
    with own_database(), own_client() as (client, people):
        requisition = _requisition(client, people)
        seconds, queries = [], []
        for number in range(size):
            candidate = Candidate.objects.create(client=client, external_id=f"C-{number}")
            offer = draft_offer(
                requisition=requisition, candidate=candidate, external_id=f"O-{number}", actor=people["coordinator"],
                now=NOW, terms={"base": Decimal(94_000)},
            )  # fmt: skip
            record_verbal_approval(offer.pk, actor=people["coordinator"], now=NOW)
            began = time.perf_counter()
            with CaptureQueriesContext(connection) as seen:
                submit(offer.pk, actor=people["coordinator"], now=NOW)
            seconds.append(time.perf_counter() - began)
            queries.append(len(seen))
    return {
        "submitted": size,
        "queries": max(queries),
        "median_ms": round(statistics.median(seconds) * 1000, 1),
        "p90_ms": round(sorted(seconds)[int(size * 0.9)] * 1000, 1),
    }


def _requisition(client: Client, people: dict[str, User]) -> Requisition:
    source = MarketSource.objects.create(client=client, name="Bench")
    role = {"client": client, "role_code": "ENG", "location": "HQ"}
    Benchmark.objects.create(
        **role, source=source, currency="USD", period="year", as_of=date(2026, 11, 24), p25=Decimal(90_000),
        p50=Decimal(100_000), p75=Decimal(110_000),
    )  # fmt: skip
    JobMatch.objects.create(**role, source=source, source_role_code="ENG", source_location="HQ")
    SalaryBand.objects.create(
        **role, code="B", role_family="Engineering", grade="G5", currency="USD", minimum=Decimal(80_000),
        midpoint=Decimal(100_000), maximum=Decimal(120_000), valid_from=date(2026, 1, 1),
    )  # fmt: skip
    return Requisition.objects.create(
        **role, external_id="R", role_family="Engineering", grade="G5", evergreen=True,
        hiring_manager=people["hiring_manager"], recruiter=people["recruiter"], budget_max=Decimal(120_000),
    )  # fmt: skip
