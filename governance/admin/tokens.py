"""API tokens: which programs act for whom, when they last did, and the end of it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from governance import tokens
from governance.access import clients_with
from governance.admin.cells import pill
from governance.models import ApiToken
from governance.scoping import ScopedAdmin, of_clients


@admin.register(ApiToken)
class ApiTokenAdmin(ScopedAdmin):
    list_display = ("begins", "user", "scope", "created_at", "expires_at", "last_used_at", "state")
    list_filter = ("scope",)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email", "hint")
    list_hint = (
        "Each lets a program act as one person at one client, until it expires. The token itself was shown once and is "
        "not kept; its person is mailed two weeks before the end."
    )
    empty_hint = "Tokens are issued by the command `token EMAIL --client CODE --scope read`."
    fields = ("user", "scope", "hint", "created_at", "expires_at", "last_used_at", "revoked_at")
    readonly_fields = fields
    actions = ("revoke",)

    def has_add_permission(self, request: Any, obj: ApiToken | None = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: ApiToken | None = None) -> bool:
        return self.may(request, "change", obj) if obj is None else False

    def has_delete_permission(self, request: Any, obj: ApiToken | None = None) -> bool:
        return False

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: Any, queryset: QuerySet[ApiToken]) -> None:
        """End the chosen tokens for good."""
        mine = of_clients(queryset, clients_with(request.user, "governance.change_apitoken"))
        ended = tokens.revoke(list(mine.values_list("pk", flat=True)), actor=request.user, now=timezone.now())
        if ended:
            self.message_user(request, f"{ended} {'token is' if ended == 1 else 'tokens are'} revoked.")
        else:
            self.message_user(request, "These were revoked before.", messages.WARNING)

    @admin.display(description="begins with", ordering="hint")
    def begins(self, row: ApiToken) -> str:
        return f"{row.hint}…"

    @admin.display(description="state", ordering="expires_at")
    def state(self, row: ApiToken) -> SafeString:
        now = timezone.now()
        if row.revoked_at:
            return pill("quiet", "Revoked")
        if row.is_over(now):
            return pill("bad", "Expired")
        return pill("warn", "Expires soon") if row.is_over(now + tokens.SOON) else pill("ok", "Active")
