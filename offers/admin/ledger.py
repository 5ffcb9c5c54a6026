"""Read-only lists of what the verbs have written: counter-offers and escalations."""

from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.admin.cells import amount, pill
from governance.admin.exports import Downloads, columns
from offers.admin.cells import Spoken, when
from offers.models import Advice, CounterOffer, Escalation, ScopeException
from offers.views.frame import url_of

ASKED_BASE, ASKED_SIGN_ON = amount("asked_base", "base asked"), amount("asked_sign_on", "sign-on asked")


class ReadOnly(Spoken):
    """Rows that only verbs write; the first column leads to the offer."""

    list_display_links = None

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    @admin.display(description="offer", ordering="offer__external_id")
    def of_offer(self, row: Any) -> SafeString | str:
        return format_html('<a href="{}">{}</a>', url_of(row.offer_id), row.offer) if row.offer_id else "–"


@admin.register(CounterOffer)
class CounterOfferAdmin(ReadOnly):
    list_display = (
        "of_offer",
        "origin",
        ASKED_BASE,
        ASKED_SIGN_ON,
        when("countered_at", "asked"),
        when("answered_at", "answered"),
        "inside",
        "state",
    )
    numeric_columns = (ASKED_BASE, ASKED_SIGN_ON)
    list_filter = ("outcome", "origin", "inside_guardrail")
    list_select_related = ("offer",)
    search_fields = ("offer__external_id", "offer__candidate__external_id")
    list_hint = "What candidates and other employers put against offers, and how it was answered."
    empty_hint = "A counter-offer is recorded on the page of its offer."

    @admin.display(description="guardrail", ordering="inside_guardrail")
    def inside(self, row: CounterOffer) -> str:
        return {True: "inside", False: "beyond", None: "–"}[row.inside_guardrail]

    @admin.display(description="outcome", ordering="outcome")
    def state(self, row: CounterOffer) -> SafeString:
        kinds = {"open": "warn", "settled": "ok", "closed": "ok", "lost": "bad"}
        return pill(kinds.get(row.outcome, "quiet"), row.get_outcome_display())


@admin.register(Escalation)
class EscalationAdmin(ReadOnly):
    list_display = (
        "of_offer",
        "passed",
        "level",
        "about",
        when("due_at", "due"),
        when("flagged_at", "flagged"),
        "holder",
        "state",
    )
    numeric_columns = ("passed", "level")
    list_filter = ("status", "threshold_hours", "level")
    list_select_related = ("offer", "clock", "holder")
    search_fields = ("offer__external_id",)
    list_hint = "Thresholds that clocks have passed, whom they were held by, and who has been told."
    empty_hint = "Nothing has been stuck so far."

    @admin.display(description="passed", ordering="threshold_hours")
    def passed(self, row: Escalation) -> str:
        return f"{row.threshold_hours} h"

    @admin.display(description="clock")
    def about(self, row: Escalation) -> str:
        return row.clock.get_kind_display()

    @admin.display(description="state", ordering="status")
    def state(self, row: Escalation) -> SafeString:
        kinds = {"open": "bad", "acknowledged": "warn", "resolved": "ok"}
        return pill(kinds[row.status], row.get_status_display())


RECOMMENDED_BASE = amount("recommended_base", "recommended base")


@admin.register(Advice)
class AdviceAdmin(ReadOnly, Downloads):
    list_display = (
        "of_offer",
        "opened",
        RECOMMENDED_BASE,
        "given_by",
        when("given_at", "given"),
        "state",
        when("decided_at", "decided"),
        "outcome",
    )
    numeric_columns = (RECOMMENDED_BASE,)
    list_filter = ("decision", ("holds_until", admin.EmptyFieldListFilter))
    list_select_related = ("offer__letter", "given_by")
    search_fields = ("offer__external_id",)
    list_hint = "Offers that the provider called too low to close: what the business decided, and what happened then."
    empty_hint = "Advice is given on the page of its offer."
    export = columns(
        "external_id offer given_at recommended decision decided_at",
        external_id="reference", offer="offer.external_id", recommended="recommended_base",
    )  # fmt: skip

    @admin.display(description="advice")
    def opened(self, row: Advice) -> SafeString:
        url = reverse("offers:advice", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, "Challenge" if row.holds_until else "Advice")

    @admin.display(description="decision", ordering="decision")
    def state(self, row: Advice) -> SafeString:
        kinds = {"adjusted": "ok", "accepted_risk": "warn", "refused": "bad"}
        return pill(kinds.get(row.decision, "info"), row.get_decision_display() or "Not decided yet")

    @admin.display(description="offer then", ordering="offer__status")
    def outcome(self, row: Advice) -> str:
        return str(row.offer.get_status_display())


@admin.register(ScopeException)
class ScopeExceptionAdmin(ReadOnly):
    list_display = ("requisition", "activity", "party", "agreement", "granted_by", when("granted_at", "granted"))
    list_filter = ("activity", "party")
    list_select_related = ("requisition", "agreement", "granted_by")
    search_fields = ("requisition__external_id",)
    list_hint = "Where another party may do what the statement of work gives away, and who said so."
    empty_hint = "Record one where the work has to go on: it opens an activity for one requisition."

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def add_view(self, request: Any, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return redirect("offers:exception")
