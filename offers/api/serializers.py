"""Offers and what they are made from, as the API writes them. A candidate's name stands at the candidate alone."""

import json
from hashlib import sha256
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.access import Role
from governance.api.fields import Code, Money, Who, choice_or_blank
from offers.api.terms import TermsSerializer
from offers.lifecycle import Status
from offers.models import (
    Approval,
    Candidate,
    Clock,
    Contingency,
    Escalation,
    HireReview,
    Letter,
    Offer,
    OfferVersion,
    Requisition,
)
from offers.models.clocks import StopReason
from offers.models.version import TERM_FIELDS
from offers.workflow.details import DETAILS


class RequisitionSerializer(serializers.ModelSerializer):
    client = Code()
    budget_max = Money(allow_null=True)
    posted_min = Money(allow_null=True)
    posted_max = Money(allow_null=True)
    hiring_manager = Who(allow_null=True)
    recruiter = Who(allow_null=True)

    class Meta:
        model = Requisition
        fields = (
            "id", "client", "external_id", "title", "status", "business_unit", "role_family", "role_code", "grade",
            "location", "country", "priority", "employment_type", "openings", "evergreen", "over_offering", "currency",
            "budget_max", "posted_min", "posted_max", "opened_on", "needed_by", "hiring_manager", "recruiter",
        )  # fmt: skip
        read_only_fields = fields


class CandidateSerializer(serializers.ModelSerializer):
    client = Code()
    name = serializers.CharField(source="person.name", default="")
    email = serializers.CharField(source="person.email", default="")

    class Meta:
        model = Candidate
        fields = ("id", "client", "external_id", "name", "email")
        read_only_fields = fields


class Standing(serializers.ModelSerializer):
    """What a submitted version was judged by, frozen; null before."""

    annual = Money(allow_null=True, help_text="Full-time base a year.")
    first_year_cash = Money(source="first_year_total", allow_null=True)
    reference_amount = Money(allow_null=True)

    class Meta:
        model = OfferVersion
        fields = (
            "annual", "first_year_cash", "band_position", "compa_ratio", "reference_amount", "reference_as_of",
            "reference_percentile", "unknown_reason", "gap", "market_ratio", "second_review",
        )  # fmt: skip
        read_only_fields = fields


class VersionSerializer(serializers.ModelSerializer):
    terms = TermsSerializer(source="*", read_only=True)
    standing = serializers.SerializerMethodField()

    class Meta:
        model = OfferVersion
        fields = ("number", "submitted_at", "terms", "standing")
        read_only_fields = fields

    @extend_schema_field(Standing(allow_null=True))
    def get_standing(self, version: OfferVersion) -> Any:
        return Standing(version).data if version.is_frozen else None


class RequisitionRef(serializers.ModelSerializer):
    class Meta:
        model = Requisition
        fields = ("id", "external_id", "title", "role_code", "grade", "location", "business_unit")
        read_only_fields = fields


class CandidateRef(serializers.ModelSerializer):
    class Meta:
        model = Candidate
        fields = ("id", "external_id")
        read_only_fields = fields


ROW = (
    "id", "client", "external_id", "status", "priority", "imported", "requisition", "candidate", "candidate_type",
    "source_channel", "recruiter", "coordinator", "hiring_manager", "holder", "holder_role", "verbal_approved_at",
    "verbal_basis", "verbal_offer_at", "written_at", "decided_at", "moved_at", "joined_on", "left_on", "created_at",
    "flags", "version",
)  # fmt: skip
RELATED = ("client", "requisition", "candidate", "version", "recruiter", "coordinator", "hiring_manager", "holder")


class OfferSerializer(serializers.ModelSerializer):
    """An offer in a list."""

    client = Code()
    requisition = RequisitionRef()
    candidate = CandidateRef()
    recruiter, coordinator, hiring_manager, holder = (Who(allow_null=True) for _ in range(4))
    version = VersionSerializer(allow_null=True, help_text="The newest.")
    holder_role = choice_or_blank(Role.choices)

    class Meta:
        model = Offer
        fields: tuple[str, ...] = ROW
        read_only_fields = fields


class LetterSerializer(serializers.ModelSerializer):
    version = serializers.IntegerField(source="version.number")

    class Meta:
        model = Letter
        fields = ("version", "extended_at", "expires_at", "revoked_at")
        read_only_fields = fields


class ContingencySerializer(serializers.ModelSerializer):
    class Meta:
        model = Contingency
        fields = ("kind", "status")
        read_only_fields = fields


class HireReviewSerializer(serializers.ModelSerializer):
    class Meta:
        model = HireReview
        fields = ("manager_rating", "productive_target_on", "productive_on")
        read_only_fields = fields


class StepSerializer(serializers.ModelSerializer):
    """What a chain asks of whom, and how that stands."""

    role = choice_or_blank(Role.choices)
    person = Who(allow_null=True)

    class Meta:
        model = Approval
        fields: tuple[str, ...] = (
            "id", "step", "role", "title", "person", "n", "of", "status", "rules", "reason", "due_hours", "alarm",
            "asked_at", "due_at", "decided_at",
        )  # fmt: skip
        read_only_fields = fields


class OfferDetailSerializer(OfferSerializer):
    """An offer by itself: with its newest chain, and what whoever asks may do with it now."""

    expected_salary = Money(currency="expected_currency", allow_null=True)
    left_reason = serializers.CharField(source="why_left")
    letter = LetterSerializer(allow_null=True)
    contingencies = ContingencySerializer(many=True)
    approvals = serializers.SerializerMethodField(help_text="Of the newest chain.")
    actions = serializers.SerializerMethodField(help_text="What you may do with it now.")
    review = serializers.SerializerMethodField(help_text="What became of the hire; null where nothing is recorded.")
    revision = serializers.SerializerMethodField(help_text="Send it back with a change.")

    class Meta(OfferSerializer.Meta):
        fields: tuple[str, ...] = (
            *ROW, "opening_ref", "applied_on", "expected_salary", "left_reason", "left_voluntary", "satisfaction",
            "review", "letter", "contingencies", "approvals", "actions", "revision",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(StepSerializer(many=True))
    def get_approvals(self, offer: Offer) -> Any:
        chain = offer.chains.order_by("-started_at", "-pk").first()
        steps = chain.approvals.select_related("person").order_by("step", "pk") if chain else ()
        return StepSerializer(steps, many=True).data

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_actions(self, offer: Offer) -> list[str]:
        return self.context["actions"](offer)

    @extend_schema_field(HireReviewSerializer(allow_null=True))
    def get_review(self, offer: Offer) -> Any:
        user = self.context["request"].user
        may = offer.hiring_manager_id == user.pk or user.has_perm("offers.view_hirereview", offer)
        review = offer.reviews.first() if may and offer.status == Status.JOINED else None
        return HireReviewSerializer(review).data if review else None

    def get_revision(self, offer: Offer) -> str:
        return revision(offer)


def revision(offer: Offer) -> str:
    """Changes with the newest version, its terms and the details of the offer."""
    version = offer.version
    terms = {name: str(getattr(version, name)) for name in TERM_FIELDS} if version else {}
    details = {name: getattr(offer, f"{name}_id", None) or str(getattr(offer, name)) for name in sorted(DETAILS)}
    found = json.dumps([version and version.is_frozen, terms, details], cls=DjangoJSONEncoder)
    return f"{version.number if version else 0}-{sha256(found.encode()).hexdigest()[:16]}"


# --- what waits and what runs


class OfferRef(serializers.ModelSerializer):
    client = Code()

    class Meta:
        model = Offer
        fields = ("id", "client", "external_id", "status", "priority")
        read_only_fields = fields


class ApprovalSerializer(StepSerializer):
    """Something that waits for whoever asks."""

    offer = OfferRef()
    version = VersionSerializer(source="chain.version")

    class Meta(StepSerializer.Meta):
        fields: tuple[str, ...] = (*StepSerializer.Meta.fields, "offer", "version")
        read_only_fields = fields


class ClockSerializer(serializers.ModelSerializer):
    offer = OfferRef()
    stop_reason = choice_or_blank(StopReason.choices)
    hours = serializers.SerializerMethodField(help_text="Elapsed, to the stop where it is stopped.")
    met = serializers.SerializerMethodField(help_text="Strictly before the target; null while that is open.")

    class Meta:
        model = Clock
        fields = (
            "id", "offer", "kind", "cycle", "priority", "started_at", "target_hours", "target_at", "elapsed_target_at",
            "thresholds", "flagged", "next_due_at", "stopped_at", "stop_reason", "hours", "met",
        )  # fmt: skip
        read_only_fields = fields

    def get_hours(self, clock: Clock) -> float:
        return clock.hours(self.context["now"])

    def get_met(self, clock: Clock) -> bool | None:
        return clock.is_met(self.context["now"])


class EscalationSerializer(serializers.ModelSerializer):
    offer = OfferRef()
    clock = serializers.CharField(source="clock.kind")
    holder = Who(allow_null=True)
    acknowledged_by = Who(allow_null=True)

    class Meta:
        model = Escalation
        fields = (
            "id", "offer", "clock", "threshold_hours", "level", "round", "due_at", "flagged_at", "holder",
            "holder_role", "status", "acknowledged_by", "acknowledged_at", "resolved_at",
        )  # fmt: skip
        read_only_fields = fields
