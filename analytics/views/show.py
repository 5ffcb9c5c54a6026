"""A report made ready for its panel: figures with n and interval, a table in words, a chart's numbers."""

from collections.abc import Set
from typing import Any
from urllib.parse import urlencode

from analytics.metrics import DEFINITIONS
from analytics.statistics import wilson
from analytics.views.frame import InsightPage
from analytics.views.keys import Keys, keys_of
from analytics.views.pages import Panel
from analytics.views.wording import DIMS, FIGURES, SHARE_OF, many_hours, plain, said
from offers.presentation import Voice

UNITS = {"percent": "%", "hours": "h", "days": "d"}
MOST_ACROSS = 20  # bars that can be read; the table holds all
ROWS_APART = ("bucket", "origin", "theme", "case")  # rows that a report has by itself, cut by nothing


def panel(page: InsightPage, spec: Panel) -> dict[str, Any]:
    """Everything that templates/analytics/panel.html shows of one report."""
    by = spec.by or page.asked.by
    dim = "" if by in ROWS_APART else by
    report = page.report(spec.report, by=dim)
    rows = with_shares([each for each in report["rows"] if "origin" not in each or by == "origin"])
    if spec.chart == "across":
        rows = by_size(rows, spec.series[0])
    voice, link = page.voice, "origin" if by == "origin" else dim
    keys, query = keys_of(by, rows), page.asked.query(by=link, report=spec.report)
    return {
        **frame_of(page, spec, report),
        "title": f"{spec.title} {DIMS[by].lower()}" if not spec.by else spec.title,
        "head": DIMS.get(by, by),
        "figures": [] if few_in(report) else [figure(name, flat(report["total"]), voice) for name in spec.figures],
        "columns": [{"label": label_of(name, spec), "text": FIGURES[name].kind == "text"} for name in spec.columns],
        "rows": lines(rows, spec, keys, voice, query),
        "chart": chart(spec, rows, keys) if spec.chart else None,
        "export": page.asked.query(by=dim),
    }


def frame_of(page: InsightPage, spec: Panel, report: dict[str, Any]) -> dict[str, Any]:
    """What a panel says whatever its table and chart are."""
    return {
        "id": spec.id,
        "title": spec.title,
        "lede": spec.lede,
        "n": said(report["total"]["n"], "count", page.voice),
        "few": few_in(report),
        "excluded": report["excluded"],
        "minimum": report["definition"]["minimum"],
        "definition": DEFINITIONS[spec.report],
        "chart_id": f"chart-{spec.id}",
        "report": spec.report,
        "behind": page.asked.query(by=""),
    }


def label_of(name: str, spec: Panel) -> str:
    """What a figure is called in this panel."""
    return dict(spec.labels).get(name) or FIGURES[name].label


def few_in(report: dict[str, Any]) -> bool:
    return bool(report["total"].get("suppressed"))


def with_shares(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, figures inside figures by a name of their own, with each one's share of what all shown hold together.

    Rows that are not shown are in no share: their size could be told from what is missing.
    """
    everything = sum(row["n"] for row in rows if not row.get("suppressed"))
    return [
        row if row.get("suppressed") else {**flat(row), "share_of_all": row["n"] / everything, "all": everything}
        for row in rows
    ]


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """{"hours": {"provider": 3}} also holds "hours_provider"."""
    hours = {f"hours_{party}": spent for party, spent in row.get("hours", {}).items()}
    return {**row, **hours}


def by_size(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The largest first; what is not shown last."""
    return sorted(rows, key=lambda row: (row.get(name) is None, -(plain(row.get(name), FIGURES[name].kind) or 0)))


def figure(name: str, total: dict[str, Any], voice: Voice) -> dict[str, Any]:
    """One figure with its interval, where it is a share of a count."""
    known = FIGURES[name]
    return {
        "label": known.label,
        "value": said(total.get(name), known.kind, voice),
        "note": interval(name, total, voice),
    }


def interval(name: str, row: dict[str, Any], voice: Voice) -> str:
    """ "78 to 84 %, n 960": the 95 % interval of a share, and of how many; else empty."""
    of, value = count_of(name, row), row.get(name)
    if not of or value is None:
        return ""
    return f"{span(value, of, voice)}, n {said(of, 'count', voice)}"


def span(value: float, of: int, voice: Voice) -> str:
    """ "78 to 84 %": the 95 % interval of a share of so many."""
    return between(*(wilson(round(value * of), of) or (value, value)), voice)


def between(low: float, high: float, voice: Voice) -> str:
    """ "78 to 84 %"."""
    first, last = (said(each, "percent", voice) for each in (low, high))
    return f"{first.removesuffix('%').strip()} to {last}"


def count_of(name: str, row: dict[str, Any]) -> int:
    """How many a share is of; 0 where that is not known, or the figure is no share."""
    return int(row.get("of", {}).get(name) or row.get(SHARE_OF.get(name, "")) or 0)


def lines(rows: list[dict[str, Any]], spec: Panel, keys: Keys, voice: Voice, query: str) -> list[dict[str, Any]]:
    """The rows of the table, each column in figures of one length."""
    whole = {name for name in spec.columns if many_hours((row.get(name) for row in rows), FIGURES[name].kind)}
    return [line(row, spec, keys, voice, query, whole) for row in rows]


def line(row: dict[str, Any], spec: Panel, keys: Keys, voice: Voice, query: str, whole: Set[str]) -> dict[str, Any]:
    """A row of the table; where it is too few, only its key."""
    key = str(row["key"])
    return {
        "key": keys.said(key),
        "under": keys.under(key),
        "few": row.get("suppressed", False),
        "n": row["n"],
        "alone": spec.by == "case",  # a pseudonym leads nowhere
        "query": f"{query}&{urlencode({'theme' if spec.report == 'declines' else 'key': key})}",
        "cells": [
            {
                "text": said(row.get(name), FIGURES[name].kind, voice, whole=name in whole),
                "note": interval(name, row, voice),
                "words": FIGURES[name].kind == "text",
            }
            for name in spec.columns
            if not row.get("suppressed")
        ],
    }


def chart(spec: Panel, rows: list[dict[str, Any]], keys: Keys) -> dict[str, Any] | None:
    """Numbers for Chart.js; none where nothing is shown."""
    shown = [row for row in rows if not row.get("suppressed")]
    if len(shown) < 2:
        return None
    kinds = {FIGURES[name].kind for name in spec.series}
    unit = UNITS.get(next(iter(kinds)), "")
    if spec.chart == "across":
        rows = shown[:MOST_ACROSS]
    return {
        "kind": spec.chart,
        "unit": unit,
        "zero": spec.chart != "line" or kinds != {"number"},
        "labels": [keys.said(str(row["key"])) for row in rows],
        "series": [
            {"label": label_of(name, spec), "values": [plain(row.get(name), FIGURES[name].kind) for row in rows]}
            for name in spec.series
        ],
    }
