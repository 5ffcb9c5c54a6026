"""Alarms of Handoff itself: what was due and not taken up, and levels of a ladder that name nobody."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from governance.access import Role, roles_at
from governance.admin.cells import pill
from offers.admin.cells import when
from offers.admin.ledger import ReadOnly
from offers.models import Alarm


@admin.register(Alarm)
class AlarmAdmin(ReadOnly):
    list_display = ("text", "kind", when("raised_at", "raised"), when("cleared_at", "cleared"), "state")
    list_filter = ("kind",)
    search_fields = ("text",)
    list_hint = "What Handoff itself should have done by now, or could tell nobody of. Most clear by themselves."
    empty_hint = "Nothing is wrong."
    actions = ("settle",)

    @admin.action(description="Mark as settled", permissions=["view"])
    def settle(self, request: Any, queryset: QuerySet[Alarm]) -> None:
        """For administrators: it is raised again where its cause is still there."""
        mine = [pk for pk in request.user.roles if Role.ADMINISTRATOR in roles_at(request.user, pk)]
        settled = queryset.filter(client__in=mine, cleared_at=None).update(cleared_at=timezone.now())
        self.message_user(
            request, f"{settled} settled." if settled else "Only administrators settle alarms.", messages.INFO
        )

    @admin.display(description="state", ordering="cleared_at")
    def state(self, row: Alarm) -> SafeString:
        return pill("ok", "Over") if row.cleared_at else pill("bad", "Stands")
