"""Bulk acts on the offer list: first what would happen to each, then, on confirmation, the verb for each by itself."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse

from governance.access import Role
from offers import workflow
from offers.errors import OfferError
from offers.forms import AssignForm
from offers.models import Offer
from offers.standing import assess
from offers.views.frame import REFUSALS, Page, refusal, role_of
from offers.workflow import mover
from offers.workflow.drafting import check_opening

MOST = 50  # each is judged for its preview


def submit(admin: Any, page: Page, offers: Any) -> HttpResponse | None:
    """Submit drafts for review. The preview judges each now and says who would be asked."""
    if "confirm" in page.request.POST:
        _do(page, offers, "submitted", lambda offer: workflow.submit(offer.pk, actor=page.user, now=page.now))
        return None
    return _preview(admin, page, offers, "submit_chosen", "Submit for review", lambda offer: _would_ask(page, offer))


def assign(admin: Any, page: Page, offers: Any) -> HttpResponse | None:
    """Hand offers of one client to a recruiter."""
    clients = set(offers.order_by().values_list("client_id", flat=True)[: MOST + 1])
    if len(clients) > 1:
        admin.message_user(page.request, "Choose offers of one client: recruiters belong to one.", messages.ERROR)
        return None
    client_id = next(iter(clients), 0)
    confirmed = "confirm" in page.request.POST
    form = AssignForm(page.request.POST if confirmed else None, client_id=client_id)
    if confirmed and form.is_valid():
        to = {"recruiter": form.cleaned_data["recruiter"]}
        _do(page, offers, "assigned", lambda offer: workflow.save_details(offer.pk, to, actor=page.user, now=page.now))
        return None
    return _preview(admin, page, offers, "assign_chosen", "Assign to a recruiter", _from_whom(page), form=form)


def _would_ask(page: Page, offer: Offer) -> str:
    mover.check_role(offer, "submit", page.user)
    mover.check_state(offer, "submit", page.now)
    check_opening(offer)
    version: Any = offer.version
    version.offer, version.client = offer, offer.client
    found = assess(version, now=page.now).evaluation
    if found.asks_nobody:
        return f"Approved at once. {found.because}"
    asked = [
        step.title or str(Role(step.role).label if step.role else "a named person")
        for step in found.steps
        if not step.given
    ]
    return f"Asks {', then '.join(asked)}"


def _from_whom(page: Page) -> Callable[[Offer], str]:
    def said(offer: Offer) -> str:
        mover.check_role(offer, "revise", page.user)
        return f"Now with {offer.recruiter or 'nobody'}"

    return said


def _preview(
    admin: Any, page: Page, offers: Any, action: str, title: str, say: Callable[[Offer], str], **context: Any
) -> HttpResponse:
    rows = []
    for offer in offers[: MOST + 1]:
        try:
            rows.append({"offer": offer, "role": role_of(offer), "text": say(offer), "possible": True})
        except REFUSALS as error:
            rows.append({"offer": offer, "role": role_of(offer), "text": str(refusal(error)), "possible": False})
    return page.show(
        "offers/bulk.html",
        title,
        rows=rows[:MOST],
        more=len(rows) > MOST,
        most=MOST,
        possible=sum(row["possible"] for row in rows[:MOST]),
        action=action,
        opts=admin.opts,
        **context,
    )


def _do(page: Page, offers: Any, done: str, verb: Callable[[Offer], Any]) -> None:
    """Each by itself: one that is refused stops no other, and is said."""
    good = 0
    for offer in list(offers[:MOST]):
        try:
            verb(offer)
            good += 1
        except OfferError as error:
            messages.warning(page.request, f"{offer}: {error}")
        except REFUSALS as error:
            messages.warning(page.request, f"{offer}: {refusal(error)}")
    if good:
        messages.success(page.request, f"{good} {'offer' if good == 1 else 'offers'} {done}.")
