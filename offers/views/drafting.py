"""Drafting: a new offer, its terms, and the terms of a settlement, each with its standing shown while it is written."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from governance.models import User
from offers import workflow
from offers.errors import OfferError
from offers.forms import NewOfferForm, TermsForm
from offers.lifecycle import Status
from offers.models import Candidate, CounterOffer, Offer, OfferVersion, Requisition
from offers.models.events import CounterOutcome
from offers.views import acts, leeway
from offers.views.act import blame, not_allowed
from offers.views.frame import REFUSALS, Page, find_offer, portal, refusal, role_of, url_of
from offers.views.workbench import standing_of
from offers.workflow.intake import add_candidate, next_reference

GRANTS = (Status.APPROVED, Status.EXTENDED, Status.NEGOTIATING)  # where a guardrail can have been left room
NOT_YET = "Give a requisition and a base: then this shows where the offer stands and who will be asked."


def draft(page: Page) -> HttpResponse:
    """The add page of offers: for whom, for which requisition, on which terms."""
    data = page.request.POST if page.request.method == "POST" else None
    about, form = NewOfferForm(data, user=page.user), TermsForm(data)
    error = None
    sound = about.is_valid() & form.is_valid() if data is not None else False
    if sound and not _only_checks(page):
        try:
            offer = _draft(about, form, page)
        except REFUSALS as caught:
            error = _blame_both(about, form, refusal(caught))
        else:
            messages.success(page.request, f"Offer {offer} is drafted.")
            return redirect(url_of(offer))
    shown = _preview(about, form, page) if data is not None else None
    return page.show(
        "offers/draft.html",
        "New offer",
        about=about,
        form=form,
        refused=error,
        standing=shown or {"note": "", "hint": NOT_YET},
        standing_url=reverse("offers:standing"),
        media=about.media + form.media,
    )


def _draft(about: NewOfferForm, form: TermsForm, page: Page) -> Offer:
    requisition: Requisition = about.cleaned_data["requisition"]
    with transaction.atomic():
        return workflow.draft_offer(
            requisition=requisition,
            candidate=about.cleaned_data["candidate"] or _new_candidate(about, requisition, page.user),
            external_id=about.cleaned_data["reference"] or next_reference(requisition),
            actor=page.user,
            now=page.now,
            terms=form.terms(),
            **about.details(),
        )


def _new_candidate(about: NewOfferForm, requisition: Requisition, user: User) -> Candidate:
    given = about.cleaned_data
    return add_candidate(
        requisition.client_id,
        given["new_reference"],
        name=given["new_name"],
        email=given["new_email"],
        actor=user,
        field="new_reference",
    )


def _blame_both(about: NewOfferForm, form: TermsForm, error: OfferError) -> OfferError:
    blame(form if error.field in form.fields else about, error)
    return error


@require_http_methods(["GET", "POST"])
@portal
def edit_terms(page: Page, pk: int) -> HttpResponse:
    """Change the terms of the newest version while it is not submitted."""
    offer = find_offer(page, pk)
    return _terms_page(page, offer, "terms", "Terms", lambda form: workflow.save_terms(
        offer.version_id or 0, form.terms(), actor=page.user, now=page.now
    ), "Terms saved.")  # fmt: skip


@require_http_methods(["GET", "POST"])
@portal
def settle(page: Page, pk: int) -> HttpResponse:
    """Make the agreed terms the next version, beside what was asked and what the guardrail leaves."""
    offer = find_offer(page, pk)
    asked = CounterOffer.objects.filter(offer=offer, outcome=CounterOutcome.OPEN).first()
    words = [
        f"{name} {page.voice.money(amount, asked.currency)}"
        for name, amount in (("Base", asked.asked_base), ("Sign-on", asked.asked_sign_on))
        if amount is not None
    ] if asked else []  # fmt: skip
    title = "Settle on terms" if asked else "What can I offer now?"
    return _terms_page(page, offer, "settle", title, lambda form: workflow.settle(
        offer.pk, form.terms(), actor=page.user, now=page.now
    ), "Settled.", settles=True, asked=asked, asked_words=words, consequence=acts.SETTLE)  # fmt: skip


def _terms_page(
    page: Page, offer: Offer, action: str, title: str, save: Any, done: str, **context: Any
) -> HttpResponse:
    data = page.request.POST if page.request.method == "POST" else None
    form = TermsForm(data, instance=_copy(offer))
    error = not_allowed(offer, action, page) if data is not None or not _only_asks(offer, action) else None
    if data is not None and form.is_valid() and not _only_checks(page):
        try:
            save(form)
        except REFUSALS as caught:
            error = blame(form, refusal(caught))
        else:
            messages.success(page.request, done)
            return redirect(url_of(offer))
    shown = (
        _judged(form, page)
        if data is None or form.is_valid()
        else {"note": "", "hint": "Mend the fields in red first."}
    )
    return page.show(
        "offers/terms.html",
        title,
        409 if error and data is not None else 200,
        offer=offer,
        role=role_of(offer),
        form=form,
        refused=error,
        standing=shown,
        standing_url=reverse("offers:standing-of", args=[offer.pk]),
        **context,
    )


@require_POST
@portal
def preview(page: Page, pk: int | None = None) -> HttpResponse:
    """The standing panel alone, for terms that are being typed. It writes nothing."""
    if pk is None:
        about, form = NewOfferForm(page.request.POST, user=page.user), TermsForm(page.request.POST)
        shown = _preview(about, form, page)
    else:
        form = TermsForm(page.request.POST, instance=_copy(find_offer(page, pk)))
        shown = _judged(form, page) if form.is_valid() else None
    return page.show(
        "offers/standing.html", "Standing", live=True, standing=shown or {"note": "", "hint": _missing(form)}
    )


def _missing(form: TermsForm) -> str:
    wrong = [str(form.fields[name].label) for name in form.errors if name in form.fields and form.data.get(name)]
    return f"This cannot be read yet: {', '.join(wrong)}." if wrong else NOT_YET


def _preview(about: NewOfferForm, form: TermsForm, page: Page) -> dict[str, Any] | None:
    """Where a new offer would stand: needs its requisition and sound terms, not yet a candidate."""
    about.is_valid()
    requisition = about.cleaned_data.get("requisition")
    if requisition is None or not form.is_valid():
        return None
    version: OfferVersion = form.instance
    details = {name: about.cleaned_data.get(name) for name in ("expected_salary", "expected_currency")}
    version.offer = Offer(
        client=requisition.client,
        requisition=requisition,
        priority=requisition.priority,
        hiring_manager=requisition.hiring_manager,
        expected_salary=details["expected_salary"],
        expected_currency=details["expected_currency"] or "",
    )
    version.client = requisition.client
    return standing_of(version, page)


def _judged(form: TermsForm, page: Page) -> dict[str, Any]:
    version: OfferVersion = form.instance
    if not version.base:
        return {"note": "", "hint": NOT_YET}
    grants = version.offer.status in GRANTS
    return standing_of(version, page) | ({"leeway": leeway.answer(version.offer, version, page)} if grants else {})


def _copy(offer: Offer) -> OfferVersion:
    """An unsaved version with the newest terms: what the form changes is never the row itself."""
    terms = offer.version.terms() if offer.version else {}
    version = OfferVersion(client=offer.client, offer=offer, number=0, **terms)
    version.offer = offer
    return version


def _only_asks(offer: Offer, action: str) -> bool:
    """True for the page that says what may be granted while nobody has asked for anything."""
    return action == "settle" and offer.status in (Status.APPROVED, Status.EXTENDED)


def _only_checks(page: Page) -> bool:
    """True for the button that works without a script: look where it stands, save nothing."""
    return "check" in page.request.POST
