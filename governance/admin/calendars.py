"""Working weeks and their holidays."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance import rule_words
from governance.admin.cells import pill
from governance.admin.documents import DocumentField, DocumentsForm
from governance.admin.tools import ReferenceTools
from governance.models import BusinessCalendar, Holiday
from governance.rule_forms.hours import OverridesForm, WeekForm
from governance.scoping import ScopedAdmin, ScopedInline


def page_of(name: str, calendar_id: str) -> str:
    """Where a page about this calendar is; "" in a portal that has none, or for what is no number."""
    try:
        return reverse(f"offers:{name}", args=[calendar_id])
    except NoReverseMatch:
        return ""


class HolidayInline(ScopedInline):
    """Days to come; those that are over have been counted by, and stay."""

    model = Holiday
    fields = ("date", "name", "country", "subdivision")
    verbose_name_plural = "holidays to come"

    def get_queryset(self, request: Any) -> QuerySet[Holiday]:
        return super().get_queryset(request).filter(date__gte=timezone.localdate())


class CalendarForm(DocumentsForm):
    week = DocumentField(WeekForm, label="Open in a usual week")
    overrides = DocumentField(OverridesForm, label="Open on these days instead")


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(ReferenceTools, ScopedAdmin):
    tools = (("Bring in holidays", "references:import", "holidays", "add"),)
    form = CalendarForm
    list_display = ("name", "zone", "holiday_count", "state")
    ordering = ("name",)
    numeric_columns = ("holiday_count",)
    list_filter = ("is_default",)
    search_fields = ("name", "zone", "holidays__name")
    list_hint = "Contractual time counts by the client's default calendar; elapsed time by none."
    empty_hint = "Add one: without a calendar, contractual time counts Monday to Friday, all day."
    fieldsets = (
        (None, {"fields": ("client", "name", "zone", "is_default")}),
        ("Opening hours", {"fields": ("week",)}),
        ("Days that differ", {"fields": ("overrides",)}),
    )
    readonly_fields = ("week_said", "overrides_said")
    inlines = (HolidayInline,)
    change_form_template = "admin/calendar_form.html"

    def get_fieldsets(self, request: Any, obj: BusinessCalendar | None = None) -> Any:
        """Who may change it fills in the hours; who may not reads them in words."""
        found = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return found
        said = {"week": "week_said", "overrides": "overrides_said"}
        return [
            (title, {**each, "fields": [said.get(str(name), name) for name in each["fields"]]}) for title, each in found
        ]

    @admin.display(description="")
    def week_said(self, row: BusinessCalendar) -> str:
        return render_to_string("admin/rule_words.html", {"table": rule_words.of_week(row.week)})

    @admin.display(description="")
    def overrides_said(self, row: BusinessCalendar) -> str:
        return render_to_string("admin/rule_words.html", {"table": rule_words.of_overrides(row.overrides)})

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        context = {"effect_url": page_of("calendar-effect", object_id), **(extra_context or {})}
        if request.user.has_perm("governance.change_businesscalendar"):
            context["holidays_url"] = page_of("calendar-holidays", object_id)
        return super().change_view(request, object_id, form_url, context)

    def response_change(self, request: Any, obj: Any) -> Any:
        """Saving moves no clock: say so, and where the effect stands."""
        if (url := page_of("calendar-effect", str(obj.pk))) and obj.is_default:
            words = 'No open clock has moved. <a href="{}">See which would be due at another time</a>.'
            self.message_user(request, format_html(words, url))
        return super().response_change(request, obj)

    def get_queryset(self, request: Any) -> QuerySet[BusinessCalendar]:
        return super().get_queryset(request).annotate(holiday_count=Count("holidays"))

    @admin.display(description="holidays", ordering="holiday_count")
    def holiday_count(self, row: Any) -> int:
        return row.holiday_count

    @admin.display(description="use", ordering="is_default")
    def state(self, row: BusinessCalendar) -> SafeString:
        return pill("ok", "Default") if row.is_default else pill("quiet", "Kept")
