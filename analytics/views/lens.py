"""The decline lens: what is said, where it is said more often, and what is sent back to sourcing."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from analytics.findings import changes
from analytics.metrics import DEFINITIONS
from analytics.models import Finding
from analytics.reports.frame import ADDRESSES
from analytics.reports.frame import DIMS as CUTS
from analytics.views.curves import themes_over_time
from analytics.views.frame import InsightPage, insight
from analytics.views.insight import common
from analytics.views.keys import Keys, keys_of, names_of
from analytics.views.pages import Panel
from analytics.views.show import interval, panel
from analytics.views.wording import DIMS, THEMES, said
from governance.access import clients_with
from governance.history import because
from governance.models import Membership
from governance.scoping import ScopedModelForm, scoped
from offers.models import Loss

THEMES_PANEL = Panel(
    "declines", "What is said", "theme", ("capture_rate", "asked_rate", "losses"), ("count", "share"), ("count",),
    "across",
    "Themes of the losses in the period; most of what is said can be mended.",
)  # fmt: skip
OVER_TIME = Panel(
    "declines", "What is said, over time", "quarter", (), (), (), "stacked",
    "Shares of the losses that carry a theme, in the quarter of the answer.",
)  # fmt: skip
LOOKED_AT = ("source_channel", "recruiter", "business_unit", "role_code")
SHOWN = 12
VERBATIMS = 12
FINDINGS = 50
REVIEW_AFTER = timedelta(days=91)


@insight
def declines(page: InsightPage) -> HttpResponse:
    """Themes, the theme against each value of a dimension, and what candidates said."""
    if not page.asked.by:
        page.choose("source_channel")
    lift = page.report("decline_lift", by=page.asked.by)
    cells = [cell for cell in lift["rows"] if not cell.get("suppressed") and _more(cell)]
    cells.sort(key=lambda cell: (not cell["flagged"], cell["q_value"], -(cell["lift"] or 0)))
    may = page.asked.client.pk in clients_with(page.user, "analytics.add_finding")
    keys = keys_of(page.asked.by, cells[:SHOWN], "dim")
    return page.show(
        "analytics/declines.html", "Decline lens",
        lede="Why candidates say no, and where a reason is heard more often.",
        panel=themes(page), over_time=themes_over_time(page, OVER_TIME), looks=_looks(page),
        cells=[_cell(page, cell, keys) for cell in cells[:SHOWN]], more=max(0, len(cells) - SHOWN),
        few=len({row["dim"] for row in lift["rows"] if row.get("suppressed")}), head=DIMS[page.asked.by],
        definition=DEFINITIONS["decline_lift"], minimum=lift["definition"]["minimum"], excluded=lift["excluded"],
        verbatims=_verbatims(page), findings=_findings(page), may_send=may, export=page.asked.query(),
        **common(page, "declines", "source_channel"),
    )  # fmt: skip


def _looks(page: InsightPage) -> list[dict[str, Any]]:
    """Where themes are looked for first, as links."""
    return [
        {"label": DIMS[dim], "query": page.asked.query(by=dim), "current": dim == page.asked.by} for dim in LOOKED_AT
    ]


def _more(cell: dict[str, Any]) -> bool:
    """Said here more often than elsewhere: that is what somebody can look into."""
    return bool(cell["here"]) and (cell["lift"] is None or cell["lift"] > 1)


def themes(page: InsightPage) -> dict[str, Any]:
    found = page.asked.by
    page.choose("")
    shown = panel(page, THEMES_PANEL)
    page.choose(found)
    return shown


def _cell(page: InsightPage, cell: dict[str, Any], keys: Keys) -> dict[str, Any]:
    voice, asked = page.voice, page.asked
    query = asked.query(report="decline_lift", key=cell["dim"] or "", theme=cell["theme"])
    return {
        "of": keys.said(cell["dim"]),
        "theme": THEMES[cell["theme"]],
        "here": f"{cell['here']} of {cell['here_n']}",
        "elsewhere": f"{cell['elsewhere']} of {cell['elsewhere_n']}",
        "rate_here": said(cell["rate_here"], "percent", voice),
        "rate_elsewhere": said(cell["rate_elsewhere"], "percent", voice),
        "interval": interval("rate_here", cell, voice),
        "lift": said(cell["lift"], "number", voice),
        "q": said(cell["q_value"], "number", voice),
        "flagged": cell["flagged"],
        "sentence": sentence(cell, page, keys),
        "query": query if cell["dim"] else f"{query}&key=",
        "send": asked.query(dim=asked.by, value=cell["dim"], theme=cell["theme"]),
    }


def sentence(cell: dict[str, Any], page: InsightPage, keys: Keys) -> str:
    """What the figures say, and whether they may say nothing."""
    q = said(cell["q_value"], "number", page.voice)
    often = f"{said(cell['lift'], 'number', page.voice)} times as often as elsewhere" if cell["lift"] else "here alone"
    claim = f"{keys.said(cell['dim'])}: “{THEMES[cell['theme']]}” {often}"
    if cell["flagged"]:
        return f"{claim}. With so many offers this is hardly chance (q {q})."
    return f"{claim}. This may be chance: q is {q}, not under 0.05."


def _verbatims(page: InsightPage) -> list[dict[str, Any]]:
    """What candidates said lately, without their names."""
    asked = page.asked
    losses = scoped(Loss.objects.filter(client=asked.client, verbatim__isnull=False), page.user)
    if asked.since:
        losses = losses.filter(offer__decided_at__date__gte=asked.since)
    if asked.until:
        losses = losses.filter(offer__decided_at__date__lt=asked.until)
    rows = losses.select_related("verbatim", "offer__requisition").order_by("-offer__decided_at")[:VERBATIMS]
    return [
        {"text": loss.verbatim.text, "theme": loss.get_theme_display(), "reason": loss.reason,
         "role": loss.offer.requisition.title or loss.offer.requisition.role_code, "channel": loss.offer.source_channel}
        for loss in rows
    ]  # fmt: skip


# --- sent back to sourcing


class FindingForm(ScopedModelForm):
    """Who takes it up, and when to look again."""

    class Meta:
        model = Finding
        fields = ("owner", "review_on")
        widgets = {"review_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


@insight
def send_back(page: InsightPage) -> HttpResponse:
    """Make a finding of one theme in one place."""
    asked, given = page.asked, page.request.GET
    dim, value, theme = given.get("dim", ""), given.get("value", ""), given.get("theme", "")
    back = f"{reverse('insight:declines')}?{asked.query(by=dim)}"
    may = asked.client.pk in clients_with(page.user, "analytics.add_finding")
    if dim not in CUTS or theme not in THEMES or not may:
        messages.error(page.request, "That cannot be sent back: it takes a theme, a value, and a role that may do so.")
        return HttpResponseRedirect(back if dim in CUTS else reverse("insight:declines"))
    today = page.now.astimezone(page.voice.zone).date()
    finding = Finding(client=asked.client, dim=dim, value=value[:120], theme=theme, since=asked.since, found_on=today)
    form = FindingForm(
        page.request.POST or None, instance=finding, user=page.user, client=asked.client.pk,
        initial={"review_on": today + REVIEW_AFTER, "owner": _recruiter(asked.client.pk)},
    )  # fmt: skip
    if page.request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic(), because(actor=page.user.pk, action="finding.open"):
                form.save()
        except IntegrityError:
            form.add_error(None, "This is with sourcing already, and not reviewed yet.")
        else:
            messages.success(
                page.request, f"Sent back to sourcing: {finding.owner} looks again on {finding.review_on}."
            )
            return HttpResponseRedirect(back)
    return page.show(
        "analytics/send_back.html", "Send back to sourcing", form=form, back=back,
        of=keys_of(dim, [{"key": value}]).said(value),
        dim=DIMS[dim], theme=THEMES[theme], status=200 if not form.errors else 422, **common(page, "declines"),
    )  # fmt: skip


def _recruiter(client_id: int) -> int | None:
    found = Membership.objects.filter(client=client_id, is_active=True, role="recruiter").order_by("pk").first()
    return found.user_id if found else None


def _findings(page: InsightPage) -> list[dict[str, Any]]:
    """Findings with the share before they were made and since, open ones first."""
    rows = scoped(Finding.objects.filter(client=page.asked.client).select_related("owner"), page.user)
    findings = list(rows.order_by("-status", "review_on")[:FINDINGS])
    known = changes(page.asked.client, findings, now=page.now)
    today = page.now.astimezone(page.voice.zone).date()
    names = names_of(finding.value for finding in findings if finding.dim in ADDRESSES)
    return [
        {
            "of": Keys(finding.dim, names).said(finding.value),
            "dim": DIMS.get(finding.dim, finding.dim),
            "theme": THEMES.get(finding.theme, finding.theme),
            "owner": finding.owner,
            "review_on": page.voice.day(finding.review_on),
            "late": finding.review_on <= today and finding.status == "open",
            "before": _rate(page, known[finding.pk].lost_before, known[finding.pk].offers_before),
            "after": _rate(page, known[finding.pk].lost_since, known[finding.pk].offers_since),
            "closed": finding.status != "open",
            "url": reverse("admin:analytics_finding_change", args=[finding.pk]),
        }
        for finding in findings
    ]


def _rate(page: InsightPage, lost: int, offers: int) -> str:
    if not offers:
        return "nothing yet"
    if offers < page.asked.client.minimum_cell:
        return f"too few ({offers})"
    rate = {"rate": lost / offers, "n": offers}
    return f"{said(rate['rate'], 'percent', page.voice)} ({interval('rate', rate, page.voice)})"
