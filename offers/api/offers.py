"""Offers: the list, one of them, a new draft and changes of it."""

from collections.abc import Iterable
from typing import Any

import django_filters as filters
from django.db import transaction
from django.db.models import Model
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import roles_at
from governance.api.base import Listed, Row, Rows
from governance.api.once import PARAMETER, once
from governance.api.problems import Problem
from governance.models import Membership, User
from governance.scoping import scoped
from offers import workflow
from offers.api import inputs
from offers.api.base import OfferView
from offers.api.lists import OfClient, Several
from offers.api.serializers import RELATED, OfferDetailSerializer, OfferSerializer, revision
from offers.api.terms import as_terms
from offers.errors import OfferError
from offers.lifecycle import LIVE, after_start
from offers.models import Candidate, Offer, Requisition
from offers.models.offer import STATUS_CHOICES
from offers.queues import waiting_for
from offers.workflow import mover
from offers.workflow.intake import add_candidate, next_reference

WHOLE = (*RELATED, "letter__version", "requisition__engagement")


class OfferFilter(OfClient):
    status = Several(choices=STATUS_CHOICES, label="One or more, with commas between")
    live = filters.BooleanFilter(method="only_live", label="Neither ended nor accepted yet")
    requisition = filters.NumberFilter("requisition_id")
    candidate = filters.NumberFilter("candidate_id")
    recruiter = filters.NumberFilter("recruiter_id")
    hiring_manager = filters.NumberFilter("hiring_manager_id")
    holder = filters.NumberFilter("holder_id")
    moved_since = filters.IsoDateTimeFilter("moved_at", lookup_expr="gte")
    moved_before = filters.IsoDateTimeFilter("moved_at", lookup_expr="lt")

    class Meta:
        model = Offer
        fields = ("external_id", "priority", "candidate_type", "source_channel", "imported")

    def only_live(self, rows: Any, name: str, value: bool) -> Any:
        return rows.filter(status__in=sorted(LIVE)) if value else rows.exclude(status__in=sorted(LIVE))


class OfOffers(OfferView, Listed):
    model, related, permission = Offer, WHOLE, "offers.view_offer"

    def find(self, pk: int) -> Offer:
        """The offer, where whoever asks may see it; a 404 for any other."""
        offer = scoped(self.rows(), self.request.user).filter(pk=pk).first()
        if offer is None:
            raise Http404
        return offer

    def detail(self, pk: int) -> Any:
        """The offer as it stands now, written out."""
        return OfferDetailSerializer(self.find(pk), context=self.get_serializer_context()).data

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "actions": self.actions}

    def actions(self, offer: Offer) -> list[str]:
        """The addresses under this offer at which whoever asks can do something now."""
        now = timezone.now()
        names = [row.action for row in workflow.possible(offer, now=now, actor=self.request.user)]
        asked = "approve" in names and waiting_for(self.request.user, now).filter(offer=offer).exists()
        known = after_start(offer.status, left=offer.left_on is not None)
        later = [name.replace("_", "-") for name in known if mover.may(offer, name, self.request.user)]
        return ["decide"] * asked + [name for name in names if name not in BY_APPROVAL] + later

    def people(self, data: Any, client_id: int, names: Iterable[str]) -> Any:
        """The input, its people looked up among those of the client."""
        here = Membership.objects.filter(client=client_id, is_active=True)
        for name in names:
            data.fields[name].queryset = User.objects.filter(is_active=True, pk__in=here.values("user"))
        data.is_valid(raise_exception=True)
        return data


BY_APPROVAL = frozenset({"approve", "reject", "send_back", "skip"})  # of an approval, not of the offer
PEOPLE = ("recruiter", "coordinator", "hiring_manager")


class Offers(OfOffers, Rows):
    """Offers, newest first."""

    serializer_class, filterset_class = OfferSerializer, OfferFilter

    @extend_schema(request=inputs.NewOffer, parameters=[PARAMETER], responses={201: OfferDetailSerializer})
    def post(self, request: Request) -> Response:
        """Draft an offer with its first version."""
        requisition = self._named(Requisition, request.data, "requisition")
        return once(request, requisition.client_id, lambda: (201, self._draft(requisition)), keep=OfferError)

    def _named(self, model: type[Model], data: Any, field: str) -> Any:
        key = data.get(field) if isinstance(data, dict) else None
        rows = scoped(model._default_manager.all(), self.request.user, "change")
        found = rows.filter(pk=key).first() if isinstance(key, int) and not isinstance(key, bool) else None
        if found is None:
            raise Problem(f"There is no such {field} among yours that you may make an offer with.", field=field)
        return found

    def _draft(self, requisition: Requisition) -> Any:
        data = self.people(inputs.NewOffer(data=self.request.data), requisition.client_id, PEOPLE)
        given = data.validated_data
        if not roles_at(self.request.user, requisition.client_id) & mover.PREPARERS:
            mover.check_role(Offer(client_id=requisition.client_id), "terms", self.request.user)
        with transaction.atomic():
            offer = workflow.draft_offer(
                requisition=requisition,
                candidate=self._candidate(given, requisition),
                external_id=given.get("external_id") or next_reference(requisition),
                actor=self.request.user,
                now=timezone.now(),
                terms=as_terms(given["terms"]),
                **data.details(),
                **{name: given[name] for name in ("priority",) if name in given},
            )
        return self.detail(offer.pk)

    def _candidate(self, given: dict[str, Any], requisition: Requisition) -> Candidate:
        if "candidate" in given:
            return self._named(Candidate, given, "candidate")
        new = given["new_candidate"]
        return add_candidate(
            requisition.client_id, new["external_id"], name=new["name"], email=new["email"],
            actor=self.request.user, field="new_candidate.external_id",
        )  # fmt: skip


class OneOffer(OfOffers, Row):
    """One offer with its newest chain, and what you may do with it now."""

    serializer_class = OfferDetailSerializer

    @extend_schema(request=inputs.Change, parameters=[PARAMETER], responses={200: OfferDetailSerializer})
    def patch(self, request: Request, pk: int) -> Response:
        """Change details, and terms while the newest version is not submitted."""
        offer = self.find(pk)
        return once(request, offer.client_id, lambda: (200, self._change(offer)), keep=OfferError)

    def _change(self, offer: Offer) -> Any:
        data = self.people(inputs.Change(data=self.request.data), offer.client_id, PEOPLE)
        given, actor, now = data.validated_data, self.request.user, timezone.now()
        with transaction.atomic():
            locked = mover.lock(offer.pk)
            if given["revision"] != revision(self.find(offer.pk)):
                raise Problem(
                    "Somebody has changed this offer since you read it.", status=409, code="stale", field="revision",
                    next_step="Read it again, and make your change on what is there now.",
                )  # fmt: skip
            if "terms" in given:
                terms = as_terms(given["terms"], locked.version)
                workflow.save_terms(locked.version_id or 0, terms, actor=actor, now=now)
            if details := data.details():
                workflow.save_details(offer.pk, details, actor=actor, now=now)
        return self.detail(offer.pk)
