"""The five-point readiness check of an engagement: what a buyer asks before an offer programme goes live. Pure.

Each point is green, amber or red, says what is missing, and names the form that mends it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from governance import ladder
from governance.access import Role
from governance.programme import Programme
from governance.sow import PARTY_OF_ROLE, Agreement, clause_for, guardrail_kind
from governance.sow_schema import PARTIES, WORK

STANDARD_HOURS, CRITICAL_HOURS = 48, 24
WORST = ("green", "amber", "red")


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing; `mend` names the form: sow, service_level, path, guardrail or members."""

    state: str
    text: str
    mend: str


@dataclass(frozen=True, slots=True)
class Point:
    """One of the five: `has` is what is there, in words."""

    title: str
    has: tuple[str, ...]
    gaps: tuple[Gap, ...]

    @property
    def state(self) -> str:
        return max((gap.state for gap in self.gaps), key=WORST.index, default="green")


def check(programme: Programme, agreement: Agreement | None) -> tuple[Point, ...]:
    """The five points of an engagement under its SOW in force (None for none) and the client's published rules."""
    return (
        _ownership(programme, agreement),
        _service_levels(programme),
        _escalation(programme),
        _guardrails(programme, agreement),
        _capture(programme, agreement),
    )


def worst(points: tuple[Point, ...]) -> str:
    """The state of the whole: that of its worst point."""
    return max((point.state for point in points), key=WORST.index)


def _ownership(programme: Programme, agreement: Agreement | None) -> Point:
    has, gaps = _named(programme, agreement, ("benchmarking", "first_draft"))
    return Point("Who owns benchmarking and first drafts", has, gaps)


def _capture(programme: Programme, agreement: Agreement | None) -> Point:
    has, gaps = _named(programme, agreement, ("decline_capture", "attrition_capture"))
    target = ((agreement.document if agreement else {}).get("kpis") or {}).get("capture_percent")
    if target:
        has += (f"Declines with a reason: target {target} %",)
    elif agreement and not gaps:
        gaps += (Gap("amber", "No target says how many declines must carry a reason.", "sow"),)
    return Point("Declines and early attrition are captured in structure", has, gaps)


def _named(
    programme: Programme, agreement: Agreement | None, activities: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[Gap, ...]]:
    """Who does these by the SOW: one that nobody does is amber, all of them red."""
    if agreement is None:
        return (), (Gap("red", "No statement of work is in force.", "sow"),)
    has, gaps, unnamed = [], [], []
    for name in activities:
        given = clause_for(agreement.document, name)
        words = WORK[name][:1].upper() + WORK[name][1:]
        if given is None:
            unnamed.append(words)
            continue
        has.append(f"{words}: {PARTIES[given.party]}" + (f", clause {given.clause}" if given.clause else ""))
        if not given.clause:
            gaps.append(Gap("amber", f"{words}: no clause says so.", "sow"))
        if not _anybody(programme, given.party):
            gaps.append(Gap("red", f"{words}: nobody of {PARTIES[given.party]} is a member here.", "members"))
    state = "red" if len(unnamed) == len(activities) else "amber"
    gaps += [Gap(state, f"{words}: nobody is named.", "sow") for words in unnamed]
    return tuple(has), tuple(gaps)


def _anybody(programme: Programme, party: str) -> bool:
    return any(PARTY_OF_ROLE.get(Role(member.role)) == party for member in programme.members)


def _service_levels(programme: Programme) -> Point:
    title = "Service levels from verbal approval to letter"
    rule = programme.service_level
    if rule is None:
        return Point(title, (), (Gap("red", "No service level is published.", "service_level"),))
    agreed = rule.document["verbal_to_written"]
    has = (f"Standard hires {agreed['standard']} h, critical hires {agreed['critical']} h",)
    gaps = []
    for words, hours, most in (
        ("Standard", agreed["standard"], STANDARD_HOURS),
        ("Critical", agreed["critical"], CRITICAL_HOURS),
    ):
        if hours > most:
            gaps.append(Gap("amber", f"{words} hires may take {hours} h; {most} h is usual.", "service_level"))
    if agreed["critical"] >= agreed["standard"]:
        gaps.append(Gap("amber", "Critical hires are no quicker than standard ones.", "service_level"))
    if not rule.document.get("attainment_percent"):
        gaps.append(Gap("amber", "No share says how often it must be met.", "service_level"))
    return Point(title, has, tuple(gaps))


def _escalation(programme: Programme) -> Point:
    title = "Escalation for critical and stuck hires"
    rule = programme.path
    if rule is None:
        return Point(title, (), (Gap("red", "No escalation path is published.", "path"),))
    hours = {priority: ladder.thresholds(rule.document, priority) for priority in ladder.PRIORITIES}
    has = tuple(f"{name.capitalize()} hires at {', '.join(map(str, found))} h" for name, found in hours.items())
    gaps = list(_deaf_levels(programme, rule.document))
    if hours["critical"][0] >= hours["standard"][0]:
        gaps.append(Gap("amber", "Critical hires escalate no sooner than standard ones.", "path"))
    return Point(title, has, tuple(gaps))


def _deaf_levels(programme: Programme, document: Any) -> Iterator[Gap]:
    """Levels that nobody hears: roles that nobody holds, and no person or address beside them."""
    for number, level in enumerate(document["levels"], 1):
        owners = level["owners"]
        if any("role" not in owner for owner in owners):
            continue
        if not any(programme.holders(owner["role"]) for owner in owners):
            yield Gap("red", f"Level {number} tells roles that nobody holds here.", "members")


def _guardrails(programme: Programme, agreement: Agreement | None) -> Point:
    title = "Guardrails for counter-offers"
    rule = programme.guardrail
    if rule is None:
        return Point(title, (), (Gap("red", "No guardrail is published.", "guardrail"),))
    if agreement is None:
        return Point(title, (), (Gap("red", "No statement of work says whether recruiters may use one.", "sow"),))
    answering = clause_for(agreement.document, "counter_offers")
    has = [f"Counter-offers: {PARTIES[answering.party]}"] if answering else []
    gaps = [] if answering else [Gap("amber", "Nobody is named to answer counter-offers.", "sow")]
    kind = guardrail_kind(agreement.document, embedded=False)
    if kind is None:
        has.append("Recruiters have none: every counter-offer goes to the approvers")
    elif rule.document.get(kind) is None:
        gaps.append(Gap("red", f"Recruiters may use one, and none is published for {kind} recruiters.", "guardrail"))
    else:
        has.append(f"{kind.capitalize()} recruiters up to {rule.document[kind]['base_percent']} % on base")
    return Point(title, tuple(has), tuple(gaps))
