"""Requisitions and candidates. A candidate's name lives in Person, and here is the only form that shows it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from governance.admin.cells import amount, pill
from governance.admin.exports import Downloads, columns
from governance.models import Person
from governance.scoping import ScopedAdmin, ScopedModelForm
from offers.erasure import erase
from offers.errors import OfferError
from offers.lifecycle import HOLDS_OPENING, LIVE
from offers.models import Candidate, Offer, Requisition, SkillAssessment
from offers.models.intake import RequisitionStatus
from offers.pauses import set_requisition_status

MOST = 50  # persons erased at once
BUDGET = amount("budget_max", "budget")
STATUS_KIND = {"open": "ok", "on_hold": "warn", "filled": "info", "cancelled": "quiet"}


class RequisitionForm(ScopedModelForm):
    """A requisition; putting it on hold asks why, because the clocks of its offers stand still meanwhile."""

    hold_reason = forms.CharField(
        label="Why on hold", required=False, max_length=4000, help_text="Needed to put it on hold: its clocks stop."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        held = "status" in self.changed_data and cleaned.get("status") == RequisitionStatus.ON_HOLD
        if held and not str(cleaned.get("hold_reason", "")).strip():
            self.add_error("hold_reason", "Say why it is on hold: the clocks of its offers stand still meanwhile.")
        return cleaned


@admin.register(Requisition)
class RequisitionAdmin(ScopedAdmin, Downloads):
    form = RequisitionForm
    list_display = ("external_id", "title", "place", "openings_taken", BUDGET, "recruiter", "hiring_manager", "state")
    numeric_columns = ("openings_taken", BUDGET)
    list_filter = ("status", "priority", "business_unit", "location")
    list_select_related = ("recruiter", "hiring_manager")
    search_fields = ("external_id", "title", "role_code")
    list_hint = "Approved needs to hire: how many, into which role, at what pay, by when."
    empty_hint = "Add a requisition, then draft offers for it."
    fieldsets = (
        (None, {"fields": ("client", ("external_id", "title"), ("status", "priority", "engagement"), "hold_reason")}),
        ("Role", {"fields": (
            ("role_family", "role_code", "grade"), ("location", "country", "business_unit"), "employment_type",
        )}),
        ("Openings", {"fields": (("openings", "opened_on", "needed_by"), "evergreen", "over_offering")}),
        ("Pay", {"fields": (("currency", "budget_max"), ("posted_min", "posted_max"))}),
        ("People", {"fields": (("recruiter", "hiring_manager"),)}),
    )  # fmt: skip
    export = columns(
        "external_id title status priority business_unit role_family role_code grade location country openings "
        "currency budget_max posted_min posted_max opened_on needed_by"
    )

    def get_queryset(self, request: Any) -> QuerySet[Requisition]:
        holding = Q(offers__status__in=sorted(HOLDS_OPENING))
        return super().get_queryset(request).annotate(taken=Count("offers", filter=holding))

    def save_model(self, request: Any, obj: Requisition, form: Any, change: bool) -> None:
        """A change of status is a verb, which locks the offers first and moves their clocks."""
        if change and "status" in form.changed_data:
            reason = form.cleaned_data["hold_reason"]
            set_requisition_status(obj.pk, obj.status, actor=request.user, now=timezone.now(), reason=reason)
            self._say_what_follows(request, obj)
        super().save_model(request, obj, form, change)

    def _say_what_follows(self, request: Any, row: Requisition) -> None:
        live = Offer.objects.live().filter(requisition=row).count()
        if not live:
            return
        words = {
            RequisitionStatus.ON_HOLD: "The clocks of {} of its offers are paused.",
            RequisitionStatus.CANCELLED: "{} of its offers are still live: decide on each, withdraw or cancel it.",
        }
        if row.status in words:
            self.message_user(request, words[RequisitionStatus(row.status)].format(live), messages.WARNING)

    @admin.display(description="where", ordering="location")
    def place(self, row: Requisition) -> str:
        return " · ".join(part for part in (row.business_unit, row.location, row.grade) if part)

    @admin.display(description="openings", ordering="openings")
    def openings_taken(self, row: Any) -> str:
        return f"{row.taken}, evergreen" if row.evergreen else f"{row.taken} of {row.openings}"

    @admin.display(description="state", ordering="status")
    def state(self, row: Requisition) -> SafeString:
        return pill(STATUS_KIND[row.status], row.get_status_display())


@admin.register(SkillAssessment)
class SkillAssessmentAdmin(ScopedAdmin, Downloads):
    list_display = ("candidate", "requisition", "skill", "required", "assessed", "state")
    numeric_columns = ("required", "assessed")
    list_filter = ("required", "assessed")
    list_select_related = ("candidate", "requisition")
    search_fields = ("candidate__external_id", "requisition__external_id", "skill")
    autocomplete_fields = ("candidate", "requisition")
    list_hint = "What candidates were found to be able to do, against what the role needs; 1 to 5."
    empty_hint = "Bring in a file: manage.py ingest assessments FILE --client CODE."
    fieldsets = ((None, {"fields": ("client", ("candidate", "requisition"), ("skill", "required", "assessed"))}),)
    export = columns(
        "candidate_ref requisition_ref skill required assessed",
        candidate_ref="candidate.external_id", requisition_ref="requisition.external_id",
    )  # fmt: skip

    @admin.display(description="state", ordering="assessed")
    def state(self, row: SkillAssessment) -> SafeString:
        return pill("ok", "Meets it") if row.assessed >= row.required else pill("warn", "Below it")


class CandidateForm(ScopedModelForm):
    """The reference, and beside it the personal text, which is kept in a row of its own so that it can be erased."""

    name = forms.CharField(max_length=200, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    phone = forms.CharField(max_length=40, required=False)

    PERSONAL = ("name", "email", "phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.person_id:
            self.initial.update({field: getattr(self.instance.person, field) for field in self.PERSONAL})

    def keep_person(self, candidate: Candidate) -> None:
        """Save the personal text, making its row where there is none and something to keep."""
        given = {field: self.cleaned_data.get(field, "") for field in self.PERSONAL}
        if candidate.person_id:
            Person.objects.filter(pk=candidate.person_id).update(**given)
        elif any(given.values()):
            candidate.erased_at = None  # somebody who came back, by the hand of a person
            candidate.person = Person.objects.create(client_id=candidate.client_id, **given)


@admin.register(Candidate)
class CandidateAdmin(ScopedAdmin):
    form = CandidateForm
    list_display = ("external_id", "name", "offers_made", "open_offers")
    numeric_columns = ("offers_made", "open_offers")
    list_select_related = ("person",)
    search_fields = ("external_id", "person__name", "person__email")
    list_hint = "People who have been offered work. Their names can be erased; the references stay."
    actions = ("erase_chosen",)
    empty_hint = "A candidate is added here, or together with the first offer."
    fieldsets = (
        (None, {"fields": ("client", "external_id")}),
        ("Person", {"fields": (("name", "email", "phone"),), "description": "Kept apart, so that it can be erased."}),
    )

    def get_queryset(self, request: Any) -> QuerySet[Candidate]:
        live = Q(offers__status__in=sorted(LIVE))
        return super().get_queryset(request).annotate(made=Count("offers"), live=Count("offers", filter=live))

    @admin.action(description="Erase the person …", permissions=["change"])
    def erase_chosen(self, request: Any, queryset: QuerySet[Candidate]) -> HttpResponse | None:
        """For HR business partners, once that was confirmed; one that is refused stops no other, and is said."""
        if "confirm" not in request.POST:
            chosen = list(queryset[: MOST + 1])
            context = {
                "title": "Erase", "action": "erase_chosen", "danger": True, "opts": self.opts,
                "rows": chosen[:MOST], "more": len(chosen) > MOST, "most": MOST,
            }  # fmt: skip
            return TemplateResponse(
                request, "offers/erase_confirm.html", {**self.admin_site.each_context(request), **context}
            )
        for candidate in list(queryset[:MOST]):
            try:
                erase(candidate.pk, actor=request.user, now=timezone.now())
            except OfferError as error:
                self.message_user(request, f"{candidate}: {error}", messages.WARNING)
            else:
                self.message_user(request, f"{candidate} is erased.", messages.SUCCESS)
        return None

    def save_model(self, request: Any, obj: Candidate, form: Any, change: bool) -> None:
        form.keep_person(obj)
        super().save_model(request, obj, form, change)

    @admin.display(ordering="person__name", empty_value="not given")
    def name(self, row: Candidate) -> str:
        return row.person.name if row.person else "erased" if row.erased_at else ""

    @admin.display(description="offers", ordering="made")
    def offers_made(self, row: Any) -> int:
        return row.made

    @admin.display(description="open", ordering="live")
    def open_offers(self, row: Any) -> int:
        return row.live
