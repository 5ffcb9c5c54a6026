"""Rows in bulk for the benchmarks, written as plain SQL so that making them measures nothing of ours."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from governance.history import bulk
from governance.models import Client, User
from governance.programme import load
from offers.models import Candidate, Offer, Requisition


def open_clocks(client: Client, holder: User, *, size: int, due: int, now: datetime, bare: bool = False) -> None:
    """`size` more drafts with a running verbal-to-written clock, of which `due` have just passed 24 hours.

    `bare` takes history and foreign keys off these tables first, so that a million rows are made in minutes.
    """
    programme = load(client.pk)
    requisition, _ = Requisition.objects.get_or_create(
        client=client, external_id="BENCH", defaults={"evergreen": True, "openings": 1}
    )
    values: dict[str, Any] = {
        "client": client.pk, "requisition": requisition.pk, "holder": holder.pk, "size": size, "due": due, "now": now,
        "late": now - timedelta(hours=25), "fresh": now - timedelta(hours=1), "path": programme.need("path").id,
        "level": programme.need("service_level").id, "first": Candidate.objects.count() + 1,
        "last": Offer.objects.aggregate(last=Max("pk"))["last"] or 0,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        if bare:
            cursor.execute(_BARE)
        cursor.execute("SET ROLE handoff_app")
        with transaction.atomic():
            bulk()
            for statement in _STATEMENTS:
                cursor.execute(statement, values)
        cursor.execute("RESET ROLE")
        cursor.execute("VACUUM offers_candidate, offers_offer, offers_clock")
        cursor.execute("ANALYZE")
        cursor.execute("SET ROLE handoff_app")


_BARE = """DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT conrelid::regclass AS rows, conname FROM pg_constraint WHERE contype = 'f'
        AND conrelid IN ('offers_candidate'::regclass, 'offers_offer'::regclass, 'offers_clock'::regclass)
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.rows, each.conname); END LOOP;
    ALTER TABLE offers_candidate DISABLE TRIGGER USER;
    ALTER TABLE offers_offer DISABLE TRIGGER USER;
    ALTER TABLE offers_clock DISABLE TRIGGER USER;
END $$"""
_STATEMENTS = (
    """INSERT INTO offers_candidate (client_id, external_id)
    SELECT %(client)s, 'C-' || n FROM generate_series(%(first)s, %(first)s + %(size)s - 1) AS n""",
    """INSERT INTO offers_offer (client_id, external_id, requisition_id, candidate_id, status, imported, priority,
        opening_ref, candidate_type, source_channel, expected_currency, holder_id, holder_role, recruiter_id,
        verbal_approved_at, verbal_basis, moved_at, moved_from, left_reason, left_words, flags, created_at,
        business_unit, role_family, role_code, grade, location, country)
    SELECT %(client)s, 'O-' || c.external_id, %(requisition)s, c.id, 'draft', false, 'standard', '', 'external', '', '',
        %(holder)s, '', %(holder)s,
        CASE WHEN row_number() OVER (ORDER BY c.id) <= %(due)s THEN %(late)s ELSE %(fresh)s END,
        'recorded', %(now)s, '', '', '', '{}', %(now)s, '', '', '', '', '', ''
    FROM offers_candidate c
    WHERE c.client_id = %(client)s AND NOT EXISTS (SELECT FROM offers_offer o WHERE o.candidate_id = c.id)""",
    """INSERT INTO offers_clock (client_id, offer_id, kind, cycle, priority, service_level_id, path_id, started_at,
        target_hours, target_at, elapsed_target_at, thresholds, due_instants, round, flagged, next_due_at, holds,
        pause_reason, paused_for, stop_reason)
    SELECT client_id, id, 'verbal_to_written', 1, 'standard', %(level)s, %(path)s, verbal_approved_at, 48,
        verbal_approved_at + interval '48 hours', verbal_approved_at + interval '48 hours', '{24,48,72}',
        ARRAY[verbal_approved_at + interval '24 hours', verbal_approved_at + interval '48 hours',
            verbal_approved_at + interval '72 hours'], 1, 0, verbal_approved_at + interval '24 hours', 0, '',
        interval '0', ''
    FROM offers_offer WHERE id > %(last)s""",
)
