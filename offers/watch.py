"""The auditor of Handoff itself: what was due more than five minutes ago and has not been taken up raises an alarm, and
so does mail that the mail server does not take.

An alarm stands while it lasts, one a client and kind, and clears by itself once it is over.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from governance.history import because

GRACE = timedelta(minutes=5)
LAPSE_GRACE = timedelta(minutes=15)  # letters are closed every ten minutes
MAIL_GRACE = timedelta(hours=1)  # a server that says "later" to a stranger mostly says yes by then

_NEGLECTED = """
SELECT client_id, 'not_flagged' AS kind, count(*) AS n FROM offers_clock
    WHERE stopped_at IS NULL AND next_due_at < %(limit)s GROUP BY client_id
UNION ALL
SELECT client_id, 'not_flagged', count(*) FROM offers_clock
    WHERE stopped_at IS NULL AND remind_at < %(limit)s GROUP BY client_id
UNION ALL
SELECT client_id, 'not_sent', count(*) FROM offers_outboxmessage
    WHERE status IN ('queued', 'retrying') AND due_at < %(limit)s GROUP BY client_id
UNION ALL
SELECT client_id, 'not_sent', count(*) FROM offers_outboxmessage
    WHERE status = 'sending' AND lease_until < %(limit)s GROUP BY client_id
UNION ALL
SELECT client_id, 'not_delivered', count(*) FROM offers_outboxmessage
    WHERE status = 'retrying' AND created_at < %(refused)s GROUP BY client_id
UNION ALL
SELECT o.client_id, 'not_closed', count(*) FROM offers_offer o JOIN offers_letter l ON l.id = o.letter_id
    WHERE o.status IN ('extended', 'negotiating') AND l.revoked_at IS NULL AND l.expires_at < %(lapsed)s
    GROUP BY o.client_id
"""
_WATCH = f"""
WITH neglected AS (SELECT client_id, kind, sum(n)::int AS n FROM ({_NEGLECTED}) AS each GROUP BY client_id, kind),
cleared AS (
    UPDATE offers_alarm a SET cleared_at = %(now)s
    WHERE a.cleared_at IS NULL AND a.kind IN ('not_flagged', 'not_sent', 'not_delivered', 'not_closed') AND NOT EXISTS (
        SELECT FROM neglected n WHERE n.client_id = a.client_id AND n.kind = a.kind)
    RETURNING a.id
), raised AS (
    INSERT INTO offers_alarm (client_id, kind, key, text, raised_at)
    SELECT client_id, kind, kind, CASE kind
        WHEN 'not_flagged' THEN format('%%s due more than 5 minutes ago and not flagged: is the worker running?', n)
        WHEN 'not_sent' THEN format('%%s mails due more than 5 minutes ago and not taken up: is the worker running?', n)
        WHEN 'not_delivered' THEN format('%%s mails not taken by the mail server for an hour: is EMAIL_URL right?', n)
        ELSE format('%%s letters lapsed more than 15 minutes ago and not closed: is the worker running?', n) END,
        %(now)s
    FROM neglected ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT (SELECT count(*) FROM raised), (SELECT count(*) FROM cleared)
"""


def watch(*, now: datetime) -> tuple[int, int]:
    """Raise and clear the alarms of the clients in scope, in one statement: (raised, cleared)."""
    with transaction.atomic(), because(actor=None, action="watch"), connection.cursor() as cursor:
        cursor.execute(_WATCH, {"now": now, **_limits(now)})
        raised, cleared = cursor.fetchone()
    return int(raised), int(cleared)


def neglected(*, now: datetime) -> int:
    """How much of the clients in scope is neglected now, read live: no worker has to run for it to be said."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(sum(n), 0)::int FROM ({_NEGLECTED}) AS each", _limits(now))
        (found,) = cursor.fetchone()
    return int(found)


def _limits(now: datetime) -> dict[str, datetime]:
    return {"limit": now - GRACE, "lapsed": now - LAPSE_GRACE, "refused": now - MAIL_GRACE}
