"""“Try on past offers”: what a policy version would have asked for, beside what the policy in force asks."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from governance.builder.drafts import people_of
from governance.models import ApprovalPolicy
from governance.policy_schema import ROLES, validate
from governance.programme import load
from governance.scoping import scoped_or_404
from offers import policy_trial
from offers.policy_trial import Difference, Trial
from offers.views.frame import Page, portal, url_of


class PeriodForm(forms.Form):
    since = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="Until before", widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since >= until:
            self.add_error("until", "The period ends after it begins.")
        return cleaned


@require_http_methods(["GET", "HEAD"])
@portal
def trial(page: Page, pk: int) -> HttpResponse:
    """Both policies over the versions submitted in a period, by default the last 12 months, client-local days."""
    policy = scoped_or_404(ApprovalPolicy, page.user, pk)
    if not page.user.has_perm("offers.view_offer", policy):
        raise PermissionDenied
    programme = load(policy.client_id)
    zone = ZoneInfo(programme.zone)
    tomorrow = page.now.astimezone(zone).date() + timedelta(days=1)
    usual = {"since": (tomorrow - timedelta(days=365)).isoformat(), "until": tomorrow.isoformat()}
    form = PeriodForm({**usual, **page.request.GET.dict()})
    problems = validate(policy.document)
    found = None
    if form.is_valid() and programme.policy and not problems:
        past = policy_trial.past_versions(
            policy.client_id, *(_midnight(form.cleaned_data[name], zone) for name in ("since", "until"))
        )
        found = policy_trial.try_on(policy.document, programme.policy.document, past)
    names = people_of(policy.client_id)
    return page.show(
        "offers/policy_trial.html",
        "Try on past offers",
        policy=policy,
        form=form,
        problems=problems,
        in_force=programme.policy is not None,
        itself=programme.policy is not None and programme.policy.id == policy.pk,
        trial=found,
        roles=_roles(found, names) if found else [],
        rows=[_row(each, page, names) for each in found.listed] if found else [],
        costs_url=_costs_url(policy, form) if found else "",
        untried=[f"{reason} ({count})" for reason, count in found.untried.most_common()] if found else [],
    )


def _costs_url(policy: ApprovalPolicy, form: PeriodForm) -> str:
    """Where hours and outcomes of the same trial are shown, as a panel."""
    days = {name: form.cleaned_data[name].isoformat() for name in ("since", "until")}
    return reverse("panels:backtest", args=[policy.pk], query=days)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def _roles(found: Trial, names: dict[int, str]) -> list[dict[str, Any]]:
    return [
        {"who": said(who, names), "then": then, "before": before, "after": after, "change": _signed(after - before)}
        for who, then, before, after in found.roles
    ]


def said(who: str, names: dict[int, str]) -> str:
    """Whoever is asked, as people say it: "Finance leader", "Finance leader (CFO)", or a name."""
    role, _, title = who.partition(" ")
    if role == "person":
        return names.get(int(title), "Somebody who has left")
    words = ROLES[role][:1].upper() + ROLES[role][1:]
    return f"{words} ({title})" if title else words


def _signed(number: int) -> str:
    return "–" if not number else f"+{number}" if number > 0 else f"−{-number}"


def _row(each: Difference, page: Page, names: dict[int, str]) -> dict[str, Any]:
    return {
        "name": each.past.name,
        "url": url_of(each.past.offer),
        "submitted": page.voice.moment(each.past.submitted_at),
        "before": [said(who, names) for who in each.before.asked],
        "after": [said(who, names) for who in each.after.asked],
        "because": each.after.because,
    }
