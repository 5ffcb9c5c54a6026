"""What hires cost, and how they turned out."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import redirect

from governance.admin.cells import amount
from governance.admin.exports import Downloads, columns
from governance.scoping import ScopedAdmin, ScopedModelForm
from offers.admin.ledger import ReadOnly
from offers.models import Cost, HireReview
from offers.views.frame import url_of

AMOUNT = amount("amount")


class CostForm(ScopedModelForm):
    """Any day of the month will do: it is booked in that month."""

    def clean_month(self) -> date:
        day: date = self.cleaned_data["month"]
        return day.replace(day=1)


@admin.register(Cost)
class CostAdmin(ScopedAdmin, Downloads):
    form = CostForm
    list_display = ("booked", "kind", AMOUNT, "source_channel", "business_unit")
    numeric_columns = (AMOUNT,)
    list_filter = ("kind", "source_channel", "business_unit")
    list_hint = "What recruiting cost, by the month it was booked in; rebates are negative."
    empty_hint = "Add an amount, or bring in finance's file: manage.py ingest costs FILE --client CODE."
    fieldsets = (
        (None, {"fields": ("client", ("month", "kind"), ("amount", "currency"), ("source_channel", "business_unit"))}),
    )
    export = columns("month kind amount currency source_channel business_unit", month="booked_month")

    @admin.display(description="month", ordering="month")
    def booked(self, row: Cost) -> str:
        return f"{row.month:%B %Y}"


@admin.register(HireReview)
class HireReviewAdmin(ReadOnly, Downloads):
    list_display = ("of_offer", "manager_rating", "productive_target_on", "productive_on")
    numeric_columns = ("manager_rating",)
    list_select_related = ("offer",)
    search_fields = ("offer__external_id",)
    list_hint = "What managers say of those who joined, and since when they work at full strength."
    empty_hint = "A hire is reviewed on the page of its offer after some months; quality of hire is made of it."
    export = columns("offer manager_rating productive_target_on productive_on", offer="offer.external_id")

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        return redirect(url_of(row.offer_id))
