"""Statements of work: a version as people read it, its form, its publication, and any two beside each other."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from governance import sow_versions
from governance.access import clients_with
from governance.models import Engagement, StatementOfWork
from governance.programme import load
from governance.scoping import TOGETHER, of_clients, scoped, scoped_or_404
from governance.sow_forms import SowForm, initial_of
from governance.sow_schema import json_schema
from governance.sow_versions import SowError
from governance.views.frame import portal
from governance.views.policy_publish import KINDS
from governance.views.sow_frame import show, state_of, today_at


def _find(request: Any, pk: int, action: str = "view") -> StatementOfWork:
    row: StatementOfWork = scoped_or_404(StatementOfWork, request.user, pk, action)
    return row


def _sisters(row: StatementOfWork, request: Any) -> list[StatementOfWork]:
    rows = scoped(StatementOfWork.objects.filter(client=row.client_id), request.user)
    return list(rows.select_related("engagement").order_by("engagement__name", "-version"))


@require_http_methods(["GET", "HEAD"])
@portal
def overview(request: Any, pk: int) -> HttpResponse:
    """One version in words, what it warns of, and the other versions of its engagement."""
    row = _find(request, pk)
    programme = load(row.client_id)
    editable = not row.published_at and request.user.has_perm("governance.change_statementofwork", row)
    return show(
        request,
        "sow",
        str(row.engagement),
        sow=row,
        state=state_of(row, programme),
        said=list(sow_versions.said(row.document)),
        problems=StatementOfWork.problems(row.document),
        warnings=sow_versions.warnings_of(row),
        editable=editable,
        may_revise=bool(row.published_at) and request.user.has_perm("governance.add_statementofwork", row),
        versions=[
            (each, state_of(each, programme))
            for each in _sisters(row, request)
            if each.engagement_id == row.engagement_id
        ],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def edit(request: Any, pk: int) -> HttpResponse:
    """The form of a draft; what cannot be is said at its field."""
    row = _find(request, pk, "change")
    if row.published_at:
        return redirect("sow:sow", pk)
    first = {**initial_of(row.document), "valid_from": row.valid_from, "valid_to": row.valid_to}
    form = SowForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        dates = {name: form.cleaned_data[name] for name in ("valid_from", "valid_to")}
        try:
            sow_versions.save(row, document=form.document(), actor=request.user, **dates)
        except SowError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{row} is saved. Nothing follows it until it is published.")
        return redirect("sow:sow", pk)
    return show(request, "sow_form", f"Edit {row}", 422 if form.errors else 200, sow=row, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def publish(request: Any, pk: int) -> HttpResponse:
    """GET shows what would change and what is warned of; POST publishes."""
    row = _find(request, pk, "change")
    if row.published_at:
        return redirect("sow:sow", pk)
    status = 200
    if request.method == "POST":
        confirmed = request.POST.get("confirm") == "on"
        try:
            sow_versions.publish(row, confirmed=confirmed, actor=request.user, now=timezone.now())
        except SowError as error:
            messages.error(request, str(error))
            status = 409
        else:
            messages.success(request, f"{row} rules every offer that is drafted from now on.")
            return redirect("sow:sow", pk)
    force = load(row.client_id).agreement(row.engagement_id, timezone.now())
    lines = sow_versions.lines(force.document if force else {}, row.document)
    return show(
        request,
        "sow_publish",
        f"Publish {row}?",
        status,
        sow=row,
        force=force,
        lines=[(KINDS[line.kind], line) for line in lines if line.kind != "same"],
        problems=StatementOfWork.problems(row.document),
        warnings=sow_versions.warnings_of(row),
    )


@require_http_methods(["GET", "HEAD"])
@portal
def compare(request: Any, pk: int) -> HttpResponse:
    """This version beside another of the client: the one named by ?with=, else the one before it."""
    row = _find(request, pk)
    others = [each for each in _sisters(row, request) if each.pk != row.pk]
    chosen = request.GET.get("with", "")
    named = [each for each in others if str(each.pk) == chosen]
    near = [each for each in others if each.engagement_id == row.engagement_id and each.version < row.version]
    other = next(iter([*named, *near, *others]), None)
    lines = sow_versions.lines(other.document, row.document) if other else []
    return show(
        request,
        "sow_compare",
        "Compare statements of work",
        sow=row,
        other=other,
        others=others,
        lines=[(KINDS[line.kind], line) for line in lines],
        count=sum(line.kind != "same" for line in lines),
    )


# --- beginning


class StartForm(forms.Form):
    engagement = forms.ModelChoiceField(
        Engagement.objects.none(),
        empty_label="Choose one",
        help_text="The draft begins from its newest version, else from the template.",
    )

    def __init__(self, *args: Any, clients: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["engagement"]
        field.queryset = of_clients(Engagement.objects.all(), clients)


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def start(request: Any) -> HttpResponse:
    """Begin a draft for an engagement, or go to the one that is there."""
    clients = clients_with(request.user, "governance.add_statementofwork")
    if not clients:
        return redirect("admin:governance_statementofwork_changelist")
    first = {"engagement": request.GET.get("engagement", "")}
    form = StartForm(request.POST if request.method == "POST" else None, clients=clients, initial=first)
    draft = None
    if request.method == "POST" and form.is_valid():
        draft = _begin(request, form.cleaned_data["engagement"])
    if draft:
        return redirect("sow:edit", draft.pk)
    return show(request, "sow_start", "New statement of work", 422 if form.errors else 200, form=form)


@require_POST
@portal
def revise(request: Any, pk: int) -> HttpResponse:
    """The next version as a draft, or the draft that is there already."""
    row = _find(request, pk, "add")
    draft = _begin(request, row.engagement)
    return redirect("sow:edit", draft.pk) if draft else redirect("sow:sow", pk)


def _begin(request: Any, engagement: Engagement) -> StatementOfWork | None:
    try:
        draft, made = sow_versions.begin(engagement, actor=request.user, today=today_at(engagement))
    except IntegrityError:
        messages.error(request, TOGETHER)
        return None
    said = "is a draft: change it, then publish it." if made else "is a draft already."
    messages.success(request, f"{draft} {said}")
    return draft


# --- the document itself


@require_http_methods(["GET", "HEAD"])
@portal
def document(request: Any, pk: int) -> HttpResponse:
    """The version as the JSON document that it is."""
    row = _find(request, pk)
    return JsonResponse(row.document, safe=False, json_dumps_params={"indent": 2, "ensure_ascii": False})


@require_http_methods(["GET", "HEAD"])
def schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of these documents; open to everybody, it holds nothing of anybody."""
    return JsonResponse(json_schema(), json_dumps_params={"indent": 2}, content_type="application/schema+json")
