"""Escalation paths and service levels as documents: their form, their check, what they say of a clock. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from governance.access import Role
from governance.business_time import Calendar, add_business_time, business_time_between

KEYS = {"schema", "hours", "thresholds", "levels", "acknowledgement", "applies_to", "retired"}
APPLIES_TO = ("engagements", "business_units", "stages")
ON_LADDER = ("verbal_to_written", "approval_step")
PRIORITIES = ("standard", "critical")
WHO = ("holder", "holder_manager")
ROLES = frozenset(role.value for role in Role)
YEAR = 8_760  # hours
MOST_DAYS = 365  # in which a candidate may answer
LONGEST = 80  # characters of a unit or a code, as requisitions have them


@dataclass(frozen=True, slots=True)
class Target:
    """When a stage is due: elapsed, and as contracted (by the calendar, pauses apart). Aware UTC."""

    hours: int
    elapsed_at: datetime
    contractual_at: datetime


def thresholds(path: Mapping[str, Any], priority: str) -> list[int]:
    """Hours after which the path escalates, lowest first; level 1 belongs to the first."""
    return [int(hours) for hours in path["thresholds"][priority]]


def due_instants(path: Mapping[str, Any], priority: str, started_at: datetime, calendar: Calendar) -> list[datetime]:
    """When a clock started then is to be flagged: in elapsed hours unless the path says business hours."""
    spans = [timedelta(hours=hours) for hours in thresholds(path, priority)]
    if path.get("hours") == "business":
        return [add_business_time(started_at, span, calendar) for span in spans]
    return [started_at + span for span in spans]


def target(hours: int, priority: str, started_at: datetime, calendar: Calendar) -> Target:
    """The target of a stage; critical work runs elapsed, the rest by the calendar."""
    elapsed = started_at + timedelta(hours=hours)
    contractual = elapsed
    if priority != "critical":
        contractual = add_business_time(started_at, timedelta(hours=hours), calendar)
    return Target(hours=hours, elapsed_at=elapsed, contractual_at=contractual)


def fits(path: Mapping[str, Any], stage: str = "", engagement: str = "", unit: str = "") -> int | None:
    """How much the path asks of the work (0 for one that holds for everything), None where it does not apply."""
    if path.get("retired"):
        return None
    asked = path.get("applies_to") or {}
    given = {"stages": stage, "engagements": engagement, "business_units": unit}
    return len(asked) if all(given[key] in values for key, values in asked.items()) else None


def shifted(instant: datetime, since: datetime, until: datetime, priority: str, calendar: Calendar) -> datetime:
    """A contractual instant after a pause: later by the contractual time paused; unmoved where it had passed before."""
    if instant <= since:
        return instant
    paused = contractual(since, until, priority, calendar)
    if priority == "critical" or not paused:
        return instant + paused
    return add_business_time(instant, paused, calendar)


def contractual(start: datetime, end: datetime, priority: str, calendar: Calendar) -> timedelta:
    """Contractual time from start to end, pauses included: critical work runs elapsed, the rest by the calendar."""
    return end - start if priority == "critical" else business_time_between(start, end, calendar)


def owners(path: Mapping[str, Any], level: int) -> list[Mapping[str, Any]]:
    """Whom a level names; past the last level, the last one's."""
    levels = path["levels"]
    return list(levels[min(level, len(levels)) - 1]["owners"])


@dataclass(frozen=True, slots=True)
class Hold:
    """What an acknowledgement is worth: it holds the ladder this long, this many times a clock."""

    span: timedelta
    times: int


MOST_HOLDS = 2  # whoever has answered twice and not acted is held to it
ACKNOWLEDGEMENT = {"standard": 4, "critical": 1, "times": MOST_HOLDS}


def hold(path: Mapping[str, Any], priority: str) -> Hold:
    """How long an acknowledgement holds the ladder, elapsed, and how often."""
    found = path.get("acknowledgement") or ACKNOWLEDGEMENT
    return Hold(span=timedelta(hours=found[priority]), times=int(found["times"]))


def validate_path(document: Any) -> list[str]:
    """What is wrong with an escalation path, in words that name the place; empty when it can be published."""
    if not isinstance(document, Mapping):
        return ["An escalation path is an object with thresholds and levels."]
    return [*_unknown(document, KEYS), *_path(document)]


def _path(document: Mapping[str, Any]) -> Iterator[str]:
    if document.get("hours", "elapsed") not in ("elapsed", "business"):
        yield "hours: say elapsed or business."
    found = document.get("thresholds")
    if not isinstance(found, Mapping) or set(found) != set(PRIORITIES):
        yield "thresholds: give hours for standard and for critical."
        return
    levels = document.get("levels")
    if not isinstance(levels, list) or not levels:
        yield "levels: name at least one level with its owners."
        return
    for priority, hours in found.items():
        if not isinstance(hours, list) or not all(_hours(hour) for hour in hours) or not hours:
            yield f"thresholds, {priority}: give whole hours from 1 to {YEAR}, such as 24, 48, 72."
        elif sorted(set(hours)) != hours:
            yield f"thresholds, {priority}: each must be later than the one before."
        elif len(hours) > len(levels):
            yield f"thresholds, {priority}: {len(hours)} thresholds, but only {len(levels)} levels say whom to tell."
    for number, level in enumerate(levels, 1):
        yield from _level(number, level)
    yield from _acknowledgement(document.get("acknowledgement"))
    yield from _applies_to(document.get("applies_to", {}))
    if not isinstance(document.get("retired", False), bool):
        yield "retired: say true or false."


def _applies_to(found: Any) -> Iterator[str]:
    if not isinstance(found, Mapping):
        yield "applies_to: say which engagements, business_units or stages; leave it out for everything."
        return
    for key, values in found.items():
        if key not in APPLIES_TO:
            yield f"applies_to: say {', '.join(APPLIES_TO)}, not “{key}”."
        elif not isinstance(values, list) or not values or not all(isinstance(each, str) and each for each in values):
            yield f"applies_to, {key}: list at least one."
        elif strange := [each for each in values if len(each) > LONGEST or not each.isprintable()]:
            yield f"applies_to, {key}: “{strange[0][:LONGEST]}” is no name: at most {LONGEST} characters in one line."
        elif key == "stages" and (strange := [each for each in values if each not in ON_LADDER]):
            yield f"applies_to, stages: “{strange[0]}” is on no ladder; say {' or '.join(ON_LADDER)}."


def _level(number: int, level: Any) -> Iterator[str]:
    named = level.get("owners") if isinstance(level, Mapping) else None
    if not isinstance(named, list) or not named:
        yield f"level {number}: name at least one owner."
        return
    for owner in named:
        if not isinstance(owner, Mapping) or len(owner) != 1:
            yield f"level {number}: an owner is one of who, role, person or address."
            continue
        ((key, value),) = owner.items()
        if key == "who" and value not in WHO:
            yield f"level {number}: who is one of {', '.join(WHO)}, not “{value}”."
        elif key == "role" and (not isinstance(value, str) or value not in ROLES):
            yield f"level {number}: there is no role “{value}”."
        elif key == "person" and not (_positive(value) and value < 2**63):
            yield f"level {number}: person is the number of a member."
        elif key == "address" and not _address(value):
            yield f"level {number}: “{value}” is not an e-mail address."
        elif key not in ("who", "role", "person", "address"):
            yield f"level {number}: an owner is one of who, role, person or address, not “{key}”."


def _acknowledgement(found: Any) -> Iterator[str]:
    if found is None:
        return
    if not isinstance(found, Mapping) or not all(_hours(found.get(key)) for key in (*PRIORITIES, "times")):
        yield "acknowledgement: give hours for standard and critical, and how many times."
    elif found["times"] > MOST_HOLDS:
        yield f"acknowledgement, times: {MOST_HOLDS} at most; after that the ladder goes up."


STAGES = ("verbal_to_written", "approval_step", "counter_response", "challenge")


def validate_service_level(document: Any) -> list[str]:
    """What is wrong with a service level, in words that name the stage; empty when it can be published."""
    if not isinstance(document, Mapping):
        return ["A service level is an object with a target for each stage."]
    problems = _unknown(document, {"schema", *STAGES, "candidate_response", "attainment_percent"})
    for stage in STAGES:
        found = document.get(stage)
        if not isinstance(found, Mapping) or not all(_hours(found.get(priority)) for priority in PRIORITIES):
            problems.append(f"{stage}: give whole hours for standard and for critical, {YEAR} at most.")
    response = document.get("candidate_response")
    days: Any = response.get("working_days") if isinstance(response, Mapping) else None
    if not isinstance(response, Mapping) or not _positive(days) or days > MOST_DAYS:
        problems.append(f"candidate_response: give the working days a candidate has to answer, {MOST_DAYS} at most.")
    elif not _fewer(response.get("remind_days_before", 0), days):
        problems.append("candidate_response: the reminder must fall inside the time to answer.")
    if "attainment_percent" in document and not _share(document["attainment_percent"]):
        problems.append("attainment_percent: give a number over 0 and at most 100; leave it out for no target.")
    return problems


def _unknown(document: Mapping[str, Any], known: set[str]) -> list[str]:
    return [f"“{key}” is not known here." for key in document if key not in known]


def _positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _hours(value: Any) -> bool:
    """A year is the most that a clock may be given: one document must not stop the sweep of everybody's clocks."""
    return bool(_positive(value) and value <= YEAR)


def _fewer(value: Any, than: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < than


def _share(value: Any) -> bool:
    """A percentage that can be reached and can be missed; NaN is neither over 0 nor at most 100."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 100


def _address(value: Any) -> bool:
    """As mail itself would take it, and as long as the outbox can hold."""
    try:
        validate_email(value if isinstance(value, str) else "")
    except ValidationError:
        return False
    return len(value) <= 254
