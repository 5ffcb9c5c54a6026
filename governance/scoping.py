"""The one scoping base of lists, forms, filters and views: people reach the rows of the clients they work for.

This is the first wall. Row-level security (governance/tenancy.py) is the second, behind it: either holds alone.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.filters import FieldListFilter, RelatedFieldListFilter
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, models
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from governance.access import clients_with
from governance.changes import changes_of
from governance.history import because
from governance.models import Client, Membership, User
from governance.models.base import ClientOwned

TOGETHER = "Somebody else saved at the same moment and this could not be kept beside it. Look at what is there now."
HISTORY_PAGE = 50
LIST_MEDIA = forms.Media(js=["admin/js/core.js", "admin/js/actions.js"])  # no list needs the form's jQuery
SLUG_SCRIPTS = ("urlify.js", "prepopulate.js", "xregexp.js", "xregexp.min.js")


def of_clients(rows: models.QuerySet[Any], client_ids: Collection[int]) -> models.QuerySet[Any]:
    """Only rows of these clients; of users, active members there. Raises TypeError for a model without a client."""
    if rows.model is Client:
        return rows.filter(pk__in=client_ids)
    if rows.model is User:
        return rows.filter(pk__in=Membership.objects.filter(client__in=client_ids, is_active=True).values("user"))
    if not issubclass(rows.model, ClientOwned):
        raise TypeError(f"{rows.model.__name__} belongs to no client, so nobody can be shown its rows")
    return rows.filter(client__in=client_ids)


def visible_to(rows: models.QuerySet[Any], user: User) -> models.QuerySet[Any]:
    """What the model itself keeps from people who may otherwise read it: a hiring manager sees their own offers."""
    return rows.visible_to(user) if hasattr(rows, "visible_to") else rows


def scoped(rows: models.QuerySet[Any], user: User, action: str = "view") -> models.QuerySet[Any]:
    """The rows at the clients where the person's roles grant the action: view, change or delete."""
    meta = rows.model._meta
    permission = f"{meta.app_label}.{get_permission_codename(action, meta)}"
    return visible_to(of_clients(rows, clients_with(user, permission)), user)


def scoped_or_404(model: type[models.Model], user: User, pk: int | str, action: str = "view") -> Any:
    """One row that the person may view (or change, or delete); raises Http404 for any other, whoever's it is."""
    return get_object_or_404(scoped(model._default_manager.all(), user, action), pk=pk)


def key_of(text: str) -> int:
    """A row's number as a form or an address gives it; 0, which no row has, where that is no number."""
    return int(text) if text.isdecimal() and len(text) < 20 else 0


class ScopedModelForm(forms.ModelForm):
    """A form over one row of a client: it offers rows and people of that client, and refuses a mixture in words.

    A view gives `user=request.user`; the admin sets it on the class it makes for the request. `client` is the id of the
    client of a new row, where it is known beforehand.
    """

    user: User

    def __init__(self, *args: Any, user: User | None = None, client: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user is not None:
            self.user = user
        if self.owned and client and self.instance.client_id is None:
            self.instance.client_id = client
        self.client_ids = self._client_ids()
        if self.owned and self.instance.client_id is None and "client" not in self.fields and len(self.client_ids) == 1:
            self.instance.client_id = self.client_ids[0]
        if "client" in self.fields and len(self.client_ids) == 1:  # nothing to choose, and nothing to send
            self.fields["client"].disabled, self.fields["client"].widget = True, forms.HiddenInput()
            self.initial["client"] = self.client_ids[0]
        for name, field in self.fields.items():
            if isinstance(held := self.initial.get(name), Decimal) and isinstance(field, forms.DecimalField):
                self.initial[name] = f"{held:f}".rstrip("0").rstrip(".") if held % 1 else f"{held:.0f}"
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                field.queryset = self._choices(name, field.queryset)

    @property
    def owned(self) -> bool:
        return isinstance(self.instance, ClientOwned)

    def _client_ids(self) -> list[int]:
        """The clients whose rows may be chosen: the row's own, or those at which the person may add one."""
        own = self.instance.client_id if self.owned else self.instance.pk
        if own:
            return [own]
        meta = self.instance._meta
        return clients_with(self.user, f"{meta.app_label}.{get_permission_codename('add', meta)}")

    def _choices(self, name: str, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        allowed = visible_to(of_clients(rows, self.client_ids), self.user)
        kept = getattr(self.instance, f"{name}_id", None)
        if rows.model is User and kept:  # somebody who has left stays chosen until somebody else is
            return rows.filter(Q(pk=kept) | Q(pk__in=allowed.values("pk")))
        return allowed

    def _get_validation_exclusions(self) -> set[str]:
        # Constraints name the client; one that is not asked for is known, and must not switch them off.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"client"} if self.owned and self.instance.client_id else excluded

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if client := cleaned.get("client"):  # asked for, so there were several: the rest must be of the one chosen
            for name, value in list(cleaned.items()):
                if problem := _mixture(value, client):
                    self.add_error(name, problem)
        return cleaned


def _mixture(value: Any, client: Client) -> ValidationError | None:
    if isinstance(value, ClientOwned) and value.client_id != client.pk:
        return ValidationError(f"“{value}” belongs to {value.client}: choose one of {client}.")
    if isinstance(value, User) and not of_clients(User.objects.filter(pk=value.pk), [client.pk]).exists():
        return ValidationError(f"{value} does not work for {client}: choose one of its people.")
    return None


class ScopedInlineFormSet(forms.BaseInlineFormSet):
    """Rows inside another row's form: they belong to its client."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "client": self.instance.client_id}


class ScopedRelatedFilter(RelatedFieldListFilter):
    """The side filter over a relation: offers rows and people of the person's own clients."""

    def field_choices(self, field: Any, request: Any, model_admin: Any) -> Any:
        meta = model_admin.opts
        clients = clients_with(request.user, f"{meta.app_label}.{get_permission_codename('view', meta)}")
        rows = of_clients(field.related_model._default_manager.all(), clients)
        return [(row.pk, str(row)) for row in visible_to(rows, request.user)]


FieldListFilter.register(lambda field: bool(field.remote_field), ScopedRelatedFilter, take_priority=True)


class _Scoped:
    """What lists and inlines share."""

    model: Any
    opts: Any
    form: Any = ScopedModelForm

    def get_queryset(self, request: Any) -> models.QuerySet[Any]:
        return scoped(super().get_queryset(request), request.user)  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Beside a choice stand at most changing and adding what is chosen from; an empty one says what it means."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False
            field.widget.can_view_related = field.widget.can_view_related and not field.widget.can_change_related
        blank = "Choose one" if getattr(field, "required", False) else "None"
        if getattr(field, "empty_label", None):
            field.empty_label = blank
        elif isinstance(field, forms.TypedChoiceField):
            offered: Any = field.choices
            field.choices = [(value, label if value else blank) for value, label in offered]
        return field

    def may(self, request: Any, action: str, obj: Any = None) -> bool:
        """True where a role grants the action: at the row's client, or at any client where there is no row yet."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename(action, self.opts)}", obj))

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return self.may(request, "delete", obj)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return self.may(request, "view", obj) or self.may(request, "change", obj)


class ScopedInline(_Scoped, admin.TabularInline):
    """Rows of a client inside the form of a parent that is its own; permissions count at the parent's client."""

    formset = ScopedInlineFormSet
    exclude: ClassVar[Any] = ("client",)
    extra = 0

    def get_formset(self, request: Any, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.user = request.user
        return formset


class ScopedAdmin(_Scoped, admin.ModelAdmin):
    """The base of every list: scoped rows, forms and filters; writes tell history who did what; no LogEntry is made.

    `client` is asked only of people who have several, and never again once the row is saved.
    """

    list_per_page = 50
    list_select_related: ClassVar[Any] = ()
    show_full_result_count = False
    object_history_template = "admin/changes.html"

    @property
    def media(self) -> forms.Media:
        """The admin's scripts without the three that only make slugs: nothing here is prepopulated."""
        found: Any = super().media
        kept = [path for path in found._js if not str(path).endswith(SLUG_SCRIPTS)]
        return forms.Media(css=found._css, js=kept)

    def has_module_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def get_action_choices(self, request: Any, default_choices: Any = (("", "Choose what to do"),)) -> Any:
        return super().get_action_choices(request, list(default_choices))

    # --- the client, shown where there is more than one

    def several(self, request: Any) -> bool:
        return len(request.user.roles) > 1 and issubclass(self.model, ClientOwned)

    def get_list_display(self, request: Any) -> Any:
        first, *rest = super().get_list_display(request)
        return (first, "client", *rest) if self.several(request) and "client" not in rest else (first, *rest)

    def get_list_select_related(self, request: Any) -> Any:
        found: Any = super().get_list_select_related(request)
        return (*found, "client") if self.several(request) else found

    def get_ordering(self, request: Any) -> Any:
        return self.ordering or self.opts.ordering  # said outright: where rows are counted, a model's own order is lost

    def get_list_filter(self, request: Any) -> Any:
        found = super().get_list_filter(request)
        return ("client", *found) if self.several(request) and "client" not in found else found

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        found = super().get_readonly_fields(request, obj)
        return (*found, "client") if obj and self.several(request) else found

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if self.several(request):
            return fieldsets
        return [(title, {**options, "fields": _without_client(options["fields"])}) for title, options in fieldsets]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    # --- writes: named in history, and refused in words

    @contextmanager
    def because(self, request: Any, verb: str) -> Iterator[None]:
        with because(actor=request.user.pk, action=f"{self.opts.model_name}.{verb}"):
            yield

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        def view() -> HttpResponse:
            with self.because(request, "change" if object_id else "add"):
                return super(ScopedAdmin, self).changeform_view(request, object_id, form_url, extra_context)

        try:
            return view()
        except IntegrityError:
            pass  # somebody was quicker: checked against what is there now, the form says what is in the way
        try:
            return view()
        except IntegrityError:
            return self._refused(request)

    def delete_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            with self.because(request, "delete"):
                return super().delete_view(request, object_id, extra_context)
        except IntegrityError:
            return self._refused(request)

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        try:
            with self.because(request, request.POST.get("action") or "change"):
                return super().changelist_view(request, {"media": LIST_MEDIA, **(extra_context or {})})
        except IntegrityError:
            return self._refused(request)

    def _refused(self, request: Any) -> HttpResponse:
        self.message_user(request, TOGETHER, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        """History is kept by the database; LogEntry would keep text, and pay, outside of it."""

    def log_change(self, request: Any, obj: Any, message: Any) -> Any:
        """As log_addition."""

    def log_deletions(self, request: Any, queryset: Any) -> Any:
        """As log_addition."""

    def history_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What happened to this row, from its events."""
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        page = Paginator(changes_of(row), HISTORY_PAGE).get_page(request.GET.get("p", 1))
        context = {
            **self.admin_site.each_context(request),
            "title": "History",
            "object": row,
            "opts": self.opts,
            "page": page,
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)


def _without_client(fields: Any) -> list[Any]:
    return [
        [name for name in field if name != "client"] if isinstance(field, list | tuple) else field
        for field in fields
        if field != "client"
    ]
