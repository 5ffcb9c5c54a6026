"""What pay is judged by: bands, published references, matches and rates."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import DateField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.safestring import SafeString

from governance.admin.cells import ValidityFilter, figure, pill, unit, validity
from governance.admin.exports import Downloads, columns
from governance.admin.keeping import KeptAdmin
from governance.admin.tools import COVERAGE, ReferenceTools, compare_tool, file_tool
from governance.models import Benchmark, ExchangeRate, Incumbent, JobMatch, MarketSource, SalaryBand
from governance.money import format_percent
from governance.scoping import ScopedAdmin

MINIMUM, MIDPOINT, MAXIMUM = figure("minimum"), figure("midpoint"), figure("maximum")
BASE = figure("base", "base, full-time")
PERCENTILES = tuple(figure(f"p{rank}") for rank in (10, 25, 50, 75, 90))


@admin.register(SalaryBand)
class SalaryBandAdmin(ReferenceTools, KeptAdmin, Downloads):
    tools = (file_tool("bands"), compare_tool("bands"), COVERAGE)
    list_display = (
        "code", "role_family", "role_code", "grade", "location", MINIMUM, MIDPOINT, MAXIMUM, unit, "state",
    )  # fmt: skip
    numeric_columns = (MINIMUM, MIDPOINT, MAXIMUM)
    ordering = ("code", "valid_from")
    list_filter = (ValidityFilter, "kind", "grade", "location")
    search_fields = ("code", "role_family", "role_code", "grade", "location")
    list_hint = "The range of pay for a role at a grade and place. Its edges are inside."
    empty_hint = "Add a band, or bring in a file."
    fieldsets = (
        ("Where it holds", {"fields": ("client", "code", ("role_family", "role_code"), ("grade", "location"))}),
        ("Pay", {"fields": (("currency", "period", "kind"), ("minimum", "midpoint", "maximum"), "strict")}),
        ("Validity", {"fields": (("valid_from", "valid_to"),)}),
    )
    export = columns(
        "code role_family role_code grade location currency period minimum midpoint maximum "
        "valid_from valid_to kind strict"
    )

    @admin.display(description="validity", ordering="valid_from")
    def state(self, row: SalaryBand) -> SafeString:
        return validity(row.valid_from, row.valid_to, timezone.localdate())


@admin.register(MarketSource)
class MarketSourceAdmin(KeptAdmin):
    list_display = ("name", "country", "rate", "stale_after_days", "newest")
    numeric_columns = ("rate",)
    list_filter = ("country",)
    search_fields = ("name",)
    list_hint = "Publishers of pay data: how their values age, and when they are too old to judge by."
    empty_hint = "A source is added by hand, or with the first file of its values."
    fieldsets = (
        (None, {"fields": ("client", "name", ("country", "national_location"))}),
        ("Age", {"fields": (("yearly_rate", "stale_after_days"),)}),
    )

    def get_queryset(self, request: Any) -> QuerySet[MarketSource]:
        dates = Benchmark.objects.filter(source=OuterRef("pk")).order_by("-as_of").values("as_of")
        return super().get_queryset(request).annotate(newest=Subquery(dates[:1]))

    @admin.display(description="aged by a year", ordering="yearly_rate")
    def rate(self, row: MarketSource) -> str:
        return format_percent(row.yearly_rate)

    @admin.display(description="newest values", ordering="newest", empty_value="none yet")
    def newest(self, row: Any) -> date | None:
        return row.newest


class AgeFilter(admin.SimpleListFilter):
    title = "age"
    parameter_name = "age"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("valid", "Valid today"), ("stale", "Stale: counts as unknown")]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        last = ExpressionWrapper(F("as_of") + F("source__stale_after_days"), DateField())
        chosen = {"valid": Q(last__gte=timezone.localdate()), "stale": Q(last__lt=timezone.localdate())}
        value = self.value()
        return queryset.alias(last=last).filter(chosen[value]) if value in chosen else queryset


class NoteFilter(admin.SimpleListFilter):
    title = "published"
    parameter_name = "note"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("full", "In full"), ("top-coded", "Top-coded"), ("suppressed", "Suppressed")]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(note="" if value == "full" else value) if value else queryset


@admin.register(Benchmark)
class BenchmarkAdmin(ReferenceTools, KeptAdmin, Downloads):
    tools = (file_tool("benchmarks"), compare_tool("benchmarks"), COVERAGE)
    list_display = ("role", "place", "source", *PERCENTILES, unit, "as_of", "state")
    ordering = ("role_code",)
    numeric_columns = PERCENTILES
    list_filter = (AgeFilter, "source", "period", NoteFilter)
    list_select_related = ("source",)
    search_fields = ("role_code", "role_title", "location", "location_name")
    list_hint = "Published pay, dated and sourced. A blank percentile is unknown, never zero."
    empty_hint = "Bring in a file."
    fieldsets = (
        (
            "What and where",
            {"fields": ("client", "source", ("role_code", "role_title"), ("location", "location_name"))},
        ),
        ("Pay", {"fields": (("currency", "period", "as_of"), ("p10", "p25", "p50", "p75", "p90"), "note")}),
    )
    export = columns(
        "source role_code role_title location currency period as_of p10 p25 p50 p75 p90 note", source="source.name"
    )

    @admin.display(description="job", ordering="role_code")
    def role(self, row: Benchmark) -> str:
        return f"{row.role_code} {row.role_title}".strip()

    @admin.display(description="place", ordering="location")
    def place(self, row: Benchmark) -> str:
        return row.location_name or row.location

    @admin.display(description="state")
    def state(self, row: Benchmark) -> SafeString:
        """Whether offers are judged by it today."""
        days = (timezone.localdate() - row.as_of).days
        if row.suppressed:
            return pill("quiet", "Suppressed")
        if days > row.source.stale_after_days:
            return pill("warn", "Stale: counts as unknown")
        return pill("info", "To come") if days < 0 else pill("ok", "Valid today")


@admin.register(JobMatch)
class JobMatchAdmin(ReferenceTools, KeptAdmin, Downloads):
    tools = (file_tool("matches"), COVERAGE)
    list_display = ("role_code", "grade", "location", "source", "source_role_code", "source_location", "target_percentile", "state")  # fmt: skip  # noqa: E501
    ordering = ("role_code",)
    list_filter = ("source", "target_percentile")
    list_select_related = ("source",)
    search_fields = ("role_code", "grade", "location", "source_role_code", "source_location")
    list_hint = "Which published job, in which place, at which percentile, is the reference of a role."
    empty_hint = "Without a match the reference of a role is unknown, and every offer for it is reviewed."
    fieldsets = (
        ("The client's role", {"fields": ("client", ("role_code", "grade", "location"))}),
        ("Its reference", {"fields": ("source", ("source_role_code", "source_location", "target_percentile"))}),
    )
    export = columns(
        "role_code grade location source source_role_code source_location target_percentile", source="source.name"
    )

    def get_queryset(self, request: Any) -> QuerySet[JobMatch]:
        published = Benchmark.objects.filter(
            client=OuterRef("client"), source=OuterRef("source"),
            role_code=OuterRef("source_role_code"), location=OuterRef("source_location"),
        )  # fmt: skip
        return super().get_queryset(request).annotate(has_reference=Exists(published))

    @admin.display(description="reference", ordering="has_reference")
    def state(self, row: Any) -> SafeString:
        return pill("ok", "Published") if row.has_reference else pill("warn", "No such row in the source")


@admin.register(Incumbent)
class IncumbentAdmin(ReferenceTools, ScopedAdmin, Downloads):
    tools = (file_tool("incumbents"),)
    list_display = ("role_code", "grade", "location", BASE, unit, "fte", "hired_on", "who")
    ordering = ("role_code", "grade", "location", "-hired_on")
    numeric_columns = (BASE, "fte")
    list_filter = ("grade", "location", "currency")
    search_fields = ("role_code", "grade", "location")
    list_hint = "What people in the role are paid, beside the year's offers the peers of a new one. No names are kept."
    empty_hint = "Bring in a file: employee references are hashed as they are read."
    readonly_fields = ("employee_hash",)
    fieldsets = (
        ("Who, as a hash", {"fields": ("client", "employee_hash", "hired_on")}),
        ("Role", {"fields": (("role_code", "grade", "location"),)}),
        ("Pay", {"fields": (("currency", "period", "base", "fte"),)}),
    )
    export = columns("role_code grade location currency period base fte hired_on")

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False  # they come by file: a form would take the reference in clear

    @admin.display(description="employee")
    def who(self, row: Incumbent) -> str:
        return f"{row.employee_hash[:8]}…"


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ScopedAdmin, Downloads):
    list_display = ("pair", "exact_rate", "as_of", "source")
    numeric_columns = ("exact_rate",)
    ordering = ("-as_of",)
    date_hierarchy = "as_of"
    search_fields = ("base", "quote", "source")
    list_hint = "For cash thresholds and totals only; pay is never converted to be compared."
    empty_hint = "Without a rate, an offer in another currency than a threshold's is reviewed."
    fieldsets = ((None, {"fields": ("client", ("base", "quote"), ("rate", "as_of"), "source")}),)
    export = columns("base quote rate as_of source")

    @admin.display(description="rate", ordering="rate")
    def exact_rate(self, row: ExchangeRate) -> str:
        places = max(4, -int(row.rate.normalize().as_tuple().exponent))  # as exact as it is, and lined up
        return f"{row.rate:.{places}f}"

    @admin.display(description="one … in …", ordering="base")
    def pair(self, row: ExchangeRate) -> str:
        return f"{row.base} in {row.quote}"
