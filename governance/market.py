"""Where does this pay stand? Pure: no ORM, no clock, no rounding.

All money is full-time annual pay in one currency unless a name says otherwise. Shares are exact Fractions (1/20 is
5 %), because "more than 5 % below" must hold to the last yen and the last fils. Only `position` answers in Decimal, as
its callers print it. A float is refused with TypeError: it has already lost what we are asked to be exact about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

PERCENTILES = (10, 25, 50, 75, 90)

Period = Literal["year", "month", "hour"]
BandPosition = Literal["below", "inside", "above", "none", "on_step", "off_step"]
UnknownReason = Literal[
    "missing", "stale", "suppressed", "top_coded", "zero", "currency", "country", "period", "future"
]

_RATIO = Context(prec=28)  # so that the caller's own decimal context cannot change an answer


@dataclass(frozen=True, slots=True)
class Position:
    """Where an amount lies among published percentiles, nothing interpolated. `at_least`: the last one is top-coded."""

    known: bool
    bracket: str | None = None
    market_ratio: Decimal | None = None
    at_least: bool = False
    percentile_low: int | None = None
    percentile_high: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A salary band, full-time annual. Edges are inside. Kind "step": pay must equal one of `steps`."""

    code: str
    minimum: Decimal
    midpoint: Decimal
    maximum: Decimal
    currency: str
    kind: Literal["range", "step"] = "range"
    steps: tuple[Decimal, ...] = ()
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """One benchmark row and how the job match reads it.

    `percentiles` are as published, not aged; `target` is the one that pay is compared with. `yearly_rate` is percent
    a year (3 is 3 %). It is stale when older than `stale_after_days`. `label` says what a reader must know, such as
    a national value standing in for a place.
    """

    percentiles: Mapping[int, Decimal | None]
    as_of: date
    currency: str
    country: str
    source: str
    target: int = 50
    period: Period = "year"
    yearly_rate: Decimal = Decimal(3)
    stale_after_days: int = 730
    top_coded: bool = False
    suppressed: bool = False
    label: str = ""

    @property
    def amount(self) -> Decimal | None:
        """The published target percentile, not aged; None where it was left blank."""
        return self.percentiles.get(self.target)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a version is judged by, to be frozen with it. Shares and ratios are exact; None where not known.

    `gap` = (base - reference) / reference; `market_ratio` = base / reference, reference aged; `compa_ratio` = base /
    midpoint; `range_penetration` = (base - minimum) / (maximum - minimum), below 0 or above 1 outside the band.
    `over_maximum_share` and `under_minimum_share` are shares of that edge, given only outside it.
    """

    band_position: BandPosition = "none"
    band_code: str = ""
    band_strict: bool = False
    over_maximum_share: Fraction | None = None
    under_minimum_share: Fraction | None = None
    compa_ratio: Fraction | None = None
    range_penetration: Fraction | None = None
    reference_known: bool = False
    unknown_reason: UnknownReason | None = "missing"
    reference_amount: Fraction | None = None
    reference_label: str = ""
    gap: Fraction | None = None
    market_ratio: Fraction | None = None
    bracket: str | None = None
    at_least: bool = False
    days_old: int | None = None

    @property
    def on_step_scale(self) -> bool:
        """True for union and step scales, where the benchmark informs but asks nobody."""
        return self.band_position in ("on_step", "off_step")


def position(
    percentiles: Mapping[int, Decimal | None],
    amount: Decimal,
    target: int = 50,
    top_coded: bool | Decimal | None = None,
) -> Position:
    """Bracket and market ratio of `amount` among the percentiles {10, 25, 50, 75, 90}, all of one currency and period.

    A blank (None, zero or negative) cell is skipped; the highest percentile <= amount is the lower end. `top_coded`
    (true, or the published cap) says that the cells above the last published one are too high to be published: from
    there on the bracket reads "at least". `market_ratio` is None where the target cell is blank. ValueError: negative
    or not finite amount, falling percentiles, a percentile that nobody publishes.
    """
    money = _money(amount)
    if target not in PERCENTILES:
        raise ValueError(f"The target percentile is one of {PERCENTILES}, not {target}.")
    cells = _published(percentiles)
    if not cells:
        return Position(known=False, reason="top_coded" if top_coded else "missing")
    low, high = _ends(cells, money)
    at_least = high is None and bool(top_coded)
    reference = dict(cells).get(target)
    ratio = None if reference is None else _RATIO.divide(Decimal(amount), _decimal(reference))
    return Position(True, _bracket(low, high), ratio, at_least, low, high)


def annual(amount: Decimal, period: Period, hours_divisor: int | None = None, payments_a_year: int = 12) -> Decimal:
    """Full-time annual pay, exact, in the same currency, from pay per `period`.

    A month counts `payments_a_year` times (12, 13 or 14), an hour `hours_divisor` times: the client's explicit divisor,
    2080 or 2087, ValueError without one. This is for the pay of offers and bands only. A published hourly benchmark is
    never turned into a year: published annual values are taken, and where there is none the reference is unknown.
    """
    _money(amount)
    times = {"year": 1, "month": payments_a_year, "hour": hours_divisor}.get(period)
    if times is None or times <= 0:
        raise ValueError(
            "Pay is per year, month or hour, and hourly pay needs the client's hours a year (2080 or 2087)."
        )
    return amount * times


def aged(reference: Decimal, as_of: date, on: date, yearly_rate: Decimal) -> Fraction:
    """The reference carried to `on` in a straight line: reference x (1 + rate / 100 x days / 365).

    `yearly_rate` is percent a year. ValueError where `on` is before `as_of`: an offer is judged only by earlier data.
    """
    return _money(reference) * _ageing(as_of, on, yearly_rate)


def judge(
    base_full_time_annual: Decimal,
    currency: str,
    *,
    on: date,
    band: Band | None = None,
    reference: Reference | None = None,
    country: str = "",
) -> Standing:
    """The standing of this full-time annual base on the client-local date `on`, against its band and its reference.

    A band in another currency is no band. Countries are compared where both are given. ValueError: negative base.
    """
    base = _money(base_full_time_annual)
    standing = Standing()
    if band is not None and band.currency == currency:
        standing = _against_band(standing, base, band)
    if reference is not None:
        standing = _against_reference(standing, base, currency, country, on, reference)
    return standing


def sentences(standing: Standing, review_below: Decimal = Decimal(5)) -> list[tuple[str, str]]:
    """[(level, text)] for a page, reference first, then band. Level is "ok", "warn", "bad" or "info".

    `review_below` is the percentage below reference from which the client's policy wants a second look.
    """
    return [_reference_sentence(standing, review_below), _band_sentence(standing)]


def percent_text(share: Fraction) -> str:
    """A share as people read it: "5.9 %". More decimals appear where one would hide the side of a limit: "5.0001 %"."""
    near, shown = percent_shown(share)
    return f"{near} {shown:,f} %".lstrip()


def percent_shown(share: Fraction) -> tuple[str, Decimal]:
    """("", 5.9), ("", 5.0001) or ("just over", 5): the percentage that is written, and where the share lies from it."""
    exact = share * 100
    for places in range(1, 5):
        shown = _half_up(exact, places)
        if shown == exact or shown.denominator != 1:
            return "", _decimal(shown)
    return f"just {'over' if exact > shown else 'under'}", Decimal(shown.numerator)


def money_text(amount: Decimal | Fraction, currency: str) -> str:
    """ "212,000 USD", "95,000.50 USD", "1,234.567 KWD": decimals only where there are any, at most three."""
    shown = _half_up(Fraction(amount), 3)
    if shown.denominator == 1:
        return f"{shown.numerator:,} {currency}"
    places = 2 if _half_up(shown, 2) == shown else 3
    return f"{_decimal(shown):,.{places}f} {currency}"


def _number(amount: object) -> Fraction:
    if isinstance(amount, bool) or not isinstance(amount, (Decimal, int)):
        raise TypeError(f"Money is Decimal, not {type(amount).__name__}.")
    if not Decimal(amount).is_finite():
        raise ValueError("An amount of money is a number.")
    return Fraction(amount)


def _money(amount: Decimal) -> Fraction:
    if (value := _number(amount)) < 0:
        raise ValueError("An amount of money is zero or more.")
    return value


def _decimal(value: Fraction) -> Decimal:
    return _RATIO.divide(Decimal(value.numerator), Decimal(value.denominator))


def _half_up(value: Fraction, places: int) -> Fraction:
    return Fraction((value * 10**places + Fraction(1, 2)) // 1, 10**places)


def _published(percentiles: Mapping[int, Decimal | None]) -> list[tuple[int, Fraction]]:
    if strange := set(percentiles) - set(PERCENTILES):
        raise ValueError(f"Not a published percentile: {', '.join(map(str, sorted(strange)))}.")
    given = [(p, _number(cell)) for p in PERCENTILES if (cell := percentiles.get(p)) is not None]
    cells = [(p, cell) for p, cell in given if cell > 0]
    if any(lower > upper for (_, lower), (_, upper) in pairwise(cells)):
        raise ValueError("The percentiles fall: each must be at least the one before it.")
    return cells


def _ends(cells: list[tuple[int, Fraction]], amount: Fraction) -> tuple[int | None, int | None]:
    below = [p for p, cell in cells if cell <= amount]
    above = [p for p, cell in cells if cell > amount]
    return (below[-1] if below else None), (above[0] if above else None)


def _bracket(low: int | None, high: int | None) -> str:
    if low is None:
        return f"<p{high}"
    return f">=p{low}" if high is None else f"p{low}-p{high}"


def _ageing(as_of: date, on: date, yearly_rate: Decimal) -> Fraction:
    if on < as_of:
        raise ValueError("An offer is judged only by data dated before it.")
    if not isinstance(yearly_rate, (Decimal, int)):
        raise TypeError("The yearly rate is a Decimal percentage.")
    return 1 + Fraction(yearly_rate) / 100 * (on - as_of).days / 365


def _against_band(standing: Standing, base: Fraction, band: Band) -> Standing:
    low, high, middle = _money(band.minimum), _money(band.maximum), _money(band.midpoint)
    place: BandPosition = "below" if base < low else "above" if base > high else "inside"
    if band.kind == "step":
        steps = [_money(step) for step in band.steps] or [low, high]
        low, high = min(steps), max(steps)
        place = "on_step" if base in steps else "off_step"
    return replace(
        standing,
        band_position=place,
        band_code=band.code,
        band_strict=band.strict,
        over_maximum_share=(base - high) / high if base > high > 0 else None,
        under_minimum_share=(low - base) / low if base < low else None,
        compa_ratio=base / middle if middle else None,
        range_penetration=(base - low) / (high - low) if high > low else None,
    )


def _against_reference(
    standing: Standing, base: Fraction, currency: str, country: str, on: date, reference: Reference
) -> Standing:
    standing = replace(standing, reference_label=reference.label, days_old=(on - reference.as_of).days)
    if reason := _not_comparable(reference, currency, country, on):
        return replace(standing, unknown_reason=reason)
    factor = _ageing(reference.as_of, on, reference.yearly_rate)
    cells = [(p, cell * factor) for p, cell in _published(reference.percentiles)]
    if cells:
        low, high = _ends(cells, base)
        at_least = high is None and reference.top_coded
        standing = replace(standing, bracket=_bracket(low, high), at_least=at_least)
    amount = dict(cells).get(reference.target)
    if amount is None:
        return replace(standing, unknown_reason=_blank_reason(reference))
    return replace(
        standing,
        reference_known=True,
        unknown_reason=None,
        reference_amount=amount,
        gap=(base - amount) / amount,
        market_ratio=base / amount,
    )


def _not_comparable(reference: Reference, currency: str, country: str, on: date) -> UnknownReason | None:
    age = (on - reference.as_of).days
    checks: tuple[tuple[bool, UnknownReason], ...] = (
        (reference.suppressed, "suppressed"),
        (reference.currency != currency, "currency"),
        (bool(country and reference.country) and reference.country != country, "country"),
        (reference.period != "year", "period"),
        (age < 0, "future"),
        (age > reference.stale_after_days, "stale"),
    )
    return next((reason for holds, reason in checks if holds), None)


def _blank_reason(reference: Reference) -> UnknownReason:
    if reference.amount is not None:
        return "zero"
    last = max((p for p, cell in reference.percentiles.items() if cell is not None), default=0)
    return "top_coded" if reference.top_coded and reference.target > last else "missing"


_UNKNOWN_TEXT: dict[UnknownReason, str] = {
    "missing": "there is no published value",
    "stale": "the published value is too old",
    "suppressed": "the source did not release the value",
    "top_coded": "the source only says that it is above its cap",
    "zero": "the published value is zero",
    "currency": "the published value is in another currency",
    "country": "the published value is for another country",
    "period": "the source has no annual value",
    "future": "the published value is dated after this offer",
}


def _reference_sentence(standing: Standing, review_below: Decimal) -> tuple[str, str]:
    label = f" ({standing.reference_label})" if standing.reference_label else ""
    if standing.gap is None:
        why = _UNKNOWN_TEXT[standing.unknown_reason or "missing"]
        return ("info" if standing.on_step_scale else "warn"), f"Reference unknown: {why}{label}"
    if not percent_shown(standing.gap)[1]:
        return "ok", f"At reference{label}"
    side = "below" if standing.gap < 0 else "above"
    low = -standing.gap * 100 > Fraction(review_below) and not standing.on_step_scale
    return ("bad" if low else "ok"), f"{percent_text(abs(standing.gap))} {side} reference{label}"


def _band_sentence(standing: Standing) -> tuple[str, str]:
    ratio = "" if standing.compa_ratio is None else f"; compa-ratio {_decimal(_half_up(standing.compa_ratio, 2)):.2f}"
    match standing.band_position:
        case "none":
            return "warn", "No salary band for this role, grade and place"
        case "on_step":
            return "ok", "On a step of the scale"
        case "off_step":
            return "bad", "Not on a step of the scale"
        case "inside":
            into = standing.range_penetration
            return "ok", f"Inside band{ratio}" + (
                "" if into is None else f"; {_half_up(into * 100, 0)} % into the range"
            )
        case "below":
            return "bad", f"{percent_text(standing.under_minimum_share or Fraction(0))} below band minimum{ratio}"
        case "above":
            over = standing.over_maximum_share
            return "bad", (f"{percent_text(over)} above band maximum" if over else "Above band maximum") + ratio
