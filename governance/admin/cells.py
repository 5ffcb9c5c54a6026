"""What cells of lists show: pills, amounts with their currency, and whether something is valid today."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.models.base import PayPeriod
from governance.money import format_amount, format_money


def pill(kind: str, text: str) -> SafeString:
    """A state in colour, shape and word; `kind` is ok, warn, bad, info or quiet."""
    return format_html('<span class="pill {}">{}</span>', kind, text)


def amount(name: str, description: str = "") -> Callable[[Any], str]:
    """A column showing the amount in field `name` in the row's own currency, sorted by the amount."""

    @admin.display(description=description or name.replace("_", " "), ordering=name)
    def cell(row: Any) -> str:
        return format_money(getattr(row, name), row.currency)

    cell.__name__ = name
    return cell


def figure(name: str, description: str = "") -> Callable[[Any], str]:
    """As `amount`, for a list that says the currency in a column of its own."""

    @admin.display(description=description or name.replace("_", " "), ordering=name)
    def cell(row: Any) -> str:
        return format_amount(getattr(row, name), row.currency, cents=row.period == PayPeriod.HOUR)

    cell.__name__ = name
    return cell


@admin.display(description="in", ordering="currency")
def unit(row: Any) -> str:
    """ "USD a year": what the figures of a row are in."""
    return f"{row.currency}\N{NO-BREAK SPACE}{'an' if row.period == 'hour' else 'a'}\N{NO-BREAK SPACE}{row.period}"


def validity(first: date, last: date | None, today: date) -> SafeString:
    """Valid today, to come, or over; both ends are inside, no end is open."""
    if today < first:
        return pill("info", f"From {formats.date_format(first)}")
    if last and last < today:
        return pill("quiet", f"Ended {formats.date_format(last)}")
    return pill("ok", "Valid today")


class ValidityFilter(admin.SimpleListFilter):
    """Valid today, to come, ended, over the fields `first` and `last`."""

    title = "validity"
    parameter_name = "valid"
    first, last = "valid_from", "valid_to"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", "Valid today"), ("coming", "To come"), ("ended", "Ended")]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        begun, over = Q(**{f"{self.first}__lte": today}), Q(**{f"{self.last}__lt": today})
        chosen = {"today": begun & ~over, "coming": ~begun, "ended": over}.get(self.value() or "")
        return queryset.filter(chosen) if chosen is not None else queryset
