"""Which approvals of an earlier version still hold, where the policy keeps those that did not get worse. Pure.

A yes is kept where every rule that asks for it asked for it then, found the same things on the same side, and none of
the numbers that it tests is larger than the one that was approved. A rule that tests no number keeps it while pay is
the same; the hiring manager's step while the terms are no better than those approved. In another currency nothing is
kept. Everything else is asked again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from governance.policy import Evaluation, Facts, Finding, Fired, Requirement

MANAGER = "manager-step"


@dataclass(frozen=True, slots=True)
class Pay:
    """What an offer costs, full-time annual and in its own currency."""

    currency: str
    base: Decimal
    first_year_cash: Decimal
    sign_on: Decimal
    equity_value: Decimal

    @classmethod
    def of(cls, facts: Facts) -> Pay:
        return cls(facts.currency, facts.base, facts.first_year_cash, facts.sign_on, facts.equity_value)

    def no_better_than(self, other: Pay) -> bool:
        """True where nothing of it is more than in the other, in the same currency."""
        pairs = zip(self._amounts, other._amounts, strict=True)
        return self.currency == other.currency and all(mine <= theirs for mine, theirs in pairs)

    @property
    def _amounts(self) -> tuple[Decimal, ...]:
        return self.base, self.first_year_cash, self.sign_on, self.equity_value


@dataclass(frozen=True, slots=True)
class Earlier:
    """The newest answer to a requirement in an earlier version under the same policy version, where it was a yes.

    `key` is whatever the caller knows it by, `version` the number of the version, `fired` what its rules found.
    """

    key: int
    version: int
    role: str
    title: str
    person: int | None
    n: int
    rules: tuple[str, ...]
    fired: tuple[Fired, ...]
    pay: Pay


def keep(evaluation: Evaluation, facts: Facts, earlier: Iterable[Earlier]) -> Evaluation:
    """The evaluation with every requirement marked that an earlier yes still covers, saying why."""
    yeses = list(earlier)
    fired = {each.rule_id: each for each in evaluation.fired}
    steps = tuple(_marked(step, yeses, fired, Pay.of(facts)) for step in evaluation.steps)
    found = replace(evaluation, steps=steps)
    if found.asks_nobody and not found.because:
        return replace(found, because="Nobody is asked again: no tested value got worse")
    return found


def _marked(step: Requirement, yeses: list[Earlier], fired: dict[str, Fired], pay: Pay) -> Requirement:
    if step.given:
        return step
    for yes in yeses:
        if pay.currency == yes.pay.currency and _same_ask(step, yes) and (why := _still_covers(step, yes, fired, pay)):
            return replace(step, kept=f"Kept from version {yes.version}: {why}", kept_from=yes.key)
    return step


def _same_ask(step: Requirement, yes: Earlier) -> bool:
    return (step.role, step.title, step.person) == (yes.role, yes.title, yes.person) and yes.n >= step.n


def _still_covers(step: Requirement, yes: Earlier, fired: dict[str, Fired], pay: Pay) -> str:
    """Why the yes covers every rule that asks now; "" where one of them asks something new or worse."""
    before = {each.rule_id: each for each in yes.fired}
    words: list[str] = []
    for rule in step.rules:
        if rule not in yes.rules:
            return ""
        if rule == MANAGER:
            said = "the terms are no better than those approved" if pay.no_better_than(yes.pay) else ""
        else:
            then, now = before.get(rule), fired.get(rule)
            said = _no_worse(then, now, same_pay=pay == yes.pay) if then and now else ""
        if not said:
            return ""
        words.append(said)
    return "; ".join(dict.fromkeys(words))


def _no_worse(then: Fired, now: Fired, *, same_pay: bool) -> str:
    """What became of the numbers of one rule; "" where one got worse, or other conditions hold than then."""
    if [(each.test, each.side) for each in then.findings] != [(each.test, each.side) for each in now.findings]:
        return ""
    pairs = list(zip(then.findings, now.findings, strict=True))
    numbers = [(old, new) for old, new in pairs if old.value is not None and new.value is not None]
    if any((old.value is None) != (new.value is None) for old, new in pairs):
        return ""
    if any(new.value > old.value for old, new in numbers):  # type: ignore[operator]
        return ""
    if not numbers:
        return "pay is unchanged" if same_pay else ""
    return "; ".join(_change(old, new) for old, new in numbers)


def _change(old: Finding, new: Finding) -> str:
    was, now = (each.sentence.partition(" (limit")[0] for each in (old, new))
    return f"still “{now}”" if old.value == new.value else f"“{was}” then, “{now}” now"
