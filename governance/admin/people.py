"""Clients, the people who work for them, and what the provider does there."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from governance.access import Role
from governance.admin.cells import ValidityFilter, pill, validity
from governance.clients import ClientError, check_places, create_client
from governance.models import Client, Engagement, Membership, User
from governance.scoping import ScopedAdmin, ScopedModelForm
from governance.tenancy import scope, scope_all, scoped_ids

PLACES = ("code", "name", "country", "currency", "zone")


class ClientForm(ScopedModelForm):
    def clean_code(self) -> str:
        """Codes are unique over all clients, those included that this person knows nothing of."""
        code: str = self.cleaned_data["code"]
        with scope_all():
            taken = Client.objects.filter(code__iexact=code).exists()
        if taken:
            raise ValidationError("This code cannot be taken: choose another one.")
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        try:
            check_places(Client(**{name: cleaned.get(name) for name in PLACES}))
        except ClientError as error:
            if error.field in self.fields and error.field not in self.errors:
                self.add_error(error.field, str(error))
        return cleaned


@admin.register(Client)
class ClientAdmin(ScopedAdmin):
    form = ClientForm
    list_display = ("name", "code", "country", "currency", "zone")
    search_fields = ("name", "code")
    list_hint = "Companies in the programme. A new one starts with the Balanced rules, ready to be changed."
    fieldsets = (
        (None, {"fields": ("name", "code", "country", "currency", "zone")}),
        ("Figures", {"fields": ("hours_divisor", "minimum_cell", "minimum_peers")}),
        ("Mail", {"fields": ("pay_in_mail", "link_rule")}),
    )

    def get_readonly_fields(self, request: Any, obj: Client | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def save_model(self, request: Any, obj: Client, form: Any, change: bool) -> None:
        """A new client gets the starting template, and whoever makes it as its administrator."""
        if not change:
            places = {name: getattr(obj, name) for name in PLACES}
            made, created = create_client(**places, actor=request.user, now=timezone.now())
            if not created:  # somebody else's, made a moment ago: it is not this person's to administer
                raise IntegrityError
            obj.pk, obj._state.adding = made.pk, False
        with scope(scoped_ids() | {obj.pk}):
            super().save_model(request, obj, form, change)
            if not change:
                Membership.objects.create(client=obj, user=request.user, role=Role.ADMINISTRATOR)


class AddPersonForm(ScopedModelForm):
    """A role for somebody named by e-mail; whoever is new to Handoff is made along with it."""

    email = forms.EmailField(label="E-mail", max_length=254, help_text="What they sign in with.")
    name = forms.CharField(
        max_length=120, required=False, help_text="Needed for a person who is new to Handoff; else it stays as it is."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if email := cleaned.get("email", "").lower():
            try:
                self.instance.user = self._person(email, cleaned.get("name", ""))
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned

    def _person(self, email: str, name: str) -> User:
        found = User.objects.filter(email__iexact=email).first()
        if found is None and not name:
            raise ValidationError({"name": "Nobody in Handoff has this e-mail yet: give the person's name."})
        if found and not found.is_active:
            raise ValidationError({"email": "This person signs in no more: their account was switched off."})
        return found or User(email=email, name=name)

    def _get_validation_exclusions(self) -> set[str]:
        known = self.instance.user_id is not None
        return super()._get_validation_exclusions() - ({"user"} if known else set())


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    list_display = ("person", "email", "role", "title", "manager", "state")
    list_filter = ("role", "is_active")
    list_select_related = ("user", "manager")
    search_fields = ("user__name", "user__email", "title")
    list_hint = "Who may do what. Take a role away by switching it off; what they did stays in history."
    fieldsets = ((None, {"fields": ("client", "user", "role", "title", "manager", "is_active")}),)

    def get_fieldsets(self, request: Any, obj: Membership | None = None) -> Any:
        if obj:
            return super().get_fieldsets(request, obj)
        fields = ["client"] * self.several(request) + ["email", "name", "role", "title", "manager"]
        return ((None, {"fields": fields}),)

    def get_readonly_fields(self, request: Any, obj: Membership | None = None) -> Any:
        return (*super().get_readonly_fields(request, obj), *(["user"] if obj else []))

    def get_form(self, request: Any, obj: Membership | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs if obj else {"form": AddPersonForm, **kwargs})

    def save_model(self, request: Any, obj: Membership, form: Any, change: bool) -> None:
        if obj.user._state.adding:
            obj.user = User.objects.create_user(email=obj.user.email, name=obj.user.name)
            reset = request.build_absolute_uri(reverse("account_reset_password"))
            messages.info(request, f"{obj.user} can choose a password at {reset}")
        super().save_model(request, obj, form, change)

    @admin.display(ordering="user__name")
    def person(self, row: Membership) -> str:
        return row.user.name

    @admin.display(description="e-mail", ordering="user__email")
    def email(self, row: Membership) -> str:
        return row.user.email

    @admin.display(description="state", ordering="is_active")
    def state(self, row: Membership) -> SafeString:
        if not row.user.is_active:
            return pill("bad", "Signs in no more")
        return pill("ok", "Active") if row.is_active else pill("quiet", "Ended")


class EngagementValidity(ValidityFilter):
    title = "running"
    first, last = "starts_on", "ends_on"


@admin.register(Engagement)
class EngagementAdmin(ScopedAdmin):
    list_display = ("name", "code", "delivery_model", "fee_model", "embedded", "starts_on", "ends_on", "state")
    list_filter = (EngagementValidity, "delivery_model", "fee_model", "embedded")
    search_fields = ("name", "code")
    list_hint = "What the provider does: as a programme or a project, with recruiters embedded or not."
    empty_hint = "Add the statement of work under which the provider makes offers here."
    fieldsets = (
        (None, {"fields": ("client", "name", "code", ("starts_on", "ends_on"))}),
        ("Delivery", {"fields": ("delivery_model", "fee_model", "embedded")}),
    )

    @admin.display(description="state")
    def state(self, row: Engagement) -> SafeString:
        return validity(row.starts_on, row.ends_on, timezone.localdate())
