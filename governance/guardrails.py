"""How far may this recruiter move without asking again? Pure: no ORM, no clock.

A guardrail is cumulative: whatever the number of nudges, all is measured from the first approved version. It goes
upward only, never above the band's maximum, the budget or the posted maximum, and the whole is capped in first-year
cash. All limits may be reached and not passed; amounts are compared exactly, before any rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any

from governance.market import money_text
from governance.policy_schema import Field, Problem, check_fields


@dataclass(frozen=True, slots=True)
class Guardrail:
    """Percentages (5 is 5 %) of the first approved version's base and first-year cash.

    `sign_on_cap` is in the offer's currency (None: no cap), `leave_days` how many may be added. Zeros allow nothing:
    that is the guardrail of a union scale.
    """

    base_percent: Decimal
    sign_on_percent_of_base: Decimal
    sign_on_cap: Decimal | None
    total_percent_of_first_year_cash: Decimal
    leave_days: Decimal = Decimal(0)
    home_days: bool = False
    start_date: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What a guardrail looks at. Base is full-time annual, all money in `currency`.

    `rest` holds every other term under its name in words ("target bonus"): no guardrail covers those, so a change of
    any goes back to the approvers. Days are a year's leave and a week's days at home.
    """

    currency: str
    base: Decimal
    first_year_cash: Decimal
    sign_on: Decimal = Decimal(0)
    leave_days: Decimal = Decimal(0)
    home_days: Decimal = Decimal(0)
    start_date: date | None = None
    rest: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What full-time annual base may never pass, in the offer's currency; None where there is no such maximum."""

    band_max: Decimal | None = None
    budget_max: Decimal | None = None
    posted_max: Decimal | None = None


NO_CEILINGS = Ceilings()
_EXACT = Context(prec=60, rounding=ROUND_FLOOR)


@dataclass(frozen=True, slots=True)
class Room:
    """The highest base and sign-on still inside, rounded down, and the first-year cash left for all moves together."""

    base_max: Decimal
    sign_on_max: Decimal
    cash_left: Decimal
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Inside, or every reason why not."""

    inside: bool
    reasons: tuple[str, ...] = ()


_PERCENT = {"type": "string", "pattern": r"^[0-9]{1,2}(\.[0-9]{1,4})?$"}
_PLAIN = "a plain number under 100 such as 5 or 7.5, without a percent sign"
_TICK = {"type": "boolean"}
FIELDS = {
    "schema": Field("the schema version", "1", {"enum": [1]}),
    "base_percent": Field("the percentage on base", _PLAIN, _PERCENT),
    "sign_on_percent_of_base": Field("the sign-on as a percentage of base", _PLAIN, _PERCENT),
    "total_percent_of_first_year_cash": Field("the percentage of first-year cash", _PLAIN, _PERCENT),
    "sign_on_cap": Field(
        "the most sign-on",
        "a plain number such as 5000, without separators",
        {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,3})?$"},
    ),
    "currency": Field(
        "the currency", "a code of three capital letters such as USD", {"type": "string", "pattern": "^[A-Z]{3}$"}
    ),
    "leave_days": Field(
        "the days of leave", "a whole number from 0 to 60", {"type": "integer", "minimum": 0, "maximum": 60}
    ),
    "home_days": Field("home-working days", "true or false", _TICK),
    "start_date": Field("the start date", "true or false", _TICK),
}
_NEEDS = ("schema", "base_percent", "sign_on_percent_of_base", "total_percent_of_first_year_cash")
_MAY_HAVE = ("sign_on_cap", "currency", "leave_days", "home_days", "start_date")


def validate(document: object) -> list[Problem]:
    """Every problem of a guardrail's document; [] where it may be published. Never raises."""
    problems = check_fields(document, "The guardrail", FIELDS, _NEEDS, _MAY_HAVE)
    if isinstance(document, Mapping) and ("sign_on_cap" in document) != ("currency" in document):
        problems.append(Problem("currency", "The guardrail: a sign-on cap and its currency go together."))
    return problems


def read(document: Mapping[str, Any], currency: str, rates: Mapping[str, Decimal | Fraction]) -> Guardrail:
    """The guardrail of a valid document for an offer in `currency`; an amount in X is amount x rates[X].

    A cap that cannot be converted is zero: what is not known is never in favour of moving.
    """
    cap, own = document.get("sign_on_cap"), document.get("currency", currency)
    if cap is not None:
        rate = Fraction(1 if own == currency else rates.get(own, 0))
        cap = _down(Fraction(Decimal(cap)) / rate, 12) if rate else Decimal(0)
    return Guardrail(
        Decimal(document["base_percent"]),
        Decimal(document["sign_on_percent_of_base"]),
        cap,
        Decimal(document["total_percent_of_first_year_cash"]),
        Decimal(document.get("leave_days", 0)),
        document.get("home_days", False),
        document.get("start_date", False),
    )


def room(
    guardrail: Guardrail | None,
    first_approved: Terms,
    now: Terms,
    ceilings: Ceilings = NO_CEILINGS,
    *,
    decimals: int = 2,
) -> Room:
    """How far the terms may still go from `now`; `decimals` are those of the currency (JPY 0, KWD 3).

    Base is the most by its own limits. What a raise of base adds to first-year cash (FTE and bonus included) has to
    keep within `cash_left` as well: `inside` decides. No guardrail leaves no room.
    """
    if guardrail is None:
        return Room(now.base, now.sign_on, Decimal(0), ("No guardrail: every change goes to the approvers.",))
    limits = _Limits.of(guardrail, first_approved, ceilings)
    base, why = min(limits.base, key=lambda limit: limit[0])
    left = max(limits.cash - Fraction(now.first_year_cash), Fraction(0))
    sign_on = min(limits.sign_on, Fraction(now.sign_on) + left)
    most = max(_down(base, decimals), now.base)
    bonus = max(_down(sign_on, decimals), now.sign_on)
    cash = _down(left, decimals)
    currency = now.currency
    return Room(
        base_max=most,
        sign_on_max=bonus,
        cash_left=cash,
        limits=(
            f"Base up to {money_text(most, currency)}: {why}.",
            f"Sign-on up to {money_text(bonus, currency)}.",
            f"{money_text(cash, currency)} of first-year cash left for all moves together.",
        ),
    )


def inside(
    guardrail: Guardrail | None,
    first_approved: Terms,
    now: Terms,
    proposed: Terms,
    ceilings: Ceilings = NO_CEILINGS,
) -> Verdict:
    """Whether `proposed` may be settled without asking again; `now` are the terms approved last. Nothing changed is."""
    if guardrail is None:
        return Verdict(False, ("There is no guardrail here: every change goes to the approvers.",))
    if not first_approved.currency == now.currency == proposed.currency:
        return Verdict(False, ("The currency changes.",))
    limits = _Limits.of(guardrail, first_approved, ceilings)
    reasons = [
        *_downward(now, proposed),
        *_over(limits, now, proposed),
        *_benefits(guardrail, first_approved, now, proposed),
        *(f"{name[:1].upper()}{name[1:]} changes, which no guardrail covers." for name in _changed(now, proposed)),
    ]
    return Verdict(not reasons, tuple(reasons))


def benefits(guardrail: Guardrail | None, first_approved: Terms, now: Terms) -> tuple[str, ...]:
    """What may still be moved beside money, in words; nothing without a guardrail."""
    if guardrail is None:
        return ()
    most = max(first_approved.leave_days + guardrail.leave_days, now.leave_days)
    found = [f"Leave up to {most.normalize():f} days."] if guardrail.leave_days else []
    free = [
        words
        for words, may in (("more home-working days", guardrail.home_days), ("another start", guardrail.start_date))
        if may
    ]
    if free:
        found.append(f"Also {' and '.join(free)}.")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Limits:
    base: tuple[tuple[Fraction, str], ...]  # every maximum with its name
    sign_on: Fraction
    cash: Fraction

    @classmethod
    def of(cls, guardrail: Guardrail, first: Terms, ceilings: Ceilings) -> _Limits:
        base, cash = Fraction(first.base), Fraction(first.first_year_cash)
        raised = base * (1 + Fraction(guardrail.base_percent) / 100)
        named = (
            (ceilings.band_max, "the band's maximum"),
            (ceilings.budget_max, "the requisition's budget"),
            (ceilings.posted_max, "the posted maximum"),
        )
        added = base * Fraction(guardrail.sign_on_percent_of_base) / 100
        if guardrail.sign_on_cap is not None:
            added = min(added, Fraction(guardrail.sign_on_cap))
        return cls(
            base=(
                (raised, f"{guardrail.base_percent.normalize():f} % over the first approved base"),
                *((Fraction(limit), name) for limit, name in named if limit is not None),
            ),
            sign_on=Fraction(first.sign_on) + added,
            cash=cash * (1 + Fraction(guardrail.total_percent_of_first_year_cash) / 100),
        )


def _downward(now: Terms, proposed: Terms) -> list[str]:
    pairs = (
        ("Base", now.base, proposed.base),
        ("Sign-on", now.sign_on, proposed.sign_on),
        ("Leave", now.leave_days, proposed.leave_days),
        ("Home-working", now.home_days, proposed.home_days),
    )
    return [f"{name} goes down; a guardrail only goes up." for name, before, after in pairs if after < before]


def _over(limits: _Limits, now: Terms, proposed: Terms) -> list[str]:
    """A limit stands in the way of what moves only: terms above one by an earlier approval may stay there."""
    reasons = []
    if proposed.base > now.base:
        reasons += [f"Base is above {name}." for limit, name in limits.base if proposed.base > limit]
    if proposed.sign_on > now.sign_on and proposed.sign_on > limits.sign_on:
        reasons.append("Sign-on is above what the guardrail adds to the first approved one.")
    if proposed.first_year_cash > now.first_year_cash and proposed.first_year_cash > limits.cash:
        reasons.append("First-year cash rises by more than the guardrail allows for all moves together.")
    return reasons


def _benefits(guardrail: Guardrail, first: Terms, now: Terms, proposed: Terms) -> list[str]:
    reasons = []
    if proposed.leave_days > now.leave_days and proposed.leave_days > first.leave_days + guardrail.leave_days:
        reasons.append(f"More than {guardrail.leave_days.normalize():f} days of leave are added.")
    if proposed.home_days > now.home_days and not guardrail.home_days:
        reasons.append("Home-working days change, which this guardrail does not cover.")
    if proposed.start_date != now.start_date and not guardrail.start_date:
        reasons.append("The start date changes, which this guardrail does not cover.")
    return reasons


def _changed(now: Terms, proposed: Terms) -> list[str]:
    names = sorted(now.rest.keys() | proposed.rest.keys())
    return [name for name in names if now.rest.get(name) != proposed.rest.get(name)]


def _down(value: Fraction, decimals: int) -> Decimal:
    units = value * 10**decimals // 1
    return Decimal(units).scaleb(-decimals, _EXACT)
