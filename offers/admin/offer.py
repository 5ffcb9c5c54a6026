"""Offers: the list that people work from. One offer's page is the workbench; statuses move by its verbs alone."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.admin.cells import pill
from governance.admin.exports import Downloads, columns
from offers.admin import bulk, filters
from offers.admin.cells import Spoken
from offers.lifecycle import LIVE
from offers.models import Offer
from offers.presentation import Voice, face, highest_flag, leading, reading, standing_pill, status_pill
from offers.queues import running_clocks
from offers.views import drafting, workbench
from offers.views.frame import Page, holder_of, role_of


@admin.register(Offer)
class OfferAdmin(Spoken, Downloads):
    list_display = ("reference", "status_now", "standing", "clock", "holder_now", "recruiter")
    list_filter = (
        filters.QueueFilter, filters.StatusFilter, filters.StandingFilter, filters.PriorityFilter, filters.ClientFilter,
        filters.UnitFilter, filters.LocationFilter, filters.RecruiterFilter,
    )  # fmt: skip
    search_fields = (
        "external_id", "candidate__external_id", "candidate__person__name", "requisition__external_id",
        "requisition__title",
    )  # fmt: skip
    search_help_text = "Reference, candidate, requisition or title."
    list_hint = "From the manager's yes to the candidate's answer: what stands where, since when, and with whom."
    empty_hint = "Draft one for a candidate and a requisition, or bring in a file: manage.py ingest offers FILE."
    actions = ("submit_chosen", "assign_chosen", *Downloads.actions)
    export = columns(
        "external_id status priority candidate_ref requisition_ref title business_unit role_code grade location "
        "base_salary currency period fte sign_on bonus_pct first_year_cash reference gap market_ratio compa_ratio "
        "band_position recruiter_email hiring_manager_email verbal_approved_at written_at decided_at joined_on",
        candidate_ref="candidate.external_id", requisition_ref="requisition.external_id", title="requisition.title",
        business_unit="requisition.business_unit", role_code="requisition.role_code", grade="requisition.grade",
        location="requisition.location", base_salary="version.base", currency="version.currency",
        period="version.pay_period", fte="version.fte", sign_on="version.sign_on",
        bonus_pct="version.target_bonus_pct", first_year_cash="version.first_year_total",
        reference="version.reference_amount", gap="version.gap", market_ratio="version.market_ratio",
        compa_ratio="version.compa_ratio", band_position="version.band_position", recruiter_email="recruiter.email",
        hiring_manager_email="hiring_manager.email",
    )  # fmt: skip
    add_form_template = "offers/draft.html"

    def get_queryset(self, request: Any) -> QuerySet[Offer]:
        rows: Any = super().get_queryset(request)
        return rows.for_list().defer("version__standing").prefetch_related(running_clocks())

    def get_list_filter(self, request: Any) -> Any:
        return self.list_filter  # with a client filter of its own, read together with the others

    # --- the page of one offer, and of a new one

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if request.method == "POST":
            return redirect(request.path)  # nothing is saved here: each act has its own page
        offer = self.get_object(request, object_id)
        if offer is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        page = Page(request)
        title = f"{offer} {role_of(offer)}"
        return page.show("offers/workbench.html", title, opts=self.opts, **workbench.context(page, offer))

    def add_view(self, request: Any, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return drafting.draft(Page(request))

    # --- columns

    @admin.display(description="offer", ordering="external_id")
    def reference(self, row: Offer) -> SafeString:
        name = row.candidate.display_name
        return format_html('{} <span>{}</span><small class="under">{}</small>', row.external_id, name, role_of(row))

    @admin.display(description="status", ordering="status")
    def status_now(self, row: Offer) -> SafeString:
        found = status_pill(row.status)
        critical = pill("info", "Critical") if row.priority == "critical" else ""
        return format_html("{} {}", pill(found.kind, found.text), critical)

    @admin.display(description="standing", ordering="version__gap")
    def standing(self, row: Any) -> SafeString:
        found = standing_pill(row.version, row.voice)
        return format_html('<span class="pill plain {}" title="{}">{}</span>', found.kind, found.title, found.text)

    @admin.display(description="clock", ordering="verbal_approved_at")
    def clock(self, row: Any) -> SafeString | str:
        found = leading(row.running)
        if found is None:
            return _took(row, row.voice)
        shown = face(found, row.voice)
        cell = {"reading": shown.reading, "used": shown.used, "kind": shown.kind, "title": shown.due_exact}
        passed = highest_flag(row.running)
        flag = pill("bad", f"{passed} h") if passed else ""
        return format_html(
            '<span class="clock-line">{}{}</span><small class="under">{}</small>',
            render_to_string("partials/clock_cell.html", cell), flag, shown.due,
        )  # fmt: skip

    @admin.display(description="with", ordering="holder__name", empty_value="–")
    def holder_now(self, row: Offer) -> str:
        return holder_of(row) if row.status in LIVE else ""

    # --- bulk, each with its preview

    @admin.action(description="Submit for review …", permissions=["change"])
    def submit_chosen(self, request: Any, queryset: QuerySet[Offer]) -> HttpResponse | None:
        return bulk.submit(self, Page(request), queryset)

    @admin.action(description="Assign to a recruiter …", permissions=["change"])
    def assign_chosen(self, request: Any, queryset: QuerySet[Offer]) -> HttpResponse | None:
        return bulk.assign(self, Page(request), queryset)


def _took(offer: Offer, voice: Voice) -> str:
    """The way to the letter of an offer on which no clock runs any more."""
    if offer.verbal_approved_at and offer.written_at and offer.written_at >= offer.verbal_approved_at:
        return f"letter after {reading(offer.written_at - offer.verbal_approved_at)}"
    return "not started" if offer.status in LIVE else "–"
