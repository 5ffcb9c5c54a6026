"""“Waiting for me”: every approval that the person can decide, to be filtered, taken away as a file, or answered.

Several are answered at once only on a page that shows each of them, with an answer and a comment of its own.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from tablib import Dataset  # type: ignore[import-untyped]

from governance.access import Role
from governance.admin.exports import plain
from governance.models import Client, Delegation
from governance.scoping import key_of
from offers import workflow
from offers.models import Approval, Clock
from offers.presentation import face, leading, standing_pill
from offers.queues import asked_of, waiting_for
from offers.views import advice_panel
from offers.views.frame import REFUSALS, Page, portal, refusal, role_of
from offers.views.queues import MOST, in_order, waiting_row

TOGETHER = 25  # how many one page shows to be answered
ONLY = (("late", "Late"), ("critical", "Critical hires"), ("away", "For who is away"))
ANSWERS = (
    ("", "Leave it waiting"),
    ("approved", "Approve these terms"),
    ("returned", "Send back for changes"),
    ("rejected", "Reject"),
)
COLUMNS = ("offer", "role", "candidate", "asked_as", "reason", "standing", "asked_at", "due_at", "priority", "client")


class InboxFilter(forms.Form):
    """What to show of it; whatever is not known is not asked for."""

    only = forms.ChoiceField(label="Show", choices=(("", "Everything"), *ONLY), required=False)
    role = forms.ChoiceField(label="Asked as", choices=(("", "Any role"), *Role.choices), required=False)
    client = forms.ModelChoiceField(
        label="Client", queryset=Client.objects.none(), required=False, empty_label="All clients"
    )

    def __init__(self, *args: Any, page: Page, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        if len(page.user.roles) > 1:
            field: Any = self.fields["client"]
            field.queryset = Client.objects.of(page.user)
        else:
            del self.fields["client"]

    def apply(self, rows: QuerySet[Approval]) -> QuerySet[Approval]:
        given = self.cleaned_data if self.is_valid() else {}
        kept = {
            "late": Q(due_at__lte=self.page.now),
            "critical": Q(offer__priority="critical"),
            "away": ~asked_of(self.page.user),
        }
        rows = rows.filter(kept.get(given.get("only", ""), Q()))
        rows = rows.filter(role=given["role"]) if given.get("role") else rows
        return rows.filter(client=given["client"]) if given.get("client") else rows


@require_http_methods(["GET", "HEAD"])
@portal
def waiting(page: Page) -> HttpResponse:
    """What waits: late ones first, critical before standard, then those due soonest. ?format=csv gives the file."""
    form = InboxFilter(page.request.GET, page=page)
    found = form.apply(waiting_for(page.user, page.now))
    if page.request.GET.get("format") == "csv":
        return _file(page, list(in_order(found, page.now)))
    clocks = Prefetch("offer__clocks", Clock.objects.running(), to_attr="running")
    own = ExpressionWrapper(asked_of(page.user), output_field=BooleanField())
    rows = list(in_order(found.annotate(own=own), page.now).prefetch_related(clocks)[:MOST])
    shown: dict[str, Any] = {
        "rows": _rows(page, rows),
        "advice": advice_panel.waiting(page),
        "form": form,
        "query": _query(page),
    }
    return page.show("offers/waiting.html", "Waiting for me", **shown)


def _query(page: Page) -> str:
    given = page.request.GET.copy()
    given["format"] = "csv"
    return given.urlencode()


def _rows(page: Page, approvals: list[Approval]) -> list[dict[str, Any]]:
    own = {each.pk for each in approvals if each.own}  # type: ignore[attr-defined]
    away: dict[int, list[str]] = {}
    if len(own) < len(approvals):
        absences = Delegation.objects.in_force(page.now).filter(to_user=page.user).select_related("from_user")
        for each in absences:
            away.setdefault(each.client_id, []).append(str(each.from_user))
    return [
        {
            **waiting_row(each, page.voice),
            "pk": each.pk,
            "away": "" if each.pk in own else " or ".join(away.get(each.client_id, ["somebody"])),
            "clock": face(clock, page.voice) if (clock := leading(each.offer.running)) else None,  # type: ignore[attr-defined]
        }
        for each in approvals
    ]


def _file(page: Page, approvals: list[Approval]) -> HttpResponse:
    dataset = Dataset(headers=list(COLUMNS))
    for each in approvals:
        row = waiting_row(each, page.voice)
        due = each.due_at.isoformat() if each.due_at else ""
        asked = each.asked_at.isoformat() if each.asked_at else ""
        values = (
            str(each.offer), row["role"], row["candidate"], row["as"], row["reason"], row["standing"].text, asked, due,
            each.offer.priority, each.offer.client.code,
        )  # fmt: skip
        dataset.append([plain(value) for value in values])
    headers = {"Content-Disposition": 'attachment; filename="waiting.csv"'}
    return HttpResponse(dataset.export("csv"), content_type="text/csv", headers=headers)


# --- several at once


class AnswerForm(forms.Form):
    """One answer of several; its comment, or else the one for all."""

    verdict = forms.ChoiceField(label="Answer", choices=ANSWERS, required=False, widget=forms.RadioSelect)
    comment = forms.CharField(
        label="Comment", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Empty: the comment for all, if there is one.",
    )  # fmt: skip


class CommentForm(forms.Form):
    """The comment for all of them."""

    comment = forms.CharField(
        label="Comment", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Used where an answer has none of its own. Needed to reject or send back.",
    )  # fmt: skip


@require_http_methods(["POST"])
@portal
def together(page: Page) -> HttpResponse:
    """POST of ticked rows shows each with its terms; POST with `confirm` records the answers, each by itself."""
    chosen = [key_of(pk) for pk in page.request.POST.getlist("approval")]
    found = list(in_order(waiting_for(page.user, page.now).filter(pk__in=chosen), page.now)[:TOGETHER])
    if not found:
        messages.info(page.request, "Nothing of what you chose waits for you. Tick what to answer, then go on.")
        return redirect("offers:waiting")
    confirmed = "confirm" in page.request.POST
    everybody = CommentForm(page.request.POST if confirmed else None)
    cards = [_card(page, each, confirmed) for each in found]
    if confirmed and everybody.is_valid():
        comment = everybody.cleaned_data["comment"]
        left = [card for card in cards if not _answered(page, card, comment)]
        if not left:
            return redirect("offers:waiting")
        cards = left
    more = len(chosen) > TOGETHER
    context = {"cards": cards, "everybody": everybody, "more": more, "most": TOGETHER}
    return page.show("offers/together.html", "Answer several", 409 if confirmed else 200, **context)


def _card(page: Page, approval: Approval, confirmed: bool) -> dict[str, Any]:
    version, offer = approval.chain.version, approval.offer
    money = page.voice.money
    return {
        "approval": approval,
        "offer": offer,
        "row": waiting_row(approval, page.voice),
        "pill": standing_pill(version, page.voice),
        "role": role_of(offer),
        "facts": [
            ("Base, full-time a year", money(version.annual, version.currency)),
            ("First-year cash", money(version.first_year_total, version.currency)),
            ("Start", page.voice.day(version.start_on)),
        ],
        "url": reverse("offers:decide", args=[approval.pk]),
        "form": AnswerForm(page.request.POST if confirmed else None, prefix=f"a{approval.pk}"),
    }


def _answered(page: Page, card: dict[str, Any], everybody: str) -> bool:
    """True once nothing of this card is left to say: recorded, or left waiting on purpose."""
    form, approval = card["form"], card["approval"]
    if not form.is_valid():
        return False
    verdict, comment = form.cleaned_data["verdict"], form.cleaned_data["comment"] or everybody
    if not verdict:
        return True
    try:
        workflow.decide(approval.pk, verdict, actor=page.user, now=page.now, comment=comment)
    except REFUSALS as error:
        caught = refusal(error)
        form.add_error(caught.field if caught.field in form.fields else None, str(caught))
        return False
    messages.success(page.request, f"Your decision on {card['offer']} is recorded.")
    return True
