"""The rules in force at a client, read in one query: what a verb or a sweep needs before it decides anything."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from governance import ladder
from governance.access import Role
from governance.business_time import Calendar
from governance.sow import Agreement, agreements_from, in_force

Document = Mapping[str, Any]


class IncompleteProgramme(Exception):
    """A client without a published rule that the work needs; says which and where it is made."""


@dataclass(frozen=True, slots=True)
class Member:
    """An active person in an active role."""

    user: int
    role: str
    title: str
    manager: int | None


@dataclass(frozen=True, slots=True)
class Away:
    """Who stands in for a person from one instant until another, the latter outside."""

    user: int
    stand_in: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """A published version: its row and its document."""

    id: int
    document: Document


@dataclass(frozen=True, slots=True)
class Programme:
    """Everything in force at one client now. A rule that is not published is None."""

    client: int
    zone: str
    policy: Rule | None
    service_level: Rule | None
    path: Rule | None
    guardrail: Rule | None
    calendar: Calendar
    members: tuple[Member, ...]
    away: tuple[Away, ...] = ()
    paths: tuple[Rule, ...] = ()  # the newest of each name, the last published first
    agreements: tuple[Agreement, ...] = ()  # every published version of its SOWs, none longer than its engagement

    def path_for(self, *, stage: str = "", engagement: str = "", unit: str = "") -> Rule | None:
        """The escalation path of this stage (a clock's kind), engagement (its code) and business unit.

        Of the paths that apply the one that asks most; among equals, the one published last.
        """
        asks = [(ladder.fits(each.document, stage, engagement, unit), each) for each in self.paths]
        applying = [(asked, each) for asked, each in asks if asked is not None]
        return max(applying, key=lambda pair: pair[0], default=(0, None))[1]

    @property
    def has_special_paths(self) -> bool:
        """True where some path holds for a part of the work only."""
        return any(each.document.get("applies_to") for each in self.paths)

    def agreement(self, engagement: int | None, at: datetime) -> Agreement | None:
        """The statement of work of the engagement in force at that instant; an offer keeps that of its drafting."""
        return in_force(self.agreements, engagement, at, self.zone)

    def need(self, name: str) -> Rule:
        """The published rule of that name ("policy", "service_level", "path", "guardrail").

        Raises IncompleteProgramme where none is published.
        """
        rule: Rule | None = getattr(self, name)
        if rule is None:
            words = {"policy": "approval policy", "service_level": "service level", "path": "escalation path"}
            raise IncompleteProgramme(
                f"This client has no published {words.get(name, name)}; an HR business partner publishes one in Rules."
            )
        return rule

    def holders(self, role: str, title: str = "") -> list[int]:
        """Users in this role; of a title where somebody has it, else all of the role."""
        of_role = [member for member in self.members if member.role == role]
        titled = [member.user for member in of_role if member.title.casefold() == title.casefold()] if title else []
        return titled or list(dict.fromkeys(member.user for member in of_role))

    def manager_of(self, user: int | None) -> int | None:
        """The person's manager at this client, None where nobody is named."""
        return next((member.manager for member in self.members if member.user == user and member.manager), None)

    def roles_of(self, user: int | None) -> frozenset[Role]:
        return frozenset(Role(member.role) for member in self.members if member.user == user)

    def stand_in_of(self, user: int, now: datetime) -> int | None:
        """Who decides for this person now, an active member; None while the person is there. Never passed on."""
        found = (each.stand_in for each in self.away if each.user == user and each.starts_at <= now < each.ends_at)
        stand_in = next(found, None)
        return stand_in if any(member.user == stand_in for member in self.members) else None

    def is_away(self, user: int, now: datetime) -> bool:
        """True while somebody was to stand in for this person, whether or not that one still can."""
        return any(each.user == user and each.starts_at <= now < each.ends_at for each in self.away)


_RULE = """(SELECT json_build_object('id', r.id, 'document', r.document) FROM governance_{table} r
    WHERE r.client_id = c.id AND r.published_at IS NOT NULL ORDER BY r.published_at DESC, r.version DESC, r.id DESC
    LIMIT 1)"""
# The newest published version of each name: a client keeps one path for everything, and others for what differs.
_PATHS = """(SELECT json_agg(json_build_object('id', p.id, 'document', p.document)
        ORDER BY p.published_at DESC, p.version DESC)
    FROM (SELECT DISTINCT ON (r.name) r.* FROM governance_escalationpath r
        WHERE r.client_id = c.id AND r.published_at IS NOT NULL
        ORDER BY r.name, r.published_at DESC, r.version DESC) p)"""
_QUERY = f"""
SELECT c.id, c.zone, {_RULE.format(table="approvalpolicy")}, {_RULE.format(table="servicelevel")},
    {_PATHS}, {_RULE.format(table="guardrail")},
    (SELECT json_build_object('zone', k.zone, 'week', k.week, 'overrides', k.overrides, 'holidays',
        (SELECT json_agg(h.date) FROM governance_holiday h WHERE h.calendar_id = k.id))
     FROM governance_businesscalendar k WHERE k.client_id = c.id AND k.is_default),
    (SELECT json_agg(json_build_array(m.user_id, m.role, m.title, m.manager_id) ORDER BY m.id)
     FROM governance_membership m JOIN governance_user u ON u.id = m.user_id
     WHERE m.client_id = c.id AND m.is_active AND u.is_active),
    (SELECT json_agg(json_build_array(d.from_user_id, d.to_user_id, d.starts_at, d.ends_at) ORDER BY d.id)
     FROM governance_delegation d WHERE d.client_id = c.id AND d.ended_at IS NULL),
    (SELECT json_agg(json_build_object('id', s.id, 'engagement', s.engagement_id, 'name', s.name, 'version', s.version,
        'published_at', s.published_at, 'valid_from', s.valid_from, 'valid_to', least(s.valid_to, e.ends_on),
        'document', s.document))
     FROM governance_statementofwork s JOIN governance_engagement e ON e.id = s.engagement_id
     WHERE s.client_id = c.id AND s.published_at IS NOT NULL)
FROM governance_client c WHERE c.id = ANY(%s)
"""


def load_many(client_ids: Iterable[int]) -> dict[int, Programme]:
    """The programmes of several clients, by client id, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, [list(client_ids)])
        return {row[0]: _programme(*row) for row in cursor.fetchall()}


def load(client_id: int) -> Programme:
    """The programme of one client. Raises IncompleteProgramme where the client is not in scope."""
    found = load_many([client_id])
    if client_id not in found:
        raise IncompleteProgramme("This client is not one of yours.")
    return found[client_id]


def _programme(client: int, zone: str, *parts: Any) -> Programme:
    policy, service_level, found_paths, guardrail, calendar, members, away, agreements = (
        json.loads(part) if isinstance(part, str) else part for part in parts
    )
    paths = tuple(Rule(id=each["id"], document=each["document"]) for each in found_paths or ())
    return Programme(
        client=client,
        zone=zone,
        policy=_rule(policy),
        service_level=_rule(service_level),
        path=next((each for each in paths if ladder.fits(each.document) == 0), None),
        guardrail=_rule(guardrail),
        calendar=_calendar(calendar, zone),
        members=tuple(Member(*member) for member in members or ()),
        away=tuple(
            Away(user, to, datetime.fromisoformat(starts), datetime.fromisoformat(ends))
            for user, to, starts, ends in away or ()
        ),
        paths=paths,
        agreements=agreements_from(agreements),
    )


def _rule(found: Any) -> Rule | None:
    return Rule(id=found["id"], document=found["document"]) if found else None


def _calendar(found: Any, zone: str) -> Calendar:
    if not found:
        every_day = {day: [("00:00", "24:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
        return Calendar(tz=zone, week=every_day, holidays=set(), overrides={})
    return Calendar(
        tz=found["zone"],
        week={day: [tuple(span) for span in spans] for day, spans in found["week"].items()},
        holidays={date.fromisoformat(day) for day in found["holidays"] or ()},
        overrides={
            date.fromisoformat(day): [tuple(span) for span in spans] for day, spans in found["overrides"].items()
        },
    )
