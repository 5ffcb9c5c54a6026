"""A year of simulated time: who was told what and when agrees with an oracle in plain Python that knows no SQL."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from governance.access import Role
from governance.models import Membership
from offers import clocks, escalations, pauses
from offers.models import Escalation, OutboxEscalation
from offers.sweep import sweep
from tests.offers.desk import Desk
from tests.offers.stuck import waiting

LADDER = {"standard": [24, 48, 72], "critical": [8, 16, 24]}
HOLD = {"standard": timedelta(hours=4), "critical": timedelta(hours=1)}
YEAR = timedelta(days=365)


@dataclass
class Told:
    """What the oracle keeps of one offer."""

    started: datetime
    priority: str
    stops: datetime
    flagged: int = 0
    round: int = 1
    holds: int = 0
    held: datetime | None = None
    paused: bool = False
    said: list[tuple[datetime, int, int, int]] = field(default_factory=list)  # when, hours, level, round

    def look(self, now: datetime) -> None:
        """What a sweep at this instant has to say of it."""
        hours = (now - self.started).total_seconds() / 3600
        passed = sum(hours >= each for each in LADDER[self.priority])
        if self.paused or now >= self.stops or (self.held and self.held > now):
            return
        if self.held or passed > self.flagged:
            self.round += bool(self.held)
            self.held, self.flagged = None, max(passed, self.flagged)
            self.said.append((now, LADDER[self.priority][self.flagged - 1], self.flagged, self.round))

    def acknowledge(self, now: datetime) -> bool:
        if self.holds == 2 or self.held or self.paused or now >= self.stops:
            return False
        self.held, self.holds = now + HOLD[self.priority], self.holds + 1
        return True


def test_a_year_of_escalations_is_as_the_rules_say_it(desk: Desk) -> None:
    dice, people, begin = random.Random(20261123), desk.people, desk.now
    recruiter = people[Role.RECRUITER]
    Membership.objects.filter(user=recruiter).update(manager=desk.person(Role.ACCOUNT_DIRECTOR))
    manager = Membership.objects.get(user=recruiter).manager
    owners = {
        1: {recruiter, people[Role.COORDINATOR]},
        2: {manager, people[Role.HR_PARTNER], people[Role.ACCOUNT_DIRECTOR]},
        3: {people[Role.FINANCE_LEADER], people[Role.TALENT_LEADER]},
    }
    known: dict[int, Told] = {}
    offers = {}
    days = sorted(dice.uniform(0, 364) for _ in range(60))
    for day in days:
        now = begin + timedelta(days=day)
        if len(known) < 30:
            priority = dice.choice(["standard", "standard", "critical"])
            offer = waiting(
                desk.client, hours=dice.uniform(0, 30), now=now, priority=priority, holder=recruiter,
                coordinator=people[Role.COORDINATOR],
            )  # fmt: skip
            offers[offer.pk] = offer
            known[offer.pk] = Told(offer.verbal_approved_at, priority, now + timedelta(days=dice.uniform(1, 40)))
        for step in range(4):
            _day(offers, known, dice, recruiter, now + timedelta(hours=5 * step))
    assert _written() == {
        (pk, at, hours, level, round, frozenset(owner.pk for owner in owners[level]))
        for pk, told in known.items()
        for at, hours, level, round in told.said
    }
    assert {told.round for told in known.values()} == {1, 2, 3}


def _day(offers, known, dice, recruiter, now):
    """People stop, pause, resume and acknowledge; then a sweep looks."""
    for pk, told in known.items():
        if now >= told.stops:
            clocks.stop(offers[pk], ["verbal_to_written"], now=now)
        elif dice.random() < 0.02:
            verb = pauses.resume if told.paused else pauses.pause
            verb(pk, actor=recruiter, now=now, **({} if told.paused else {"reason": "A visit."}))
            told.paused = not told.paused
    sweep(now=now)
    for told in known.values():
        told.look(now)
    for pk, told in known.items():
        if told.said and dice.random() < 0.3 and told.acknowledge(now):
            newest = Escalation.objects.filter(offer=pk).latest("pk")
            escalations.acknowledge([newest.pk], actor=recruiter, now=now)


def _written():
    """What the outbox carries: (offer, when, hours, level, round, people)."""
    found = {}
    for link in OutboxEscalation.objects.select_related("message", "escalation"):
        each = link.escalation
        key = (each.offer_id, link.message.created_at, each.threshold_hours, each.level, each.round)
        found.setdefault(key, set()).add(link.message.user_id)
    return {(*key, frozenset(users)) for key, users in found.items()}
