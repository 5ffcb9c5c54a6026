"""“Effect on open clocks”: which running clocks a calendar would put elsewhere, and the button that moves them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from governance.access import roles_at
from governance.models import BusinessCalendar
from governance.scoping import scoped, scoped_or_404
from offers import calendar_effect
from offers.errors import OfferError
from offers.forms import Words
from offers.models import Offer
from offers.views.act import blame
from offers.views.frame import REFUSALS, Page, portal, refusal, url_of

MOST = 100


class MoveForm(forms.Form):
    reason = Words("Reason", required=True, help_text="Kept with the history of each clock that moves.")


@require_http_methods(["GET", "POST"])
@portal
def effect(page: Page, pk: int) -> HttpResponse:
    """GET shows what would move and moves nothing; POST moves it."""
    calendar = scoped_or_404(BusinessCalendar, page.user, pk)
    posted = page.request.method == "POST"
    form = MoveForm(page.request.POST if posted else None)
    error: OfferError | None = None
    if posted and form.is_valid():
        try:
            many = calendar_effect.move(calendar, actor=page.user, now=page.now, reason=form.cleaned_data["reason"])
        except REFUSALS as caught:
            error = blame(form, refusal(caught))
        else:
            messages.success(page.request, f"{many} {'clock' if many == 1 else 'clocks'} moved.")
            return redirect("offers:calendar-effect", pk=calendar.pk)
    moved = calendar_effect.effect(calendar)
    return page.show(
        "offers/calendar_effect.html",
        "Effect on open clocks",
        200 if error is None else 409,
        calendar=calendar,
        opts=BusinessCalendar._meta,
        rows=rows(moved, page),
        total=len(moved),
        form=form,
        refused=error,
        may=bool(roles_at(page.user, calendar.client_id) & calendar_effect.MAY),
    )


def rows(moved: list[calendar_effect.Moved], page: Page, most: int = MOST) -> list[dict[str, Any]]:
    """The first of these clocks as the table shows them, without those whose offers the person may not see."""
    offers = [each.clock.offer_id for each in moved[:most]]
    seen = set(scoped(Offer.objects.filter(pk__in=offers), page.user).values_list("pk", flat=True))
    return [_row(each, page) for each in moved[:most] if each.clock.offer_id in seen]


def _row(each: calendar_effect.Moved, page: Page) -> dict[str, Any]:
    return {
        "offer": each.clock.offer,
        "url": url_of(each.clock.offer_id),
        "kind": each.clock.get_kind_display() + (f", {each.threshold} h threshold" if each.threshold else ""),
        "was": page.voice.exact(each.was),
        "now": page.voice.exact(each.now),
        "later": each.now > each.was,
    }
