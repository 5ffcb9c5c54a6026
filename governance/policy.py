"""Which reviews does this offer need, and why? Pure: no ORM, no clock.

`evaluate` reads a document that `policy_schema.validate` found sound. Every rule whose conditions all hold fires; the
chain is made of what the fired rules ask. An offer that no rule speaks for goes to whom the document's "otherwise"
names; a document without one asks nobody about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

from governance.policy_conditions import Facts, Finding, find
from governance.policy_schema import DEFAULT_DUE, Problem, describe, validate

__all__ = [
    "Evaluation",
    "Facts",
    "Finding",
    "Fired",
    "Problem",
    "Requirement",
    "evaluate",
    "first_year_cash",
    "validate",
]

_Rule = Mapping[str, Any]
# Whatever else a policy says: pay outside a strict band needs the authority over pay.
STRICT_BAND: _Rule = {
    "id": "strict-band",
    "title": "Outside a strict band",
    "ask": [{"role": "hr_partner", "title": "Head of rewards"}],
}
_ORDER = (
    "hiring_manager",
    "coordinator",
    "recruiter",
    "account_director",
    "hr_partner",
    "finance_leader",
    "talent_leader",
    "administrator",
    "auditor",
    "",
)


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that holds for these facts. `reason` is its findings in one sentence."""

    rule_id: str
    title: str
    reason: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One approval to be had: `n` approvals of those who hold `role` (or of `person`), within `due_hours` of its turn.

    The same `step` is asked together, lower steps first; advice has step 0. `title` narrows a role ("CFO"); `rule_id`
    is the first rule that asks, `rules` are all that do, `reason` joins theirs. `given`: counts as approved, by verbal
    approval. `kept`: why a yes to an earlier version counts, `kept_from`: the key of that yes (policy_delta.py).
    """

    step: int
    role: str
    title: str
    person: int | None
    n: int
    due_hours: int
    reason: str
    rule_id: str
    given: bool = False
    rules: tuple[str, ...] = ()
    kept: str = ""
    kept_from: int | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a policy says of an offer. `because`: why nobody but the manager is asked, naming the rule; else ""."""

    fired: tuple[Fired, ...]
    steps: tuple[Requirement, ...]
    advice: tuple[Requirement, ...]
    because: str

    @property
    def asks_nobody(self) -> bool:
        """True where every step is given or kept already: submit approves at once, naming `because`."""
        return all(step.given or step.kept for step in self.steps)


def first_year_cash(
    base: Decimal,
    *,
    fte: Decimal = Decimal(1),
    target_bonus_pct: Decimal = Decimal(0),
    guaranteed_bonus: Decimal = Decimal(0),
    sign_on: Decimal = Decimal(0),
    cash_allowances: Decimal = Decimal(0),
    relocation: Decimal = Decimal(0),
) -> Decimal:
    """Base x FTE + the larger of target and guaranteed bonus + sign-on + cash allowances + relocation, exact.

    `base` is full-time annual, the target bonus a percentage (10 is 10 %) of base x FTE; all money in one currency.
    Equity stands apart and is no part of it.
    """
    with localcontext() as context:
        context.prec = 60
        salary = base * fte
        bonus = max(salary * target_bonus_pct / 100, guaranteed_bonus)
        return salary + bonus + sign_on + cash_allowances + relocation


def evaluate(document: Mapping[str, Any], facts: Facts) -> Evaluation:
    """Who is asked, in what order, and why.

    Order of the chain: the hiring manager; then, whatever rule asks, account director, HR business partner, finance
    leader, talent leader (others of the provider before, named persons after them), a titled holder of a role (head of
    rewards, CFO) after the untitled. Within one rule its own order is kept; the asks of a parallel rule share a step.
    Whoever is asked by several rules is asked once, in the earliest place, with the strictest n and due hours.
    """
    rules: list[_Rule] = document["rules"]
    held = [(rule, fired) for rule in rules if (fired := _fire(rule, facts))]
    if not any(rule.get("mode") != "advice" for rule, _ in held) and "otherwise" in document:
        rest = {"id": "otherwise", **document["otherwise"]}
        held.append((rest, Fired("otherwise", rest["title"], _why_otherwise(rules, facts))))
    if facts.standing.band_strict and facts.standing.band_position in ("below", "above", "off_step"):
        why = "The band is strict: it takes no exception without the head of rewards"
        held.append((STRICT_BAND, Fired(STRICT_BAND["id"], STRICT_BAND["title"], why)))
    due = document.get("due", DEFAULT_DUE)
    stages = _manager_stage(document, facts, due)
    advice: list[Requirement] = []
    for rule, fired in held:
        asked = [_requirement(ask, fired, facts, due) for ask in rule["ask"]]
        if rule.get("mode") == "advice":
            advice += asked
        else:
            _place(stages, [asked] if rule.get("mode") == "parallel" else [[each] for each in asked])
    advice = [each for each in advice if not _merge(stages, each)]
    steps = tuple(replace(each, step=i) for i, stage in enumerate(stages, 1) for each in stage)
    silent = all(step.rule_id == "manager-step" for step in steps)
    return Evaluation(
        fired=tuple(fired for _, fired in held),
        steps=steps,
        advice=tuple(_once(advice)),
        because=_because(document, held) if silent else "",
    )


def _because(document: Mapping[str, Any], held: list[tuple[_Rule, Fired]]) -> str:
    for rule, fired in held:
        if not rule["ask"]:
            return f"Nobody else is asked, by the rule “{fired.title}”: {fired.reason}"
    return f"Nobody else is asked: no rule of “{document['name']}” asks for a review"


# --- the chain


def _manager_stage(document: Mapping[str, Any], facts: Facts, due: Mapping[str, int]) -> list[list[Requirement]]:
    wanted = document.get("manager_step", "verbal_counts")
    if wanted == "none":
        return []
    given = wanted == "verbal_counts" and facts.terms_no_better_than_verbal
    if given:
        reason = "By verbal approval: the terms are no better than those approved"
    elif wanted == "asked":
        reason = "The policy asks the hiring manager about every offer"
    else:
        reason = "The terms are better than verbally approved, or no verbal approval covers them"
    hours = due["critical" if facts.critical else "standard"]
    step = Requirement(
        1, "hiring_manager", "", facts.hiring_manager, 1, hours, reason, "manager-step", given, ("manager-step",)
    )
    return [[step]]


def _requirement(ask: Mapping[str, Any], fired: Fired, facts: Facts, due: Mapping[str, int]) -> Requirement:
    hours = ask.get("due", due)["critical" if facts.critical else "standard"]
    role, title, n = ask.get("role", ""), ask.get("title", ""), ask.get("n", 1)
    rules = (fired.rule_id,)
    return Requirement(0, role, title, ask.get("person"), n, hours, fired.reason, fired.rule_id, rules=rules)


def _same(one: Requirement, other: Requirement) -> bool:
    if one.role == other.role == "hiring_manager":
        return True  # the manager's step names its person, a rule only the role
    return (one.role, one.title, one.person) == (other.role, other.title, other.person)


def _merge(stages: list[list[Requirement]], new: Requirement) -> int | None:
    """Joins `new` to whoever is already asked and says 1 + the index of that stage; None where nobody is."""
    for i, stage in enumerate(stages):
        for k, old in enumerate(stage):
            if _same(old, new):
                stage[k] = _joined(old, new)
                return i + 1
    return None


def _joined(old: Requirement, new: Requirement) -> Requirement:
    reasons = old.reason if new.reason in old.reason else f"{old.reason}; {new.reason}"
    rules = tuple(dict.fromkeys(old.rules + new.rules))
    return replace(old, n=max(old.n, new.n), due_hours=min(old.due_hours, new.due_hours), reason=reasons, rules=rules)


def _place(stages: list[list[Requirement]], groups: list[list[Requirement]]) -> None:
    """Puts each group behind the one before it, and otherwise as early as the order of the chain has it."""
    behind = 0
    for group in groups:
        known = [_merge(stages, each) for each in group]
        new = _once([each for each, place in zip(group, known, strict=True) if place is None])
        behind = max([behind, *(place for place in known if place is not None)])
        if new:
            at = len(stages)
            while at > behind and _rank(stages[at - 1]) > _rank(new):
                at -= 1
            stages.insert(at, new)
            behind = at + 1


def _once(asked: list[Requirement]) -> list[Requirement]:
    stages: list[list[Requirement]] = []
    for each in asked:
        if _merge(stages, each) is None:
            stages.append([each])
    return [each for stage in stages for each in stage]


def _rank(stage: list[Requirement]) -> tuple[int, bool]:
    return max((_ORDER.index(each.role), bool(each.title)) for each in stage)


# --- the rules


def _fire(rule: _Rule, facts: Facts) -> Fired | None:
    findings: list[Finding] = []
    for item in rule["when"]:
        held = [found for each in item.get("any", [item]) if (found := find(each, facts))]
        if not held:
            return None
        findings += held
    return Fired(rule["id"], rule["title"], "; ".join(each.sentence for each in findings), tuple(findings))


def _why_otherwise(rules: list[_Rule], facts: Facts) -> str:
    for rule in rules:
        if not rule["ask"]:
            missing = [describe(item) for item in rule["when"] if not _fire({**rule, "when": [item]}, facts)]
            return f"Not covered by “{rule['title']}”, which needs that {' and that '.join(missing)}"
    return "No rule of the policy covers this offer"
