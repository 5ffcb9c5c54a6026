"""Panels of open work: closing evidence on an offer's page, and what will probably be late on the stuck board."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from analytics import evidence, risk
from analytics.evidence import Evidence, Where
from analytics.models import Freshness
from analytics.views.panel import show
from governance.access import clients_with
from governance.models import Client
from governance.programme import IncompleteProgramme, load
from governance.scoping import scoped
from offers.models import Clock, Offer, OfferVersion
from offers.models.clocks import ClockKind
from offers.presentation import Voice, status_pill
from offers.standing import assess
from offers.views.frame import Page, find_offer, holder_of, portal, role_of, url_of

LISTED = 15
MOST = 200


@require_http_methods(["GET", "HEAD"])
@portal
def closing(page: Page, pk: int) -> HttpResponse:
    """What became of comparable past offers; for those who may read pay at the offer's client."""
    offer = find_offer(page, pk)
    if not page.user.has_perm("governance.view_salaryband", offer):
        raise PermissionDenied
    job = {name: getattr(offer.job, name) for name in evidence.JOB}
    cases = evidence.cases_for(offer.client, job, besides=offer, now=page.now) if offer.is_live else []
    version = offer.versions.select_related("client").order_by("-number").first()
    market, compa = _ratios(version, offer, page.now) if version else (None, None)
    found = evidence.weigh(
        job, cases, minimum=offer.client.minimum_cell, market_ratio=market, compa_ratio=compa
    )  # fmt: skip
    fresh = Freshness.objects.filter(client=offer.client).first()
    return show(
        page,
        "analytics/panels/closing.html",
        "Closing evidence",
        (url_of(offer), f"{role_of(offer)}, {offer.candidate.display_name}"),
        offer=offer,
        found=found,
        rate=_share(found, page.voice),
        where=_where_said(found.where, version, page.voice) if found.where and version else "",
        rows=_rows(found, page),
        fresh=page.voice.moment(fresh.refreshed_at) if fresh else None,
    )


def _ratios(version: OfferVersion, offer: Offer, now: datetime) -> tuple[float | None, float | None]:
    """Of reference and of midpoint: frozen, or as judged now while it is being prepared."""
    version.offer = offer
    if version.is_frozen:
        market, compa = version.market_ratio, version.compa_ratio
        return (None if market is None else float(market)), (None if compa is None else float(compa))
    try:
        standing = assess(version, now=now).standing
    except IncompleteProgramme:
        return None, None
    return (
        None if standing.market_ratio is None else float(standing.market_ratio),
        None if standing.compa_ratio is None else float(standing.compa_ratio),
    )


def _percent(share: float, voice: Voice) -> str:
    return voice.percent(Decimal(str(share)))


def _share(found: Evidence, voice: Voice) -> str:
    if found.few or found.interval is None:
        return ""
    low, high = (_percent(each, voice) for each in found.interval)
    return f"{_percent(found.closed / len(found.cases), voice)} ({low} to {high})"


def _where_said(where: Where, version: OfferVersion, voice: Voice) -> str:
    """ "Half of the 14 that closed stood at 102 % of reference or above. This one …"."""
    of = {"reference": "of reference", "midpoint": "of the band's midpoint"}[where.measure]
    closed, mine = _percent(where.closed, voice), _percent(where.mine, voice)
    begins = f"Half of the {where.n} that closed stood at {closed} {of} or above; this one stands at {mine}."
    if not where.share:
        return f"{begins} It is among them as it is."
    base = version.annual if version.annual is not None else version.base_annual
    more = voice.money((base * Decimal(str(where.share))).quantize(Decimal(1)), version.currency)
    return f"{begins} {_percent(where.share, voice)} more base, {more} a year, would put it there."


def _rows(found: Evidence, page: Page) -> list[dict[str, Any]]:
    if found.few:
        return []
    first = found.cases[:LISTED]
    names = dict(
        scoped(Offer.objects.filter(pk__in=[case.offer for case in first]), page.user).values_list("pk", "external_id")
    )
    return [
        {
            "name": names[case.offer],
            "url": url_of(case.offer),
            "pill": status_pill(case.status),
            "day": page.voice.day(case.decided_on),
            "ratio": _percent(case.market_ratio, page.voice) if case.market_ratio else "unknown",
        }
        for case in first
        if case.offer in names
    ]


# --- at risk


@require_http_methods(["GET", "HEAD"])
@portal
def at_risk(page: Page) -> HttpResponse:
    """Open offers that will probably miss their target by the end of the next working day."""
    rows: list[dict[str, Any]] = []
    untold = 0
    for client in Client.objects.filter(pk__in=clients_with(page.user, "offers.view_offer")):
        due = _due(page, client)
        past = risk.measured(client.pk, now=page.now) if due else {}
        chances = [(clock, _chance(clock, past, client, page.now)) for clock in due]
        untold += sum(each is None for _, each in chances)
        rows += [_risk_row(clock, each, page) for clock, each in risk.likely(chances)]
    return show(
        page,
        "analytics/panels/at_risk.html",
        "Likely to be late",
        (reverse("offers:stuck"), "The stuck board"),
        rows=rows,
        untold=untold,
    )


def _due(page: Page, client: Client) -> list[Clock]:
    horizon = risk.end_of_next_working_day(page.now, load(client.pk).calendar)
    visible = scoped(Offer.objects.filter(client=client, status__in=risk.BEFORE_LETTER), page.user)
    rows = Clock.objects.running().filter(
        client=client, kind=ClockKind.VERBAL_TO_WRITTEN, paused_at=None, target_at__gt=page.now,
        target_at__lte=horizon, offer__in=visible.values("pk"),
    )  # fmt: skip
    related = ("offer__requisition", "offer__candidate__person", "offer__holder")
    return list(rows.select_related(*related).order_by("target_at", "pk")[:MOST])


def _chance(clock: Clock, past: risk.Past, client: Client, now: datetime) -> risk.Chance | None:
    if clock.target_at is None:
        return None
    return risk.chance(
        past,
        status=clock.offer.status,
        in_stage=risk.hours(now - clock.offer.moved_at),
        since_yes=risk.hours(now - clock.started_at),
        left=risk.hours(clock.target_at - now),
        minimum=client.minimum_cell,
    )


def _risk_row(clock: Clock, found: risk.Chance, page: Page) -> dict[str, Any]:
    low, high = (_percent(each, page.voice) for each in found.interval or (0.0, 1.0))
    offer = clock.offer
    return {
        "offer": offer,
        "url": url_of(offer),
        "role": role_of(offer),
        "candidate": offer.candidate.display_name,
        "status": status_pill(offer.status),
        "holder": holder_of(offer) or "nobody",
        "due": page.voice.moment(clock.target_at) if clock.target_at else None,
        "share": _percent(found.share, page.voice),
        "interval": f"{low} to {high}, n = {page.voice.number(Decimal(found.n), 0)}",
        "by": f"once {status_pill(found.stage).text.lower()}" if found.stage else "since the verbal approval",
    }
