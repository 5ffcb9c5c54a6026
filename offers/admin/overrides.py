"""The register of overrides: read here, reported on an offer's page, judged on the override's own."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.admin.cells import pill
from governance.admin.exports import Downloads, columns
from offers.admin.cells import when
from offers.admin.filters import OfferFilter
from offers.admin.ledger import ReadOnly
from offers.models import Override
from offers.models.override import HOLDING, OPEN
from offers.presentation import span
from offers.views.override_panel import pills


class StateFilter(OfferFilter):
    title = "state"
    parameter_name = "state"
    options = {
        "open": ("Open", OPEN),
        "holding": ("Holds a letter back", HOLDING),
        "resolved": ("Resolved", ~OPEN),
    }


@admin.register(Override)
class OverrideAdmin(ReadOnly, Downloads):
    list_display = ("what", "of_offer", "who", "found", when("found_at", "found"), "took", "state")
    list_filter = (StateFilter, "kind", "severity", "status", "found_by", "resolution")
    list_select_related = ("offer", "who", "reported_by")
    search_fields = ("offer__external_id", "offer__requisition__external_id", "who__name")
    list_hint = "Ways around the process: who, found how, how grave, and how and how soon it was put right."
    empty_hint = "None is known. One is reported on the page of its offer; Handoff opens a suspected one by itself."
    export = columns(
        "external_id offer kind found_at found_by resolution resolved_at severity status who_email",
        external_id="reference", offer="offer.external_id", who_email="who.email",
    )  # fmt: skip

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        return redirect("offers:override", row.pk)

    @admin.display(description="override", ordering="kind")
    def what(self, row: Override) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("offers:override", args=[row.pk]), row.get_kind_display())

    @admin.display(description="how", ordering="found_by")
    def found(self, row: Override) -> str:
        return f"reported by {row.reported_by}" if row.reported_by else row.found_how

    @admin.display(description="time to it")
    def took(self, row: Any) -> str:
        age: timedelta = row.age(row.voice.now)
        return span(age) if row.resolution else f"open for {span(age)}"

    @admin.display(description="state", ordering="resolution")
    def state(self, row: Override) -> SafeString:
        return format_html_join(" ", "{}", ((pill(each.kind, each.text),) for each in pills(row)))
