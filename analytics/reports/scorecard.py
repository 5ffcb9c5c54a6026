"""The scorecard: each figure of a review beside its target and the period before."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from analytics.reports import timing, work
from analytics.reports.acceptance import ANSWERED, CLOSED_RATE, DUE, RATE, RENEGE_RATE, acceptance
from analytics.reports.figures import Figures
from analytics.reports.found import Found, row
from analytics.reports.frame import Counting, Frame
from analytics.reports.losses import CAPTURE_RATE, LOST, declines
from analytics.reports.measures import Measure, Statistic
from analytics.reports.money import cost_of_each, cost_per_hire
from analytics.reports.people import HIRED, NPS, QUALITY_OF_HIRE, RATES, WORKED, attrition, quality
from analytics.reports.timing import (
    ATTAINMENT,
    CONTRACTUAL,
    ELAPSED,
    MEDIAN_DAYS,
    OPENINGS,
    WRITTEN,
    sla,
    time_to_fill,
    time_to_offer,
)
from analytics.reports.work import (
    APPROVED,
    DECIDED_STEPS,
    DROPOUT_RATE,
    OVERRIDE_RATE,
    RESOLVED,
    approvals,
    counters,
    overrides,
)
from governance.programme import Programme, load


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of the scorecard: of which report, what is counted for it, and how it is told.

    `better` is "up" or "down". `told` is for a figure that needs more than what was counted.
    """

    key: str
    report: Callable[[Frame], Found]
    figure: str
    better: str
    counting: Counting
    measure: Measure
    target: Callable[[Programme], float | None] = lambda programme: None
    told: Callable[[Frame, Figures], Any] | None = None

    def value(self, frame: Frame, found: Figures) -> Any:
        return self.told(frame, found) if self.told else self.measure.of(found)


def _attainment(programme: Programme) -> float | None:
    found = programme.service_level.document.get("attainment_percent") if programme.service_level else None
    return float(found) / 100 if found else None


def _hours(programme: Programme) -> float | None:
    found = programme.service_level.document.get("verbal_to_written") if programme.service_level else None
    return float(found["standard"]) if found else None


INDICATORS = (
    Indicator("acceptance_rate", acceptance, "rate", "up", ANSWERED, RATE),
    Indicator("closed_rate", acceptance, "closed_rate", "up", ANSWERED, CLOSED_RATE),
    Indicator("renege_rate", acceptance, "renege_rate", "down", DUE, RENEGE_RATE),
    Indicator(
        "verbal_to_written_median_hours", time_to_offer, "median_hours", "down", WRITTEN, timing.MEDIAN_HOURS, _hours
    ),
    Indicator("sla_attainment", sla, "attainment", "up", ELAPSED, ATTAINMENT, _attainment),
    Indicator("sla_contractual_attainment", sla, "contractual_attainment", "up", CONTRACTUAL, ATTAINMENT, _attainment),
    Indicator("decline_capture", declines, "capture_rate", "up", LOST, CAPTURE_RATE),
    Indicator("approval_median_hours", approvals, "median_hours", "down", DECIDED_STEPS, work.MEDIAN_HOURS),
    Indicator("counter_dropout_rate", counters, "dropout_rate", "down", RESOLVED, DROPOUT_RATE),
    Indicator("override_rate", overrides, "rate", "down", APPROVED, OVERRIDE_RATE),
    Indicator("attrition_90", attrition, "rate_90", "down", WORKED, RATES[90]),
    Indicator("time_to_fill_median_days", time_to_fill, "median_days", "down", OPENINGS, MEDIAN_DAYS),
    Indicator("cost_per_hire", cost_per_hire, "cost_per_hire", "down", HIRED, Statistic("n", "n"), told=cost_of_each),
    Indicator("satisfaction_nps", quality, "nps", "up", HIRED, NPS),
    Indicator("quality_of_hire", quality, "quality_of_hire_mean", "up", HIRED, QUALITY_OF_HIRE),
)
STEADY = 0.01  # a change of less than one in a hundred is none


def scorecard(frame: Frame) -> Found:
    """`n` of the total is that of the first figure, as answered offers are what a review is of."""
    programme, before = load(frame.client.pk), _before(frame)
    now, then = _counted(frame), _counted(before) if before else None
    rows = []
    for each in INDICATORS:
        known = then is not None and then[each.counting][each.measure.count] >= frame.minimum
        previous = each.value(before, then[each.counting]) if before and then and known else None
        found = now[each.counting]
        value = each.value(frame, found)
        figures = {
            "value": value,
            "target": each.target(programme),
            "previous": previous,
            "trend": trend(value, previous, each.better),
        }
        rows.append(row(each.key, found[each.measure.count], figures))
    return Found({"n": rows[0]["n"]}, rows)


def _counted(frame: Frame) -> dict[Counting, Figures]:
    """What all figures are made of: one pass over each table of facts, with what is needed alone."""
    needed: dict[Counting, list[str]] = {}
    for each in INDICATORS:
        needed.setdefault(each.counting, []).extend(each.measure.needs)
    found: dict[Counting, Figures] = {}
    for source in dict.fromkeys(counting.source for counting in needed):
        asked = [counting for counting in needed if counting.source == source]
        totals = frame.totals(*(counting.only(needed[counting]) for counting in asked))
        found |= dict(zip(asked, totals, strict=True))
    return found


def _before(frame: Frame) -> Frame | None:
    """The period of equal length before; none of an open one."""
    if frame.since is None:
        return None
    return replace(frame, since=frame.since - (frame.ended - frame.since), until=frame.since)


def trend(value: Any, previous: Any, better: str) -> str | None:
    """better, worse or steady; None where one of the two is not known."""
    now, then = _number(value), _number(previous)
    if now is None or then is None:
        return None
    if abs(now - then) <= STEADY * max(abs(now), abs(then)):
        return "steady"
    return "better" if (now > then) == (better == "up") else "worse"


def _number(value: Any) -> float | None:
    return None if value is None else float(value["amount"] if isinstance(value, dict) else value)
