"""Findings: what was sent back to sourcing. They are made on the decline lens."""

from typing import Any

from django.contrib import admin

from analytics.models import Finding
from governance.admin.exports import Downloads, columns
from governance.scoping import ScopedAdmin


@admin.register(Finding)
class FindingAdmin(ScopedAdmin, Downloads):
    list_display = ("dim", "value", "theme", "owner", "review_on", "status")
    list_filter = ("status", "theme", "owner")
    list_select_related = ("owner",)
    search_fields = ("value",)
    list_hint = "Themes that were sent back to sourcing, with an owner and a day to look again."
    empty_hint = "Open Insight, Decline lens, and send a theme back from there."
    fieldsets = ((None, {"fields": (("dim", "value", "theme"), ("owner", "review_on", "status"))}),)
    readonly_fields = ("dim", "value", "theme")
    export = columns("dim value theme owner review_on found_on status", owner="owner.email")

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False  # it takes a period and a figure, which the decline lens has
