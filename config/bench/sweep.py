"""How long a sweep takes over many open clocks of which a tenth is due, beside the same inserts written by hand."""

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config.bench.place import NOW, own_client, own_database
from config.bench.rows import open_clocks
from governance.history import because, bulk
from governance.models import Client, User
from offers.sweep import sweep

SIZE = 100_000
ROUNDS = 3  # of each side, in turns; all but the last sweep are undone


def run(size: int) -> dict[str, Any]:
    """Sweep `size` open clocks, a tenth of them due, in turns with the same inserts by hand; then with nothing due."""
    with own_database(), own_client() as (client, people):
        open_clocks(client, people["recruiter"], size=size, due=size // 10, now=NOW)
        told = [people["recruiter"], people["coordinator"]]
        pairs = [(_swept(), _by_hand(client, told)) for _ in range(ROUNDS)]
        with CaptureQueriesContext(connection) as busy:
            result = sweep(now=NOW)
        with CaptureQueriesContext(connection) as idle:
            nothing = sweep(now=NOW)
    ours, by_hand = (median(side) for side in zip(*pairs, strict=True))
    return {
        "open": size,
        "due": result.due,
        "mails_queued": result.mails_queued,
        "queries": len(busy),
        "seconds": round(ours, 3),
        "by_hand_seconds": round(by_hand, 3),
        "ratio": round(ours / by_hand, 2),
        "ratios": sorted(round(mine / hand, 2) for mine, hand in pairs),
        "due_per_second": round(result.due / ours),
        "idle_queries": len(idle),
        "idle_seconds": nothing.seconds,
    }


def _swept() -> float:
    """Seconds that a sweep takes, undone afterwards."""
    with transaction.atomic():
        began = time.perf_counter()
        sweep(now=NOW)
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds


CHUNK = 5_000
_DUE = """SELECT c.id, c.offer_id, c.thresholds[1], c.due_instants[1], o.holder_id
    FROM offers_clock c JOIN offers_offer o ON o.id = c.offer_id WHERE c.next_due_at <= %s ORDER BY c.id"""
_MOVE = "UPDATE offers_clock SET flagged = 1, next_due_at = due_instants[2] WHERE id = ANY(%s)"
_FLAG = """INSERT INTO offers_escalation (client_id, clock_id, offer_id, cycle, round, threshold_hours, level, cause,
        due_at, flagged_at, holder_id, holder_role, status)
    SELECT %s, row.clock, row.offer, 1, 1, row.hours, 1, 'threshold', row.due, %s, row.holder, '', 'open'
    FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[], %s::bigint[])
        AS row (clock, offer, hours, due, holder) RETURNING id"""
_MAIL = """INSERT INTO offers_outboxmessage (client_id, key, kind, user_id, address, ids, status, attempts, created_at,
        due_at, error) VALUES (%s, %s, 'escalation', %s, '', '{}', 'queued', 0, %s, %s, '') RETURNING id"""
_LINK = """INSERT INTO offers_outboxescalation (client_id, message_id, escalation_id)
    SELECT %s, %s, id FROM unnest(%s::bigint[]) AS id"""


def _by_hand(client: Client, told: list[User]) -> float:
    """Seconds for what the sweep writes, written plainly, 5,000 rows a statement, in one transaction, then undone."""
    with transaction.atomic(), because(actor=None, action="sweep"), connection.cursor() as cursor:
        bulk()
        began, made = time.perf_counter(), []
        cursor.execute(_DUE, [NOW])
        for chunk in _chunks(cursor.fetchall()):
            clocks, *rest = (list(column) for column in zip(*chunk, strict=True))
            cursor.execute(_MOVE, [clocks])
            cursor.execute(_FLAG, [client.pk, NOW, clocks, *rest])
            made += [row[0] for row in cursor.fetchall()]
        for user in told:
            cursor.execute(_MAIL, [client.pk, f"by-hand-{user.pk}", user.pk, NOW, NOW])
            (mail,) = cursor.fetchone()
            for chunk in _chunks(made):
                cursor.execute(_LINK, [client.pk, mail, chunk])
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds


def _chunks(rows: list[Any]) -> Iterator[list[Any]]:
    return (rows[i : i + CHUNK] for i in range(0, len(rows), CHUNK))
