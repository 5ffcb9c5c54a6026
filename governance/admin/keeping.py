"""Lists and forms of what a statement of work gives one party to keep: the others read, and are told the clause."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_permission_codename
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone

from governance.access import clients_with
from governance.keeping import refusals
from governance.models import Client
from governance.scoping import ScopedAdmin, ScopedModelForm, key_of
from governance.sow import OutOfScope
from governance.views.frame import show


class KeptForm(ScopedModelForm):
    """Offers only clients whose references the person may change, and refuses any other with the clause."""

    held: dict[int, OutOfScope]

    def _choices(self, name: str, rows: QuerySet[Any]) -> QuerySet[Any]:
        found = super()._choices(name, rows)
        return found.exclude(pk__in=self.held) if name == "client" else found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        client = cleaned.get("client")
        if refused := self.held.get(client.pk if client else self.instance.client_id):
            raise ValidationError(f"{refused} {refused.next_step}")
        return cleaned


class KeptAdmin(ScopedAdmin):
    """`held` is what keeps the person from changing rows, by client id; read once a request."""

    form = KeptForm

    def held(self, request: Any) -> dict[int, OutOfScope]:
        if not hasattr(request, "held_references"):
            code = f"{self.opts.app_label}.{get_permission_codename('change', self.opts)}"
            mine = clients_with(request.user, code)
            request.held_references = refusals(request.user, mine, now=timezone.now()) if mine else {}
        found: dict[int, OutOfScope] = request.held_references
        return found

    def may(self, request: Any, action: str, obj: Any = None) -> bool:
        if action == "view" or not super().may(request, action, obj):
            return super().may(request, action, obj)
        held = self.held(request)
        if obj is not None:
            return obj.client_id not in held
        code = f"{self.opts.app_label}.{get_permission_codename(action, self.opts)}"
        return any(pk not in held for pk in clients_with(request.user, code))

    def get_model_perms(self, request: Any) -> dict[str, bool]:
        """What a role allows: the menu of every page asks, and need not know the statements of work."""
        return {action: super(KeptAdmin, self).may(request, action) for action in ("add", "change", "delete", "view")}

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.held = self.held(request)
        return form

    # --- said, and refused with the clause

    def notices(self, request: Any, client_id: int | None = None) -> list[tuple[str, OutOfScope]]:
        """(client's name or "", refusal) of every client, or of the one given, whose rows the person only reads."""
        found = {pk: each for pk, each in self.held(request).items() if client_id in (None, pk)}
        names = Client.objects.in_bulk(found) if self.several(request) and found else {}
        return [(str(names.get(pk, "")), refused) for pk, refused in found.items()]

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        if refused := self._deletes(request):
            self.message_user(request, f"{refused} {refused.next_step}", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return super().changelist_view(request, {"held": self.notices(request), **(extra_context or {})})

    def _deletes(self, request: Any) -> OutOfScope | None:
        """What stands against deleting the rows that were ticked; None for any other request."""
        if request.method != "POST" or request.POST.get("action") != "delete_selected":
            return None
        rows = self.get_queryset(request)
        if request.POST.get("select_across") != "1":
            rows = rows.filter(pk__in=map(key_of, request.POST.getlist("_selected_action")))
        held = self.held(request)
        return next(
            (held[pk] for pk in rows.order_by().values_list("client", flat=True).distinct() if pk in held), None
        )

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        client = self._client_of(request, object_id)
        notices = self.notices(request, client)
        reads_only = request.method == "POST" if object_id else not self.may(request, "add")
        if notices and reads_only:
            return self.refuse(request, notices)
        return super().changeform_view(request, object_id, form_url, {"held": notices, **(extra_context or {})})

    def delete_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        client = self._client_of(request, object_id)
        if client and (notices := self.notices(request, client)):
            return self.refuse(request, notices)
        return super().delete_view(request, object_id, extra_context)

    def _client_of(self, request: Any, object_id: str | None) -> int | None:
        row = self.get_object(request, object_id) if object_id else None
        return row.client_id if row else None

    def refuse(self, request: Any, notices: list[tuple[str, OutOfScope]]) -> HttpResponse:
        return show(request, "held_page", "Kept by another party", 403, held=notices, opts=self.opts)
