"""Acting on several offers of the board: first what would happen to each, then, on confirmation, each by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from governance import ladder
from governance.access import Role
from governance.models import Client, User
from governance.scoping import key_of, scoped
from offers import escalations, workflow
from offers.forms import Day, Words, people
from offers.handover import OPEN, hand_over, hand_over_requisitions, open_requisitions
from offers.lifecycle import Status
from offers.models import Clock, Offer
from offers.nudges import nudge
from offers.presentation import span
from offers.queues import unresolved
from offers.views.board import board_url
from offers.views.frame import REFUSALS, Page, holder_of, portal, refusal, role_of
from offers.workflow.mover import PREPARERS

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
    chosen = _chosen(page, given)
    if found.form is To and len({offer.client_id for offer in chosen.offers}) > 1:
        messages.error(page.request, "Choose offers of one client: recruiters belong to one.")
        return redirect(board_url())
    form = found.form(page.request.POST if posted else None)
    if found.form is To:
        field: Any = form.fields["recruiter"]
        field.queryset = people(chosen.client_id, Role.RECRUITER, Role.COORDINATOR)
        if chosen.leaver:
            field.queryset = field.queryset.exclude(pk=chosen.leaver.pk)
    if posted and not chosen.is_empty and form.is_valid():
        return _done(page, found, chosen, form.cleaned_data, given)
    rows = [{"offer": offer, "role": role_of(offer), "text": found.says(page, offer)} for offer in chosen.offers]
    return page.show(
        "offers/board_act.html",
        found.title,
        rows=rows[:MOST],
        more=len(rows) > MOST,
        most=MOST,
        form=form,
        chosen=chosen,
        client=Client.objects.filter(pk=chosen.client_id).first() if chosen.leaver else None,
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """The offers that were ticked; or what a person who leaves still has at one client, requisitions included."""

    offers: list[Any]
    client_id: int = 0
    leaver: User | None = None
    requisitions: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.offers and not self.requisitions


def _chosen(page: Page, given: Any) -> Chosen:
    leaving = key_of(given.get("from", ""))
    leaver = User.objects.filter(pk=leaving).first() if leaving else None
    if leaver:
        return _left_by(page, leaver)
    if leaving:
        return Chosen([])
    offers = _read(scoped(Offer.objects.all(), page.user).filter(pk__in=map(key_of, given.getlist("offer"))))
    return Chosen(offers, client_id=offers[0].client_id if offers else 0)


def _left_by(page: Page, leaver: User) -> Chosen:
    """What they still have at the first of their clients: one client's at a time, as recruiters are."""
    mine = [pk for pk, roles in page.user.roles.items() if roles & PREPARERS]
    offers = scoped(Offer.objects.all(), page.user).filter(recruiter=leaver, status__in=sorted(OPEN), client__in=mine)
    requisitions = open_requisitions(leaver).filter(client__in=mine)
    having = Q(pk__in=offers.values("client")) | Q(pk__in=requisitions.values("client"))
    client = Client.objects.filter(having).order_by("name", "pk").values_list("pk", flat=True).first()
    if client is None:
        return Chosen([])
    many = requisitions.filter(client=client).count()
    return Chosen(_read(offers.filter(client=client)), client_id=client, leaver=leaver, requisitions=many)


def _read(rows: Any) -> list[Any]:
    running = Prefetch("clocks", Clock.objects.running().select_related("path"), to_attr="running")
    rows = rows.for_list().prefetch_related(running, unresolved())
    return list(rows.order_by("pk")[: MOST + 1])


def _done(page: Page, found: BoardAct, chosen: Chosen, answers: dict[str, Any], given: Any) -> HttpResponse:
    """Do it, and go back to the board; or to what somebody who leaves still has."""
    _do(page, found, chosen.offers, answers)
    if chosen.leaver:
        _requisitions(page, chosen.leaver, chosen.client_id, answers)
        if not _chosen(page, given).is_empty:
            messages.info(page.request, f"{chosen.leaver} has more; here is what is left.")
            return redirect(f"{page.request.path}?from={chosen.leaver.pk}")
    return redirect(board_url())


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
