"""A year of the sample programme, swept every four hours: who was told what and when is as plain Python says it is."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from config.demo import plan, tables, when
from governance.access import Role
from governance.clients import create_client
from governance.models import Client, Delegation, User
from governance.tenancy import scope
from offers import clocks
from offers.models import Offer, OutboxEscalation
from offers.sweep import sweep
from tests import factories
from tests.offers.stuck import waiting

LADDER = {"standard": (24, 48, 72), "critical": (8, 16, 24)}
EVERY = timedelta(hours=4)
AWAY = timedelta(days=40)

Told = dict[tuple[str, str, datetime], dict[str, int]]  # (client, reader, instant of the sweep) -> offer -> hours


@dataclass(frozen=True)
class Absence:
    since: datetime
    until: datetime
    stand_in: str


@dataclass(frozen=True)
class Known:
    """One offer, as far as the oracle looks at it."""

    offer: Offer
    client: str
    recruiter: str
    priority: str
    stops: datetime

    def past(self, at: datetime) -> int:
        """How many thresholds it has passed."""
        age = at - self.offer.verbal_approved_at
        return sum(age >= timedelta(hours=hours) for hours in LADDER[self.priority])


@pytest.mark.django_db
def test_a_year_of_the_sample_programme_tells_whom_the_rules_name(now: datetime) -> None:
    """All three clients in one sweep: who works for two of them is told by each apart, in a mail of its own."""
    users: dict[str, User] = {}
    made = [create_client(code=each.code, name=each.name, now=now)[0] for each in tables.COMPANIES]
    with scope([client.pk for client in made]):
        known, away = [], {}
        for client, each in zip(made, plan.plans(1, 240), strict=True):
            assert client.code == each.company.code
            _hire(client, users)
            ours = [*_opened(client, each, users, now)]
            away[client.code, _named(client.code, Role.FINANCE_LEADER)] = _send_away(client, ours, users)
            known += ours
        expected = _oracle(known, away, ticks := _ticks(known))
        for tick in ticks:
            for one in known:
                if tick - EVERY < one.stops <= tick:
                    clocks.stop(one.offer, ["verbal_to_written"], now=one.stops)
            sweep(now=tick)
        assert _written() == expected
    assert {hours for offers in expected.values() for hours in offers.values()} == {8, 16, 24, 48, 72}
    for (code, _), absence in away.items():
        assert any((client, reader) == (code, absence.stand_in) for client, reader, _ in expected)


def _staff(code: str) -> list[Any]:
    return [person for person in tables.people() if person.client == code]


def _named(code: str, role: Role) -> str:
    return str(next(person.email for person in _staff(code) if person.role == role))


def _hire(client: Client, users: dict[str, User]) -> None:
    for person in _staff(client.code):
        if person.email not in users:
            users[person.email] = factories.UserFactory(email=person.email, name=person.name)
    for person in _staff(client.code):
        factories.MembershipFactory(
            client=client, user=users[person.email], role=person.role, manager=users.get(person.manager)
        )


def _opened(client: Client, planned: Any, users: dict[str, User], now: datetime) -> Iterator[Known]:
    """The offers of the programme's second year, each with its clock running since its verbal approval."""
    moments = when.moments(planned, now=now, seed=1, holidays=())
    for opening in planned.openings:
        for case in (case for case in opening.cases if case.cell.quarter > 4):
            moment, recruiter = moments[case.number], opening.recruiter.email
            priority = "critical" if case.number % 9 == 0 else "standard"
            offer = waiting(
                client, hours=0, now=moment.verbal, holder=users[recruiter], priority=priority,
                external_id=f"{client.code}-{case.number}",
            )  # fmt: skip
            yield Known(offer, client.code, recruiter, priority, moment.written or moment.decided)


def _send_away(client: Client, known: list[Known], users: dict[str, User]) -> Absence:
    """A finance leader is away for a while, and an HR business partner stands in."""
    since = min(one.offer.verbal_approved_at for one in known) + timedelta(days=60)
    absence = Absence(since, since + AWAY, _named(client.code, Role.HR_PARTNER))
    Delegation.objects.create(
        client=client, from_user=users[_named(client.code, Role.FINANCE_LEADER)], to_user=users[absence.stand_in],
        starts_at=absence.since, ends_at=absence.until, made_at=absence.since,
    )  # fmt: skip
    return absence


def _ticks(known: list[Known]) -> list[datetime]:
    """Every four hours of the year in which anything is open, and once after it."""
    spans = sorted((one.offer.verbal_approved_at, one.stops + EVERY) for one in known)
    tick, found = spans[0][0], []
    for since, until in spans:
        tick += max((since - tick) // EVERY, 0) * EVERY
        while tick <= until:
            found.append(tick)
            tick += EVERY
    return found


def _oracle(known: list[Known], away: dict[tuple[str, str], Absence], ticks: list[datetime]) -> Told:
    told: Told = defaultdict(dict)
    for before, tick in pairwise([ticks[0] - EVERY, *ticks]):
        for one in known:
            if one.offer.verbal_approved_at < tick < one.stops and (level := one.past(tick)) > one.past(before):
                for reader in _owners(one, level):
                    absence = away.get((one.client, reader))
                    covered = absence and absence.since <= tick < absence.until
                    name = absence.stand_in if absence and covered else reader
                    told[one.client, name, tick][one.offer.external_id] = LADDER[one.priority][level - 1]
    return dict(told)


def _owners(one: Known, level: int) -> set[str]:
    ours = _staff(one.client)
    recruiter = next(person for person in ours if person.email == one.recruiter)
    named = {
        1: {recruiter.email, *(person.email for person in ours if person.role == Role.COORDINATOR)},
        2: {recruiter.manager, *(p.email for p in ours if p.role in (Role.HR_PARTNER, Role.ACCOUNT_DIRECTOR))},
        3: {p.email for p in ours if p.role in (Role.FINANCE_LEADER, Role.TALENT_LEADER)},
    }
    return named[level] - {""}


def _written() -> Told:
    """What the outbox carries; a person's mail of one client and sweep is one mail."""
    found: Told = defaultdict(dict)
    mails = defaultdict(set)
    for link in OutboxEscalation.objects.select_related("client", "message__user", "escalation__offer"):
        key = (link.client.code, link.message.user.email, link.message.created_at)
        mails[key].add(link.message_id)
        found[key][link.escalation.offer.external_id] = link.escalation.threshold_hours
    assert {len(ids) for ids in mails.values()} == {1}
    return dict(found)
