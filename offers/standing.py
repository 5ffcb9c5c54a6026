"""Where an offer stands before anybody is asked: band, reference, peers, and the reviews that the policy would ask.

Reads the client's rows, hands plain facts to the pure engines (governance/market.py, governance/policy.py) and can
freeze what they said on the version. Data dated after the offer is never used.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, F, FilteredRelation, Q, When
from django.utils import timezone

from governance import market, policy, policy_delta
from governance.models import Benchmark, JobMatch, SalaryBand
from governance.models.base import PayPeriod
from governance.programme import IncompleteProgramme, Programme, load
from offers import earlier
from offers.around import PEER_DAYS, Around, Peers, look_around, openings_left
from offers.errors import NotReady
from offers.models import Offer, OfferVersion
from offers.policy_trial import frozen

__all__ = [
    "PEER_DAYS",
    "Assessment",
    "Peers",
    "asked_of",
    "assess",
    "freeze",
    "openings_left",
    "published_policy",
    "snapshot",
]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that a version is judged by, and what the policy says of it. `scale` is the band, full-time annual."""

    standing: market.Standing
    facts: policy.Facts
    evaluation: policy.Evaluation
    programme: Programme
    peers: Peers
    day: date
    editors: tuple[int, ...] = ()
    scale: market.Band | None = None
    band: SalaryBand | None = None
    bands: tuple[SalaryBand, ...] = ()
    match: JobMatch | None = None
    benchmark: Benchmark | None = None

    @property
    def second_review(self) -> bool:
        """More than 5 % below reference (but on a step scale, where it asks nobody), or outside the band."""
        gap = None if self.standing.on_step_scale else self.standing.gap
        below = gap is not None and gap < Fraction(-5, 100)
        return below or self.standing.band_position in ("below", "above", "off_step")


def assess(version: OfferVersion, *, now: datetime, programme: Programme | None = None) -> Assessment:
    """Judge these terms as of now, in the client's calendar day. Reads only; `version.offer` should be loaded with its
    requisition and client. Raises NotReady where the client has no published policy."""
    offer = version.offer
    programme = programme or load(offer.client_id)
    document = published_policy(programme)
    day = timezone.localdate(now, ZoneInfo(programme.zone))
    bands = tuple(_bands(offer, version, day))
    scale = _band(bands, version)
    match, benchmark = _match(offer, version.currency, day)
    standing = market.judge(
        version.base_annual,
        version.currency,
        on=day,
        band=scale,
        reference=_reference(match, benchmark),
        country=offer.job.country or offer.client.country,
    )
    around = look_around(version, document, day, now)
    facts = _facts(version, standing, around)
    return Assessment(
        standing=standing,
        facts=facts,
        evaluation=asked_of(version, facts, programme, around.editors),
        programme=programme,
        peers=around.peers,
        day=day,
        editors=around.editors,
        scale=scale,
        band=_nearest(bands, version.base_annual, version.hours_divisor),
        bands=bands,
        match=match,
        benchmark=benchmark,
    )


def asked_of(
    version: OfferVersion, facts: policy.Facts, programme: Programme, editors: Collection[int]
) -> policy.Evaluation:
    """Whom the policy in force asks about these facts, and which earlier yeses of the offer it keeps."""
    document = published_policy(programme)
    evaluation = policy.evaluate(document, facts)
    if document.get("delta_aware") and version.offer_id and version.number > 1:
        found = earlier.yeses(version, programme.need("policy").id, editors)
        evaluation = policy_delta.keep(evaluation, facts, found)
    return evaluation


def published_policy(programme: Programme) -> Mapping[str, Any]:
    """The document of the policy in force. Raises NotReady where none is published."""
    try:
        return programme.need("policy").document
    except IncompleteProgramme as missing:
        raise NotReady(str(missing)) from None


def freeze(version: OfferVersion, found: Assessment) -> None:
    """Copy onto the version, unsaved, what it was judged by. Shares keep 12 decimals; nothing is recomputed later."""
    standing = found.standing
    version.policy_id = found.programme.need("policy").id
    version.band, version.benchmark = found.band, found.benchmark
    version.annual, version.first_year_total = version.base_annual, version.first_year_cash
    version.band_position = standing.band_position
    version.reference_amount = _decimal(standing.reference_amount, 10)
    version.reference_as_of = found.benchmark.as_of if found.benchmark else None
    version.reference_percentile = found.match.target_percentile if found.match else None
    version.ageing_percent = found.match.source.yearly_rate if found.match else None
    version.unknown_reason = standing.unknown_reason or ""
    version.gap, version.market_ratio = _decimal(standing.gap), _decimal(standing.market_ratio)
    version.compa_ratio = _decimal(standing.compa_ratio)
    version.peer_count = found.peers.count
    version.peer_median = found.peers.median if found.peers.enough else None
    version.second_review = found.second_review
    version.standing = snapshot(found)


def snapshot(found: Assessment) -> dict[str, Any]:
    """What a page shows of an assessment, as plain JSON: sentences, the range chart's numbers, rules, who is asked."""
    standing, evaluation = found.standing, found.evaluation
    return {
        "day": found.day.isoformat(),
        "currency": found.facts.currency,
        "base": str(found.facts.base),
        "first_year_cash": str(found.facts.first_year_cash),
        "sentences": [list(pair) for pair in market.sentences(standing)],
        "band": _range(found),
        "band_position": standing.band_position,
        "compa_ratio": _text(standing.compa_ratio),
        "range_penetration": _text(standing.range_penetration),
        "reference": {
            "amount": _text(standing.reference_amount, 2), "label": standing.reference_label,
            "percentile": found.match.target_percentile if found.match else None,
            "as_of": found.benchmark.as_of.isoformat() if found.benchmark else None,
            "source": found.match.source.name if found.match else None,
        } if standing.reference_known else None,
        "unknown_reason": standing.unknown_reason,
        "gap": _text(standing.gap),
        "market_ratio": _text(standing.market_ratio),
        "bracket": standing.bracket,
        "at_least": standing.at_least,
        "peers": _peers(found),
        "facts": frozen(found.facts),
        "rates": {code: str(rate) for code, rate in found.facts.rates.items()},
        "fired": [
            {"rule": fired.rule_id, "title": fired.title, "reason": fired.reason,
             "findings": [earlier.as_json(each) for each in fired.findings]}
            for fired in evaluation.fired
        ],
        "asked": [asdict(step) for step in evaluation.steps],
        "advice": [asdict(step) for step in evaluation.advice],
        "because": evaluation.because,
        "second_review": found.second_review,
    }  # fmt: skip


def _range(found: Assessment) -> dict[str, str] | None:
    """The band full-time annual, to be drawn beside the base; the row's own figures where only the row is known."""
    drawn, period = (found.scale, "year") if found.scale else (found.band, found.band.period if found.band else "")
    if drawn is None:
        return None
    edges = {name: str(getattr(drawn, name)) for name in ("minimum", "midpoint", "maximum")}
    return {"code": drawn.code, "period": period, "kind": drawn.kind, "strict": "yes" if drawn.strict else "", **edges}


def _peers(found: Assessment) -> dict[str, Any]:
    """Their figures where they are enough to be shown, else how many there are."""
    peers = found.peers
    if not peers.enough:
        return {"count": peers.count}
    figures = {name: str(getattr(peers, name)) for name in ("median", "lowest", "highest")}
    spread = {name: str(value) for name in ("quarter", "three_quarters") if (value := getattr(peers, name)) is not None}
    counts = {"count": peers.count, "below": peers.below, "incumbents": peers.incumbents}
    settled = {} if peers.settled_median is None else {"settled_median": str(peers.settled_median)}
    return counts | figures | spread | settled | {"inversion": found.facts.inversion}


# --- reading


def _bands(offer: Offer, version: OfferVersion, day: date) -> list[SalaryBand]:
    job = offer.job
    rows = list(
        SalaryBand.objects.covering(
            client_id=offer.client_id,
            role_code=job.role_code,
            role_family=job.role_family,
            grade=job.grade,
            location=job.location,
            day=day,
        ).filter(currency=version.currency)
    )
    own = [row for row in rows if row.role_code]
    return own or rows


def _band(rows: tuple[SalaryBand, ...], version: OfferVersion) -> market.Band | None:
    if not rows:
        return None
    steps = rows[0].kind == SalaryBand.Kind.STEP
    amounts = [_annual_of(row, row.minimum, version) for row in rows]
    first, last = rows[0], rows[-1]
    low, high = _annual_of(first, first.minimum, version), _annual_of(last, last.maximum, version)
    return market.Band(
        code=first.code,
        minimum=low,
        midpoint=(low + high) / 2 if steps else _annual_of(first, first.midpoint, version),
        maximum=high,
        currency=first.currency,
        kind="step" if steps else "range",
        steps=tuple(amounts) if steps else (),
        strict=any(row.strict for row in rows),
    )


def _annual_of(row: SalaryBand, amount: Decimal, version: OfferVersion) -> Decimal:
    return market.annual(amount, row.period, version.hours_divisor)  # type: ignore[arg-type]


def _nearest(rows: tuple[SalaryBand, ...], base: Decimal, hours_divisor: int = 2080) -> SalaryBand | None:
    """The row to point at: the range, or of a step scale the step nearest to the pay (full-time annual)."""
    away = [(abs(market.annual(row.minimum, row.period, hours_divisor) - base), row) for row in rows]  # type: ignore[arg-type]
    return min(away, key=lambda pair: pair[0])[1] if away else None


def _match(offer: Offer, currency: str, day: date) -> tuple[JobMatch | None, Benchmark | None]:
    """The role's match and its newest yearly row dated on or before the day; one of another period or currency only
    where nothing else is. A match of the grade comes before that of every grade, with or without a row."""
    job = offer.job
    if not job.role_code:
        return None, None
    columns = [field.attname for field in Benchmark._meta.concrete_fields]
    published = Q(
        source__benchmarks__role_code=F("source_role_code"),
        source__benchmarks__location=F("source_location"),
        source__benchmarks__as_of__lte=day,
    )
    match: Any = (
        JobMatch.objects.select_related("source")
        .annotate(
            row=FilteredRelation("source__benchmarks", condition=published),
            fits=Case(When(row__period=PayPeriod.YEAR, row__currency=currency, then=1), default=0),
            **{f"row_{name}": F(f"row__{name}") for name in columns},
        )
        .filter(
            client_id=offer.client_id,
            role_code=job.role_code,
            location=job.location,
            grade__in=("", job.grade),
        )
        .order_by("-grade", "-fits", F("row__as_of").desc())
        .first()
    )
    if match is None or match.row_id is None:
        return match, None
    return match, Benchmark(**{name: getattr(match, f"row_{name}") for name in columns})


def _reference(match: JobMatch | None, row: Benchmark | None) -> market.Reference | None:
    if match is None or row is None:
        return None
    source = match.source
    national = source.national_location and match.source_location == source.national_location
    return market.Reference(
        percentiles=row.percentiles,
        as_of=row.as_of,
        currency=row.currency,
        country=source.country,
        source=source.name,
        target=match.target_percentile,
        period=row.period,  # type: ignore[arg-type]
        yearly_rate=source.yearly_rate,
        stale_after_days=source.stale_after_days,
        top_coded=row.top_coded,
        suppressed=row.suppressed,
        label=f"{source.name}, p{match.target_percentile}, {'national, ' if national else ''}{row.as_of:%b %Y}",
    )


def _facts(version: OfferVersion, standing: market.Standing, around: Around) -> policy.Facts:
    offer, peers = version.offer, around.peers
    requisition = offer.requisition
    same_money = requisition.currency == version.currency
    posted = (requisition.posted_min, requisition.posted_max) != (None, None)
    return policy.Facts(
        standing=standing,
        currency=version.currency,
        base=version.base_annual,
        first_year_cash=version.first_year_cash,
        sign_on=version.sign_on,
        clawback_months=version.clawback_months,
        equity_value=version.equity_value,
        rates=around.rates,
        standard_letter=version.standard_letter,
        budget_max=requisition.budget_max if same_money else None,
        posted_min=requisition.posted_min if same_money else None,
        posted_max=requisition.posted_max if same_money else None,
        budget_in="" if same_money or requisition.budget_max is None else requisition.currency,
        posted_in=requisition.currency if posted and not same_money else "",
        headcount_left=around.openings_left,
        peer_median=peers.median if peers.enough else None,
        peer_n=peers.count,
        inversion=peers.settled_median is not None and version.base_annual > peers.settled_median,
        expected_salary=offer.expected_salary if offer.expected_currency in ("", version.currency) else None,
        critical=offer.priority == "critical",
        terms_no_better_than_verbal=around.verbal,
        hiring_manager=offer.hiring_manager_id,
        sow_exception=around.sow_exception,
    )


def _decimal(value: Fraction | None, places: int = 12) -> Decimal | None:
    if value is None:
        return None
    return round(Decimal(value.numerator) / Decimal(value.denominator), places)


def _text(value: Fraction | None, places: int = 6) -> str | None:
    found = _decimal(value, places)
    return None if found is None else str(found)
