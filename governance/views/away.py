"""“I am away”: who stands in for me, for whom I stand in, and for who looks after people everybody's absences."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from governance import delegation
from governance.delegation import FOR_OTHERS, DelegationError
from governance.models import Client, Delegation, User
from governance.scoping import of_clients, scoped, scoped_or_404
from governance.views.frame import portal, show

MOST = 200


class AbsenceForm(forms.Form):
    """Who is away, when, and who stands in. Of the clients that the person works for, and their people."""

    client = forms.ModelChoiceField(queryset=Client.objects.none(), empty_label="Choose a client")
    from_user = forms.ModelChoiceField(label="Who is away", queryset=User.objects.none(), empty_label=None)
    to_user = forms.ModelChoiceField(
        label="Who stands in", queryset=User.objects.none(), empty_label="Choose somebody",
        help_text="Decides what waits, also what waits already, and cannot pass it on.",
    )  # fmt: skip
    first = forms.DateField(label="First day away", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(
        label="Last day away", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Decisions are the person's own again the day after.",
    )  # fmt: skip
    reason = forms.CharField(
        label="Reason", required=False, max_length=400, help_text="Only if others need it; it can be erased later."
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clients = list(user.roles)
        look_after = [pk for pk, roles in user.roles.items() if roles & FOR_OTHERS]
        fields: dict[str, Any] = dict(self.fields)
        fields["client"].queryset = Client.objects.of(user)
        fields["to_user"].queryset = of_clients(User.objects.filter(is_active=True), clients).exclude(pk=user.pk)
        own = User.objects.filter(pk=user.pk)
        others = of_clients(User.objects.filter(is_active=True), look_after)
        fields["from_user"].queryset = User.objects.filter(pk__in=own.values("pk")) | others
        if not look_after:
            self._settle("from_user", user.pk)
        if len(clients) == 1:
            self._settle("client", clients[0])
        self.initial.setdefault("from_user", user.pk)

    def _settle(self, name: str, value: int) -> None:
        """Nothing to choose, and nothing to send."""
        self.fields[name].disabled, self.fields[name].widget = True, forms.HiddenInput()
        self.initial[name] = value


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def absences(request: Any) -> HttpResponse:
    """GET lists absences, those in force first; POST enters one."""
    now = timezone.now()
    form = AbsenceForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            row = delegation.delegate(**form.cleaned_data, actor=request.user, now=now)
        except DelegationError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, f"{row.to_user} stands in for {row.from_user}.")
            return redirect("away:absences")
    rows = scoped(Delegation.objects.all(), request.user)
    found = rows.select_related("client", "from_user", "to_user", "note").order_by("-ends_at", "-pk")[:MOST]
    shown = sorted((_row(each, request.user, now) for each in found), key=lambda row: row["rank"])
    several = len(request.user.roles) > 1
    return show(request, "away", "Away", form=form, rows=shown, several=several)


def _row(row: Delegation, user: User, now: datetime) -> dict[str, Any]:
    zone = ZoneInfo(row.client.zone)
    if row.ended_at or row.ends_at <= now:
        rank, kind, state = 2, "quiet", "Over"
    elif row.starts_at <= now:
        rank, kind, state = 0, "ok", "In force"
    else:
        rank, kind, state = 1, "info", "To come"
    mine = row.from_user_id == user.pk or bool(user.roles.get(row.client_id, frozenset()) & FOR_OTHERS)
    return {
        "rank": rank,
        "kind": kind,
        "state": state,
        "row": row,
        "who": "You" if row.from_user_id == user.pk else str(row.from_user),
        "stand_in": "you" if row.to_user_id == user.pk else str(row.to_user),
        "first": row.starts_at.astimezone(zone).date(),
        "last": (row.ends_at - timedelta(seconds=1)).astimezone(zone).date(),
        "ended": row.ended_at.astimezone(zone) if row.ended_at and row.ended_at < row.ends_at else None,
        "may_end": rank < 2 and mine,
        "end_url": reverse("away:end", args=[row.pk]),
        "note": row.note.text if row.note and mine else "",
    }


@require_POST
@portal
def end(request: Any, pk: int) -> HttpResponse:
    """End an absence before its last day."""
    row = scoped_or_404(Delegation, request.user, pk)
    try:
        row = delegation.end(row.pk, actor=request.user, now=timezone.now())
    except DelegationError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{row.to_user} stands in for {row.from_user} no longer.")
    return redirect("away:absences")
