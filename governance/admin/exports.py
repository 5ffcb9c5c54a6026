"""Lists as files, in the columns that `ingest` reads: what is downloaded can be changed and brought in again."""

from decimal import Decimal
from functools import reduce
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from tablib import Dataset  # type: ignore[import-untyped]

TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula


class Downloads(admin.ModelAdmin):
    """Adds two actions to a list; `export` names the columns of the file, or column: path where the two differ."""

    export: ClassVar[dict[str, str]] = {}
    actions: tuple[str, ...] = ("download_csv", "download_xlsx")

    @admin.action(description="Download as CSV", permissions=["view"])
    def download_csv(self, request: Any, queryset: QuerySet[Any]) -> HttpResponse:
        return self._download(queryset, "csv")

    @admin.action(description="Download as XLSX", permissions=["view"])
    def download_xlsx(self, request: Any, queryset: QuerySet[Any]) -> HttpResponse:
        return self._download(queryset, "xlsx")

    def _download(self, queryset: QuerySet[Any], form: str) -> HttpResponse:
        dataset = Dataset(headers=list(self.export))
        for row in queryset:
            dataset.append([plain(reduce(_step, path.split("."), row)) for path in self.export.values()])
        headers = {"Content-Disposition": f'attachment; filename="{self.opts.model_name}.{form}"'}
        return HttpResponse(dataset.export(form), content_type=TYPES[form], headers=headers)


def _step(value: Any, name: str) -> Any:
    return None if value is None else getattr(value, name)  # an offer without a recruiter has no recruiter's e-mail


def columns(names: str, **paths: str) -> dict[str, str]:
    """Columns in order, by name; each from the attribute of its name, or from the path given for it."""
    return {name: paths.get(name, name) for name in names.split()}


def plain(value: Any) -> str:
    """Plain digits, yes or no, YYYY-MM-DD, nothing where nothing is given; text never starts a formula."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value.normalize():f}"
        case str() if value.startswith(FORMULA):
            return f"'{value}"
    return str(value)
