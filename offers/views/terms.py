"""Terms beside the terms before them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from offers.models import OfferVersion
from offers.presentation import NONE, Voice

Read = Callable[[OfferVersion], Any]
Say = Callable[[Any, OfferVersion], str]


def compare(this: OfferVersion, previous: OfferVersion | None, voice: Voice) -> dict[str, Any]:
    """The context of templates/partials/terms.html: every component that either version has, with its change."""
    rows = [_row(name, read, say, this, previous) for name, read, say in _components(voice, this.pay_period)]
    return {
        "this": f"Version {this.number}",
        "previous": f"Version {previous.number}" if previous else None,
        "rows": [row for row in rows if row],
    }


@dataclass(frozen=True, slots=True)
class _Saying:
    """How a component is said; `period` is the one in which this version is paid."""

    voice: Voice
    period: str

    def money(self, value: Decimal, version: OfferVersion) -> str:
        return self.voice.money(value, version.currency)

    def base(self, value: Decimal, version: OfferVersion) -> str:
        other = version.pay_period != self.period  # the versions are paid by different periods
        return f"{self.money(value, version)} / {version.pay_period}" if other else self.money(value, version)

    def figure(self, unit: str) -> Say:
        return lambda value, version: f"{self.voice.number(Decimal(value), 2)}{unit}"

    def day(self, value: date, version: OfferVersion) -> str:
        return self.voice.day(value)

    def text(self, value: Any, version: OfferVersion) -> str:
        return str(value)


def _components(voice: Voice, period: str) -> list[tuple[str, Read, Say]]:
    """(name, how it is read, how it is said), in the order of the page."""
    say = _Saying(voice, period)
    money, figure, text = say.money, say.figure, say.text
    return [
        (f"Base, {period}", lambda v: v.base, say.base),
        ("Full-time a year", lambda v: v.base_annual if v.pay_period != "year" else None, money),
        ("FTE", lambda v: v.fte if v.fte != 1 else None, figure("")),
        ("Hours a week", lambda v: v.weekly_hours, figure(" h")),
        ("Payments a year", lambda v: v.payments_a_year if v.payments_a_year != 12 else None, text),
        ("Target bonus", lambda v: v.target_bonus_pct, figure("\u00a0%")),
        ("Guaranteed bonus", lambda v: v.guaranteed_bonus, money),
        ("Sign-on", lambda v: v.sign_on, money),
        ("Sign-on clawback", lambda v: v.clawback_months, figure(" months")),
        ("Cash allowances", lambda v: v.cash_allowances, money),
        ("Relocation", lambda v: v.relocation, money),
        ("First-year cash", lambda v: v.first_year_cash, money),
        ("Equity, a year", lambda v: v.equity_value, money),
        ("Vesting", lambda v: v.equity_vesting, text),
        ("Days of leave", lambda v: v.leave_days, figure("")),
        ("Days at home a week", lambda v: v.home_days, figure("")),
        ("Benefits", lambda v: v.benefits, text),
        ("Employment", lambda v: v.get_employment_type_display(), text),
        ("Notice", lambda v: v.notice_weeks, figure(" weeks")),
        ("Probation", lambda v: v.probation_months, figure(" months")),
        ("Start", lambda v: v.start_on, say.day),
        ("Answer by", lambda v: v.expires_on, say.day),
        ("Letter", lambda v: None if v.standard_letter else "not the standard one", text),
    ]


def _row(name: str, read: Read, say: Say, this: OfferVersion, previous: OfferVersion | None) -> dict[str, Any] | None:
    now, before = read(this) or None, (read(previous) or None) if previous else None
    if now is None and before is None:
        return None
    changed = previous is not None and now != before
    return {
        "name": name,
        "this": say(now, this) if now is not None else NONE,
        "previous": say(before, previous) if before is not None and previous else NONE,
        "changed": changed and before is not None,
        "total": name == "First-year cash",
        **(_change(now, before) if changed else {"change": NONE, "tone": "same"}),
    }


def _change(now: Any, before: Any) -> dict[str, str]:
    if before is None:
        return {"change": "new", "tone": "up"}
    if now is None:
        return {"change": "gone", "tone": "down"}
    if isinstance(now, Decimal) and isinstance(before, Decimal):
        share = (now - before) / before * 100
        return {"change": f"{'+' if share > 0 else '−'}{abs(share):.1f}\u00a0%", "tone": "up" if share > 0 else "down"}
    return {"change": "changed", "tone": "same"}
