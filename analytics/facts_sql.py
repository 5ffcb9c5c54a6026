"""How an offer becomes a fact: one statement over the offers' own tables, for many offers at once."""

from analytics.attribution import STAGES
from governance.access import Role

PARTIES = ("provider", "client_hr", "finance", "hiring_manager", "candidate")
FINAL = "('accepted', 'joined', 'reneged', 'declined', 'expired', 'withdrawn')"
YES = "('accepted', 'joined', 'reneged')"
RESOLUTIONS = ("ratified", "retracted", "disclosed")  # how a way around the process ends that was one
FOUND_BY = ("detected", "reported")

# What may differ without the terms being other ones: a day, and what is only said beside them.
_TERMS = (
    "employment_type", "currency", "pay_period", "base", "fte", "weekly_hours", "payments_a_year", "target_bonus_pct",
    "guaranteed_bonus", "sign_on", "clawback_months", "equity_value", "equity_vesting", "relocation",
    "cash_allowances", "leave_days", "home_days", "benefits", "notice_weeks", "probation_months",
)  # fmt: skip


VERBAL_DAY = "((o.verbal_approved_at - interval '1 microsecond') AT TIME ZONE 'UTC')::date"


def _terms(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in _TERMS)


def _elapsed(first: str, last: str) -> str:
    return f"extract(epoch FROM {last} - {first})::float / 3600"


def _hours(spans: str) -> str:
    """The length of a multirange of instants."""
    return f"(SELECT coalesce(sum({_elapsed('lower(one)', 'upper(one)')}), 0) FROM unnest({spans}) AS one)"


# Each fact and where it comes from. o: offer, r: requisition, v: its version, e: engagement, l: loss, k: clock.
COLUMNS: dict[str, str] = {
    "client_id": "o.client_id",
    "offer_id": "o.id",
    "business_unit": "coalesce(nullif(o.business_unit, ''), r.business_unit)",
    "role_family": "coalesce(nullif(o.role_family, ''), r.role_family)",
    "role_code": "coalesce(nullif(o.role_code, ''), r.role_code)",
    "grade": "coalesce(nullif(o.grade, ''), r.grade)",
    "location": "coalesce(nullif(o.location, ''), r.location)",
    "country": "coalesce(nullif(o.country, ''), nullif(r.country, ''), c.country)",
    "priority": "o.priority",
    "employment_type": "coalesce(v.employment_type, r.employment_type)",
    "candidate_type": "o.candidate_type",
    "engagement": "coalesce(e.code, '')",
    "delivery_model": "coalesce(e.delivery_model, '')",
    "fee_model": "coalesce(e.fee_model, '')",
    "source_channel": "o.source_channel",
    "recruiter_id": "o.recruiter_id",
    "hiring_manager_id": "o.hiring_manager_id",
    "internal": "o.candidate_type = 'internal'",
    "contingent": "coalesce(v.employment_type, r.employment_type) = 'contingent'",
    "status": "o.status",
    "imported": "o.imported",
    "verbal_at": "o.verbal_approved_at",
    "written_at": "o.written_at",
    "decided_at": "o.decided_at",
    "verbal_on": "(o.verbal_approved_at AT TIME ZONE c.zone)::date",
    "written_on": "(o.written_at AT TIME ZONE c.zone)::date",
    "decided_on": "(o.decided_at AT TIME ZONE c.zone)::date",
    "start_on": "v.start_on",
    "joined_on": "o.joined_on",
    "left_on": "o.left_on",
    "left_voluntary": "o.left_voluntary",
    "planned_end": """o.left_on IS NOT NULL AND v.employment_type = 'fixed_term' AND o.left_voluntary IS NOT TRUE
        AND o.left_reason = 'End of fixed term'""",
    "hours": "CASE WHEN g.gap = '' THEN extract(epoch FROM o.written_at - o.verbal_approved_at) / 3600.0 END",
    "gap": "g.gap",
    "answer_contradicts": "coalesce(o.decided_at < o.written_at, false)",
    "answered": f"o.written_at IS NOT NULL AND o.status IN {FINAL}",
    "accepted": f"o.status IN {YES}",
    "lost": """o.status IN ('declined', 'expired') OR o.status = 'withdrawn'
        AND (o.imported OR o.written_at IS NOT NULL OR o.verbal_offer_at IS NOT NULL)""",
    "contingency_failed": "m.id IS NOT NULL",
    "awaited": "o.status = 'accepted'",
    "joined": "o.status = 'joined'",
    "reneged": "o.status = 'reneged'",
    "has_outcome": f"""(o.status IN {FINAL} OR o.status = 'rescinded')
        AND (o.imported OR o.verbal_approved_at IS NOT NULL OR o.written_at IS NOT NULL)""",
    "overridden": "x.id IS NOT NULL",
    **{way: f"coalesce(x.{way}, 0)" for way in (*FOUND_BY, *RESOLUTIONS)},
    "theme": "coalesce(l.theme, '')",
    "captured": """coalesce(l.theme NOT IN ('', 'not_given') AND l.has_reason
        AND (l.recorded_at AT TIME ZONE c.zone)::date - (o.decided_at AT TIME ZONE c.zone)::date <= 5, false)""",
    "opened_on": "r.opened_on",
    "applied_on": "o.applied_on",
    "evergreen": "r.evergreen",
    "sla_due_on": "(s.due AT TIME ZONE c.zone)::date",
    "sla_due_at": "s.due",
    "contract_due_at": "s.contract",
    "contract_due_on": "(s.contract AT TIME ZONE c.zone)::date",
    "sla_stopped_at": "CASE WHEN s.due IS NOT NULL THEN coalesce(o.written_at, o.decided_at, k.stopped_at) END",
    "sla_done": """CASE WHEN s.due IS NOT NULL AND coalesce(o.written_at, o.decided_at, k.stopped_at) IS NOT NULL
        THEN o.written_at IS NOT NULL END""",
    **{f"hours_{party}": f"coalesce(w.{party}, 0)" for party in PARTIES},
    "judged_on": """CASE WHEN v.submitted_at IS NOT NULL
        THEN (coalesce(o.written_at, o.decided_at) AT TIME ZONE c.zone)::date END""",
    "market_ratio": "v.market_ratio",
    "compa_ratio": "v.compa_ratio",
    "below_reference": "coalesce(v.gap < -0.05, false)",
    "outside_band": "coalesce(v.band_position IN ('below', 'above', 'off_step'), false)",
    "unknown_reference": "v.submitted_at IS NOT NULL AND v.gap IS NULL",
    "renegotiated": "coalesce(n.changed, false)",
    "satisfaction": "o.satisfaction",
    "manager_rating": "h.manager_rating",
    "productive_on": "h.productive_on",
    "productive_target_on": "h.productive_target_on",
}

_CHOSEN = "chosen AS (SELECT o.* FROM offers_offer o WHERE o.client_id = %(client)s{those})"

# By which statement of work, of its drafting, an offer is judged; a party for each stage. See analytics/attribution.py.
_TERMS_OF = f"""terms AS (
    SELECT * FROM unnest(%(engagement)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[],
        {", ".join(f"%({stage})s::text[]" for stage in STAGES)})
        AS t(engagement, since, until, {", ".join(STAGES)})
), governed AS (
    SELECT o.id, o.verbal_approved_at AS since, o.written_at AS until,
        greatest(o.verbal_approved_at, (SELECT max(h.started_at) FROM offers_approvalchain h
            WHERE h.offer_id = o.id AND h.client_id = o.client_id AND h.started_at <= o.written_at)) AS drafted,
        {", ".join(f"coalesce(t.{stage}, %(usual_{stage})s) AS {stage}" for stage in STAGES)}
    FROM chosen o JOIN offers_requisition r ON r.id = o.requisition_id
    LEFT JOIN terms t ON t.engagement = coalesce(r.engagement_id, 0) AND o.created_at >= t.since
        AND o.created_at < t.until
    WHERE o.written_at > o.verbal_approved_at
)"""

# Where the hours between verbal approval and letter went. Somebody was asked: an approval step that was open, a
# counter-offer that waited for its answer, time that the candidate asked for. Whatever nobody was asked in is drafting
# until the last chain of approvals began, and presenting from then on.
_WAITS = f"""waits AS (
    SELECT o.id, CASE a.role {" ".join(f"WHEN '{role.value}' THEN o.by_{role.value}" for role in Role)}
        ELSE o.by_nobody END AS party, a.asked_at AS began, coalesce(a.decided_at, o.until) AS ended
    FROM governed o JOIN offers_approval a ON a.offer_id = o.id AND a.client_id = %(client)s
    WHERE a.asked_at IS NOT NULL
    UNION ALL
    SELECT o.id, o.countered, q.countered_at, coalesce(q.answered_at, o.until)
    FROM governed o JOIN offers_counteroffer q ON q.offer_id = o.id AND q.client_id = %(client)s
    UNION ALL
    SELECT o.id, 'candidate', p.paused_at, coalesce((SELECT min(x.pgh_created_at) FROM offers_clockevent x WHERE
        x.pgh_obj_id = p.pgh_obj_id AND x.pgh_id > p.pgh_id AND x.paused_at IS DISTINCT FROM p.paused_at), o.until)
    FROM governed o JOIN offers_clock k ON k.offer_id = o.id AND k.client_id = %(client)s
        AND k.kind = 'verbal_to_written' AND (k.paused_for > interval '0' OR k.paused_at IS NOT NULL)
    JOIN offers_clockevent p ON p.pgh_obj_id = k.id AND p.pause_reason = 'candidate_asked'
), spans AS (
    SELECT o.id, w.party, o.since, o.drafted, tstzrange(greatest(w.began, o.since), least(w.ended, o.until)) AS span
    FROM waits w JOIN governed o ON o.id = w.id WHERE greatest(w.began, o.since) < least(w.ended, o.until)
), asked AS (
    SELECT id, party, {_hours("whole")} AS hours,
        {_hours("whole * tstzmultirange(tstzrange(since, drafted))")} AS before
    FROM (SELECT id, party, since, drafted, range_agg(span) AS whole FROM spans
        GROUP BY GROUPING SETS ((id, since, drafted, party), (id, since, drafted))) AS each
), spent AS (
    SELECT id, party, hours FROM asked WHERE party IS NOT NULL
    UNION ALL
    SELECT o.id, o.drafting, {_elapsed("since", "drafted")} - coalesce(a.before, 0)
    FROM governed o LEFT JOIN asked a ON a.id = o.id AND a.party IS NULL
    UNION ALL
    SELECT o.id, o.presenting, {_elapsed("drafted", "until")} - coalesce(a.hours - a.before, 0)
    FROM governed o LEFT JOIN asked a ON a.id = o.id AND a.party IS NULL
), held AS (
    SELECT id, {", ".join(f"sum(hours) FILTER (WHERE party = '{party}') AS {party}" for party in PARTIES)}
    FROM spent GROUP BY id
)"""

_CHANGED = f"""firsts AS (
    SELECT DISTINCT ON (x.offer_id) x.offer_id, x.version_id
    FROM chosen o JOIN offers_letter x ON x.offer_id = o.id AND x.client_id = o.client_id
    ORDER BY x.offer_id, x.extended_at, x.id
), later AS (
    SELECT o.id, bool_or(({_terms("v2")}) IS DISTINCT FROM ({_terms("v1")})) AS changed
    FROM chosen o
    JOIN firsts first ON first.offer_id = o.id
    JOIN offers_offerversion v1 ON v1.id = first.version_id
    JOIN offers_letter y ON y.offer_id = o.id AND y.client_id = o.client_id AND y.version_id <> first.version_id
    JOIN offers_offerversion v2 ON v2.id = y.version_id
    GROUP BY o.id
), failed AS (
    SELECT DISTINCT o.id FROM chosen o
    JOIN offers_contingency x ON x.offer_id = o.id AND x.client_id = o.client_id AND x.status = 'failed'
), around AS (
    SELECT o.id, {", ".join(f"count(*) FILTER (WHERE x.found_by = '{way}') AS {way}" for way in FOUND_BY)},
        {", ".join(f"count(*) FILTER (WHERE x.resolution = '{end}') AS {end}" for end in RESOLUTIONS)}
    FROM chosen o JOIN offers_override x ON x.offer_id = o.id AND x.client_id = o.client_id
        AND x.resolution IN ('{"', '".join(RESOLUTIONS)}')
    GROUP BY o.id
)"""

_FROM = f"""FROM chosen o
JOIN governance_client c ON c.id = o.client_id
JOIN offers_requisition r ON r.id = o.requisition_id
LEFT JOIN offers_offerversion v ON v.id = o.version_id
LEFT JOIN governance_engagement e ON e.id = r.engagement_id
LEFT JOIN offers_loss l ON l.offer_id = o.id AND l.client_id = o.client_id
LEFT JOIN offers_hirereview h ON h.offer_id = o.id AND h.client_id = o.client_id
LEFT JOIN offers_clock k ON k.offer_id = o.id AND k.client_id = o.client_id AND k.kind = 'verbal_to_written'
    AND k.cycle = 1
LEFT JOIN later n ON n.id = o.id
LEFT JOIN failed m ON m.id = o.id
LEFT JOIN around x ON x.id = o.id
CROSS JOIN LATERAL (SELECT CASE
    WHEN o.verbal_approved_at IS NULL OR o.verbal_basis = 'missing' THEN 'missing'
    WHEN o.verbal_basis = 'inferred' THEN 'inferred'
    WHEN o.written_at < o.verbal_approved_at OR o.decided_at < o.written_at OR o.decided_at < o.verbal_approved_at
        THEN 'contradicts' ELSE '' END AS gap) g
LEFT JOIN unnest(%(piece_day)s::date[], %(piece_since)s::timestamptz[], %(piece_until)s::timestamptz[],
        %(piece_due)s::timestamptz[], %(piece_runs)s::boolean[]) AS p(day, since, until, due, runs)
    ON p.day = {VERBAL_DAY} AND o.verbal_approved_at > p.since AND o.verbal_approved_at <= p.until
LEFT JOIN held w ON w.id = o.id AND g.gap = ''
CROSS JOIN LATERAL (SELECT
    CASE WHEN g.gap = '' THEN coalesce(k.elapsed_target_at, o.verbal_approved_at
        + make_interval(hours => CASE o.priority WHEN 'critical' THEN %(critical)s ELSE %(standard)s END)) END AS due,
    CASE WHEN g.gap = '' THEN coalesce(k.target_at, CASE o.priority WHEN 'critical'
        THEN o.verbal_approved_at + make_interval(hours => %(critical)s)
        ELSE p.due - CASE WHEN p.runs THEN p.until - o.verbal_approved_at ELSE interval '0' END END) END
    AS contract) s"""

THOSE = " AND o.id = ANY(%(offers)s)"
# A UTC day holds its end, not its start: see analytics/due.py.
DAYS = f"""SELECT DISTINCT {VERBAL_DAY} FROM offers_offer o
    WHERE o.client_id = %(client)s AND o.verbal_approved_at IS NOT NULL AND o.priority <> 'critical'"""
_KEPT = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in ("client_id", "offer_id"))


def upsert(*, those: bool) -> str:
    """The statement that brings facts up to date: of the offers in %(offers)s, or of all of %(client)s."""
    ctes = ", ".join((_CHOSEN.format(those=THOSE if those else ""), _TERMS_OF, _WAITS, _CHANGED))
    chosen = ", ".join(f"{source} AS {name}" for name, source in COLUMNS.items())
    return (
        f"INSERT INTO analytics_offerfact ({', '.join(COLUMNS)}) WITH {ctes} SELECT {chosen} {_FROM} "
        f"ON CONFLICT (client_id, offer_id) DO UPDATE SET {_KEPT}"
    )


# The history tables that say which offers changed, and how an event of each names them.
SOURCES: dict[str, str] = {
    "offers_offerevent": "SELECT pgh_obj_id FROM {events}",
    "offers_offerversionevent": "SELECT offer_id FROM {events}",
    "offers_lossevent": "SELECT offer_id FROM {events}",
    "offers_letterevent": "SELECT offer_id FROM {events}",
    "offers_approvalevent": "SELECT offer_id FROM {events}",
    "offers_decisionevent": """SELECT offer_id FROM offers_approval WHERE client_id = %(client)s
        AND id IN (SELECT approval_id FROM {events})""",
    "offers_counterofferevent": "SELECT offer_id FROM {events}",
    "offers_clockevent": "SELECT offer_id FROM {events} AND kind = 'verbal_to_written'",
    "offers_contingencyevent": "SELECT offer_id FROM {events}",
    "offers_overrideevent": "SELECT offer_id FROM {events}",
    "offers_hirereviewevent": "SELECT offer_id FROM {events}",
    "offers_requisitionevent": """SELECT id FROM offers_offer WHERE client_id = %(client)s
        AND requisition_id IN (SELECT pgh_obj_id FROM {events})""",
    "offers_approvalchainevent": "SELECT offer_id FROM {events}",
    "governance_engagementevent": """SELECT o.id FROM offers_offer o
        JOIN offers_requisition r ON r.id = o.requisition_id
        WHERE o.client_id = %(client)s AND r.engagement_id IN (SELECT pgh_obj_id FROM {events})""",
}
# A client's zone, its promised hours and its statements of work are in every fact.
RULES = ("governance_servicelevelevent", "governance_statementofworkevent")
EVERYTHING = ("governance_clientevent", *RULES)


def changed() -> str:
    """The offers that events after the marks (%(offers_offerevent)s …) speak of."""
    return " UNION ".join(
        query.format(events=f"{table} WHERE client_id = %(client)s AND pgh_id > %({table})s")
        for table, query in SOURCES.items()
    )


def latest() -> str:
    """The newest event of every table, with the oldest transaction that still runs and the next to come."""
    newest = ", ".join(
        f"(SELECT coalesce(max(pgh_id), 0) FROM {table} WHERE {_owner(table)} = %(client)s{_said(table)})"
        for table in (*SOURCES, *EVERYTHING)
    )
    now = "pg_current_snapshot()"
    return f"SELECT pg_snapshot_xmin({now})::text::bigint, pg_snapshot_xmax({now})::text::bigint, {newest}"


def _owner(table: str) -> str:
    return "id" if table == "governance_clientevent" else "client_id"


def _said(table: str) -> str:
    """A rule that is still a draft says nothing."""
    return " AND published_at IS NOT NULL" if table in RULES else ""
