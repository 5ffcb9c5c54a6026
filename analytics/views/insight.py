"""The pages: panels of reports, the scorecard, and the offers behind a figure; the same as files."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from analytics.exports import as_csv, as_xlsx, lines
from analytics.metrics import DEFINITIONS, Definition
from analytics.reports import OWN_DIMS, REPORTS, UNCUT, framed
from analytics.reports.behind import COUNTED_BY, offers_behind
from analytics.reports.frame import DIMS as CUTS
from analytics.reports.scorecard import INDICATORS as FIGURES_OF_REVIEW
from analytics.views.curves import still_there
from analytics.views.frame import InsightPage, insight, presets
from analytics.views.keys import keys_of
from analytics.views.pages import BY_SLUG, PAGES
from analytics.views.show import panel, span
from analytics.views.wording import DIMS, INDICATORS, THEMES, said
from governance.admin.exports import TYPES
from governance.scoping import scoped
from offers.models import Offer
from offers.presentation import Pill, status_pill
from offers.views.frame import role_of, url_of

TREND = {"better": Pill("ok", "better"), "worse": Pill("warn", "worse"), "steady": Pill("quiet", "steady")}
MOST = 300
REPORT_OF = {each.key: name for each in FIGURES_OF_REVIEW for name, report in REPORTS.items() if report is each.report}
WHERE = {
    "acceptance_rate": "acceptance", "closed_rate": "acceptance", "renege_rate": "acceptance",
    "verbal_to_written_median_hours": "timing", "sla_attainment": "timing", "sla_contractual_attainment": "timing",
    "decline_capture": "declines", "approval_median_hours": "approvals", "counter_dropout_rate": "exceptions",
    "override_rate": "exceptions", "attrition_90": "attrition", "time_to_fill_median_days": "volume",
    "cost_per_hire": "cost", "satisfaction_nps": "attrition", "quality_of_hire": "attrition",
}  # fmt: skip
# Indicators that are shares of the count they stand beside.
SHARES = {
    "acceptance_rate", "closed_rate", "renege_rate", "sla_attainment", "sla_contractual_attainment", "decline_capture",
    "counter_dropout_rate", "override_rate", "attrition_90",
}  # fmt: skip


def common(page: InsightPage, slug: str, chooses: str = "", kept: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the head of every page shows: tabs, client, period, freshness. `kept`: a page's own choices, for links."""
    tabs = [("scorecard", "Scorecard"), *((each.slug, each.tab or each.title) for each in PAGES)]
    tabs[4:4] = [("declines", "Decline lens")]
    tabs += [("compare", "Compare"), ("casebook", "Case book")]
    return {
        "asked": page.asked,
        "fresh": page.voice.moment(page.fresh.refreshed_at) if page.fresh else None,
        "behind": page.behind,
        "facts": said(page.fresh.facts if page.fresh else 0, "count", page.voice),
        "presets": presets(page, kept or {}),
        "chooses": [(name, DIMS[name]) for name in CUTS] if chooses else [],
        "tabs": [
            {"url": f"{reverse(f'insight:{name}')}?{page.asked.query(by='')}", "label": label, "current": name == slug}
            for name, label in tabs
        ],
        "here": slug,
    }


@insight
def topic(page: InsightPage, slug: str) -> HttpResponse:
    """A page of panels."""
    spec = BY_SLUG[slug]
    if spec.chooses and not page.asked.by:
        page.choose(spec.chooses)
    panels = [still_there(page, each) if each.chart == "survival" else panel(page, each) for each in spec.panels]
    return page.show(
        "analytics/topic.html", spec.title, lede=spec.lede, panels=panels, **common(page, slug, spec.chooses)
    )


@insight
def scorecard(page: InsightPage) -> HttpResponse:
    """Each figure beside its target and the period before."""
    report = page.report("scorecard")
    found = {row["key"]: row for row in report["rows"]}
    rows = [
        _indicator(page, found[key], figure.label, figure.kind) for key, figure in INDICATORS.items() if key in found
    ]
    return page.show(
        "analytics/scorecard.html", "Scorecard", rows=rows, export=page.asked.query(), reports=_definitions(),
        minimum=report["definition"]["minimum"], **common(page, "scorecard"),
    )  # fmt: skip


def _definitions() -> list[Definition]:
    """What the reports behind the figures count, each once, in the figures' order."""
    return [DEFINITIONS[name] for name in dict.fromkeys(REPORT_OF.values())]


def _indicator(page: InsightPage, row: dict[str, Any], label: str, kind: str) -> dict[str, Any]:
    voice = page.voice
    values = {name: said(row.get(name), kind, voice) for name in ("value", "target", "previous")}
    where = "insight:" + WHERE[row["key"]]
    missed, share = _missed(row), row["key"] in SHARES and row.get("value") is not None
    return {
        "label": label,
        "url": f"{reverse(where)}?{page.asked.query(by='')}",
        "behind": page.asked.query(by="", report=REPORT_OF[row["key"]]),
        "note": span(row["value"], row["n"], voice) if share else "",
        "few": row.get("suppressed", False),
        "n": said(row["n"], "count", voice),
        **values,
        "trend": TREND.get(row.get("trend") or ""),
        "target_pill": None if missed is None else Pill("bad", "missed") if missed else Pill("ok", "met"),
    }


def _missed(row: dict[str, Any]) -> bool | None:
    value, target = row.get("value"), row.get("target")
    if value is None or target is None:
        return None
    return bool(value > target) if row["key"].endswith("hours") else bool(value < target)


@insight
def behind(page: InsightPage) -> HttpResponse:
    """The offers that a figure counted, as far as this person may see offers."""
    get = page.request.GET
    report, by = get.get("report", ""), get.get("by", "")
    if report not in COUNTED_BY or (by and by not in (*CUTS, *OWN_DIMS.get(report, ()))):
        raise Http404
    asked = page.asked
    frame = framed(report, client=asked.client, since=asked.since, until=asked.until, by=by, now=page.now)
    key = get.get("key") if "key" in get else None
    theme = get.get("theme", "") if get.get("theme") in THEMES else ""
    ids = offers_behind(frame, report, key=key, theme=theme)
    offers = scoped(Offer.objects.for_list().filter(pk__in=ids[:MOST]), page.user)
    found = {offer.pk: offer for offer in offers}
    rows = [
        {"offer": offer, "url": url_of(offer), "role": role_of(offer), "status": status_pill(offer.status),
         "decided": page.voice.day(offer.decided_at and offer.decided_at.astimezone(frame.zone).date())}
        for offer in (found[pk] for pk in ids if pk in found)
    ]  # fmt: skip
    title = f"Offers behind “{DEFINITIONS[report].title}”"
    named = "" if key is None else keys_of(by, [{"key": key}]).said(key)
    what = " · ".join(part for part in (named, THEMES.get(theme, "")) if part)
    return page.show(
        "analytics/behind.html", title, rows=rows, what=what, count=len(ids), most=MOST,
        counted=said(len(ids), "count", page.voice),
        definition=DEFINITIONS[report], **common(page, "behind"),
    )  # fmt: skip


@insight
def export(page: InsightPage, report: str, form: str) -> HttpResponse:
    """A report as CSV or XLSX, in the contract's names."""
    by = page.request.GET.get("by", "")
    allowed = () if report in UNCUT else (*CUTS, *OWN_DIMS.get(report, ()))
    if report not in REPORTS or form not in TYPES or (by and by not in allowed):
        raise Http404
    return as_file(lines(page.report(report, by=by, of=False)), report, form, page.asked.client.code)


def as_file(rows: list[dict[str, Any]], title: str, form: str, code: str) -> HttpResponse:
    """Rows as a file to keep, named after the client."""
    content: str | bytes = as_csv(rows, title) if form == "csv" else as_xlsx(rows, title)
    name = f"{code}-{title}.{form}"
    return HttpResponse(
        content, content_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
