"""Acting on several offers of the board: first what would happen to each, then, on confirmation, each by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from governance import ladder
from governance.access import Role
from governance.models import User
from governance.scoping import scoped
from offers import escalations, workflow
from offers.forms import Day, Words, people
from offers.handover import OPEN, hand_over, hand_over_requisitions
from offers.lifecycle import Status
from offers.models import Clock, Offer
from offers.nudges import nudge
from offers.presentation import span
from offers.queues import unresolved
from offers.views.board import board_url
from offers.views.frame import REFUSALS, Page, holder_of, portal, refusal, role_of

MOST = 50


class Nothing(forms.Form):
    """Nothing is asked for all of them together."""


class Until(forms.Form):
    until = Day(label="New last day to answer", help_text="After the present one of each, and before its start.")


class To(forms.Form):
    """Whose the offers become, and why."""

    recruiter = forms.ModelChoiceField(queryset=User.objects.none(), empty_label="Choose a recruiter")
    reason = Words("Reason", required=True, help_text="Kept with the history of each offer.")


@dataclass(frozen=True, slots=True)
class BoardAct:
    """`says` tells what would happen to one offer, or raises why it would not; `does` does it."""

    title: str
    done: str
    says: Callable[[Page, Any], str]
    does: Callable[[Page, Any, dict[str, Any]], object]
    form: type[forms.Form] = Nothing


def _would_hold(page: Page, offer: Any) -> str:
    clock = next((clock for clock in offer.running if clock.flagged), None)
    if clock is None or not offer.unresolved:
        return "Nothing of it is escalated"
    if clock.hold_until and clock.hold_until > page.now:
        return f"Held already until {page.voice.moment(clock.hold_until).text}"
    hold = ladder.hold(clock.path.document if clock.path else {}, clock.priority)
    left = hold.times - clock.holds
    return (
        f"Holds the ladder for {span(hold.span)}; {left} of {hold.times} left"
        if left > 0
        else "Held as often as allowed"
    )


def _hold(page: Page, offer: Any, given: dict[str, Any]) -> object:
    ids = [each.pk for each in offer.unresolved] or [0]
    return escalations.acknowledge(ids, actor=page.user, now=page.now)


def _would_nudge(page: Page, offer: Any) -> str:
    return f"Mails {holder_of(offer) or 'nobody'}"


def _would_prolong(page: Page, offer: Any) -> str:
    if offer.status not in (Status.EXTENDED, Status.NEGOTIATING) or not offer.letter:
        return "No letter of it waits for an answer"
    ends = offer.letter.expires_at
    return f"To be answered by {page.voice.moment(ends).text} now" if ends else "Has no last day now"


def _would_hand_over(page: Page, offer: Any) -> str:
    return f"Now with {offer.recruiter or 'nobody'}"


ACTS = {
    "acknowledge": BoardAct("Acknowledge", "acknowledged", _would_hold, _hold),
    "nudge": BoardAct(
        "Nudge the holder", "nudged", _would_nudge,
        lambda page, offer, given: nudge(offer.pk, actor=page.user, now=page.now),
    ),
    "prolong": BoardAct(
        "Give more time to answer", "prolonged", _would_prolong,
        lambda page, offer, given: workflow.prolong(offer.pk, actor=page.user, now=page.now, until=given["until"]),
        Until,
    ),
    "hand-over": BoardAct(
        "Hand over", "handed over", _would_hand_over,
        lambda page, offer, given: hand_over(
            offer.pk, to=given["recruiter"], actor=page.user, now=page.now, reason=given["reason"]
        ),
        To,
    ),
}  # fmt: skip


@require_http_methods(["GET", "POST"])
@portal
def act(page: Page, name: str) -> HttpResponse:
    """GET says what would happen to the chosen offers; POST does it, and says of each what stood against it."""
    found = ACTS.get(name)
    if found is None:
        raise Http404("There is no such action.")
    posted = page.request.method == "POST"
    given = page.request.POST if posted else page.request.GET
    offers, leaver = _chosen(page, given)
    clients = {offer.client_id for offer in offers}
    if found.form is To and len(clients) > 1:
        messages.error(page.request, "Choose offers of one client: recruiters belong to one.")
        return redirect(board_url())
    form = found.form(page.request.POST if posted else None)
    if found.form is To:
        field: Any = form.fields["recruiter"]
        field.queryset = people(next(iter(clients), 0), Role.RECRUITER, Role.COORDINATOR)
        if leaver:
            field.queryset = field.queryset.exclude(pk=leaver.pk)
    if posted and form.is_valid():
        _do(page, found, offers, form.cleaned_data)
        if leaver and clients:
            _requisitions(page, leaver, clients.pop(), form.cleaned_data)
            if _chosen(page, given)[0]:
                messages.info(page.request, f"{leaver} has more; here is what is left.")
                return redirect(f"{page.request.path}?from={leaver.pk}")
        return redirect(board_url())
    rows = [{"offer": offer, "role": role_of(offer), "text": found.says(page, offer)} for offer in offers]
    return page.show(
        "offers/board_act.html",
        found.title,
        rows=rows[:MOST],
        more=len(rows) > MOST,
        most=MOST,
        form=form,
        leaver=leaver,
        client=offers[0].client if leaver else None,
    )


def _chosen(page: Page, given: Any) -> tuple[list[Any], User | None]:
    """The offers that were ticked; or all that a person who leaves still has, with that person."""
    mine: Any = scoped(Offer.objects.all(), page.user)
    leaver = None
    if given.get("from", "").isdecimal():
        leaver = User.objects.filter(pk=given["from"]).first()
        rows = mine.filter(recruiter=leaver, status__in=sorted(OPEN)) if leaver else mine.none()
        first = rows.order_by("client__name", "client").values_list("client", flat=True).first()
        rows, leaver = rows.filter(client=first), leaver if first else None  # one client's at a time: so are recruiters
    else:
        rows = mine.filter(pk__in=[pk for pk in given.getlist("offer") if pk.isdecimal()])
    running = Prefetch("clocks", Clock.objects.running().select_related("path"), to_attr="running")
    rows = rows.for_list().prefetch_related(running, unresolved())
    return list(rows.order_by("pk")[: MOST + 1]), leaver


def _do(page: Page, found: BoardAct, offers: list[Any], given: dict[str, Any]) -> None:
    good = 0
    for offer in offers[:MOST]:
        try:
            found.does(page, offer, given)
            good += 1
        except REFUSALS as error:
            messages.warning(page.request, f"{offer}: {refusal(error)}")
    if good:
        messages.success(page.request, f"{good} {'offer' if good == 1 else 'offers'} {found.done}.")


def _requisitions(page: Page, leaver: User, client_id: int, given: dict[str, Any]) -> None:
    try:
        many = hand_over_requisitions(
            leaver, client_id=client_id, to=given["recruiter"], actor=page.user, now=page.now, reason=given["reason"]
        )
    except REFUSALS as error:
        messages.warning(page.request, str(refusal(error)))
    else:
        if many:
            messages.success(page.request, f"{many} open {'requisition' if many == 1 else 'requisitions'} handed over.")
