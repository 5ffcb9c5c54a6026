"""What every request carries: an address that can be looked up, the clients it may see, and who history names."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pghistory
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils import timezone

from governance.api.problems import Problem
from governance.models import Client, User
from governance.tenancy import scope

NUL, TAKE_OUT = "This address holds a NUL character, which nothing here is called.", "Take it out and try again."


class NulMiddleware:
    """Refuse an address that asks for a NUL character: no text in the database holds one, or is compared with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.lists()
        if any("\0" in text for name, values in asked for text in (name, *values)) or "\0" in request.path:
            if request.path.startswith("/api/"):
                return JsonResponse({"error": Problem(NUL, next_step=TAKE_OUT).body()}, status=400)
            return HttpResponseBadRequest(f"{NUL} {TAKE_OUT}", content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class ScopeMiddleware:
    """Scope the connection to the person's clients for the length of the request, rendering included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        with (
            scope(user.roles),
            timezone.override(zone_of(user)),
            pghistory.context(actor=user.pk, via="portal"),
        ):
            return self.get_response(request)


def zone_of(user: User) -> ZoneInfo:
    """The person's own time zone, else that of their first client (in scope); UTC where that is none."""
    if own := _zone(user.zone):
        return own
    clients = Client.objects.filter(pk__in=user.roles).order_by("pk")
    return _zone(clients.values_list("zone", flat=True).first() or "") or ZoneInfo("UTC")


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
