"""What every page of insight shares: who may see it, which client and period it is about, how fresh it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from analytics.facts import refresh
from analytics.models import Freshness
from analytics.reports import run
from analytics.reports.frame import DIMS
from governance.access import clients_with
from governance.models import Client
from offers.views.frame import Page

MAY_SEE = "analytics.view_offerfact"
NOT_WAITED_FOR = 5000  # offers that changed since: beat brings more than these up to date


@dataclass(frozen=True, slots=True)
class Asked:
    """The client, the period and the dimension that a page is asked for; `problem` says what could not be read."""

    client: Client
    clients: list[Client]
    since: date | None
    until: date | None
    by: str
    problem: str = ""

    def query(self, **changes: Any) -> str:
        """The same question as a query string, with some of it another way."""
        asked = {"client": self.client.code, "since": self.since or "", "until": self.until or "", "by": self.by}
        return urlencode({name: value for name, value in {**asked, **changes}.items() if value != ""})


class InsightPage(Page):
    """A request for a page of insight."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.asked = ask(request, self.user, self.now)
        client = self.asked.client
        self.behind = refresh(client.pk, now=self.now, at_most=NOT_WAITED_FOR).behind
        self.fresh = Freshness.objects.filter(client=client).first()

    def choose(self, by: str) -> None:
        """The dimension of a page whose reader has chosen none."""
        self.asked = replace(self.asked, by=by)

    def report(
        self, name: str, *, by: str = "", since: date | None = None, until: date | None = None, of: bool = True
    ) -> dict[str, Any]:
        """A report of the client in the period asked for, or in another; with `of` the counts behind its shares."""
        asked = self.asked
        period = {"since": since or asked.since, "until": until or asked.until}
        return run(name, client=asked.client, **period, by=by, now=self.now, of=of)


def insight(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for those who may read reports; the view gets an `InsightPage`."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return admin.site.admin_view(view_of_page)(request, *args, **kwargs)

    def view_of_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(InsightPage(request), *args, **kwargs)

    return shown


def ask(request: HttpRequest, user: Any, now: datetime) -> Asked:
    """What the address asks. Raises PermissionDenied where the person may read no reports, Http404 for a client that
    is none of theirs."""
    clients = list(Client.objects.filter(pk__in=clients_with(user, MAY_SEE)))
    if not clients:
        raise PermissionDenied
    code = request.GET.get("client", "")
    client = next((each for each in clients if each.code == code), None if code else clients[0])
    if client is None:
        raise Http404
    problems: list[str] = []
    since, until = (_day(request.GET.get(name, ""), problems) for name in ("since", "until"))
    if "since" not in request.GET and "until" not in request.GET:
        since = first_of_year_back(now.astimezone(ZoneInfo(client.zone)).date())
    if since and until and since >= until:
        problems.append("The period ends before it begins: the last day is not part of it.")
        since = until = None
    by = request.GET.get("by", "")
    if by and by not in DIMS:
        problems.append("There is no such dimension.")
        by = ""
    return Asked(client, clients, since, until, by, " ".join(problems))


def first_of_year_back(today: date) -> date:
    """The first day of the month twelve months ago."""
    return today.replace(year=today.year - 1, day=1)


def _day(text: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(f"“{text[:20]}” is not a day: give it as 2026-03-31.")
        return None


def presets(page: InsightPage, kept: Mapping[str, str]) -> list[dict[str, Any]]:
    """Periods that reviews ask for, as links that keep the page's own choices."""
    today = timezone.localdate(page.now, ZoneInfo(page.asked.client.zone))
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    last = (quarter - timedelta(days=1)).replace(day=1)
    last = last.replace(month=(last.month - 1) // 3 * 3 + 1)
    asked = page.asked
    periods = (
        ("This quarter", quarter, None),
        ("Last quarter", last, quarter),
        ("12 months", first_of_year_back(today), None),
        ("All time", "", None),
    )
    return [
        {
            "label": label,
            "query": asked.query(since=since, until=until or "", **kept) + ("&since=" if since == "" else ""),
            "current": (asked.since or "", asked.until) == (since, until),
        }
        for label, since, until in periods
    ]
