"""A year of the sample programme, swept every four hours: who was told what and when is as plain Python says it is."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from config.demo import plan, tables, when
from governance.access import Role
from governance.clients import create_client
from governance.models import Delegation, User
from governance.tenancy import scope
from offers import clocks
from offers.models import Offer, OutboxEscalation
from offers.sweep import sweep
from tests import factories
from tests.offers.stuck import waiting

LADDER = {"standard": (24, 48, 72), "critical": (8, 16, 24)}
EVERY = timedelta(hours=4)
AWAY = timedelta(days=40)

Told = dict[tuple[str, datetime], dict[str, int]]  # (reader, instant of the sweep) -> offer -> hours


@pytest.mark.django_db
def test_a_year_of_the_sample_programme_tells_whom_the_rules_name(now: datetime) -> None:
    company = next(each for each in plan.plans(1, 240) if each.company.code == "northbridge")
    moments = when.moments(company, now=now, seed=1, holidays=())
    year = [
        (case, opening, moments[case.number])
        for opening in company.openings
        for case in opening.cases
        if case.cell.quarter > 4
    ]
    client, _ = create_client(code="northbridge", name="Northbridge", now=now)
    with scope([client.pk]):
        people = _hire(client)
        leader = next(person for person in tables.people() if (person.client, person.role) == _FINANCE)
        leaves = min(moment.verbal for _, _, moment in year) + timedelta(days=60)
        stand_in = people[next(p.email for p in tables.people() if (p.client, p.role) == ("northbridge", "hr_partner"))]
        Delegation.objects.create(
            client=client, from_user=people[leader.email], to_user=stand_in, starts_at=leaves, ends_at=leaves + AWAY,
            made_at=leaves,
        )  # fmt: skip
        known = [_open(client, case, opening, moment, people) for case, opening, moment in year]
        away = {leader.email: (leaves, leaves + AWAY, stand_in.email)}
        expected = _oracle(known, away, ticks := _ticks(known))
        for tick in ticks:
            for offer, stops, _ in known:
                if tick - EVERY < stops <= tick:
                    clocks.stop(offer, ["verbal_to_written"], now=stops)
            sweep(now=tick)
        assert _written() == expected
    assert {hours for offers in expected.values() for hours in offers.values()} >= {24, 48, 72}
    assert any(reader == stand_in.email for reader, _ in expected)


_FINANCE = ("northbridge", "finance_leader")


def _hire(client: Any) -> dict[str, User]:
    ours = [person for person in tables.people() if person.client == "northbridge"]
    found = {person.email: factories.UserFactory(email=person.email, name=person.name) for person in ours}
    for person in ours:
        factories.MembershipFactory(
            client=client, user=found[person.email], role=person.role, manager=found.get(person.manager)
        )
    return found


def _open(client: Any, case: Any, opening: Any, moment: Any, people: dict[str, User]) -> tuple[Offer, datetime, str]:
    priority = "critical" if case.number % 9 == 0 else "standard"
    offer = waiting(
        client, hours=0, now=moment.verbal, holder=people[opening.recruiter.email], priority=priority,
        external_id=f"NB-{case.number}",
    )  # fmt: skip
    return offer, moment.written or moment.decided, priority


def _ticks(known: list[tuple[Offer, datetime, str]]) -> list[datetime]:
    """Every four hours of the year in which anything is open, and once after it."""
    spans = [(offer.verbal_approved_at, stops + EVERY) for offer, stops, _ in known]
    tick, end = min(since for since, _ in spans), max(until for _, until in spans)
    found = []
    while tick <= end:
        if any(since <= tick <= until for since, until in spans):
            found.append(tick)
        tick += EVERY
    return found


def _oracle(known: Any, away: Any, ticks: list[datetime]) -> Told:
    told: Told = defaultdict(dict)
    for before, tick in pairwise([ticks[0] - EVERY, *ticks]):
        for offer, stops, priority in known:
            if stops <= tick:
                continue
            now_past, then_past = (_past(offer, at, LADDER[priority]) for at in (tick, before))
            if now_past > then_past:
                for reader in _owners(offer, now_past):
                    since, until, stand_in = away.get(reader, (tick, tick, ""))
                    name = stand_in if since <= tick < until else reader
                    told[name, tick][offer.external_id] = LADDER[priority][now_past - 1]
    return dict(told)


def _past(offer: Offer, at: datetime, ladder: tuple[int, ...]) -> int:
    return sum(at - offer.verbal_approved_at >= timedelta(hours=hours) for hours in ladder)


def _owners(offer: Offer, level: int) -> set[str]:
    ours = [person for person in tables.people() if person.client == "northbridge"]
    recruiter = next(person for person in ours if person.email == offer.holder.email)
    named = {
        1: {recruiter.email, *(person.email for person in ours if person.role == Role.COORDINATOR)},
        2: {recruiter.manager, *(p.email for p in ours if p.role in (Role.HR_PARTNER, Role.ACCOUNT_DIRECTOR))},
        3: {p.email for p in ours if p.role in (Role.FINANCE_LEADER, Role.TALENT_LEADER)},
    }
    return named[level] - {""}


def _written() -> Told:
    """What the outbox carries; a person's mail of one sweep is one mail."""
    found: Told = defaultdict(dict)
    mails = defaultdict(set)
    for link in OutboxEscalation.objects.select_related("message__user", "escalation__offer"):
        key = (link.message.user.email, link.message.created_at)
        mails[key].add(link.message_id)
        found[key][link.escalation.offer.external_id] = link.escalation.threshold_hours
    assert {len(ids) for ids in mails.values()} == {1}
    return dict(found)
