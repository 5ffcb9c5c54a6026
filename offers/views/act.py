"""Doing one thing with an offer: a small page that names the consequence, then the verb, then what came of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from governance.programme import load
from governance.scoping import key_of, scoped
from offers import sow, workflow
from offers.errors import NotReady, OfferError
from offers.forms import ActionForm, DecideForm, DetailsForm
from offers.models import Approval, Offer, OfferVersion
from offers.views import steps, terms
from offers.views.acts import ACTS, Act, can_undo
from offers.views.frame import REFUSALS, Page, find_offer, portal, refusal, role_of, url_of
from offers.views.workbench import standing_of
from offers.workflow import mover

# What a verb calls an input, where the form has another name for it.
FIELDS = {
    "decided_at": "at", "extended_at": "at", "countered_at": "at", "approved_at": "at", "made_at": "at",
    "approved_by": "by", "joined_on": "on", "left_on": "on",
}  # fmt: skip


@require_http_methods(["GET", "POST"])
@portal
def act(page: Page, pk: int, name: str) -> HttpResponse:
    """Any act of the table: GET asks, POST does it. What is refused is shown on the same page, the input kept."""
    offer = find_offer(page, pk)
    found = ACTS.get(name.replace("-", "_"))
    if found is None:
        raise Http404("There is no such action.")
    posted = page.request.method == "POST"
    form = found.form(page.request.POST if posted else None, offer=offer)
    if not posted:
        return _ask(page, offer, found, form, _stands_against(offer, found, page))
    if form.is_valid():
        try:
            result = found.verb(offer.pk, actor=page.user, now=page.now, **form.kwargs())
        except REFUSALS as error:
            return _ask(page, offer, found, form, blame(form, refusal(error)))
        messages.success(page.request, found.done)
        return redirect(url_of(result if isinstance(result, Offer) else offer))
    return _ask(page, offer, found, form, None)


def not_allowed(offer: Offer, action: str, page: Page) -> OfferError | None:
    """Why the person, or the state, does not allow it, before anything has been filled in."""
    try:
        mover.check_role(offer, action, page.user)
        mover.check_state(offer, action, page.now)
        programme = load(offer.client_id)
        sow.check(offer, action, programme.roles_of(page.user.pk), programme)
    except OfferError as error:
        return error
    if action == "terms" and (offer.version is None or offer.version.is_frozen):
        return NotReady(
            "These terms are frozen: they were submitted.", next_step="Prepare a next version to change them."
        )
    return None


def _stands_against(offer: Offer, found: Act, page: Page) -> OfferError | None:
    """Why the act is not possible now, before anybody has filled in a form."""
    if error := not_allowed(offer, found.name, page):
        return error
    if found.name == "undo" and not can_undo(offer, page.user, page.now):
        return OfferError(
            "There is nothing that could be undone.", next_step="An ending can be undone within 24 hours."
        )
    return None


def _ask(page: Page, offer: Offer, found: Act, form: ActionForm, error: OfferError | None) -> HttpResponse:
    context: dict[str, Any] = {"offer": offer, "role": role_of(offer), "act": found, "form": form, "refused": error}
    if found.name in ("submit", "advise") and offer.version:
        offer.version.offer, offer.version.client = offer, offer.client
        context |= {"standing": standing_of(offer.version, page)}
    status = 200 if error is None or page.request.method == "GET" else 409
    return page.show("offers/act.html", found.label, status, **context)


def blame(form: Any, error: OfferError) -> OfferError:
    """Put the refusal at its field where the form has it; the page says it in full in any case."""
    field = FIELDS.get(error.field, error.field)
    if field in form.fields:
        form.add_error(field, error.message)
    return error


@require_http_methods(["GET", "POST"])
@portal
def decide(page: Page, pk: int) -> HttpResponse:
    """Approve or reject exactly the frozen terms. Opening the page decides nothing."""
    approvals = Approval.objects.select_related("chain__version__client")
    approval = get_object_or_404(approvals, pk=pk, offer__in=scoped(Offer.objects.all(), page.user))
    offer = find_offer(page, approval.offer_id)
    posted = page.request.method == "POST"
    form = DecideForm(page.request.POST if posted else None, offer=offer)
    error = None
    if posted and form.is_valid():
        verdict = page.request.POST.get("verdict", "")
        try:
            workflow.decide(approval.pk, verdict, actor=page.user, now=page.now, comment=form.cleaned_data["comment"])
        except REFUSALS as caught:
            error = blame(form, refusal(caught))
        else:
            messages.success(page.request, f"Your decision on {offer} is recorded.")
            return redirect(url_of(offer))
    return _decision(page, offer, approval, form, error)


def _decision(page: Page, offer: Offer, approval: Approval, form: DecideForm, error: OfferError | None) -> HttpResponse:
    version = approval.chain.version
    version.offer = offer
    previous = OfferVersion.objects.filter(offer=offer, number=version.number - 1).select_related("client").first()
    return page.show(
        "offers/decide.html",
        f"Decide on {offer}",
        200 if error is None else 409,
        offer=offer,
        role=role_of(offer),
        approval=approval,
        behalf=steps.behalf_of(page, approval),
        form=form,
        refused=error,
        standing=standing_of(version, page),
        terms=terms.compare(version, previous, page.voice),
    )


@require_POST
@portal
def contingency(page: Page, pk: int) -> HttpResponse:
    """Say where one contingency stands."""
    offer = find_offer(page, pk)
    row = get_object_or_404(offer.contingencies, pk=key_of(page.request.POST.get("contingency", "")))
    try:
        workflow.set_contingency(row.pk, page.request.POST.get("status", ""), actor=page.user, now=page.now)
    except REFUSALS as error:
        messages.error(page.request, str(error))
    else:
        messages.success(page.request, f"{row.get_kind_display()} is recorded.")
    return redirect(url_of(offer))


@require_http_methods(["GET", "POST"])
@portal
def details(page: Page, pk: int) -> HttpResponse:
    """Who works on the offer, and where it came from."""
    offer = find_offer(page, pk)
    posted = page.request.method == "POST"
    form = DetailsForm(page.request.POST if posted else None, instance=offer)
    error = not_allowed(offer, "details", page)
    if posted and form.is_valid():
        try:
            workflow.save_details(offer.pk, form.cleaned_data, actor=page.user, now=page.now)
        except REFUSALS as caught:
            error = blame(form, refusal(caught))
        else:
            messages.success(page.request, "Details saved.")
            return redirect(url_of(offer))
    context = {"offer": offer, "role": role_of(offer), "form": form, "refused": error}
    return page.show("offers/details.html", "Details", 409 if error and posted else 200, **context)
