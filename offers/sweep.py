"""The sweep: find what is due, flag it, and put the mail into the outbox, all in the one transaction and set-based.

Clocks are claimed with SKIP LOCKED and an escalation is unique, so that sweeps which overlap flag each threshold once.
A clock that was entered late flags only the newest threshold it has passed. One that was acknowledged is left alone
until the hold ends; still running then, the ladder starts a new round at the newest threshold, and at no lower a level
than has been told: what jumped to the top stays there, whatever the number of thresholds below it. One mail a person
and sweep carries all of that person's escalations.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from governance.access import Role
from governance.history import because, bulk

BATCH = 20_000

_FLAG = """
WITH due AS (
    SELECT id FROM offers_clock WHERE stopped_at IS NULL AND next_due_at <= %(now)s
    ORDER BY next_due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
), reached AS MATERIALIZED (
    SELECT c.id, c.hold_until AS held,
        greatest(c.flagged, (SELECT count(*) FROM unnest(c.due_instants) AS due_at WHERE due_at <= %(now)s))::int AS n,
        CASE WHEN c.hold_until IS NOT NULL THEN
            (SELECT max(level) FROM offers_escalation WHERE clock_id = c.id) END AS told
    FROM offers_clock c JOIN due ON due.id = c.id
), moved AS (
    UPDATE offers_clock c SET flagged = r.n, next_due_at = c.due_instants[r.n + 1], hold_until = NULL,
        round = c.round + (r.held IS NOT NULL)::int
    FROM reached r WHERE r.id = c.id
    RETURNING c.id, c.client_id, c.offer_id, c.cycle, c.round, c.thresholds[r.n] AS hours,
        greatest(r.n, r.told) AS level,
        coalesce(r.held, c.due_instants[r.n]) AS due_at,
        CASE WHEN r.held IS NULL THEN 'threshold' ELSE 'lapsed' END AS cause
), made AS (
    INSERT INTO offers_escalation (client_id, clock_id, offer_id, cycle, round, threshold_hours, level, cause,
        due_at, flagged_at, holder_id, holder_role, status)
    SELECT m.client_id, m.id, m.offer_id, m.cycle, m.round, m.hours, m.level, m.cause, m.due_at, %(now)s, o.holder_id,
        o.holder_role, 'open'
    FROM moved m JOIN offers_offer o ON o.id = m.offer_id
    ON CONFLICT DO NOTHING
    RETURNING id, threshold_hours
)
SELECT (SELECT count(*) FROM moved), (SELECT array_agg(id) FROM made),
    (SELECT json_object_agg(threshold_hours, n)
     FROM (SELECT threshold_hours, count(*) AS n FROM made GROUP BY 1) AS each)
"""

# Whoever may hear of a client at all, and who stands in now for whom: no mail goes to anybody who is no active member.
_AWAY = """active AS MATERIALIZED (
    SELECT DISTINCT m.client_id, m.user_id FROM governance_membership m JOIN governance_user u ON u.id = m.user_id
    WHERE m.is_active AND u.is_active
), away AS MATERIALIZED (
    SELECT d.client_id, d.from_user_id AS from_id, min(d.to_user_id) AS to_id
    FROM governance_delegation d JOIN active ON active.client_id = d.client_id AND active.user_id = d.to_user_id
    WHERE d.ended_at IS NULL AND d.starts_at <= %(now)s AND d.ends_at > %(now)s
    GROUP BY d.client_id, d.from_user_id
)"""
# Whom a level names, person by person. %(up)s climbs the ladder where a level names nobody who can be told.
_TELL = """
WITH {away}, told AS MATERIALIZED (
    SELECT DISTINCT e.id AS escalation_id, e.client_id, coalesce(away.to_id, found.user_id) AS user_id, found.address
    FROM offers_escalation e
    JOIN offers_clock c ON c.id = e.clock_id
    JOIN offers_offer o ON o.id = e.offer_id
    JOIN governance_escalationpath p ON p.id = c.path_id
    CROSS JOIN LATERAL jsonb_array_elements(p.document->'levels'->(e.level - 1 + %(up)s)->'owners') AS owner
    CROSS JOIN LATERAL (
        SELECT (SELECT m.user_id FROM governance_membership m JOIN governance_user u ON u.id = m.user_id
            WHERE m.client_id = e.client_id AND m.is_active AND u.is_active AND m.user_id =
                CASE owner->>'role' WHEN 'coordinator' THEN o.coordinator_id WHEN 'recruiter' THEN o.recruiter_id
                    WHEN 'hiring_manager' THEN o.hiring_manager_id END LIMIT 1) AS own_id
    ) AS named
    CROSS JOIN LATERAL (
        SELECT m.user_id, '' AS address FROM governance_membership m
        WHERE m.client_id = e.client_id AND m.is_active AND m.user_id IN ((owner->>'person')::bigint, named.own_id,
            CASE WHEN owner->>'who' = 'holder' THEN o.holder_id END)
        UNION ALL
        SELECT CASE WHEN owner->>'who' = 'holder_manager' THEN m.manager_id ELSE m.user_id END, ''
        FROM governance_membership m
        WHERE m.client_id = e.client_id AND m.is_active AND CASE
            WHEN owner->>'who' = 'holder' THEN o.holder_id IS NULL AND m.role = o.holder_role
            WHEN owner->>'who' = 'holder_manager' THEN m.user_id = o.holder_id
            ELSE named.own_id IS NULL AND m.role = owner->>'role' END
        UNION ALL
        SELECT NULL, owner->>'address' WHERE owner ? 'address'
    ) AS found
    LEFT JOIN active ON active.client_id = e.client_id AND active.user_id = found.user_id
    LEFT JOIN away ON away.client_id = e.client_id AND away.from_id = found.user_id
    WHERE e.id = ANY(%(ids)s) AND (active.user_id IS NOT NULL OR found.user_id IS NULL AND found.address <> '')
), {insert}
SELECT (SELECT count(*) FILTER (WHERE is_new) FROM mails), (SELECT array_agg(DISTINCT escalation_id) FROM told)
"""
_TELL_ROLE = """
WITH {away}, told AS MATERIALIZED (
    SELECT DISTINCT e.id AS escalation_id, e.client_id, coalesce(away.to_id, m.user_id) AS user_id, '' AS address
    FROM offers_escalation e
    JOIN governance_membership m ON m.client_id = e.client_id AND m.role = %(role)s AND m.is_active
    JOIN active ON active.client_id = m.client_id AND active.user_id = m.user_id
    LEFT JOIN away ON away.client_id = e.client_id AND away.from_id = m.user_id
    WHERE e.id = ANY(%(ids)s)
), {insert}
SELECT (SELECT count(*) FILTER (WHERE is_new) FROM mails), (SELECT array_agg(DISTINCT escalation_id) FROM told)
"""
_ALARM = """
INSERT INTO offers_alarm (client_id, kind, key, text, raised_at)
SELECT DISTINCT e.client_id, 'nobody_to_tell', format('level-%%s-%%s', c.path_id, e.level),
    format('Level %%s of the escalation path “%%s” (version %%s) names nobody who can be told, so the next level was.',
        e.level, p.name, p.version), %(now)s
FROM offers_escalation e JOIN offers_clock c ON c.id = e.clock_id JOIN governance_escalationpath p ON p.id = c.path_id
WHERE e.id = ANY(%(ids)s)
ON CONFLICT DO NOTHING
"""
# The candidate's answer is due soon: the recruiter hears of it, nobody of the ladder ever does. Where the offer's own
# people have left, coordinators and administrators hear instead: it must not be silent.
_REMIND = """
WITH {away}, due AS (
    SELECT id FROM offers_clock WHERE stopped_at IS NULL AND remind_at <= %(now)s
    ORDER BY remind_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE offers_clock c SET remind_at = NULL FROM due WHERE due.id = c.id
    RETURNING c.id, c.client_id, c.offer_id, c.target_at
), mails AS (
    INSERT INTO offers_outboxmessage (client_id, key, kind, user_id, address, offer_id, ids, status, attempts,
        created_at, due_at, error)
    SELECT m.client_id, format('answer_due:%%s:%%s:%%s', m.id, extract(epoch FROM m.target_at)::bigint, u.id),
        'answer_due', coalesce(away.to_id, u.id), '', m.offer_id, '{}'::jsonb, 'queued', 0, %(now)s, %(now)s, ''
    FROM moved m JOIN offers_offer o ON o.id = m.offer_id
    LEFT JOIN active AS recruiter ON recruiter.client_id = m.client_id AND recruiter.user_id = o.recruiter_id
    LEFT JOIN active AS coordinator ON coordinator.client_id = m.client_id AND coordinator.user_id = o.coordinator_id
    CROSS JOIN LATERAL (SELECT coalesce(recruiter.user_id, coordinator.user_id) AS id) AS own
    CROSS JOIN LATERAL (
        SELECT own.id WHERE own.id IS NOT NULL
        UNION
        SELECT p.user_id FROM governance_membership p JOIN active USING (client_id, user_id)
        WHERE own.id IS NULL AND p.client_id = m.client_id AND p.is_active
            AND p.role IN ('coordinator', 'administrator')
    ) AS u
    LEFT JOIN away ON away.client_id = m.client_id AND away.from_id = u.id
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT (SELECT count(*) FROM mails)
"""
# A person has one mail a sweep, however many levels name them: its key carries the sweep's first escalation. An address
# may be longer than a key.
_INSERT = """
mails AS (
    INSERT INTO offers_outboxmessage (client_id, key, kind, user_id, address, offer_id, ids, status, attempts,
        created_at, due_at, error)
    SELECT client_id, format('escalation:%%s:%%s:%%s', client_id, coalesce(user_id::text, md5(address)), %(first)s),
        'escalation', user_id, address,
        CASE WHEN count(*) = 1 THEN (SELECT offer_id FROM offers_escalation WHERE id = min(escalation_id)) END,
        '{}'::jsonb, 'queued', 0, %(now)s, %(now)s, ''
    FROM told GROUP BY client_id, user_id, address
    ON CONFLICT (key) DO UPDATE SET offer_id = NULL
    RETURNING id, client_id, user_id, address, xmax = 0 AS is_new
), links AS (
    INSERT INTO offers_outboxescalation (client_id, message_id, escalation_id)
    SELECT told.client_id, mails.id, told.escalation_id FROM told
    JOIN mails ON mails.client_id = told.client_id AND mails.address = told.address
        AND mails.user_id IS NOT DISTINCT FROM told.user_id
)
"""


@dataclass(slots=True)
class SweepResult:
    """What one pass did. `flagged` counts new escalations by threshold, in hours."""

    due: int = 0
    flagged: dict[str, int] = field(default_factory=dict)
    mails_queued: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        shown = {"24": 0, "48": 0, "72": 0, **self.flagged}
        flagged = dict(sorted(shown.items(), key=lambda item: int(item[0])))
        return {"due": self.due, "flagged": flagged, "mails_queued": self.mails_queued, "seconds": self.seconds}


def sweep(*, now: datetime, batch: int = BATCH) -> SweepResult:
    """One pass over every due clock of the clients in scope. Queries grow with batches, not with rows."""
    began, result = time.monotonic(), SweepResult()
    while _one_batch(result, now, batch):
        pass
    result.seconds = round(time.monotonic() - began, 3)
    return result


def _one_batch(result: SweepResult, now: datetime, batch: int) -> bool:
    with transaction.atomic(), because(actor=None, action="sweep"):
        bulk()
        with connection.cursor() as cursor:
            cursor.execute(_FLAG, {"now": now, "batch": batch})
            due, made, counts = cursor.fetchone()
        result.due += due
        for hours, n in (counts or {}).items():
            result.flagged[hours] = result.flagged.get(hours, 0) + n
        if made:
            result.mails_queued += tell(made, now=now)
        if due < batch:
            result.mails_queued += _remind(now)
    return bool(due == batch)


def tell(ids: list[int], *, now: datetime) -> int:
    """Queue the mail of these escalations, in the caller's transaction; says how many mails.

    A level that names nobody goes up and raises an alarm; past the top, the client's administrators hear of it.
    """
    queued, up, left, first = 0, 0, ids, min(ids)
    while left and up < 10:
        n, told = _run(_TELL, left, now, up=up, first=first)
        left = sorted(set(left) - set(told))
        if left and not up:
            _raise_alarm(left, now)
        queued, up = queued + n, up + 1
    if left:
        queued += _run(_TELL_ROLE, left, now, role=Role.ADMINISTRATOR.value, first=first)[0]
    return queued


def _remind(now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_REMIND.replace("{away}", _AWAY), {"now": now, "batch": BATCH})
        (queued,) = cursor.fetchone()
    return int(queued)


def _raise_alarm(ids: list[int], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ALARM, {"ids": ids, "now": now})


def _run(statement: str, ids: list[int], now: datetime, **more: Any) -> tuple[int, list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement.replace("{away}", _AWAY).replace("{insert}", _INSERT),
            {"ids": ids, "now": now, **more},
        )
        n, told = cursor.fetchone()
    return n, told or []
