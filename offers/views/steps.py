"""What may be done with an approval beside deciding it: hand it on to another person, or skip it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from governance.access import roles_at
from governance.models import Delegation, User
from governance.programme import load
from governance.scoping import scoped
from offers import approvals, workflow
from offers.errors import OfferError
from offers.forms import HandOnForm, SkipForm
from offers.models import Approval, ApprovalChain, Offer
from offers.models.approvals import ApprovalStatus, ChainStatus
from offers.queues import asked_of
from offers.views.frame import REFUSALS, Page, find_offer, portal, refusal, role_of, url_of
from offers.workflow import mover

HAND_ON = "gives this approval to one other person in the same role; its clock runs on, and they get a mail"
SKIP = "lets the offer go on without this approval; whoever was asked gets a mail with your reason"


def find_approval(page: Page, pk: int) -> Approval:
    """The approval of an offer that the person may see; a 404 for any other."""
    rows = Approval.objects.select_related("chain__version__client", "person")
    return get_object_or_404(rows, pk=pk, offer__in=scoped(Offer.objects.all(), page.user))


def behalf_of(page: Page, approval: Approval) -> str:
    """For whom the person would decide this, where it does not ask them themselves; "" else."""
    away = list(
        Delegation.objects.in_force(page.now)
        .filter(to_user=page.user, client=approval.client_id)
        .select_related("from_user")
    )
    if not away or Approval.objects.filter(asked_of(page.user), pk=approval.pk).exists():
        return ""
    return " or ".join(str(each.from_user) for each in away)


def handles(chain: ApprovalChain | None, offer: Offer, user: User) -> list[dict[str, str]]:
    """What the person's role lets them do with the approvals that wait: [{label, url}]."""
    if chain is None or chain.status != ChainStatus.RUNNING:
        return []
    held, found = roles_at(user, offer.client_id), []
    for each in chain.approvals.all():
        if each.status != ApprovalStatus.ASKED:
            continue
        if held & mover.MAY["reassign"] and each.n == 1:
            found.append({"label": f"Hand on: {each.asks}", "url": reverse("offers:hand-on", args=[each.pk])})
        if held & mover.MAY["skip"]:
            found.append({"label": f"Skip: {each.asks}", "url": reverse("offers:skip", args=[each.pk])})
    return found


@require_http_methods(["GET", "POST"])
@portal
def hand_on(page: Page, pk: int) -> HttpResponse:
    """GET asks to whom and why, POST gives it to them."""
    approval = find_approval(page, pk)
    offer = find_offer(page, approval.offer_id)
    editors = frozenset(approvals.editors_of(approval.chain.version))
    case = approvals.Case(offer, load(offer.client_id), editors, page.now)
    given = page.request.POST if page.request.method == "POST" else None
    form = HandOnForm(given, offer=offer, people=approvals.could_decide(approval, case))
    return _step(page, offer, approval, form, "reassign", "Hand on", HAND_ON, workflow.reassign)


@require_http_methods(["GET", "POST"])
@portal
def skip(page: Page, pk: int) -> HttpResponse:
    """GET asks why, POST goes on without it."""
    approval = find_approval(page, pk)
    offer = find_offer(page, approval.offer_id)
    form = SkipForm(page.request.POST if page.request.method == "POST" else None, offer=offer)
    return _step(page, offer, approval, form, "skip", "Skip", SKIP, workflow.skip)


def _step(
    page: Page, offer: Offer, approval: Approval, form: Any, action: str, label: str, says: str, verb: Any
) -> HttpResponse:
    error = _not_allowed(offer, action, page)
    posted = page.request.method == "POST"
    if posted and error is None and form.is_valid():
        try:
            verb(approval.pk, actor=page.user, now=page.now, **form.kwargs())
        except REFUSALS as caught:
            error = refusal(caught)
            if error.field in form.fields:
                form.add_error(error.field, error.message)
        else:
            done = "The approval is handed on." if action == "reassign" else "The approval is skipped."
            messages.success(page.request, done)
            return redirect(url_of(offer))
    context = {"offer": offer, "role": role_of(offer), "approval": approval, "form": form, "refused": error}
    title = f"{label}: {approval.asks}"
    status = 409 if error and posted else 200
    return page.show("offers/step.html", title, status, label=label, says=says, danger=action == "skip", **context)


def _not_allowed(offer: Offer, action: str, page: Page) -> OfferError | None:
    try:
        mover.check_role(offer, action, page.user)
    except OfferError as error:
        return error
    return None
