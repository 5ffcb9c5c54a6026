"""The page of one piece of advice, where the business decides on it; and recent cases, told without names."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from governance.programme import load
from governance.scoping import scoped
from offers import workflow
from offers.advice_forms import DecideAdviceForm
from offers.lifecycle import LIVE
from offers.models import Advice, Loss, Offer
from offers.presentation import Voice
from offers.views import advice_panel
from offers.views.act import blame
from offers.views.frame import REFUSALS, Page, find_offer, portal, refusal, role_of, url_of
from offers.workflow.advice import seats_of

RELATED = ("version", "given_by", "reason", "decided_by", "decided_how")
CASES = 3


@require_http_methods(["GET", "POST"])
@portal
def advice(page: Page, pk: int) -> HttpResponse:
    """What is advised, what speaks for it, what was decided; POST decides. Opening it decides nothing."""
    row: Advice = get_object_or_404(scoped(Advice.objects.select_related(*RELATED), page.user), pk=pk)
    offer = find_offer(page, row.offer_id)
    posted = page.request.method == "POST"
    form = DecideAdviceForm(page.request.POST if posted else None, offer=offer)
    error = None
    if posted and form.is_valid():
        try:
            workflow.decide_advice(row.pk, actor=page.user, now=page.now, **form.kwargs())
        except REFUSALS as caught:
            error = blame(form, refusal(caught))
        else:
            messages.success(page.request, f"The decision on {offer} is recorded.")
            return redirect(url_of(offer))
    return page.show(
        "offers/advice.html",
        "Challenge" if row.holds_until else "Advice",
        409 if error else 200,
        offer=offer,
        role=role_of(offer),
        advice=row,
        recommended=advice_panel.recommended(row, page.voice),
        pills=advice_panel.pills(row, page.voice),
        facts=advice_panel.facts(row, page.voice),
        outcomes=advice_panel.outcome_rows(row, page.voice),
        given=page.voice.moment(row.given_at),
        until=page.voice.moment(row.holds_until) if row.holds_until and not row.decision else None,
        decided=page.voice.moment(row.decided_at) if row.decided_at else None,
        happened=advice_panel.happened(offer, offer.losses.first()) if row.decision else None,
        form=form if _may_decide(row, offer, page) else None,
        refused=error,
    )


def _may_decide(row: Advice, offer: Offer, page: Page) -> bool:
    changeable = not row.decision or offer.version_id == row.version_id
    if offer.status not in LIVE or not changeable:
        return False
    return bool(seats_of(row, offer, page.user.pk, load(offer.client_id), page.now))


@require_http_methods(["GET", "HEAD"])
@portal
def cases(page: Page, pk: int) -> HttpResponse:
    """The three last decided cases of this client whose end is known: in shares, without names or pay."""
    offer = find_offer(page, pk)
    rows = recent(offer) if page.user.has_perm("offers.view_advice", offer) else []
    return page.show(
        "offers/cases.html",
        "Recent cases where we advised against",
        offer=offer,
        role=role_of(offer),
        cases=[_case(row, page.voice) for row in rows],
        casebook=_casebook(offer) if page.user.has_perm("analytics.view_offerfact", offer) else "",
    )


def _casebook(offer: Offer) -> str:
    """The address of the client's case book, on the cases where the advice was not taken."""
    return f"{reverse('insight:casebook')}?{urlencode({'client': offer.client.code, 'kind': 'advice_not_taken'})}"


def recent(offer: Offer) -> list[Advice]:
    """Decided advice on other offers of the client that have ended, the last three."""
    rows = Advice.objects.filter(client_id=offer.client_id).exclude(decision="").exclude(offer=offer)
    ended = rows.exclude(offer__status__in=sorted(LIVE)).select_related("offer__requisition", "offer__letter")
    losses = Prefetch("offer__losses", Loss.objects.all(), to_attr="reasons")
    return list(ended.prefetch_related(losses).order_by("-given_at")[:CASES])


def _case(row: Advice, voice: Voice) -> dict[str, Any]:
    found, offer = row.evidence or {}, row.offer
    gap = Decimal(found["gap"]) if found.get("gap") else None
    base = Decimal(found["base"]) if found.get("base") else None
    raised = row.recommended_base / base - 1 if base and row.recommended_base else None
    requisition, reasons = offer.requisition, offer.reasons  # type: ignore[attr-defined]
    return {
        "title": ", ".join(
            part for part in (requisition.role_family or requisition.title, requisition.location) if part
        ),
        "when": f"{row.given_at:%B %Y}",
        "stood": f"{voice.distance(gap)} {'below' if gap < 0 else 'above'} its reference" if gap is not None else "",
        "advised": f"{voice.percent(raised)} more base" if raised else "better terms",
        "decision": advice_panel.pills(row, voice)[0],
        "happened": advice_panel.happened(offer, reasons[0] if reasons else None),
    }
