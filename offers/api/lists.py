"""Requisitions, candidates, approvals that wait for whoever asks, clocks and escalations: read only."""

from typing import Any

import django_filters as filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.exceptions import ValidationError as DRFError

from governance.api.base import Listed, Pages, Row, Rows
from governance.api.fields import Instant
from offers.api import serializers
from offers.models import Approval, Candidate, Clock, Escalation, Offer, Requisition
from offers.queues import waiting_for

_OFFER = ("offer__client",)


class Several(filters.BaseInFilter, filters.ChoiceFilter):
    """One or more of the choices, with commas between."""


class InstantField(filters.fields.IsoDateTimeField):
    """An instant with its offset, read as in a body."""

    def to_python(self, value: Any) -> Any:
        try:
            return Instant().to_internal_value(value) if value else None
        except DRFError as error:
            raise ValidationError([str(each) for each in error.detail]) from None


class InstantFilter(filters.IsoDateTimeFilter):
    field_class = InstantField


class OfClient(filters.FilterSet):
    client = filters.CharFilter("client__code")


class RequisitionFilter(OfClient):
    class Meta:
        model = Requisition
        fields = ("external_id", "status", "role_code", "grade", "location", "business_unit", "priority")


class OfRequisitions(Listed):
    model, serializer_class = Requisition, serializers.RequisitionSerializer
    related = ("client", "hiring_manager", "recruiter")


class Requisitions(OfRequisitions, Rows):
    """Approved needs to hire, with budget and posted range."""

    filterset_class = RequisitionFilter


class RequisitionRow(OfRequisitions, Row):
    """One requisition."""


class CandidateFilter(OfClient):
    class Meta:
        model = Candidate
        fields = ("external_id",)


class OfCandidates(Listed):
    model, serializer_class, related = Candidate, serializers.CandidateSerializer, ("client", "person")


class Candidates(OfCandidates, Rows):
    """People whom an offer may go to."""

    filterset_class = CandidateFilter


class CandidateRow(OfCandidates, Row):
    """One candidate."""


class ApprovalFilter(OfClient):
    offer = filters.NumberFilter("offer_id")

    class Meta:
        model = Approval
        fields = ("role",)


class OldestFirst(Pages):
    ordering = "id"


class Approvals(Rows):
    """What waits for you, oldest first; decide on it at offers/{id}/decide."""

    model, serializer_class, filterset_class = Approval, serializers.ApprovalSerializer, ApprovalFilter
    related = ("person", "chain__version", *_OFFER)
    permission = "offers.view_offer"
    pagination_class = OldestFirst

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return Approval.objects.none()
        mine = waiting_for(self.request.user, timezone.now()).select_related(*self.related)
        return mine.filter(offer__in=Offer.objects.visible_to(self.request.user))


class ClockFilter(OfClient):
    offer = filters.NumberFilter("offer_id")
    running = filters.BooleanFilter("stopped_at", lookup_expr="isnull")
    due_before = InstantFilter("target_at", lookup_expr="lt")

    class Meta:
        model = Clock
        fields = ("kind", "priority")


class Clocks(Rows):
    """Clocks on offers: verbal approval to letter, approval steps, answers."""

    model, serializer_class, filterset_class = Clock, serializers.ClockSerializer, ClockFilter
    related = _OFFER

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}


class EscalationFilter(OfClient):
    offer = filters.NumberFilter("offer_id")

    class Meta:
        model = Escalation
        fields = ("status", "threshold_hours", "level")


class Escalations(Rows):
    """Thresholds that clocks have passed."""

    model, serializer_class, filterset_class = Escalation, serializers.EscalationSerializer, EscalationFilter
    related = ("clock", "holder", "acknowledged_by", *_OFFER)
