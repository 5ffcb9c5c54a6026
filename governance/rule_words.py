"""What guardrails, escalation paths, service levels and calendars say, as tables that a person reads. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from governance.access import Role

Document = Mapping[str, Any]
NOTHING = "–"
STAGES = {
    "verbal_to_written": "Verbal approval to letter",
    "approval_step": "Approval step",
    "counter_response": "Answer to a counter-offer",
    "challenge": "Challenge of an offer",
}
LIMITS = {
    "base_percent": ("Base", "{} %"),
    "sign_on_percent_of_base": ("Sign-on, of base", "{} %"),
    "sign_on_cap": ("Sign-on, at most", "{} {currency}"),
    "total_percent_of_first_year_cash": ("First-year cash, all moves together", "{} %"),
    "leave_days": ("Days of leave", "{}"),
    "home_days": ("Home-working days", "{}"),
    "start_date": ("Start date", "{}"),
}
DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
WHO = {"holder": "Whoever holds the offer", "holder_manager": "The holder's manager"}


@dataclass(frozen=True, slots=True)
class Table:
    """Head and rows of the same length, and sentences beneath."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def of_service_level(document: Document) -> Table:
    """Hours of each stage by priority, and how long the candidate has."""
    rows = tuple(
        (label, *(f"{document[key][priority]} h" for priority in ("standard", "critical")))
        for key, label in STAGES.items()
        if key in document
    )
    notes = []
    if answer := document.get("candidate_response"):
        days = answer.get("remind_days_before")  # none: no reminder, as the clocks read it
        reminded = f"and is to be reminded {days} days before." if days else "without a reminder."
        notes.append(f"The candidate has {answer['working_days']} working days to answer, {reminded}")
    if share := document.get("attainment_percent"):
        notes.append(f"{share} % of letters are to be in time.")
    return Table(("Stage", "Standard", "Critical"), rows, tuple(notes))


def of_escalation_path(document: Document) -> Table:
    """Who hears at which level, after how many hours."""
    standard, critical = (document["thresholds"][priority] for priority in ("standard", "critical"))
    rows = tuple(
        (
            f"Level {number}",
            *(f"{hours[number - 1]} h" if len(hours) >= number else NOTHING for hours in (standard, critical)),
            _listed([_owner(owner) for owner in level["owners"]]),
        )
        for number, level in enumerate(document["levels"], 1)
    )
    notes = ["Hours count by the working calendar." if document.get("hours") == "business" else "Hours are elapsed."]
    if hold := document.get("acknowledgement"):
        notes.append(
            f"Whoever acknowledges holds the next level back for {hold['standard']} h, "
            f"for a critical hire {hold['critical']} h, at most {hold['times']} times."
        )
    for key, values in (document.get("applies_to") or {}).items():
        notes.append(f"Only for {key.replace('_', ' ')}: {_listed([str(value) for value in values])}.")
    if document.get("retired"):
        notes.append("It is retired: nothing new follows it.")
    return Table(("Level", "Standard", "Critical", "Who hears of it"), rows, tuple(notes))


def of_guardrail(document: Document) -> Table:
    """What each kind of recruiter may grant over the first approved version; a family of roles has its own columns."""
    grants = {
        f"{family}, {kind}" if family else kind.capitalize(): grant
        for family, kinds in (("", document), *document.get("families", {}).items())
        for kind, grant in sorted(kinds.items())
        if kind != "families"
    }
    rows = tuple(
        (label, *(_limit(grant, key, form) for grant in grants.values()))
        for key, (label, form) in LIMITS.items()
        if any(grant and key in grant for grant in grants.values())
    )
    none = [name for name, grant in grants.items() if not grant]
    notes = (f"{_listed(none)}: nothing without asking.",) if none else ()
    return Table(("May move by at most", *grants), rows, notes)


def of_week(week: Document) -> Table:
    """The hours of each weekday."""
    return Table(("Day", "Open"), tuple((name, _open(week.get(day, ()))) for day, name in DAYS.items()))


def of_overrides(overrides: Document) -> Table:
    """The hours of the days that differ, earliest first."""
    rows = tuple(
        (f"{date.fromisoformat(day):%d %b %Y}".lstrip("0"), _open(spans)) for day, spans in sorted(overrides.items())
    )
    return Table(("Day", "Open"), rows, () if rows else ("No day differs from the week.",))


def _open(spans: Iterable[Sequence[str]]) -> str:
    return ", ".join(f"{opens} to {closes}" for opens, closes in spans) or "closed"


def _limit(grant: Document | None, key: str, form: str) -> str:
    if not grant or key not in grant:
        return NOTHING
    value = grant[key]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key == "sign_on_cap":
        value = f"{Decimal(value):,}"
    return form.format(value, currency=grant.get("currency", "")).strip()


def _owner(owner: Document) -> str:
    ((key, value),) = owner.items()
    said = {"who": WHO.get(value, ""), "role": Role(value).label if key == "role" else "", "address": str(value)}
    return said.get(key) or "a named person"


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
