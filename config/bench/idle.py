"""What a sweep with nothing due costs at a thousand open clocks and at a million: the same, by one plan."""

import time
from statistics import median
from typing import Any

from django.db import connection

from config.bench.place import NOW, own_client, own_database
from config.bench.rows import open_clocks
from offers.sweep import sweep

SIZE, SMALL = 1_000_000, 1_000
ROUNDS = 200

_SEARCHES = {
    "due": """SELECT id FROM offers_clock WHERE stopped_at IS NULL AND next_due_at <= %s
        ORDER BY next_due_at LIMIT 20000 FOR UPDATE SKIP LOCKED""",
    "reminders": """SELECT id FROM offers_clock WHERE stopped_at IS NULL AND remind_at <= %s
        ORDER BY remind_at LIMIT 20000 FOR UPDATE SKIP LOCKED""",
}


def run(size: int) -> dict[str, Any]:
    """Sweep again and again with nothing due, at 1,000 open clocks and at `size` of them."""
    with own_database(), own_client() as (client, people):
        open_clocks(client, people["recruiter"], size=SMALL, due=0, now=NOW, bare=True)
        few, few_plans = _idle_ms(), _plans()
        open_clocks(client, people["recruiter"], size=size - SMALL, due=0, now=NOW, bare=True)
        many, many_plans = _idle_ms(), _plans()
    return {
        "clocks": [SMALL, size],
        "milliseconds": [round(few, 2), round(many, 2)],
        "ratio": round(many / few, 2),
        "same_plan": few_plans == many_plans,
        "plans": many_plans,
        "plans_at_first": few_plans,
    }


def _idle_ms() -> float:
    """The median of many sweeps, in milliseconds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = sweep(now=NOW)
        taken.append(time.perf_counter() - began)
        assert found.due == 0, "nothing was to be due"
    return median(taken) * 1000


def _plans() -> dict[str, str]:
    """How the database looks for what is due, from the top down."""
    with connection.cursor() as cursor:
        return {name: _plan(cursor, statement) for name, statement in _SEARCHES.items()}


def _plan(cursor: Any, statement: str) -> str:
    cursor.execute(f"EXPLAIN (COSTS OFF) {statement}", [NOW])
    nodes = [line.strip(" ->") for (line,) in cursor.fetchall() if "Cond:" not in line and "Filter:" not in line]
    return ", ".join(nodes)
