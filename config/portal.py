"""The portal's frame around Django's admin: a sidebar by job, the search box, the home page.

Two settings name functions of other apps, as dotted paths, so that nothing here imports upward:
``PORTAL_COUNTS``: request -> {entry's count key: int}, the numbers beside sidebar entries, read once a page;
``PORTAL_HOME``: request -> the context of ``admin/index.html``, documented there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.text import capfirst


@dataclass(frozen=True)
class Entry:
    """One line of the sidebar.

    ``target`` is a model ("offers.Offer": its list, shown to whoever may view it) or a URL name ("admin:index"), which
    ``needs`` may bind to a permission; a name that leads nowhere is left out. ``count`` names a number of
    PORTAL_COUNTS, ``tone`` its colour: "", "warn" or "bad". ``hint`` says in one line what is done there.
    """

    label: str
    target: str
    icon: str
    hint: str = ""
    needs: str = ""
    count: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Section:
    label: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Link:
    """An entry as one person sees it on one page."""

    entry: Entry
    url: str
    count: int | None
    current: bool


SECTIONS = (
    Section(
        "My day",
        (
            Entry("Home", "admin:index", "house", "What waits, what is stuck, what is due"),
            Entry(
                "Waiting for me",
                "offers:waiting",
                "inbox",
                "Steps you hold",
                needs="offers.view_offer",
                count="waiting",
            ),
            Entry(
                "Stuck",
                "offers:stuck",
                "timer",
                "Past a threshold, and with whom",
                needs="offers.view_offer",
                count="stuck",
                tone="bad",
            ),
        ),
    ),
    Section(
        "Work",
        (
            Entry("Offers", "offers.Offer", "file-signature", "From verbal approval to the first day"),
            Entry("Requisitions", "offers.Requisition", "briefcase", "Openings, budget and posted range"),
            Entry("Candidates", "offers.Candidate", "user-round", "People who have been offered work"),
            Entry("Assessments", "offers.SkillAssessment", "clipboard-list", "Skills against what the role needs"),
            Entry(
                "Advice",
                "offers.Advice",
                "message-square-text",
                "What the provider called too low",
            ),
            Entry("Counter-offers", "offers.CounterOffer", "handshake", "What candidates and other employers ask"),
            Entry("Overrides", "offers.Override", "triangle-alert", "Ways around the process, put right or not"),
            Entry("Escalations", "offers.Escalation", "octagon-alert", "Thresholds passed, and who was told"),
            Entry("Alarms", "offers.Alarm", "triangle-alert", "What Handoff itself has left undone"),
            Entry(
                "Mail outbox",
                "offers.OutboxMessage",
                "mail",
                "What has been sent, and to whom",
                count="undelivered",
                tone="bad",
            ),
        ),
    ),
    Section(
        "Insight",
        (
            Entry(
                "Scorecard",
                "insight:scorecard",
                "chart-line",
                "Each figure, its target and the period before",
                needs="analytics.view_offerfact",
            ),
            Entry(
                "Timing",
                "insight:timing",
                "hourglass",
                "Verbal to written, and what waiting costs",
                needs="analytics.view_offerfact",
            ),
            Entry(
                "Decline lens",
                "insight:declines",
                "message-square-text",
                "Why candidates say no, and where",
                needs="analytics.view_offerfact",
            ),
            Entry(
                "Case book",
                "insight:casebook",
                "layers",
                "Cases for a review, without names and pay",
                needs="analytics.view_offerfact",
            ),
            Entry("Findings", "analytics.Finding", "undo-2", "What was sent back to sourcing, and when to look again"),
            Entry("Reviews of hires", "offers.HireReview", "user-check", "How hires turned out"),
            Entry("Costs", "offers.Cost", "banknote", "What recruiting cost, by month and kind"),
        ),
    ),
    Section(
        "Rules",
        (
            Entry("Approval policies", "governance.ApprovalPolicy", "list-checks", "Who is asked, and why"),
            Entry(
                "Coverage",
                "offers:coverage",
                "circle-check",
                "Open roles without band or reference",
                needs="governance.view_salaryband",
            ),
            Entry("Salary bands", "governance.SalaryBand", "layers", "Minimum, midpoint and maximum by grade"),
            Entry("Market references", "governance.Benchmark", "chart-line", "Published pay, dated and sourced"),
            Entry(
                "Market sources", "governance.MarketSource", "external-link", "Who publishes it, and when it is stale"
            ),
            Entry("Job matches", "governance.JobMatch", "link-2", "Which published job stands for which role"),
            Entry("Escalation paths", "governance.EscalationPath", "bell-ring", "Who hears of a stuck offer, and when"),
            Entry("Service levels", "governance.ServiceLevel", "hourglass", "Hours from verbal approval to the letter"),
            Entry("Guardrails", "governance.Guardrail", "shield-check", "How far a recruiter may move alone"),
            Entry("Calendars", "governance.BusinessCalendar", "calendar-days", "Working hours and holidays"),
            Entry("People in the role", "governance.Incumbent", "users", "What they are paid: peers of a new offer"),
            Entry("Exchange rates", "governance.ExchangeRate", "banknote", "For cash thresholds and totals only"),
            Entry("Engagements", "governance.Engagement", "file-text", "What the provider does, from when to when"),
            Entry(
                "Statements of work",
                "governance.StatementOfWork",
                "file-signature",
                "Who does what, by which clause",
            ),
            Entry(
                "Readiness",
                "sow:readiness",
                "circle-check",
                "Five points, green, amber or red",
                needs="governance.view_statementofwork",
            ),
        ),
    ),
    Section(
        "People",
        (
            Entry("Members", "governance.Membership", "users", "Who may do what at which client"),
            Entry(
                "Away", "away:absences", "calendar-days", "Who stands in for whom", needs="governance.view_delegation"
            ),
            Entry("Clients", "governance.Client", "building-2", "Companies in the programme"),
            Entry("API tokens", "governance.ApiToken", "key-round", "Programs that act for a person"),
        ),
    ),
)
SEARCHED = "offers.Offer"  # what the box in the top bar looks through


class HandoffAdminSite(admin.AdminSite):
    site_header = "Handoff"
    site_title = "Handoff"
    index_title = "Home"
    site_url = None
    empty_value_display = "–"
    sections = SECTIONS

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Adds ``portal_sections`` ({label, links}), lazily: a popup or a mail preview never counts anything."""
        return {
            **super().each_context(request),
            "portal_sections": SimpleLazyObject(lambda: self.portal_sections(request)),
            "portal_search_url": self.url_of(SEARCHED, request) or "",
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        home = _hook("PORTAL_HOME", request)
        return super().index(request, {"home": home, **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        """Without “view on site”: it reads a row of any model by its number, past every scope."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Apps are how the code is cut, not how people work: the address leads home."""
        return redirect(f"{self.name}:index")

    def portal_sections(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The sidebar of this person on this page: [{"label": …, "links": [Link, …]}], empty sections left out."""
        if not self.has_permission(request):
            return []
        counts = _hook("PORTAL_COUNTS", request)
        sections = [*self.sections, Section("More", tuple(self._unlisted(request)))]
        reachable = [
            (section.label, [(entry, url) for entry in section.entries if (url := self._url(entry, request))])
            for section in sections
        ]
        here = _entry_of(request.path, [(entry, url) for _, pairs in reachable for entry, url in pairs])
        return [
            {
                "label": label,
                "links": [Link(entry, url, counts.get(entry.count), entry is here) for entry, url in pairs],
            }
            for label, pairs in reachable
            if pairs
        ]

    def url_of(self, target: str, request: HttpRequest) -> str | None:
        """The address of a model's list or of a URL name; None where there is none, or none for this person."""
        if ":" in target or "." not in target:
            try:
                return reverse(target)
            except NoReverseMatch:
                return None
        found = self._admin_of(target)
        if found is None or not found[1].has_view_permission(request):
            return None
        meta = found[0]._meta
        return reverse(f"{self.name}:{meta.app_label}_{meta.model_name}_changelist")

    def _url(self, entry: Entry, request: HttpRequest) -> str | None:
        if entry.needs and not request.user.has_perm(entry.needs):
            return None
        return self.url_of(entry.target, request)

    def _admin_of(self, label: str) -> tuple[type[Model], ModelAdmin[Any]] | None:
        wanted = label.lower()
        return next(
            ((model, held) for model, held in self._registry.items() if model._meta.label_lower == wanted), None
        )

    def _unlisted(self, request: HttpRequest) -> Iterator[Entry]:
        """Whatever is registered and named by no section, so that nothing becomes unreachable."""
        listed = {entry.target.lower() for section in self.sections for entry in section.entries}
        rest = [model._meta for model in self._registry if model._meta.label_lower not in listed]
        for meta in sorted(rest, key=lambda meta: str(meta.verbose_name_plural)):
            yield Entry(capfirst(str(meta.verbose_name_plural)), meta.label, "settings-2")


def _entry_of(path: str, pairs: list[tuple[Entry, str]]) -> Entry | None:
    """The entry that a page belongs to: its own address, or for a list that of any row beneath it."""
    for entry, url in pairs:
        if path == url or ("." in entry.target and path.startswith(url)):
            return entry
    return None


def _hook(name: str, request: HttpRequest) -> Mapping[str, Any]:
    path = getattr(settings, name, "")
    return import_string(path)(request) if path else {}
