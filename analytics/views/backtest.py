"""What a policy version would have cost and caught on past offers: a panel of “Try on past offers”."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from analytics import backtest
from analytics.errors import ReportError
from analytics.views.panel import show
from governance.builder.drafts import people_of
from governance.models import ApprovalPolicy
from governance.policy_schema import validate
from governance.scoping import scoped_or_404
from offers.lifecycle import LIVE
from offers.policy_trial import Difference
from offers.presentation import Voice, status_pill
from offers.views.frame import Page, portal, url_of
from offers.views.policy_trial import PeriodForm, said

LISTED = 20


@require_http_methods(["GET", "HEAD"])
@portal
def panel(page: Page, pk: int) -> HttpResponse:
    """Hours and outcomes of a version of a policy on the offers of a period, days of the client."""
    policy = scoped_or_404(ApprovalPolicy, page.user, pk)
    if not page.user.has_perm("offers.view_offer", policy):
        raise PermissionDenied
    title = "What it would have cost and caught"
    back = (reverse("offers:policy-trial", args=[policy.pk]), f"Try {policy} on past offers")
    form = PeriodForm(page.request.GET)
    if not form.is_valid() or validate(policy.document):
        return show(page, "analytics/panels/backtest.html", title, back)
    period = form.cleaned_data
    try:
        found = backtest.backtest(policy.document, client=policy.client, now=page.now, **period)
    except ReportError as error:
        return show(page, "analytics/panels/backtest.html", title, back, refusal=str(error))
    told = backtest.as_json(found, policy.document, client=policy.client, now=page.now, **period)
    names = people_of(policy.client_id)
    return show(
        page,
        "analytics/panels/backtest.html",
        title,
        back,
        told=told,
        hours=_hours(told["hours"], page.voice),
        reviews=[_review(row, names, page.voice) for row in told["reviews"]],
        unmeasured=[said(whom, names) for whom in told["hours"]["unmeasured"]],
        groups=[
            _group("Offers it would have caught", told["caught"], found.caught, page),
            _group("Offers it would have let go", told["released"], found.released, page),
            _group("All offers tried", told["all"], [], page),
        ],
    )


def hours_said(hours: float, voice: Voice) -> str:
    return f"{voice.number(Decimal(str(hours)), 1)} h"


def _hours(hours: dict[str, Any], voice: Voice) -> dict[str, str]:
    added = hours["added"]
    verb = "more" if added > 0 else "less" if added < 0 else "no difference"
    return {
        "in_force": hours_said(hours["in_force"], voice),
        "policy": hours_said(hours["policy"], voice),
        "added": f"{hours_said(abs(added), voice)} {verb}" if added else verb,
    }


def _review(row: dict[str, Any], names: dict[int, str], voice: Voice) -> dict[str, Any]:
    known = row["median_hours"] is not None
    return {
        "who": said(row["who"], names),
        "in_force": row["in_force"],
        "policy": row["policy"],
        "median": hours_said(row["median_hours"], voice) if known else "too few",
        "measured": row["measured"] if known else "",
    }


def _group(title: str, group: dict[str, Any], differences: list[Difference], page: Page) -> dict[str, Any]:
    """A group of offers: what became of them, in words, and the first of them as links."""
    first = {each.past.offer: each.past.name for each in differences}
    return {
        "title": title,
        "n": group["n"],
        "few": bool(group.get("suppressed")),
        "pills": [{"pill": status_pill(status), "count": count} for status, count in group.get("outcomes", {}).items()],
        "open": sum(count for status, count in group.get("outcomes", {}).items() if status in LIVE),
        "rate": _rate(group, page.voice),
        "left": f"{group['left_90']} of {group['joined_90']} who joined" if group.get("left_90") is not None else "",
        "offers": [{"name": name, "url": url_of(pk)} for pk, name in list(first.items())[:LISTED]],
        "more": max(0, len(first) - LISTED),
    }


def _rate(group: dict[str, Any], voice: Voice) -> str:
    if group.get("rate") is None:
        return "too few answered to say"
    rate, low, high = (voice.percent(Decimal(str(group[name]))) for name in ("rate", "ci_low", "ci_high"))
    return f"{rate} ({low} to {high}, n = {group['answered']})"
