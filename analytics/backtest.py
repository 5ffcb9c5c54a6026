"""Another policy over past offers: reviews asked, hours they would have taken, what would have been caught.

The engine is offers/policy_trial.py; here its answers are weighed with measured hours and with what became of them.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from analytics.errors import ReportError, WrongUsage
from analytics.models import OfferFact
from analytics.reports.figures import divided
from analytics.statistics import wilson
from governance.models import Client
from governance.policy_schema import validate
from governance.programme import Rule, load
from offers.policy_trial import Chain, Difference, Document, Trial, past_versions, try_on

LISTED = 50
TOLD = 5  # how many faults of a file a refusal names
LARGEST = 1_000_000  # bytes of a policy file: the largest sound one is far smaller
SETTLED_DAYS = 90
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class NoPolicy(ReportError):
    """A policy that cannot be tried: the file is unsound, or the client has none to compare with."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Median elapsed hours from asking to the decision, over `n` decided steps."""

    hours: float
    n: int


Times = Mapping[str, Measured]


@dataclass(frozen=True, slots=True)
class Backtest:
    """A trial with what it costs and finds. `caught`: the policy asks somebody whom the one in force does not;
    `released`: the one in force asks somebody whom the policy does not. Both by offer, whichever version it was."""

    trial: Trial
    in_force: str
    times: Times
    caught: list[Difference]
    released: list[Difference]


def read_policy(content: bytes) -> dict[str, Any]:
    """A policy document from a file's bytes, sound by governance/policy_schema.py. Raises NoPolicy, naming rules."""
    if len(content) > LARGEST:
        raise NoPolicy("The file is larger than any policy. Give the JSON document of one policy.")
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NoPolicy(f"The file is not JSON in UTF-8: {error}. Give the document of a policy.") from error
    problems = validate(document)
    if problems:
        more = f" And {len(problems) - TOLD} more." if len(problems) > TOLD else ""
        told = " ".join(f"{each.path or 'document'}: {each.message}" for each in problems[:TOLD])
        raise NoPolicy(f"The policy is not sound, so it cannot be tried. {told}{more}")
    found: dict[str, Any] = document
    return found


def backtest(
    document: Document, *, client: Client, since: date | None = None, until: date | None = None, now: datetime
) -> Backtest:
    """Try a sound document on versions submitted from `since` until before `until`, days of the client; None is open.

    The client must be in scope and its facts fresh. Raises WrongUsage, and NoPolicy where none is in force.
    """
    if since and until and since >= until:
        raise WrongUsage(f"The period ends on {until}, which is not after {since}: its last day is not part of it.")
    in_force = policy_in_force(client)
    zone = ZoneInfo(client.zone)
    start = _midnight(since, zone) if since else BEGINNING
    end = _midnight(until, zone) if until else now + timedelta(days=1)
    trial = try_on(document, in_force.document, past_versions(client.pk, start, end))
    return weigh(trial, step_times(client, now=now), in_force.document["name"])


def policy_in_force(client: Client) -> Rule:
    rule = load(client.pk).policy
    if rule is None:
        raise NoPolicy(f"{client} has no policy in force, so there is nothing to compare with. Publish one first.")
    return rule


def weigh(trial: Trial, times: Times, in_force: str) -> Backtest:
    """Pure: which offers would have been caught or let go."""
    caught = [each for each in trial.differing if set(each.after.asked) - set(each.before.asked)]
    released = [each for each in trial.differing if set(each.before.asked) - set(each.after.asked)]
    return Backtest(trial, in_force, times, caught, released)


# --- hours


def step_times(client: Client, *, now: datetime) -> dict[str, Measured]:
    """Measured hours by whom policies ask: "hr_partner", "finance_leader CFO", "person 5". Only with enough steps."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT role, title, person_id, count(*), percentile_cont(0.5) WITHIN GROUP (
                ORDER BY extract(epoch FROM decided_at - asked_at)::float / 3600)
            FROM offers_approval WHERE client_id = %s AND status IN ('approved', 'rejected', 'returned')
                AND decided_at BETWEEN asked_at AND %s
            GROUP BY GROUPING SETS ((role, title), (role), (person_id))""",
            [client.pk, now],
        )
        rows = cursor.fetchall()
    found = {}
    for role, title, person, n, hours in rows:
        if role and title != "":  # without a title it is the whole role that is read
            whom = " ".join(filter(None, (role, title)))
        elif person:
            whom = f"person {person}"
        else:
            continue
        if n >= client.minimum_cell:
            found[whom] = Measured(float(hours), n)
    return found


def time_of(whom: str, times: Times) -> Measured | None:
    """How long they take; a role with a title that was too seldom asked takes what its role takes."""
    return times.get(whom) or (None if whom.startswith("person ") else times.get(whom.partition(" ")[0]))


def hours_of(chains: Mapping[Chain, int], times: Times) -> float:
    """Hours that offers wait for these chains: turns follow each other, those of one turn are asked together.

    Whoever has not been measured counts nothing here; `unmeasured` says who that is.
    """
    return sum(number * sum(_longest(turn, times) for turn in chain) for chain, number in chains.items())


def _longest(turn: Collection[str], times: Times) -> float:
    known = [measured.hours for whom in turn if (measured := time_of(whom, times))]
    return max(known, default=0.0)


# --- what became of them


def outcomes(client: Client, offers: Collection[int], *, now: datetime) -> dict[str, Any]:
    """What became of these offers: {"n", "outcomes", "answered", "accepted", "rate", …}; too few keep their n alone.

    Shares are 0 to 1. Left within 90 days is counted of those who joined at least as long ago.
    """
    if len(offers) < client.minimum_cell:
        return {"n": len(offers), "suppressed": True}
    settled = now.astimezone(ZoneInfo(client.zone)).date() - timedelta(days=SETTLED_DAYS)
    statuses: Counter[str] = Counter()
    answered = accepted = joined = left = 0
    columns = ("status", "answered", "accepted", "joined_on", "left_on")
    for status, has_answered, has_accepted, joined_on, left_on in OfferFact.objects.filter(
        client=client, offer__in=offers
    ).values_list(*columns):
        statuses[status] += 1
        answered += has_answered
        accepted += has_answered and has_accepted
        if joined_on and joined_on <= settled:
            joined += 1
            left += bool(left_on and (left_on - joined_on).days <= SETTLED_DAYS)
    low, high = wilson(accepted, answered) or (None, None)
    return {
        "n": len(offers),
        "outcomes": dict(sorted(statuses.items())),
        "answered": answered,
        "accepted": accepted,
        "rate": divided(accepted, answered) if answered >= client.minimum_cell else None,
        "ci_low": low if answered >= client.minimum_cell else None,
        "ci_high": high if answered >= client.minimum_cell else None,
        "joined_90": joined,
        "left_90": left if joined >= client.minimum_cell else None,
    }


# --- as JSON


def as_json(
    found: Backtest, document: Document, *, client: Client, since: date | None, until: date | None, now: datetime
) -> dict[str, Any]:
    """The object of docs/backtest.md. Hours are elapsed, unrounded; whoever is asked is named as policies name them."""
    trial = found.trial
    before, after = (hours_of(count.chains, found.times) for count in (trial.before, trial.after))
    return {
        "client": client.code,
        "policy": document["name"],
        "in_force": found.in_force,
        "since": since.isoformat() if since else None,
        "until": until.isoformat() if until else None,
        "minimum": client.minimum_cell,
        "n": trial.n,
        "tried": trial.tried,
        "untried": dict(trial.untried.most_common()),
        "reviews": [_review(row, found.times) for row in trial.roles],
        "nobody": {"then": trial.then.nobody, "in_force": trial.before.nobody, "policy": trial.after.nobody},
        "hours": {"in_force": before, "policy": after, "added": after - before, "unmeasured": unmeasured(found)},
        "all": outcomes(client, trial.offers, now=now),
        "caught": outcomes(client, offers_of(found.caught), now=now) | {"offers": _names(found.caught)},
        "released": outcomes(client, offers_of(found.released), now=now) | {"offers": _names(found.released)},
    }


def _review(row: tuple[str, int, int, int], times: Times) -> dict[str, Any]:
    whom, then, before, after = row
    measured = time_of(whom, times)
    return {
        "who": whom, "then": then, "in_force": before, "policy": after, "change": after - before,
        "median_hours": measured.hours if measured else None, "measured": measured.n if measured else 0,
    }  # fmt: skip


def unmeasured(found: Backtest) -> list[str]:
    """Whom either policy asks without enough decided steps to know how long they take."""
    asked = found.trial.before.reviews.keys() | found.trial.after.reviews.keys()
    return sorted(whom for whom in asked if time_of(whom, found.times) is None)


def offers_of(differences: Collection[Difference]) -> set[int]:
    return {each.past.offer for each in differences}


def _names(differences: Collection[Difference]) -> list[str]:
    """The first of them, the newest first, each once."""
    return list(dict.fromkeys(each.past.name for each in differences))[:LISTED]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
