"""Compare: one figure by one dimension, over two periods."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse

from analytics.exports import TOTAL
from analytics.metrics import DEFINITIONS
from analytics.reports import REPORTS, UNCUT
from analytics.reports.scorecard import INDICATORS, Indicator, trend
from analytics.statistics import difference
from analytics.views.frame import InsightPage, insight
from analytics.views.insight import TREND, as_file, common
from analytics.views.keys import Keys, keys_of
from analytics.views.show import UNITS, count_of
from analytics.views.wording import DIMS, plain, said
from analytics.views.wording import INDICATORS as LABELS
from offers.presentation import Pill

MOST = 30  # values in the chart; the table holds all
CHANCE = ", which includes none"
NAMES = {report: name for name, report in REPORTS.items() if name not in UNCUT}


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of one report in two periods, with its rows in both by key; the total's key is None."""

    figure: Indicator
    report: str
    keys: Keys
    first: date | None
    last: date | None
    now: dict[str, Any]
    then: dict[str, Any]

    def pairs(self) -> Iterator[tuple[str | None, dict[str, Any], dict[str, Any]]]:
        earlier = {row["key"]: row for row in self.then["rows"]}
        yield None, self.now["total"], self.then["total"]
        for row in self.now["rows"]:
            if "origin" not in row:
                yield row["key"], row, earlier.get(row["key"], {})


def _compared(page: InsightPage) -> Compared:
    if not page.asked.by:
        page.choose("business_unit")
    chosen = next((each for each in INDICATORS if each.key == page.request.GET.get("figure")), INDICATORS[0])
    name = NAMES[chosen.report]
    first, last = _other(page)
    now = page.report(name, by=page.asked.by)
    nothing: dict[str, Any] = {"rows": [], "total": {"n": 0}}  # all time has no period before it
    then = page.report(name, by=page.asked.by, since=first, until=last) if first else nothing
    return Compared(chosen, name, keys_of(page.asked.by, now["rows"]), first, last, now, then)


@insight
def compare(page: InsightPage) -> HttpResponse:
    """The chosen figure of each value now, and in the period of equal length before or the one given."""
    found = _compared(page)
    label, kind = LABELS[found.figure.key].label, LABELS[found.figure.key].kind
    query = page.asked.query(report=found.report)
    rows = [_pair(page, found, each, kind, query) for each in found.pairs()]
    other = {"then_since": found.first or "", "then_until": found.last or ""}
    return page.show(
        "analytics/compare.html", "Compare", rows=rows[1:], total=rows[0],
        figures=[(key, each.label) for key, each in LABELS.items()],
        figure=found.figure.key, label=label, head=DIMS[page.asked.by], definition=DEFINITIONS[found.report],
        minimum=found.now["definition"]["minimum"], first=found.first, last=found.last,
        excluded=found.now["excluded"], chart=_chart(found, kind),
        export=page.asked.query(figure=found.figure.key, **other), **common(page, "compare", "business_unit"),
    )  # fmt: skip


@insight
def compare_file(page: InsightPage, form: str) -> HttpResponse:
    """What the page shows, as CSV or XLSX: unrounded."""
    found = _compared(page)
    name = found.figure.figure
    rows = [
        {
            "key": TOTAL if key is None else key,
            **_told(now, name),
            **{f"{part}_then": value for part, value in _told(then, name).items()},
        }
        for key, now, then in found.pairs()
    ]
    return as_file(rows, f"compare-{found.figure.key}", form, page.asked.client.code)


def _told(row: dict[str, Any], name: str) -> dict[str, Any]:
    value = row.get(name)
    return {
        "n": row.get("n", 0),
        "value": value["amount"] if isinstance(value, dict) else value,
        "suppressed": row.get("suppressed", False),
    }


def _chart(found: Compared, kind: str) -> dict[str, Any] | None:
    """Both periods side by side, value by value."""
    pairs = [(key, now, then) for key, now, then in found.pairs() if key is not None and not now.get("suppressed")]
    if not pairs:
        return None
    name = found.figure.figure
    return {
        "kind": "bar",
        "unit": UNITS.get(kind, ""),
        "zero": True,
        "labels": [found.keys.said(key or "") for key, _, _ in pairs[:MOST]],
        "series": [
            {"label": "This period", "values": [plain(now.get(name), kind) for _, now, _ in pairs[:MOST]]},
            {"label": "Other period", "values": [plain(then.get(name), kind) for _, _, then in pairs[:MOST]]},
        ],
    }


def _other(page: InsightPage) -> tuple[date | None, date | None]:
    """The other period: as given, else of equal length before."""
    asked, given = page.asked, page.request.GET
    try:
        first, last = (date.fromisoformat(given.get(name, "")) for name in ("then_since", "then_until"))
        if first < last:
            return first, last
    except ValueError:
        pass  # nothing given, or no day: the period before
    if asked.since is None:
        return None, None
    end = asked.until or page.now.astimezone(page.voice.zone).date()
    try:
        return asked.since - (end - asked.since), asked.since
    except OverflowError:  # before the first day that there is
        return None, None


def _pair(
    page: InsightPage, found: Compared, pair: tuple[str | None, dict[str, Any], dict[str, Any]], kind: str, query: str
) -> dict[str, Any]:
    key, now, then = pair
    voice, figure = page.voice, found.figure.figure
    change = _interval(now, then, figure, voice)
    chance = Pill("quiet", "may be chance") if change.endswith(CHANCE) else None
    value, previous = now.get(figure), then.get(figure)
    return {
        "key": "All" if key is None else found.keys.said(key),
        "under": found.keys.under(key or ""),
        "query": query if key is None else f"{query}&{urlencode({'key': key})}",
        "few": now.get("suppressed", False),
        "n": said(now["n"], "count", voice),
        "value": said(value, kind, voice),
        "n_then": said(then.get("n", 0), "count", voice),
        "few_then": then.get("suppressed", False),
        "then": said(previous, kind, voice),
        "trend": chance or TREND.get(trend(value, previous, found.figure.better) or ""),
        "change": change,
    }


def _interval(now: dict[str, Any], then: dict[str, Any], figure: str, voice: Any) -> str:
    """The 95 % interval of a share's change, and whether it may be none."""
    n, n_then = count_of(figure, now), count_of(figure, then)
    if not n or not n_then or now.get(figure) is None or then.get(figure) is None:
        return ""
    one, other = (round(now[figure] * n), n), (round(then[figure] * n_then), n_then)
    low, high = difference(one, other) or (0.0, 0.0)
    points = f"{said(low, 'points', voice)} to {said(high, 'points', voice)} points"
    return points if low > 0 or high < 0 else points + CHANCE
