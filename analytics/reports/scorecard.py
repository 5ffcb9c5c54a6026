"""The scorecard: each figure of a review beside its target and the period before."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from analytics.reports.acceptance import acceptance
from analytics.reports.found import Found, Row, row
from analytics.reports.frame import Frame
from analytics.reports.losses import declines
from analytics.reports.money import cost_per_hire
from analytics.reports.people import attrition, quality
from analytics.reports.timing import sla, time_to_fill, time_to_offer
from analytics.reports.work import approvals, counters, overrides
from governance.programme import Programme, load


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of the scorecard. `better` is "up" or "down"; `weight` names the count of its denominator."""

    key: str
    report: Callable[[Frame], Found]
    figure: str
    better: str
    target: Callable[[Programme], float | None] = lambda programme: None
    weight: str = "n"


def _attainment(programme: Programme) -> float | None:
    found = programme.service_level.document.get("attainment_percent") if programme.service_level else None
    return float(found) / 100 if found else None


def _hours(programme: Programme) -> float | None:
    found = programme.service_level.document.get("verbal_to_written") if programme.service_level else None
    return float(found["standard"]) if found else None


INDICATORS = (
    Indicator("acceptance_rate", acceptance, "rate", "up"),
    Indicator("closed_rate", acceptance, "closed_rate", "up"),
    Indicator("renege_rate", acceptance, "renege_rate", "down", weight="acceptances_due"),
    Indicator("verbal_to_written_median_hours", time_to_offer, "median_hours", "down", _hours),
    Indicator("sla_attainment", sla, "attainment", "up", _attainment),
    Indicator("sla_contractual_attainment", sla, "contractual_attainment", "up", _attainment),
    Indicator("decline_capture", declines, "capture_rate", "up"),
    Indicator("approval_median_hours", approvals, "median_hours", "down"),
    Indicator("counter_dropout_rate", counters, "dropout_rate", "down"),
    Indicator("override_rate", overrides, "rate", "down"),
    Indicator("attrition_90", attrition, "rate_90", "down", weight="joined_90"),
    Indicator("time_to_fill_median_days", time_to_fill, "median_days", "down"),
    Indicator("cost_per_hire", cost_per_hire, "cost_per_hire", "down"),
    Indicator("satisfaction_nps", quality, "nps", "up"),
    Indicator("quality_of_hire", quality, "quality_of_hire_mean", "up"),
)
STEADY = 0.01  # a change of less than one in a hundred is none


def scorecard(frame: Frame) -> Found:
    programme = load(frame.client.pk)
    reports = list(dict.fromkeys(each.report for each in INDICATORS))
    now = {report: report(frame).total for report in reports}
    before = _before(frame)
    then = {report: report(before).total for report in reports} if before else {}
    rows = [_row(frame, each, now[each.report], then.get(each.report), each.target(programme)) for each in INDICATORS]
    return Found({"n": now[acceptance]["n"]}, rows)


def _before(frame: Frame) -> Frame | None:
    """The period of equal length before; none of an open one."""
    if frame.since is None:
        return None
    return replace(frame, since=frame.since - (frame.ended - frame.since), until=frame.since)


def _row(frame: Frame, indicator: Indicator, now: Row, then: Row | None, target: float | None) -> Row:
    value = now.get(indicator.figure)
    known = then is not None and _count(then, indicator) >= frame.minimum
    previous = then.get(indicator.figure) if then is not None and known else None
    figures = {
        "value": value,
        "target": target,
        "previous": previous,
        "trend": trend(value, previous, indicator.better),
    }
    return row(indicator.key, _count(now, indicator), figures)


def _count(total: Row, indicator: Indicator) -> int:
    """How many the figure is of."""
    found = total.get("of", {}).get(indicator.figure)
    return int(total[indicator.weight] if found is None else found)


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
