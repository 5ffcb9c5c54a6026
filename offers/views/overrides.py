"""One override: what is known of it, and the two things that whoever judges it can do."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from governance.scoping import scoped
from offers import workflow
from offers.forms import ActionForm
from offers.models import Override
from offers.models.override import OverrideStatus
from offers.override_forms import ConfirmOverrideForm, ResolveOverrideForm
from offers.presentation import span
from offers.views.act import blame
from offers.views.frame import REFUSALS, Page, find_offer, portal, refusal, role_of
from offers.views.override_panel import pills
from offers.workflow.override import may_judge

RELATED = (
    "who", "reported_by", "statement", "version", "confirmed_by", "resolved_by", "resolved_how", "ratified_by",
)  # fmt: skip
DOES: dict[str, tuple[type[ActionForm], Callable[..., Override], str]] = {
    "confirm": (ConfirmOverrideForm, workflow.confirm_override, "Confirmed: it did happen."),
    "resolve": (ResolveOverrideForm, workflow.resolve_override, "Resolved."),
}


@require_http_methods(["GET", "POST"])
@portal
def override(page: Page, pk: int) -> HttpResponse:
    """The page of one override; POST with `do` confirms or resolves it."""
    row: Override = get_object_or_404(scoped(Override.objects.select_related(*RELATED), page.user), pk=pk)
    offer = find_offer(page, row.offer_id)
    does = page.request.POST.get("do", "")
    forms = {
        name: form(page.request.POST if name == does else None, offer=offer, prefix=name, initial={
            "severity": row.severity
        })
        for name, (form, _, _) in DOES.items()
    }  # fmt: skip
    error = None
    if does in DOES and forms[does].is_valid():
        _, verb, done = DOES[does]
        try:
            verb(row.pk, actor=page.user, now=page.now, **forms[does].kwargs())
        except REFUSALS as caught:
            error = blame(forms[does], refusal(caught))
        else:
            messages.success(page.request, done)
            return redirect("offers:override", row.pk)
    judges = row.is_open and may_judge(offer, page.user) and row.who_id != page.user.pk
    return page.show(
        "offers/override.html",
        row.get_kind_display(),
        409 if error else 200,
        offer=offer,
        role=role_of(offer),
        override=row,
        pills=pills(row),
        found=page.voice.moment(row.found_at),
        resolved=page.voice.moment(row.resolved_at) if row.resolved_at else None,
        age=span(row.age(page.now)),
        confirm=forms["confirm"] if judges and row.status != OverrideStatus.CONFIRMED else None,
        resolve=forms["resolve"] if judges else None,
        names_reader=row.is_open and row.who_id == page.user.pk,
        refused=error,
    )
