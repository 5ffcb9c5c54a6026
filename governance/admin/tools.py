"""What a list of references leads to beside adding: bringing a file in, comparing years."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpResponse
from django.urls import reverse


class ReferenceTools(admin.ModelAdmin):
    """`tools` are (label, URL name, argument, the permission's action) of buttons above the list, for whoever may.

    Mixed into a ScopedAdmin, whose `may` decides.
    """

    tools: ClassVar[tuple[tuple[str, str, str, str], ...]] = ()

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        mine: Any = self
        found = [
            (label, reverse(url, args=[argument] if argument else []))
            for label, url, argument, action in self.tools
            if mine.may(request, action)
        ]
        return super().changelist_view(request, {**(extra_context or {}), "list_tools": found})


def file_tool(kind: str) -> tuple[str, str, str, str]:
    return ("Bring in a file", "references:import", kind, "add")


def compare_tool(kind: str) -> tuple[str, str, str, str]:
    return ("Compare years", "references:compare", kind, "view")


COVERAGE = ("Coverage", "offers:coverage", "", "view")
