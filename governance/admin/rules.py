"""Versioned rules: a draft is edited, a published version is read, made a next version of, and never changed."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import DateField, DateTimeField, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Cast, Now
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from governance import rule_words
from governance.admin.cells import pill
from governance.admin.documents import DocumentField, DocumentsForm, shown
from governance.models import ApprovalPolicy, EscalationPath, Guardrail, ServiceLevel, StatementOfWork
from governance.models.rules import VersionedRule
from governance.money import NONE
from governance.rule_forms.grants import GuardrailForm
from governance.rule_forms.ladders import EscalationPathForm, ServiceLevelForm
from governance.scoping import TOGETHER, ScopedAdmin, scoped_or_404
from governance.versions import next_number, next_version, starting_document

# The day that it is at the row's client.
TODAY = Cast(Func(F("client__zone"), Now(), function="timezone", output_field=DateTimeField()), DateField())


class RuleForm(DocumentsForm):
    """A draft. The client, the name and the number are settled when it is first saved."""

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if not name.isprintable():
            raise ValidationError("Give the name in one line, without control characters.")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        client = cleaned.get("client") or self.instance.client_id
        if not self.instance.pk and client and "name" in cleaned:
            self.instance.version = next_number(self._meta.model, client, cleaned["name"])
        return cleaned


class GuardrailRuleForm(RuleForm):
    document = DocumentField(GuardrailForm, label="What may be granted")


class EscalationPathRuleForm(RuleForm):
    document = DocumentField(EscalationPathForm, label="Who hears of it, and when")


class ServiceLevelRuleForm(RuleForm):
    document = DocumentField(ServiceLevelForm, label="How fast each stage has to be")


class RuleAdmin(ScopedAdmin):
    """Adds “Make a new version” and “Publish”, each at an address of its own."""

    form = RuleForm
    key = ""  # what the starting template calls it
    change_form_template = "admin/rule_form.html"
    list_display: Any = ("name", "version", "state", "published_at", "publisher")
    ordering = ("name", "-version")
    list_filter: ClassVar[Any] = ("name",)
    list_select_related: ClassVar[Any] = ("published_by",)
    search_fields: ClassVar[Any] = ("name",)
    empty_hint = "Add a version and publish it: only what is published rules anything."

    def get_queryset(self, request: Any) -> models.QuerySet[Any]:
        published = self.model.objects.published().filter(client=OuterRef("client"))
        newest = published.order_by("-published_at", "-version").values("pk")[:1]
        return super().get_queryset(request).annotate(in_force=Subquery(newest))

    @admin.display(description="state", ordering="published_at")
    def state(self, row: Any) -> SafeString:
        if row.published_at is None:
            return pill("warn", "Draft")
        return pill("ok", "In force") if row.in_force == row.pk else pill("quiet", "Replaced")

    @admin.display(description="published by", ordering="published_by__name")
    def publisher(self, row: Any) -> str:
        return str(row.published_by or "Handoff") if row.published_at else NONE

    words: ClassVar[Any] = None  # document -> Table, where the document can be said as one

    @admin.display(description="")
    def said(self, row: VersionedRule) -> str:
        if not self._can_say(row):  # as it was just sent back to be mended
            return "It cannot be said in words before the document is right."
        return render_to_string("admin/rule_words.html", {"table": type(self).words(row.document)})

    def _can_say(self, row: VersionedRule | None) -> bool:
        return bool(row and type(self).words and not self.model.problems(row.document))

    @admin.display(description="")
    def text(self, row: VersionedRule) -> SafeString:
        return shown(row.document)

    def get_fieldsets(self, request: Any, obj: VersionedRule | None = None) -> Any:
        editable = obj is None or self.has_change_permission(request, obj)
        facts = ["client"] * self.several(request) + ["name"]
        if obj:
            facts += ["version", "published_at", "published_by"] if obj.published_at else ["version"]
        parts: list[Any] = [(None, {"fields": [facts]})]
        if editable:
            parts += [("What it says", {"fields": ["document"]})]
        elif self._can_say(obj):
            parts += [("What it says", {"fields": ["said"]})]
        if obj:
            folded = {"classes": ["collapse"]} if editable or self._can_say(obj) else {}
            parts += [("As it is kept" if editable else "Document", {"fields": ["text"], **folded})]
        return parts

    def get_readonly_fields(self, request: Any, obj: VersionedRule | None = None) -> Any:
        found = super().get_readonly_fields(request, obj)
        return (*found, "name", "version", "published_at", "published_by", "said", "text") if obj else found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "name": "Balanced",
            "document": starting_document(self.key),
            **super().get_changeform_initial_data(request),
        }

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.published_at)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.published_at)

    def render_change_form(
        self, request: Any, context: Any, add: bool = False, change: bool = False, form_url: str = "", obj: Any = None
    ) -> HttpResponse:
        if obj:
            context |= {
                "may_publish": self.has_change_permission(request, obj),
                "may_revise": bool(obj.published_at) and self.may(request, "add", obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- the two addresses

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/next/", view(self.next_view), name=f"{name}_next"),
            path("<int:pk>/publish/", view(self.publish_view), name=f"{name}_publish"),
            *super().get_urls(),
        ]

    def next_view(self, request: Any, pk: int) -> HttpResponse:
        """POST: the next version as a draft, or the draft that is there already."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        rule = scoped_or_404(self.model, request.user, pk, "add")
        try:
            with self.because(request, "next_version"):
                draft, made = next_version(rule)
        except IntegrityError:
            messages.error(request, TOGETHER)
            draft = rule
        else:
            messages.success(
                request, f"{draft} is a draft: change it, then publish it." if made else f"{draft} is a draft already."
            )
        return self._to(draft)

    def publish_view(self, request: Any, pk: int) -> HttpResponse:
        """GET asks, POST publishes; a version that is published already is refused in words."""
        rule = scoped_or_404(self.model, request.user, pk, "change")
        if request.method == "POST":
            try:
                with transaction.atomic(), self.because(request, "publish"):
                    rule = self.model.objects.select_for_update().get(pk=pk)
                    rule.publish(actor=request.user, now=timezone.now())
            except ValidationError as error:
                for message in error.messages:
                    messages.error(request, message)
            else:
                messages.success(request, f"{rule} rules everything that starts from now on.")
            return self._to(rule)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Publish {rule}?",
            "rule": rule,
            "opts": self.opts,
            "problems": self.model.problems(rule.document),
            "said": self.said(rule) if self._can_say(rule) else "",
            "text": shown(rule.document),
        }
        return TemplateResponse(request, "admin/rule_publish.html", context)

    def _to(self, rule: VersionedRule) -> HttpResponseRedirect:
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[rule.pk])
        )


@admin.register(ApprovalPolicy)
class ApprovalPolicyAdmin(RuleAdmin):
    """The list and history; a policy is read, written and published in the builder (governance/views)."""

    key = "approval_policy"
    list_hint = "Which reviews an offer needs, and why. What is in flight keeps the version that it started with."

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if object_id is None:
            return redirect("policies:start")
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        return redirect("policies:policy", row.pk)

    def next_view(self, request: Any, pk: int) -> HttpResponse:
        return redirect("policies:policy", scoped_or_404(self.model, request.user, pk).pk)

    def publish_view(self, request: Any, pk: int) -> HttpResponse:
        return redirect("policies:publish", scoped_or_404(self.model, request.user, pk, "change").pk)


@admin.register(Guardrail)
class GuardrailAdmin(RuleAdmin):
    form = GuardrailRuleForm
    key = "guardrails"
    words = staticmethod(rule_words.of_guardrail)
    list_hint = "How far a recruiter may move without asking again, over the first approved version."


@admin.register(EscalationPath)
class EscalationPathAdmin(RuleAdmin):
    form = EscalationPathRuleForm
    key = "escalation_path"
    words = staticmethod(rule_words.of_escalation_path)
    list_hint = "Who hears of a stuck offer, and after how many hours."


@admin.register(ServiceLevel)
class ServiceLevelAdmin(RuleAdmin):
    form = ServiceLevelRuleForm
    key = "service_level"
    words = staticmethod(rule_words.of_service_level)
    list_hint = "How fast each stage has to be, by priority."


@admin.register(StatementOfWork)
class StatementOfWorkAdmin(RuleAdmin):
    """The list and history; one is read, filled in and published on its own pages (governance/views/sow.py)."""

    key = "statement_of_work"
    list_display = ("engagement", "version", "state", "valid_from", "valid_to", "publisher")
    ordering = ("engagement__name", "-version")
    list_filter = ("engagement",)
    list_select_related = ("engagement__client", "published_by")
    search_fields = ("engagement__name", "name")
    list_hint = "Who does what under an engagement. Offers keep the version that they were drafted under."
    empty_hint = "Begin one for an engagement: what it gives to another party is then refused with its clause."

    def get_queryset(self, request: Any) -> models.QuerySet[Any]:
        """`in_force`: the newest of the engagement that is valid today, by the client's own calendar."""
        published = self.model.objects.published().filter(engagement=OuterRef("engagement"))
        valid = published.alias(today=TODAY).filter(
            Q(valid_to=None) | Q(valid_to__gte=F("today")), valid_from__lte=F("today")
        )
        newest = valid.order_by("-published_at", "-version").values("pk")[:1]
        return ScopedAdmin.get_queryset(self, request).annotate(in_force=Subquery(newest))

    @admin.display(description="state", ordering="published_at")
    def state(self, row: Any) -> SafeString:
        if row.published_at is None or row.in_force == row.pk:
            return super().state(row)
        return pill(*row.out_of_force(timezone.localdate(timezone=ZoneInfo(row.engagement.client.zone))))

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if object_id is None:
            return redirect("sow:start")
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        return redirect("sow:sow", row.pk)

    def next_view(self, request: Any, pk: int) -> HttpResponse:
        return redirect("sow:sow", scoped_or_404(self.model, request.user, pk).pk)

    def publish_view(self, request: Any, pk: int) -> HttpResponse:
        return redirect("sow:publish", scoped_or_404(self.model, request.user, pk, "change").pk)
