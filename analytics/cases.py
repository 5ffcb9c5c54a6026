"""The cases of one client that a book may tell of, read from facts and from what happened around them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from analytics.casebook import Case, Kind, Told, generalise
from analytics.pseudonyms import pseudonym
from analytics.reports.frame import FACTS, Frame
from governance.models import Client, Membership

MOST = 200
# An end that the candidate gave: a yes, or a loss from the verbal offer on.
ENDED = "(f.answered AND NOT f.answer_contradicts OR f.lost)"
_DECISION = """(SELECT a.decision FROM offers_advice a
    WHERE a.client_id = f.client_id AND a.offer_id = f.offer_id AND a.decision <> ''
    ORDER BY a.decided_at DESC, a.id DESC LIMIT 1)"""
_AROUND = "EXISTS (SELECT FROM {table} x WHERE x.client_id = f.client_id AND x.offer_id = f.offer_id{more})"
KINDS: dict[Kind, str] = {
    Kind.TAKEN: f"{_DECISION} = 'adjusted'",
    Kind.NOT_TAKEN: f"{_DECISION} IN ('accepted_risk', 'refused')",
    Kind.COUNTERED: _AROUND.format(table="offers_counteroffer", more=""),
    Kind.WAITED: "f.hours > 72",
    Kind.BELOW: "f.below_reference",
    Kind.OVERRIDE: _AROUND.format(
        table="offers_override", more=" AND x.resolution IN ('ratified', 'retracted', 'disclosed')"
    ),
}
ENDS = {"": "true", "signed": "f.accepted", "lost": "NOT f.accepted"}

READ = (
    "decided_on", "country", "place", "role", "family", "percentile", "offered", "reference", "advised", "asked",
    "agreed", "waited", "answered", "decision", "outcome", "theme", "text",
)  # fmt: skip
# What a case stood at: the version that was advised on, else the one countered, else the first that was submitted.
_CASES = f"""WITH f AS (
    SELECT f.* FROM {FACTS} WHERE {{where}} ORDER BY f.decided_at DESC, f.offer_id DESC LIMIT %(most)s)
SELECT f.offer_id, f.decided_on, f.country, f.location, f.role_code, f.role_family, v.reference_percentile,
    v.annual, CASE WHEN v.market_ratio IS NOT NULL THEN v.reference_amount END,
    a.recommended_base, q.asked_base, CASE WHEN f.accepted THEN last.annual END, f.hours,
    extract(epoch FROM f.decided_at - coalesce(l.extended_at, f.written_at))::float / 3600,
    coalesce(a.decision, ''), f.status, f.theme, coalesce(said.text, ''), coalesce(p.name, '')
FROM f JOIN offers_offer o ON o.client_id = f.client_id AND o.id = f.offer_id
JOIN offers_candidate c ON c.client_id = o.client_id AND c.id = o.candidate_id
LEFT JOIN governance_person p ON p.client_id = c.client_id AND p.id = c.person_id
LEFT JOIN offers_letter l ON l.client_id = o.client_id AND l.id = o.letter_id
LEFT JOIN offers_loss w ON w.client_id = f.client_id AND w.offer_id = f.offer_id
LEFT JOIN governance_note said ON said.client_id = w.client_id AND said.id = w.verbatim_id
LEFT JOIN LATERAL (SELECT x.* FROM offers_advice x WHERE x.client_id = f.client_id AND x.offer_id = f.offer_id
    AND x.decision <> '' ORDER BY x.decided_at DESC, x.id DESC LIMIT 1) a ON true
LEFT JOIN LATERAL (SELECT x.* FROM offers_counteroffer x WHERE x.client_id = f.client_id AND x.offer_id = f.offer_id
    ORDER BY x.countered_at, x.id LIMIT 1) q ON true
LEFT JOIN LATERAL (SELECT x.id FROM offers_offerversion x WHERE x.client_id = f.client_id AND x.offer_id = f.offer_id
    AND x.submitted_at IS NOT NULL ORDER BY x.number LIMIT 1) first ON true
LEFT JOIN offers_offerversion v ON v.client_id = f.client_id
    AND v.id = coalesce(a.version_id, q.against_id, first.id)
LEFT JOIN offers_offerversion last ON last.client_id = f.client_id AND last.id = o.version_id
    AND last.currency = v.currency
ORDER BY f.decided_at DESC, f.offer_id DESC"""


@dataclass(frozen=True, slots=True)
class Book:
    """A client's own cases of one kind, the newest first, and how all of the kind in the period ended."""

    told: tuple[Told, ...]
    n: int
    signed: int
    chosen: int  # of these, how many ended as asked for; past MOST not all of them are in `told`


def own(client: Client, kind: Kind, *, ended: str = "", since: date | None, until: date | None, now: datetime) -> Book:
    """The book of a client, which must be in scope. `ended` is "signed", "lost" or "" for both. Three queries."""
    frame = Frame(client, since, until, "", now)
    where = _where(frame, kind)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")  # compiling takes longer than what it saves
        (counts,) = frame.read(
            f"SELECT count(*), count(*) FILTER (WHERE f.accepted), count(*) FILTER (WHERE {ENDS[ended]}) "
            f"FROM {FACTS} WHERE {where}"
        )
        rows = frame.read(_CASES.format(where=f"{where} AND {ENDS[ended]}"), most=MOST)
    names = names_of(client, rows)
    return Book(tuple(generalise(_case(client, row, names)) for row in rows), *counts)


def _where(frame: Frame, kind: Kind) -> str:
    return (
        f"f.client_id = %(client)s AND {frame.population('')} AND f.decided_on IS NOT NULL AND {ENDED} "
        f"AND {frame.period('f.decided_on')} AND {KINDS[kind]}"
    )


def names_of(client: Client, rows: list[tuple[Any, ...]]) -> tuple[str, ...]:
    """Who and what no text of these cases may name: the client, everybody who works for it, and all their places."""
    people = Membership.objects.filter(client=client).values_list("user__name", "user__email").distinct()
    places = {row[3] for row in rows}
    return (
        client.name, client.code, *(part for each in people for part in (each[0], each[1].partition("@")[0])), *places,
    )  # fmt: skip


def _case(client: Client, row: tuple[Any, ...], names: tuple[str, ...]) -> Case:
    offer, *known, candidate = row
    told = dict(zip(READ, known, strict=True))
    return Case(key=pseudonym(client.pk, offer), names=(*names, candidate), **told)


def blocks(client: Client, kind: Kind, *, since: date, until: date, now: datetime) -> list[tuple[Any, ...]]:
    """How the cases of a kind ended: (country, job family, percentile of the match, cases, of them signed)."""
    frame = Frame(client, since, until, "", now)
    return frame.read(
        f"""SELECT f.country, f.role_family, v.reference_percentile, count(*), count(*) FILTER (WHERE f.accepted)
        FROM {FACTS} JOIN offers_offer o ON o.client_id = f.client_id AND o.id = f.offer_id
        LEFT JOIN offers_offerversion v ON v.client_id = o.client_id AND v.id = o.version_id
        WHERE {_where(frame, kind)} GROUP BY 1, 2, 3"""
    )
