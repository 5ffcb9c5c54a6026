"""What a closed offer was judged by on its day: the engines and the snapshot of a live one, over rows in memory."""

from bisect import bisect_right, insort
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from config.demo import references
from config.demo.ground import RATES, Ground
from config.demo.plan import Opening
from config.demo.references import RATE
from config.demo.tables import PLACES
from governance import market, policy
from governance.models import ApprovalPolicy, Benchmark, JobMatch, SalaryBand
from governance.programme import Programme, Rule, load
from offers.models import OfferVersion
from offers.standing import PEER_DAYS, Assessment, Peers

HOURS = 2080


@dataclass
class Judge:
    """One client's policies by when they came into force, and the peers who accepted so far."""

    ground: Ground
    programmes: list[tuple[datetime, Programme]]
    accepted: dict[tuple[str, str, str], list[tuple[datetime, int, Decimal]]] = field(default_factory=dict)

    def programme(self, at: datetime) -> Programme:
        """The client's programme with the policy that was in force."""
        return next(programme for since, programme in reversed(self.programmes) if since <= at)

    def add_peer(self, opening: Opening, version: OfferVersion, number: int) -> None:
        """An offer that was accepted, with its last version: a peer of those that come after."""
        key = (opening.job.role_code, opening.job.grade, version.currency)
        insort(self.accepted.setdefault(key, []), (version.created_at, number, version.base_annual))

    def peers(self, opening: Opening, currency: str, number: int, at: datetime) -> Peers:
        rows = self.accepted.get((opening.job.role_code, opening.job.grade, currency), [])
        since = at - timedelta(days=PEER_DAYS)
        window = rows[bisect_right(rows, since, key=_at) : bisect_right(rows, at, key=_at)]
        pay = sorted(amount for _, other, amount in window if other != number)
        if not pay:
            return Peers(0, None, None, None, False)
        median = (pay[(len(pay) - 1) // 2] + pay[len(pay) // 2]) / 2
        return Peers(len(pay), median, pay[0], pay[-1], len(pay) >= self.ground.client.minimum_peers)


def judge_of(ground: Ground) -> Judge:
    """Reads the client's published policies and its members; the client must be in scope."""
    now = load(ground.client.pk)
    rules = ApprovalPolicy.objects.published().filter(client=ground.client).order_by("published_at")
    return Judge(ground, [(row.published_at, replace(now, policy=Rule(row.pk, row.document))) for row in rules])


def assess(
    judge: Judge, opening: Opening, version: OfferVersion, *, number: int, at: datetime, better_than_verbal: bool,
    beyond_guardrail: bool = False,
) -> Assessment:  # fmt: skip
    """The version's assessment at that instant; `number` is the offer's own, left out of its peers."""
    programme = judge.programme(at)
    day = at.astimezone(ZoneInfo(programme.zone)).date()
    issue = references.issue_of(opening.quarter)
    place = PLACES[opening.place]
    bands = judge.ground.bands[opening.job, opening.place, issue]
    match = judge.ground.matches.get((opening.job, opening.place))
    benchmark = judge.ground.benchmarks.get((opening.job, opening.place, issue))
    annual = version.base_annual
    standing = market.judge(
        annual,
        version.currency,
        on=day,
        band=_band(bands),
        reference=_reference(match, benchmark),
        country=place.country,
    )
    peers = judge.peers(opening, version.currency, number, at)
    facts = _facts(opening, version, standing, peers)
    facts = replace(facts, guardrail_exceeded=beyond_guardrail, terms_no_better_than_verbal=not better_than_verbal)
    return Assessment(
        standing=standing,
        facts=facts,
        evaluation=policy.evaluate(programme.need("policy").document, facts),
        programme=programme,
        peers=peers,
        day=day,
        band=min(bands, key=lambda row: abs(row.minimum * HOURS - annual)) if opening.job.steps else bands[0],
        bands=tuple(bands),
        match=match,
        benchmark=benchmark,
    )


def _reference(match: JobMatch | None, row: Benchmark | None) -> market.Reference | None:
    if match is None or row is None:
        return None
    return market.Reference(
        percentiles=row.percentiles,
        as_of=row.as_of,
        currency=row.currency,
        country=match.source.country,
        source=match.source.name,
        target=match.target_percentile,
        yearly_rate=RATE,
        suppressed=row.suppressed,
        label=f"{match.source.name}, p{match.target_percentile}, {row.as_of:%b %Y}",
    )


def _facts(opening: Opening, version: OfferVersion, standing: market.Standing, peers: Peers) -> policy.Facts:
    return policy.Facts(
        standing=standing,
        currency=version.currency,
        base=version.base_annual,
        first_year_cash=version.first_year_cash,
        sign_on=version.sign_on,
        clawback_months=version.clawback_months,
        equity_value=version.equity_value,
        rates={"USD": RATES.get(version.currency, Decimal(1)), version.currency: Decimal(1)},
        budget_max=version.offer.requisition.budget_max,
        posted_min=version.offer.requisition.posted_min,
        posted_max=version.offer.requisition.posted_max,
        peer_median=peers.median if peers.enough else None,
        peer_n=peers.count,
        expected_salary=version.offer.expected_salary,
        critical=opening.critical,
        hiring_manager=version.offer.hiring_manager_id,
    )


def _band(rows: list[SalaryBand]) -> market.Band:
    first, last = rows[0], rows[-1]
    if len(rows) == 1:
        return market.Band(first.code, first.minimum, first.midpoint, first.maximum, first.currency)
    steps = tuple(row.minimum * HOURS for row in rows)
    return market.Band(
        first.code, steps[0], (steps[0] + steps[-1]) / 2, steps[-1], last.currency, "step", steps, strict=True
    )


def _at(row: tuple[datetime, int, Decimal]) -> datetime:
    return row[0]
