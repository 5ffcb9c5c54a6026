"""Exceptions that let another party change bands and references for a time: recorded, listed, ended early."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from governance import keeping
from governance.access import clients_with
from governance.keeping import LONGEST, ScopeError
from governance.models import Client, ReferenceException, SalaryBand
from governance.models.scope import PARTY_CHOICES
from governance.scoping import scoped, scoped_or_404
from governance.views.frame import portal, show

MOST = 200


class ReferenceExceptionForm(forms.Form):
    """Who may change them too, until when, and why; of the clients at which the person may say so."""

    client = forms.ModelChoiceField(queryset=Client.objects.none(), empty_label="Choose a client")
    party = forms.ChoiceField(label="May also change them", choices=[("", "Choose one"), *PARTY_CHOICES])
    last = forms.DateField(
        label="Last day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=f"From today on; at most {LONGEST.days} days.",
    )  # fmt: skip
    reason = forms.CharField(label="Why", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, clients: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose: Any = self.fields["client"]
        choose.queryset = Client.objects.filter(pk__in=clients).order_by("name")
        if len(clients) == 1:
            choose.disabled, choose.widget, self.initial["client"] = True, forms.HiddenInput(), clients[0]


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def exceptions(request: Any) -> HttpResponse:
    """GET lists them, those in force first; POST records one."""
    now = timezone.now()
    mine = clients_with(request.user, "governance.view_referenceexception")
    may = keeping.may_except(mine, actor=request.user, now=now)
    form = ReferenceExceptionForm(request.POST if request.method == "POST" else None, clients=may)
    if request.method == "POST" and may and form.is_valid():
        try:
            keeping.record_exception(**form.cleaned_data, actor=request.user, now=now)
        except ScopeError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, "The exception is recorded with its reason.")
            return redirect("references:exceptions")
    rows = scoped(ReferenceException.objects.all(), request.user)
    found = rows.select_related("client", "agreement", "reason", "granted_by", "ended_by")[:MOST]
    shown = sorted((_row(each, may, now) for each in found), key=lambda row: row["rank"])
    return show(
        request, "reference_exceptions", "Exceptions for pay references", form=form if may else None, rows=shown,
        several=len(request.user.roles) > 1, opts=SalaryBand._meta,
    )  # fmt: skip


def _row(row: ReferenceException, may: list[int], now: datetime) -> dict[str, Any]:
    today = keeping.today_in(row.client.zone, now)
    over = row.ended_at is not None or row.last < today
    return {
        "rank": int(over),
        "row": row,
        "kind": "quiet" if over else "ok",
        "state": "Over" if over else "In force",
        "first": row.first,
        "last": row.last,
        "ended": _ended(row),
        "may_end": not over and row.client_id in may,
        "end_url": reverse("references:exception-end", args=[row.pk]),
    }


def _ended(row: ReferenceException) -> date | None:
    return keeping.today_in(row.client.zone, row.ended_at) if row.ended_at else None


@require_POST
@portal
def end(request: Any, pk: int) -> HttpResponse:
    """End an exception before its last day."""
    row = scoped_or_404(ReferenceException, request.user, pk)
    try:
        keeping.end_exception(row, actor=request.user, now=timezone.now())
    except ScopeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The exception is over.")
    return redirect("references:exceptions")
