"""The page behind a link in a mail. Nobody has to sign in; opening it decides nothing, only what is pressed there does.

Exempt from the CSRF check, because the address itself is the secret that another site would need; and because a browser
that may send no referrer posts "Origin: null", which that check refuses.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from governance.models import LinkRule, User
from governance.tenancy import scope
from offers import links
from offers.errors import BadInput, OfferError
from offers.links import CodeRefused, Dead
from offers.models import DecisionToken, Offer
from offers.models.tokens import Purpose
from offers.presentation import Voice, preferred_locale
from offers.views import link_pages
from offers.views.frame import REFUSALS, refusal

UNKNOWN = Dead(
    "unknown",
    "This address is not whole: a part of the link was cut off or changed on its way.",
    "Press the button in the mail itself, or copy its whole address. If it stays so, sign in.",
    404,
)
NEEDS_COMMENT = {"rejected", "returned", "correct"}
VERBS: dict[str, dict[str, Callable[..., None]]] = {
    Purpose.DECIDE: {
        "approved": lambda token, comment, now: links.decide(token, "approved", comment=comment, now=now),
        "rejected": lambda token, comment, now: links.decide(token, "rejected", comment=comment, now=now),
        "returned": lambda token, comment, now: links.decide(token, "returned", comment=comment, now=now),
    },
    Purpose.CONFIRM: {
        "confirm": lambda token, comment, now: links.confirm(token, now=now),
        "correct": lambda token, comment, now: links.correct(token, comment=comment, now=now),
    },
    Purpose.ACKNOWLEDGE: {"acknowledge": lambda token, comment, now: links.acknowledge(token, now=now)},
}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET and HEAD show what would be decided, as the server holds it; POST decides."""
    client = links.client_of(token)
    if client is None:
        return _secret(_closed(request, UNKNOWN))
    with scope([client]):
        found = links.find(token)
        if found is None:
            return _secret(_closed(request, UNKNOWN))
        with timezone.override(ZoneInfo(found.user.zone or found.client.zone)):
            return _secret(_answer(request, found, timezone.now()))


def _secret(response: HttpResponse) -> HttpResponse:
    """Nobody between us and the person keeps the page or hears of its address."""
    add_never_cache_headers(response)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _answer(request: HttpRequest, token: DecisionToken, now: datetime) -> HttpResponse:
    viewer: Any = request.user if request.user.is_authenticated else None
    closed = links.dead(token, viewer, now)
    if request.method != "POST":
        return _closed(request, closed, token) if closed else _show(request, token, now)
    if closed and closed.why == "expired" and request.POST.get("do") == "renew":
        return _renewed(request, token, now)
    if closed:
        return _closed(request, closed, token)
    return _act(request, token, viewer, now)


def _act(request: HttpRequest, token: DecisionToken, viewer: User | None, now: datetime) -> HttpResponse:
    """Check what was given, then who gives it, then do it; whatever is refused keeps what was written."""
    do, comment = request.POST.get("do", ""), request.POST.get("comment", "")[:4000]
    verb = VERBS[token.purpose].get(do)
    try:
        if verb is None:
            raise BadInput("Press one of the buttons.")
        if do in NEEDS_COMMENT:
            links.need_comment(comment)
        if viewer is None and token.client.link_rule == LinkRule.SIGN_IN:
            raise OfferError("This company asks you to sign in before you decide.")
        if viewer is None and token.client.link_rule == LinkRule.CODE and not _coded(request, token, now):
            return _show(request, token, now, code=True)
        verb(token, comment, now)
    except CodeRefused as error:
        return _show(request, token, now, error, code=True)
    except REFUSALS as error:
        return _show(request, token, now, refusal(error))
    return HttpResponseRedirect(request.path)


def _coded(request: HttpRequest, token: DecisionToken, now: datetime) -> bool:
    """True where the right code came along; else one is on its way. Raises CodeRefused for a wrong one."""
    given = request.POST.get("code", "").strip()
    if given and "again" not in request.POST:
        links.check_code(token, given, now=now)
        return True
    if "again" in request.POST or not links.code_waits(token, now):
        links.send_code(token, now=now)
    return False


def _renewed(request: HttpRequest, token: DecisionToken, now: datetime) -> HttpResponse:
    links.renew(token, now=now)
    return render(request, "links/renewed.html", {"token": token})


def _closed(request: HttpRequest, closed: Dead, token: DecisionToken | None = None) -> HttpResponse:
    """A plain page that says why, and what next; of the offer it says nothing."""
    answered = None
    if token is not None and closed.why == "used" and token.used_at:
        answered = _voice(request, token.used_at).exact(token.used_at)
    context = {"closed": closed, "token": token, "answered": answered}
    return render(request, "links/closed.html", context, status=closed.status)


def _show(
    request: HttpRequest, token: DecisionToken, now: datetime, refused: OfferError | None = None, *, code: bool = False
) -> HttpResponse:
    page = link_pages.PAGES[token.purpose](token, _voice(request, now))
    offer: Offer | None = page.get("offer")
    context = {
        "token": token,
        "refused": refused,
        "do": request.POST.get("do", ""),
        "comment": request.POST.get("comment", "")[:4000],
        "asks_code": code,
        "asks_sign_in": token.client.link_rule == LinkRule.SIGN_IN and not request.user.is_authenticated,
        "announces_code": token.client.link_rule == LinkRule.CODE and not request.user.is_authenticated,
        "minutes": int(links.CODE_LIFETIME.total_seconds() // 60),
        "portal_url": reverse("admin:offers_offer_change", args=[offer.pk]) if offer else reverse("admin:index"),
        **page,
    }
    return render(request, f"links/{token.purpose}.html", context, status=409 if refused else 200)


def _voice(request: HttpRequest, now: datetime) -> Voice:
    locale = preferred_locale(request.headers.get("Accept-Language", ""))
    return Voice(now, timezone.get_current_timezone(), locale)
