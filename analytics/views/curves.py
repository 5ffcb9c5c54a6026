"""Panels that are no plain table of a report's rows: who is still there over time, and themes over quarters."""

from typing import Any
from urllib.parse import urlencode

import numpy as np

from analytics.reports import framed
from analytics.reports.people import seen_at_work
from analytics.statistics import Days, survival, survival_intervals
from analytics.views.frame import InsightPage
from analytics.views.pages import Panel
from analytics.views.show import between, few_in, frame_of, interval
from analytics.views.wording import FIGURES, THEMES, plain, said

DAYS = (0, 30, 60, 90, 120, 150, 180, 240, 300, 365)
NOBODY: Days = np.array([], dtype=np.int64)
MOST_THEMES = 5
REST = "rest"
SURVIVAL = ("Still there", "95 % interval", "Left by then", "Seen so long, or gone")


def still_there(page: InsightPage, spec: Panel) -> dict[str, Any]:
    """Kaplan-Meier after each number of days, with its interval and for how many people it is known."""
    report = page.report(spec.report)
    asked, few = page.asked, few_in(report)
    frame = framed(spec.report, client=asked.client, since=asked.since, until=asked.until, by="", now=page.now)
    left, stayed = (NOBODY, NOBODY) if few else seen_at_work(frame)
    known = survival(left, stayed, DAYS)
    limits = survival_intervals(left, stayed, DAYS)
    rows = [_day(page, day, known[str(day)], limits[day], left, stayed) for day in DAYS] if known else []
    values = [plain(known[str(day)], "percent") for day in DAYS] if known else []
    return {
        **frame_of(page, spec, report),
        "head": "Days since the start",
        "figures": [],
        "columns": [{"label": label, "text": False} for label in SURVIVAL],
        "rows": rows,
        "chart": {
            "kind": "line", "unit": "%", "zero": False, "labels": [f"{day} d" for day in DAYS],
            "series": [{"label": FIGURES["still_there"].label, "values": values}],
        }
        if known
        else None,
        "export": asked.query(by=""),
    }  # fmt: skip


def _day(
    page: InsightPage,
    day: int,
    share: float,
    limits: tuple[float, float] | None,
    left: Days,
    stayed: Days,
) -> dict[str, Any]:
    voice = page.voice
    gone = int((left <= day).sum())
    seen = left.size + int((stayed > day).sum())
    told = between(*limits, voice) if limits and gone else "nobody left"
    texts = (said(share, "percent", voice), told, said(gone, "count", voice), said(seen, "count", voice))
    return {"key": f"{day} days", "alone": True, "cells": [{"text": text} for text in texts]}


def themes_over_time(page: InsightPage, spec: Panel) -> dict[str, Any]:
    """What is said in each quarter: its most frequent themes, the others together."""
    report = page.report("declines", by="quarter")
    by_quarter: dict[str, dict[str, Any]] = {}
    for row in report["rows"]:
        by_quarter.setdefault(row["dim"], {})[row["theme"]] = row
    shown = {key: rows for key, rows in by_quarter.items() if not next(iter(rows.values())).get("suppressed")}
    themes = _most_frequent(shown)
    counted = {key: _grouped(rows, themes) for key, rows in shown.items()}
    names = [theme for theme in (*themes, REST) if any(counts.get(theme) for counts in counted.values())]
    series = [
        {
            "label": THEMES.get(name, "All others"),
            "values": [plain(_share(counted.get(key), name), "percent") for key in sorted(by_quarter)],
        }
        for name in names
    ]
    return {
        **frame_of(page, spec, report),
        "head": "Quarter",
        "figures": [],
        "columns": [
            {"label": label, "text": False} for label in ("Losses", *(THEMES.get(n, "All others") for n in names))
        ],
        "rows": [_quarter(page, key, by_quarter[key], counted.get(key), names) for key in sorted(by_quarter)],
        "chart": {"kind": "stacked", "unit": "%", "zero": True, "labels": sorted(by_quarter), "series": series}
        if len(shown) > 1
        else None,
        "export": page.asked.query(by="quarter"),
    }


def _most_frequent(quarters: dict[str, dict[str, Any]]) -> list[str]:
    counts: dict[str, int] = {}
    for rows in quarters.values():
        for theme, row in rows.items():
            counts[theme] = counts.get(theme, 0) + row["count"]
    return sorted(counts, key=lambda theme: (-counts[theme], theme))[:MOST_THEMES]


def _grouped(rows: dict[str, Any], themes: list[str]) -> dict[str, int]:
    found = {theme: row["count"] for theme, row in rows.items() if theme in themes}
    rest = sum(row["count"] for theme, row in rows.items() if theme not in themes)
    return {**found, REST: rest}


def _share(counts: dict[str, int] | None, name: str) -> float | None:
    return counts.get(name, 0) / sum(counts.values()) if counts else None


def _quarter(
    page: InsightPage, key: str, rows: dict[str, Any], counts: dict[str, int] | None, names: list[str]
) -> dict[str, Any]:
    voice, whole = page.voice, next(iter(rows.values()))["n"]
    query = f"{page.asked.query(by='quarter', report='declines')}&{urlencode({'key': key})}"
    if counts is None:
        return {"key": key, "few": True, "n": whole, "query": query}
    cells = [{"text": said(whole, "count", voice)}]
    for name in names:
        share = {"share": _share(counts, name), "n": whole}
        cells.append({"text": said(share["share"], "percent", voice), "note": interval("share", share, voice)})
    return {"key": key, "query": query, "cells": cells}
