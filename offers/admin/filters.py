"""The side filters of the offer list. What they offer is read in one query for all of them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q, QuerySet
from django.db.models.functions import JSONObject

from governance.models import Client, User
from offers.lifecycle import LIVE
from offers.models import Offer, Requisition
from offers.models.offer import STATUS_CHOICES
from offers.queues import threshold_passed, waiting_for


def choices(request: Any) -> dict[str, list[Any]]:
    """{"clients", "units", "locations", "recruiters"} of what the person sees, read once a request."""
    if not hasattr(request, "offer_choices"):
        mine = Requisition.objects.filter(client__in=list(request.user.roles)).order_by()
        offers = Offer.objects.visible_to(request.user)
        recruiters = User.objects.filter(Q(pk__in=offers.values("recruiter")) | Q(pk__in=mine.values("recruiter")))
        request.offer_choices = User.objects.filter(pk=request.user.pk).values(
            clients=ArraySubquery(Client.objects.filter(pk__in=list(request.user.roles)).values(each=_named("name"))),
            units=ArraySubquery(mine.exclude(business_unit="").values("business_unit").distinct()),
            locations=ArraySubquery(mine.exclude(location="").values("location").distinct()),
            recruiters=ArraySubquery(recruiters.values(each=_named("name"))),
        ).get()  # fmt: skip
    return request.offer_choices


def _named(field: str) -> JSONObject:
    return JSONObject(pk="pk", name=field)


class OfferFilter(admin.SimpleListFilter):
    """A filter whose every choice is a condition."""

    options: ClassVar[dict[str, tuple[str, Q]]] = {}

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self.options.items()]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.options.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class QueueFilter(admin.SimpleListFilter):
    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("mine", "Waiting for me"),
            ("held", "In my hands"),
            ("own", "Mine as recruiter, coordinator or manager"),
            ("stuck", "Stuck"),
            ("24", "Past 24 h or more"),
            ("48", "Past 48 h or more"),
            ("72", "Past 72 h"),
        ]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        me, value = request.user, self.value()
        if value == "mine":
            return queryset.filter(pk__in=waiting_for(me).values("offer"))
        if value == "held":
            return queryset.filter(holder=me, status__in=sorted(LIVE))
        if value == "own":
            return queryset.filter(Q(recruiter=me) | Q(coordinator=me) | Q(hiring_manager=me))
        if value in ("stuck", "24", "48", "72"):
            stuck = queryset.filter(status__in=sorted(LIVE)).annotate(passed=threshold_passed())
            return stuck.filter(passed__gte=int(value) if value != "stuck" else 0)
        return queryset


class StatusFilter(OfferFilter):
    title = "status"
    parameter_name = "status"
    options = {
        "live": ("All that are open", Q(status__in=sorted(LIVE))),
        **{value: (label, Q(status=value)) for value, label in STATUS_CHOICES},
    }


class StandingFilter(OfferFilter):
    title = "standing"
    parameter_name = "standing"
    options = {
        "second": ("Second-level review", Q(version__second_review=True)),
        "below": ("Below reference", Q(version__gap__lt=0)),
        "outside": ("Outside the band", Q(version__band_position__in=("below", "above", "off_step"))),
        "unknown": ("Reference unknown", Q(version__submitted_at__isnull=False, version__gap=None)),
    }


class PriorityFilter(OfferFilter):
    title = "priority"
    parameter_name = "priority"
    options = {"critical": ("Critical", Q(priority="critical")), "standard": ("Standard", Q(priority="standard"))}


class SeenFilter(admin.SimpleListFilter):
    """Values that occur in what the person sees."""

    key: ClassVar[str] = ""
    field: ClassVar[str] = ""

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        found = choices(request)[self.key]
        pairs = [(str(each["pk"]), each["name"]) if isinstance(each, dict) else (each, each) for each in found]
        return sorted(pairs, key=lambda pair: pair[1].casefold())

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(**{self.field: self.value()}) if self.value() in known else queryset


class ClientFilter(SeenFilter):
    title, parameter_name = "client", "client"
    key, field = "clients", "client"

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1


class UnitFilter(SeenFilter):
    title, parameter_name = "business unit", "unit"
    key, field = "units", "requisition__business_unit"


class LocationFilter(SeenFilter):
    title, parameter_name = "location", "location"
    key, field = "locations", "requisition__location"


class RecruiterFilter(SeenFilter):
    title, parameter_name = "recruiter", "recruiter"
    key, field = "recruiters", "recruiter"
