"""A large programme's past in bulk: offers with versions, letters, approvals, counter-offers, overrides and losses.

Plain SQL with the tables' own triggers off, so that making it measures nothing of ours. What is dealt out is fixed by
the number of the row: two runs hold the same rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection, models

from config.bench.place import NOW
from governance.models import Client, Engagement, Membership, User
from offers.models import (
    Approval,
    ApprovalChain,
    Candidate,
    Cost,
    CounterOffer,
    Decision,
    HireReview,
    Letter,
    Loss,
    Offer,
    OfferVersion,
    Override,
    Requisition,
)  # fmt: skip

OFFERS_A_REQUISITION = 50
RECRUITERS = 200
MANAGERS = 1_000
DAYS = 1_800  # about five years
EMPTY = {"DecimalField": 0, "PositiveIntegerField": 0, "PositiveSmallIntegerField": 0, "BooleanField": False}


def past(client: Client, *, size: int) -> None:
    """`size` offers of the client, decided in the last five years but for one in fifty."""
    people = _people(client)
    engagement = Engagement.objects.create(client=client, code="BENCH", name="Bench", starts_on=date(2020, 1, 1))
    values = {
        "client": client.pk, "engagement": engagement.pk, "size": size, "now": NOW,
        "first_recruiter": people[0], "first_manager": people[RECRUITERS],
    }  # fmt: skip
    with _as_owner() as cursor:
        for model, columns, source in TABLES:
            cursor.execute(_insert(model, columns, source), values)


def _people(client: Client) -> list[int]:
    """Recruiters, then managers; ids follow each other."""
    made = User.objects.bulk_create(
        User(email=f"bench{n}@bench.example", password="!") for n in range(RECRUITERS + MANAGERS)
    )
    Membership.objects.bulk_create(
        Membership(client=client, user=user, role="recruiter" if n < RECRUITERS else "hiring_manager")
        for n, user in enumerate(made)
    )
    return [user.pk for user in made]


@contextmanager
def _as_owner() -> Iterator[Any]:
    """Work as the tables' owner without their triggers, keys and indexes: the indexes are built anew afterwards."""
    tables = [model._meta.db_table for model, _, _ in TABLES]
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for statement in _made_by(cursor, _DROP_KEYS, tables):
            cursor.execute(statement)
        indexes = _made_by(cursor, "SELECT indexdef" + _INDEXES, tables)
        for statement in _made_by(cursor, "SELECT format('DROP INDEX %%I', indexname)" + _INDEXES, tables):
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for statement in (*indexes, *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables)):
            cursor.execute(statement)
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("SET ROLE handoff_app")


def _made_by(cursor: Any, query: str, tables: list[str]) -> list[str]:
    cursor.execute(query, [tables])
    return [row[0] for row in cursor.fetchall()]


_DROP_KEYS = """SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname) FROM pg_constraint
    WHERE contype = 'f' AND conrelid = ANY (%s::regclass[])"""
_INDEXES = """ FROM pg_indexes WHERE tablename = ANY (%s)
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)"""


def _insert(model: type[models.Model], columns: dict[str, str], source: str) -> str:
    """Every column that may not be null and is not given is filled with nothing of its kind."""
    given = {"client_id": "%(client)s", **columns}
    for field in model._meta.concrete_fields:
        name = str(field.column)
        if name not in given and not field.null and not field.primary_key:
            given[name] = _nothing(field)
    return f"INSERT INTO {model._meta.db_table} ({', '.join(given)}) SELECT {', '.join(given.values())} FROM {source}"


def _nothing(field: "models.Field[Any, Any]") -> str:
    kind = field.get_internal_type()
    if kind == "ArrayField":
        return "'{}'"
    if kind == "JSONField":
        return "'{}'::jsonb"
    return repr(EMPTY.get(kind, "")).lower()


# n is the number of an offer, from 1. A fraction "dealt" from it is spread evenly and looks like chance.
def _dealt(salt: int) -> str:
    return f"(hashint4extended(n::int, {salt}) & 65535) / 65536.0"


NUMBERS = "generate_series(1, %(size)s) AS n"
VERBAL = f"timestamptz '2026-11-20 15:00Z' - interval '1 minute' * ({_dealt(1)} * {DAYS * 1440})::int"
STATUS = f"""CASE WHEN {_dealt(2)} < 0.02 THEN 'draft' WHEN {_dealt(2)} < 0.70 THEN 'joined' WHEN {_dealt(2)} < 0.73
    THEN 'accepted' WHEN {_dealt(2)} < 0.745 THEN 'reneged' WHEN {_dealt(2)} < 0.89 THEN 'declined'
    WHEN {_dealt(2)} < 0.92 THEN 'expired' WHEN {_dealt(2)} < 0.97 THEN 'withdrawn'
    WHEN {_dealt(2)} < 0.985 THEN 'rescinded' ELSE 'cancelled' END"""
OFFERS = f"""(SELECT o.*, CASE WHEN written THEN verbal + waited END AS written_at,
        CASE WHEN status <> 'draft' THEN verbal + waited + thought END AS decided_at,
        CASE WHEN status IN ('joined', 'reneged') THEN (verbal + waited + thought)::date + 20 END AS joined_on
    FROM (SELECT n, {STATUS} AS status, {VERBAL} AS verbal, {_dealt(3)} AS chance,
            {STATUS} IN ('joined', 'accepted', 'reneged') OR {STATUS} <> 'draft' AND {_dealt(4)} < 0.85 AS written,
            interval '1 minute' * (60 + {_dealt(5)} * {_dealt(6)} * 14000)::int AS waited,
            interval '1 minute' * (60 + {_dealt(7)} * 9000)::int AS thought
        FROM {NUMBERS}) AS o) AS o"""
Table = tuple[type[models.Model], dict[str, str], str]

TABLES: tuple[Table, ...] = (
    (
        Requisition,
        {
            "id": "n", "external_id": "'R-' || n", "status": "'open'", "engagement_id": "%(engagement)s",
            "business_unit": "'Unit ' || n %% 40", "role_family": "'Family ' || n %% 20",
            "role_code": "'R' || n %% 300",
            "grade": "'G' || n %% 9", "location": "'Place ' || n %% 60", "country": "'US'", "priority": "'standard'",
            "employment_type": "'permanent'", "openings": str(OFFERS_A_REQUISITION), "currency": "'USD'",
            "opened_on": f"date '2021-12-01' + (n * {DAYS} / (1 + %(size)s / {OFFERS_A_REQUISITION}))",
            "needed_by": f"date '2022-02-01' + (n * {DAYS} / (1 + %(size)s / {OFFERS_A_REQUISITION}))",
        },
        f"generate_series(1, 1 + %(size)s / {OFFERS_A_REQUISITION}) AS n",
    ),
    (Candidate, {"id": "n", "external_id": "'C-' || n"}, NUMBERS),
    (
        Offer,
        {
            "id": "n", "external_id": "'O-' || n", "requisition_id": f"1 + n / {OFFERS_A_REQUISITION}",
            "candidate_id": "n", "version_id": "n", "status": "o.status",
            "imported": "true", "candidate_type": "CASE WHEN n %% 25 = 0 THEN 'internal' ELSE 'external' END",
            "priority": "CASE WHEN n %% 10 = 0 THEN 'critical' ELSE 'standard' END",
            "recruiter_id": f"%(first_recruiter)s + n %% {RECRUITERS}",
            "hiring_manager_id": f"%(first_manager)s + n %% {MANAGERS}",
            "source_channel": "'Channel ' || n %% 12", "applied_on": "verbal::date - 30",
            "verbal_approved_at": "verbal",
            "verbal_basis": "'recorded'", "written_at": "o.written_at", "decided_at": "o.decided_at",
            "joined_on": "o.joined_on",
            "left_on": "CASE WHEN chance < 0.15 THEN o.joined_on + (chance * 2600)::int END",
            "left_voluntary": "chance < 0.1", "satisfaction": "CASE WHEN chance > 0.5 THEN n %% 11 END",
            "moved_at": "%(now)s", "created_at": "%(now)s",
        },
        OFFERS,
    ),
    (
        OfferVersion,
        {
            "id": "n", "offer_id": "n", "number": "1", "employment_type": "'permanent'", "currency": "'USD'",
            "pay_period": "'year'", "base": "100000", "fte": "1", "payments_a_year": "12",
            "start_on": "o.verbal::date + 40", "created_at": "%(now)s", "submitted_at": "%(now)s",
            "gap": f"CASE WHEN n %% 30 > 0 THEN {_dealt(8)} * 0.2 - 0.1 END",
            "market_ratio": f"CASE WHEN n %% 30 > 0 THEN {_dealt(8)} * 0.2 + 0.9 END",
            "compa_ratio": f"{_dealt(9)} * 0.3 + 0.85", "annual": "100000",
            "band_position": "CASE WHEN n %% 15 = 0 THEN 'below' ELSE 'inside' END",
        },
        OFFERS,
    ),
    (
        Letter,
        {"id": "n", "offer_id": "n", "version_id": "n", "extended_at": "o.written_at"},
        f"{OFFERS} WHERE o.written_at IS NOT NULL",
    ),
    (
        ApprovalChain,
        {"id": "n", "offer_id": "n", "version_id": "n", "status": "'approved'", "started_at": "o.verbal"},
        f"{OFFERS} WHERE o.written_at IS NOT NULL",
    ),
    (
        Approval,
        {
            "id": "n * 2 - 2 + step", "offer_id": "n", "chain_id": "n", "step": "step", "n": "1", "due_hours": "24",
            "role": "CASE step WHEN 1 THEN 'hr_partner' ELSE 'finance_leader' END",
            "status": "CASE WHEN n %% 40 = step THEN 'rejected' ELSE 'approved' END",
            "asked_at": "o.verbal + (step - 1) * o.waited / 3",
            "decided_at": "o.verbal + step * o.waited / 3",
        },
        f"{OFFERS} CROSS JOIN generate_series(1, 2) AS step WHERE o.written_at IS NOT NULL",
    ),
    (
        Decision,
        {"approval_id": "a.id", "user_id": "%(first_manager)s + a.id %% 50", "verdict": "a.status",
         "decided_at": "a.decided_at"},
        "offers_approval a",
    ),
    (
        CounterOffer,
        {
            "offer_id": "n", "against_id": "n", "origin": "'candidate_ask'",
            "countered_at": "o.written_at + interval '1 hour'", "answered_at": "o.written_at + interval '20 hours'",
            "inside_guardrail": "n %% 2 = 0",
            "outcome": "CASE WHEN o.status IN ('joined', 'accepted', 'reneged') THEN 'closed' ELSE 'lost' END",
        },
        f"{OFFERS} WHERE n %% 7 = 0 AND o.written_at IS NOT NULL AND o.decided_at IS NOT NULL",
    ),
    (
        Override,
        {"offer_id": "n", "kind": "'bypassed_process'", "severity": "'minor'", "status": "'confirmed'",
         "found_by": "CASE WHEN n %% 2 = 0 THEN 'detected' ELSE 'reported' END", "found_at": "o.verbal",
         "resolution": "'ratified'"},
        f"{OFFERS} WHERE n %% 33 = 0",
    ),
    (
        Loss,
        {
            "offer_id": "n", "stage": "'written'", "reason": "'Said so'", "recorded_at": "o.decided_at",
            "theme": """(ARRAY['compensation', 'benefits', 'role_content', 'location', 'competing_offer',
            'process_delay', 'career_progression', 'not_given'])[1 + n %% 8]""",
        },
        f"{OFFERS} WHERE o.status IN ('declined', 'expired', 'withdrawn') AND n %% 9 > 0",
    ),
    (
        HireReview,
        {"offer_id": "n", "manager_rating": "n %% 101", "productive_target_on": "o.joined_on + 60",
         "productive_on": "o.joined_on + 30 + n %% 60"},
        f"{OFFERS} WHERE o.status = 'joined' AND n %% 2 = 0",
    ),
    (
        Cost,
        {"month": "month::date", "kind": "kind", "amount": "40000", "currency": "'USD'",
         "business_unit": "'Unit ' || unit"},
        """generate_series(date '2022-01-01', date '2026-10-01', interval '1 month') AS month,
        unnest(ARRAY['internal', 'agency', 'management_fee']) AS kind, generate_series(0, 39) AS unit""",
    ),
)  # fmt: skip
