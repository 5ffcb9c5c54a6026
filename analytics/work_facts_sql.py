"""How approval steps and counter-offers become facts: statements over their own tables and the facts of their offers.

These run after analytics/facts_sql.py, in its transaction: what they are cut by is their offer's.
"""

CUT = (
    "business_unit", "role_family", "role_code", "grade", "location", "country", "priority", "employment_type",
    "candidate_type", "engagement", "delivery_model", "fee_model", "source_channel", "recruiter_id",
    "hiring_manager_id", "internal", "contingent",
)  # fmt: skip
THOSE = " AND {alias}.offer_id = ANY(%(offers)s)"
_CUT = {"client_id": "f.client_id", "offer_id": "f.offer_id", **{name: f"f.{name}" for name in CUT}}


def _hours(first: str, last: str) -> str:
    """None where the last lies before the first."""
    return f"CASE WHEN {last} >= {first} THEN extract(epoch FROM {last} - {first})::float / 3600 END"


# s: a step with one of its decisions, f: the fact of its offer, c: the client.
_STEP: dict[str, str] = {
    **_CUT,
    "role": "s.role",
    "again": "s.again",
    "decided_on": "CASE WHEN s.whole THEN (s.decided_at AT TIME ZONE c.zone)::date END",
    "hours": f"CASE WHEN s.whole THEN {_hours('s.asked_at', 's.decided_at')} END",
    "rejected": "s.whole AND s.status = 'rejected'",
    "user_id": "s.user_id",
    "said_on": "(s.said_at AT TIME ZONE c.zone)::date",
    "said_hours": _hours("s.asked_at", "s.said_at"),
    "said_rejected": "coalesce(s.verdict = 'rejected', false)",
}
# The same again: whom it asks is told by role, title and person together.
_STEPS = """(
    SELECT a.*, d.user_id, d.verdict, d.decided_at AS said_at, a.status IN ('approved', 'rejected')
        AND a.decided_at IS NOT NULL AND row_number() OVER (PARTITION BY a.id ORDER BY d.id) = 1 AS whole
    FROM (
        SELECT a.id, a.offer_id, a.role, a.status, a.asked_at, a.decided_at, row_number() OVER
            (PARTITION BY a.offer_id, a.role, a.title, a.person_id ORDER BY a.asked_at, a.id) > 1 AS again
        FROM offers_approval a WHERE a.client_id = %(client)s AND a.asked_at IS NOT NULL{those}
    ) AS a
    LEFT JOIN offers_decision d ON d.client_id = %(client)s AND d.approval_id = a.id
) AS s
JOIN analytics_offerfact f ON f.client_id = %(client)s AND f.offer_id = s.offer_id
JOIN governance_client c ON c.id = f.client_id
WHERE s.whole OR s.user_id IS NOT NULL"""

CLOSED = "(q.outcome = 'closed' OR q.outcome IN ('settled', 'stood') AND f.accepted)"
LOST = "(q.outcome = 'lost' OR q.outcome IN ('settled', 'stood') AND f.status IN ('declined', 'expired', 'withdrawn'))"
# q: the counter-offer, u: the version that it was made against, s: the one that it settled.
_COUNTER: dict[str, str] = {
    **_CUT,
    "origin": "q.origin",
    "countered_on": "(q.countered_at AT TIME ZONE c.zone)::date",
    "inside_guardrail": "q.inside_guardrail",
    "closed": CLOSED,
    "dropped": LOST,
    "hours": _hours("q.countered_at", "q.answered_at"),
    "contradicts": "coalesce(q.answered_at < q.countered_at, false)",
    "uplift": "(coalesce(q.settled_base, s.annual) / nullif(u.annual, 0) - 1)::float",
}
_COUNTERS = f"""offers_counteroffer q
JOIN analytics_offerfact f ON f.client_id = q.client_id AND f.offer_id = q.offer_id
JOIN governance_client c ON c.id = q.client_id
LEFT JOIN offers_offerversion u ON u.client_id = q.client_id AND u.id = q.against_id
LEFT JOIN offers_offerversion s ON s.client_id = q.client_id AND s.id = q.settled_id
WHERE q.client_id = %(client)s{{those}} AND ({CLOSED} OR {LOST})"""


def statements(*, those: bool) -> list[str]:
    """What takes the old facts of %(client)s away and writes the new ones: of the offers in %(offers)s, or of all."""
    found = []
    for table, columns, source, alias in (
        ("analytics_stepfact", _STEP, _STEPS, "a"),
        ("analytics_counterfact", _COUNTER, _COUNTERS, "q"),
    ):
        only = THOSE if those else ""
        found.append(
            f"WITH gone AS (DELETE FROM {table} old WHERE old.client_id = %(client)s{only.format(alias='old')}) "
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} "
            f"FROM {source.format(those=only.format(alias=alias))}"
        )
    return found
