"""“Public holidays”: what a country or one of its parts has off, held against a calendar, and taking it in.

Looking writes nothing. Beside the days stands what they would do to the clocks that run.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from governance import public_holidays
from governance.business_time import DAYS_OF
from governance.models import BusinessCalendar
from governance.public_holidays import YEARS_MOST, Plan
from governance.scoping import scoped_or_404
from offers import calendar_effect
from offers.views import calendar_effect as effects
from offers.views.frame import Page, portal

MOVED_MOST = 20


class PlaceForm(forms.Form):
    """Where, and which years. The parts on offer are those of the country that was chosen."""

    country = forms.ChoiceField(choices=public_holidays.countries)
    subdivision = forms.ChoiceField(label="Part of it", required=False)
    first = forms.IntegerField(label="From year", min_value=DAYS_OF[0], max_value=DAYS_OF[-1])
    last = forms.IntegerField(label="To year", min_value=DAYS_OF[0], max_value=DAYS_OF[-1])

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        parts = public_holidays.subdivisions(data.get("country", ""))
        choose: Any = self.fields["subdivision"]
        choose.choices = [("", "the whole country"), *parts]
        if data.get("subdivision") and data["subdivision"] not in dict(parts):
            self.data = {**self.data, "subdivision": ""}  # of the country that was chosen before

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "first" in given and "last" in given and not 0 <= given["last"] - given["first"] < YEARS_MOST:
            self.add_error("last", f"Give the same year or a later one, {YEARS_MOST} years at most.")
        return given

    def days(self) -> list[public_holidays.PublicHoliday]:
        given = self.cleaned_data
        return public_holidays.listed(given["country"], range(given["first"], given["last"] + 1), given["subdivision"])


@require_http_methods(["GET", "POST"])
@portal
def public(page: Page, pk: int) -> HttpResponse:
    """GET shows what the library's days would add; POST adds those that are ticked."""
    calendar: BusinessCalendar = scoped_or_404(BusinessCalendar, page.user, pk, "change")
    sent = page.request.POST if page.request.method == "POST" else page.request.GET
    form = PlaceForm({**_usual(calendar, page), **{name: sent[name] for name in PlaceForm.base_fields if name in sent}})
    found = form.days() if form.is_valid() else []
    if page.request.method == "POST" and form.is_valid():
        return _take_in(page, calendar, found)
    plan = public_holidays.plan(calendar, found)
    moved = _effect(calendar, plan)
    return page.show(
        "offers/holidays.html",
        "Public holidays",
        200 if form.is_valid() else 409,
        calendar=calendar,
        opts=BusinessCalendar._meta,
        form=form,
        found=len(found),
        new=[(day, page.voice.day(day.date), f"{day.date:%A}") for day in plan.new],
        renamed=[(row, page.voice.day(row.date), name) for row, name in plan.renamed],
        kept=len(plan.kept) + len(plan.renamed),
        rows=effects.rows(moved, page, MOVED_MOST),
        total=len(moved),
    )


def _usual(calendar: BusinessCalendar, page: Page) -> dict[str, Any]:
    """The place that most days of the calendar are of, this year and the next."""
    last = calendar.holidays.order_by("-date").values_list("country", "subdivision").first()
    country, subdivision = last or (calendar.client.country, "")
    return {"country": country, "subdivision": subdivision, "first": page.now.year, "last": page.now.year + 1}


def _effect(calendar: BusinessCalendar, plan: Plan) -> list[calendar_effect.Moved]:
    """What the open clocks would do if all the new days were taken in."""
    if not plan.new:
        return []
    days = set(calendar.holidays.values_list("date", flat=True)) | {day.date for day in plan.new}
    return calendar_effect.effect(calendar, calendar.engine(holidays=days))


def _take_in(page: Page, calendar: BusinessCalendar, found: list[public_holidays.PublicHoliday]) -> HttpResponse:
    chosen = set(page.request.POST.getlist("day"))
    added, renamed = public_holidays.take_in(
        calendar, found, days={day.date for day in found if day.date.isoformat() in chosen},
        rename="rename" in page.request.POST, actor=page.user,
    )  # fmt: skip
    words = f"{added} {'day' if added == 1 else 'days'} added"
    words += f", {renamed} named anew" if renamed else ""
    messages.success(page.request, f"{words}. No open clock has moved.")
    if calendar.is_default and added:
        return redirect("offers:calendar-effect", pk=calendar.pk)
    return redirect("admin:governance_businesscalendar_change", calendar.pk)
