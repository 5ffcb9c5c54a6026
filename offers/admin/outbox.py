"""The mail outbox: what is to be sent, what was, and what could not be."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.admin.cells import pill
from offers import links
from offers.admin.cells import when
from offers.admin.ledger import ReadOnly
from offers.models import OutboxMessage
from offers.models.outbox import MailStatus

MOST = 100  # mails at once
KINDS = {"sent": "ok", "failed": "bad", "retrying": "warn", "queued": "info", "sending": "info"}


@admin.register(OutboxMessage)
class OutboxAdmin(ReadOnly):
    list_display = (
        "mail",
        "to",
        "of_offer",
        "state",
        "attempts",
        when("created_at", "queued"),
        when("sent_at", "sent"),
        "error",
    )
    numeric_columns = ("attempts",)
    list_filter = ("status", "kind")
    list_select_related = ("offer", "user")
    search_fields = ("offer__external_id", "user__name", "user__email", "address")
    list_hint = "A mail commits with the change that causes it, and leaves within seconds."
    empty_hint = "Mails appear here as soon as somebody is asked, told or reminded."
    actions = ("try_again", "revoke_links")

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return self.may(request, "change", obj) if obj is None else False

    @admin.action(description="Try again …", permissions=["change"])
    def try_again(self, request: Any, queryset: QuerySet[OutboxMessage]) -> HttpResponse | None:
        """Queue failed mails anew, from the first attempt, once that was confirmed."""
        failed = self._changeable(request, queryset).filter(status=MailStatus.FAILED)
        if not failed.exists():
            self.message_user(request, "None of these has failed, so nothing was queued.", messages.WARNING)
            return None
        if "confirm" not in request.POST:
            return self._ask(request, failed, "try_again", "Try again")
        queued = failed.update(status=MailStatus.QUEUED, due_at=timezone.now(), attempts=0, error="")
        self.message_user(request, f"{queued} {'mail is' if queued == 1 else 'mails are'} queued again.")
        return None

    @admin.action(description="Take back the links …", permissions=["change"])
    def revoke_links(self, request: Any, queryset: QuerySet[OutboxMessage]) -> HttpResponse | None:
        """Make the links of these mails decide nothing any more, as after a mail that went astray."""
        mails = self._changeable(request, queryset)
        if "confirm" not in request.POST:
            return self._ask(request, mails, "revoke_links", "Take back the links")
        taken = links.revoke(mails.values_list("pk", flat=True), now=timezone.now())
        self.message_user(request, f"{taken} {'link decides' if taken == 1 else 'links decide'} nothing any more.")
        return None

    def _changeable(self, request: Any, queryset: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
        return queryset.filter(client__in=[pk for pk in request.user.roles if self._may_at(request.user, pk)])

    def _ask(self, request: Any, mails: QuerySet[OutboxMessage], action: str, title: str) -> HttpResponse:
        chosen = list(mails.select_related("user", "offer")[: MOST + 1])
        context = {
            "title": title, "action": action, "danger": action == "revoke_links", "opts": self.opts,
            "rows": chosen[:MOST], "more": len(chosen) > MOST, "most": MOST, "possible": len(chosen),
        }  # fmt: skip
        whole = {**self.admin_site.each_context(request), **context}
        return TemplateResponse(request, "offers/outbox_confirm.html", whole)

    @staticmethod
    def _may_at(user: Any, client_id: int) -> bool:
        return user.has_perm("offers.change_outboxmessage", OutboxMessage(client_id=client_id))

    @admin.display(description="mail", ordering="kind")
    def mail(self, row: OutboxMessage) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("offers:mail", args=[row.pk]), row.get_kind_display())

    @admin.display(description="to", ordering="user__name")
    def to(self, row: OutboxMessage) -> str:
        return str(row.user) if row.user else row.address

    @admin.display(description="state", ordering="status")
    def state(self, row: OutboxMessage) -> SafeString:
        return pill(KINDS.get(row.status, "quiet"), row.get_status_display())
