"""Before submitting: what would be asked, of whom, why, and by which numbers. It writes nothing."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import Role
from governance.api.fields import Money, Who
from governance.api.problems import Problem
from governance.api.schema import ErrorBody
from governance.models import User
from governance.money import money_json
from offers.api import inputs
from offers.api.base import problem
from offers.api.offers import OfOffers
from offers.api.terms import as_terms
from offers.errors import NotReady, OfferError
from offers.models import Offer, OfferVersion
from offers.standing import Assessment, assess, snapshot
from offers.workflow import mover
from offers.workflow.drafting import check_room, clean

_ASKED = inline_serializer(
    "WouldBeAsked",
    {
        "step": serializers.IntegerField(help_text="Those of one step are asked at once."),
        "role": serializers.CharField(),
        "title": serializers.CharField(),
        "people": Who(many=True),
        "n": serializers.IntegerField(help_text="How many of them it takes."),
        "due_hours": serializers.IntegerField(),
        "rule": serializers.CharField(),
        "reason": serializers.CharField(),
        "given": serializers.BooleanField(help_text="Counts as given already, by the verbal approval."),
    },
    many=True,
)
CHECK = inline_serializer(
    "Check",
    {
        "offer": serializers.IntegerField(),
        "possible": serializers.BooleanField(help_text="Whether you could submit it now."),
        "why_not": ErrorBody(allow_null=True),
        "becomes": serializers.ChoiceField(["approved", "in_review"]),
        "because": serializers.CharField(help_text="Why nobody (else) would be asked."),
        "rules": serializers.ListField(child=serializers.DictField(), help_text="Those that fire."),
        "asked": _ASKED,
        "advice": _ASKED,
        "base": Money(help_text="Full-time, a year."),
        "first_year_cash": Money(),
        "standing": serializers.DictField(help_text="Band, reference, gap and peers, as frozen."),
    },
)


class Check(OfOffers):
    """What submitting would ask. GET takes the newest version, POST other terms on top of it."""

    writes_nothing = True
    serializer_class = inputs.Try

    @extend_schema(operation_id="offers_check", responses={200: CHECK})
    def get(self, request: Request, pk: int) -> Response:
        return Response(self._check(self.find(pk), {}))

    @extend_schema(operation_id="offers_try", request=inputs.Try, responses={200: CHECK})
    def post(self, request: Request, pk: int) -> Response:
        offer = self.find(pk)
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        return Response(self._check(offer, data.validated_data.get("terms", {})))

    def _check(self, offer: Offer, changes: Mapping[str, Any]) -> dict[str, Any]:
        if offer.version is None:
            raise NotReady("This offer has no terms yet.")
        terms = {**offer.version.terms(), **as_terms(changes, offer.version)}
        now = timezone.now()
        version = OfferVersion(pk=offer.version_id, client=offer.client, offer=offer, created_at=now, **terms)
        version._state.adding = False  # it stands for the newest one, whose editors count
        clean(version)
        found = assess(version, now=now)
        error = self._why_not(offer, found)
        return {
            "offer": offer.pk,
            "possible": error is None,
            "why_not": error.body() if error else None,
            "becomes": "approved" if found.evaluation.asks_nobody else "in_review",
            **_said(found, offer),
        }

    def _why_not(self, offer: Offer, found: Assessment) -> Problem | None:
        try:
            mover.check_role(offer, "submit", self.request.user)
            mover.check_state(offer, "submit", timezone.now())
            check_room(offer, found.facts.headcount_left)
        except OfferError as error:
            return problem(error)
        return None


def _said(found: Assessment, offer: Offer) -> dict[str, Any]:
    shown = snapshot(found)
    currency = shown.pop("currency")
    asked, advice = shown.pop("asked"), shown.pop("advice")
    people = _people([*asked, *advice], found, offer)
    fired = shown.pop("fired")
    shown.pop("facts")
    return {
        "because": shown.pop("because"),
        "rules": fired,
        "asked": [_asked(step, people) for step in asked],
        "advice": [_asked(step, people) for step in advice],
        "base": money_json(found.facts.base, currency),
        "first_year_cash": money_json(found.facts.first_year_cash, currency),
        "standing": {**shown, "currency": currency},
    }


def _asked(step: Mapping[str, Any], people: dict[int, list[dict[str, Any]]]) -> dict[str, Any]:
    named = {name: step[name] for name in ("step", "role", "title", "n", "due_hours", "reason", "given")}
    return {**named, "rule": step["rule_id"], "people": people[id(step)]}


def _people(steps: list[Any], found: Assessment, offer: Offer) -> dict[int, list[dict[str, Any]]]:
    """Who would be asked at each step, without whoever wrote or changed the version."""
    asked = {id(step): [user for user in _holders(step, found, offer) if user not in found.editors] for step in steps}
    everybody = {user for users in asked.values() for user in users}
    names = dict(User.objects.filter(pk__in=everybody).values_list("pk", "name"))
    return {
        step: [{"id": user, "name": names[user]} for user in users if user in names] for step, users in asked.items()
    }


def _holders(step: Mapping[str, Any], found: Assessment, offer: Offer) -> list[int]:
    active = {member.user for member in found.programme.members}
    person = step["person"] or (offer.hiring_manager_id if step["role"] == Role.HIRING_MANAGER else None)
    if person or step["role"] == Role.HIRING_MANAGER:
        return [person] if person in active else []
    return found.programme.holders(step["role"], step["title"])
