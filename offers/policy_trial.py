"""What another policy would have asked for on past offers, from what was frozen when they were submitted.

Nothing is recomputed from today's data. Where a rule turns on something that was not frozen with a version, the
version is left out and counted as not tried, saying what was missing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import F

from governance.market import Standing
from governance.policy import Facts, evaluate
from governance.policy_conditions import find
from offers.models import OfferVersion

Document = Mapping[str, Any]
Chain = tuple[tuple[str, ...], ...]
DIFFERING = 50  # how many differing offers are listed

MONEY = ("budget_max", "posted_min", "posted_max", "expected_salary")
UNLIKE = ("budget_in", "posted_in")  # not frozen with versions of before they were told apart
PLAIN = (
    "headcount_left",
    "critical",
    "inversion",
    "guardrail_exceeded",
    "sow_exception",
    "terms_no_better_than_verbal",
    "hiring_manager",
)
# What each condition reads beside the version's own columns, and how that is called where it was not kept.
READS = {
    "over_budget": "the requisition's budget",
    "within_budget": "the requisition's budget",
    "outside_posted_range": "the posted range",
    "within_posted_range": "the posted range",
    "no_headcount": "the openings left",
    "inversion": "pay inversion",
    "below_expectation": "the stated expectation",
    "critical": "the priority",
    "guardrail_exceeded": "the guardrail",
    "sow_exception": "the statement of work",
}
MANAGER = "the verbal approval"
EDGES = "the edges of the band"


def frozen(facts: Facts) -> dict[str, Any]:
    """What the version's own columns do not hold of its facts, as JSON to freeze under "facts" of its standing."""
    money = {name: None if (value := getattr(facts, name)) is None else str(value) for name in MONEY}
    return money | {name: getattr(facts, name) for name in (*PLAIN, *UNLIKE)}


@dataclass(frozen=True, slots=True)
class Past:
    """One submitted version as it stood. `missing`: what was not frozen with it."""

    offer: int
    name: str
    submitted_at: datetime
    facts: Facts
    missing: frozenset[str]
    asked_then: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a policy asks about one version: the roles (or people) that still have to speak, in order, and why.

    `chain`: the same, by turns; those of one turn are asked together.
    """

    asked: tuple[str, ...]
    because: str
    chain: Chain = ()


@dataclass(slots=True)
class Count:
    """What one policy asks over all the versions tried: reviews per role, and versions about which it asks nobody.

    `chains` counts versions by whom they wait for, turn by turn; of what was asked at the time it is not known.
    """

    reviews: Counter[str] = field(default_factory=Counter)
    nobody: int = 0
    chains: Counter[Chain] = field(default_factory=Counter)

    def add(self, asked: tuple[str, ...], chain: Chain = ()) -> None:
        self.reviews.update(asked)
        self.nobody += not asked
        self.chains[chain] += 1


@dataclass(frozen=True, slots=True)
class Difference:
    past: Past
    before: Answer
    after: Answer


@dataclass(slots=True)
class Trial:
    """`n` versions of the period, `tried` of them under both policies; `untried` counts what the others lacked.

    `offers`: those of which any version was tried.
    """

    n: int = 0
    tried: int = 0
    offers: set[int] = field(default_factory=set)
    untried: Counter[str] = field(default_factory=Counter)
    then: Count = field(default_factory=Count)
    before: Count = field(default_factory=Count)
    after: Count = field(default_factory=Count)
    differing: list[Difference] = field(default_factory=list)

    @property
    def roles(self) -> list[tuple[str, int, int, int]]:
        """(whom, asked at the time, by the policy in force, by the policy tried), the most asked first."""
        names = self.then.reviews.keys() | self.before.reviews.keys() | self.after.reviews.keys()
        then, before, after = (each.reviews for each in (self.then, self.before, self.after))
        rows = [(name, then[name], before[name], after[name]) for name in names]
        return sorted(rows, key=lambda row: (-row[3], -row[2], row[0]))

    @property
    def listed(self) -> list[Difference]:
        """The first of them: where the number of those asked changes most, then the newest."""

        def rank(each: Difference) -> tuple[int, float]:
            return abs(len(each.after.asked) - len(each.before.asked)), each.past.submitted_at.timestamp()

        return sorted(self.differing, key=rank, reverse=True)[:DIFFERING]


def try_on(document: Document, in_force: Document, past: Iterator[Past] | list[Past]) -> Trial:
    """Both policies over these versions. Pure: reads no database and no clock."""
    found = Trial()
    for each in past:
        found.n += 1
        lacking = undecided(document, each) | undecided(in_force, each)
        if lacking:
            found.untried.update(lacking)
            continue
        found.tried += 1
        found.offers.add(each.offer)
        before, after = (answer(rules, each.facts) for rules in (in_force, document))
        found.then.add(each.asked_then)
        found.before.add(before.asked, before.chain)
        found.after.add(after.asked, after.chain)
        if sorted(before.asked) != sorted(after.asked):
            found.differing.append(Difference(each, before, after))
    return found


def answer(document: Document, facts: Facts) -> Answer:
    """Whom the policy asks for approval, and by which rules; steps given by verbal approval and advice ask nobody."""
    evaluation = evaluate(document, facts)
    asking = [(step.step, _whom(step.role, step.title, step.person)) for step in evaluation.steps if not step.given]
    chain = tuple(tuple(whom for _, whom in turn) for _, turn in groupby(sorted(asking), key=itemgetter(0)))
    silent = {rule["id"] for rule in document["rules"] if not rule["ask"] or rule.get("mode") == "advice"}
    reasons = [fired.title for fired in evaluation.fired if fired.rule_id not in silent]
    because = evaluation.because if evaluation.asks_nobody else "; ".join(reasons)
    return Answer(tuple(whom for _, whom in asking), because, chain)


def _whom(role: str, title: str, person: int | None) -> str:
    """A role with its title as "finance_leader CFO"; a person asked by name as "person 5"."""
    return " ".join(filter(None, (role, title))) if role else f"person {person}"


def undecided(document: Document, past: Past) -> set[str]:
    """What was not frozen of this version and decides whether a rule holds, or whether the manager is asked."""
    found: set[str] = set()
    if MANAGER in past.missing and document.get("manager_step", "verbal_counts") == "verbal_counts":
        found.add(MANAGER)
    for rule in document["rules"]:
        lacking = [_lacking(item, past) for item in rule["when"]]
        if None not in lacking:
            found = found.union(*(each for each in lacking if each))
    return found


def _lacking(item: Mapping[str, Any], past: Past) -> set[str] | None:
    """Of a condition or any-group: None where it surely does not hold, else what is missing to know, if anything."""
    missing: set[str] = set()
    for condition in item.get("any", [item]):
        needs = _needs(condition, past)
        if needs:
            missing |= needs
        elif find(condition, past.facts):
            return set()
    return missing or None


def _needs(condition: Mapping[str, Any], past: Past) -> set[str]:
    test = condition["test"]
    if "currency" in condition:
        amount = past.facts.sign_on if test == "sign_on_over" else past.facts.first_year_cash
        known = not amount or condition["currency"] in {past.facts.currency, *past.facts.rates}
        return set() if known else {f"the rate into {condition['currency']}"}
    read = EDGES if test == "outside_band" else READS.get(test)
    return {read} if read in past.missing else set()


# --- what was frozen

COLUMNS = (
    "pk", "offer_id", "currency", "annual", "first_year_total", "sign_on", "clawback_months", "equity_value",
    "standard_letter", "gap", "market_ratio", "compa_ratio", "band_position", "unknown_reason", "reference_amount",
    "reference_as_of", "peer_count", "peer_median", "policy_id", "standing", "submitted_at",
)  # fmt: skip


def past_versions(client_id: int, since: datetime, until: datetime) -> list[Past]:
    """Every version of the client submitted from `since` until before `until` (aware instants), in one query.

    Imported ones too, as far as their pay was judged: nobody was asked about them here.
    """
    rows = OfferVersion.objects.filter(
        client_id=client_id, submitted_at__gte=since, submitted_at__lt=until, annual__isnull=False
    )
    values = rows.order_by("-submitted_at", "-pk").values(*COLUMNS, name=F("offer__external_id"))
    return [past_of(row) for row in values.iterator(chunk_size=2000)]


def past_of(row: Mapping[str, Any]) -> Past:
    """One row of `past_versions` as plain facts."""
    held: Mapping[str, Any] = row["standing"] or {}
    judged = row["policy_id"] is not None  # what was decided elsewhere was put to no policy here
    more: Mapping[str, Any] = (held.get("facts") or {}) if judged else {}
    known: dict[str, Any] = {name: more[name] for name in (*PLAIN, *UNLIKE) if name in more}
    known |= {name: None if more[name] is None else Decimal(more[name]) for name in MONEY if name in more}
    facts = Facts(
        standing=_standing(row, held),
        currency=row["currency"],
        base=row["annual"],
        first_year_cash=row["first_year_total"],
        sign_on=row["sign_on"],
        clawback_months=row["clawback_months"],
        equity_value=row["equity_value"],
        rates={code: Fraction(rate) for code, rate in held.get("rates", {}).items()},
        standard_letter=row["standard_letter"],
        peer_median=row["peer_median"],
        peer_n=row["peer_count"] or 0,
        **known,
    )
    asked = tuple(
        _whom(step["role"], step["title"], step["person"]) for step in held.get("asked", ()) if not step["given"]
    )
    missing = _missing(more)
    if facts.standing.band_position in ("below", "above", "off_step") and _edges(held) is None:
        missing |= {EDGES}
    return Past(row["offer_id"], row["name"], row["submitted_at"], facts, missing, asked)


def _edges(held: Mapping[str, Any]) -> tuple[Fraction, Fraction] | None:
    """Minimum and maximum of the frozen band a year, None where it was not kept so."""
    band = held.get("band")
    return (Fraction(band["minimum"]), Fraction(band["maximum"])) if band and band["period"] == "year" else None


def _missing(more: Mapping[str, Any]) -> frozenset[str]:
    lacks = {
        "the requisition's budget": "budget_max",
        "the posted range": "posted_min",
        "the openings left": "headcount_left",
        "pay inversion": "inversion",
        "the stated expectation": "expected_salary",
        "the priority": "critical",
        "the guardrail": "guardrail_exceeded",
        "the statement of work": "sow_exception",
        MANAGER: "terms_no_better_than_verbal",
    }
    return frozenset(words for words, name in lacks.items() if name not in more)


def _standing(row: Mapping[str, Any], held: Mapping[str, Any]) -> Standing:
    known = row["gap"] is not None
    under, over = _outside(row["annual"], _edges(held))
    day, as_of = held.get("day"), row["reference_as_of"]
    return Standing(
        band_position=row["band_position"] or "none",
        band_strict=bool((held.get("band") or {}).get("strict")),
        under_minimum_share=under,
        over_maximum_share=over,
        reference_known=known,
        unknown_reason=None if known else row["unknown_reason"] or "missing",
        reference_amount=None if row["reference_amount"] is None else Fraction(row["reference_amount"]),
        gap=_share(row["gap"]),
        market_ratio=_share(row["market_ratio"]),
        compa_ratio=_share(row["compa_ratio"]),
        days_old=(date.fromisoformat(day) - as_of).days if day and as_of else None,
    )


def _outside(base: Decimal, edges: tuple[Fraction, Fraction] | None) -> tuple[Fraction | None, Fraction | None]:
    """How far the frozen base lies under or over the edges of the frozen band, as shares of the edge."""
    if edges is None:
        return None, None
    (low, high), pay = edges, Fraction(base)
    return (1 - pay / low if pay < low else None), (pay / high - 1 if pay > high else None)


def _share(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)
