"""An offer: one candidate for one requisition, from the verbal approval to the months after the start."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pgtrigger
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from governance.access import SEES_EVERY_OFFER, Role
from governance.history import tracked
from governance.models import ClientOwned, Delegation, Membership, User
from governance.models.base import CurrencyField, MoneyField, Priority
from governance.walls import TenantKey
from offers import lifecycle
from offers.lifecycle import HOLDS_OPENING, LIVE, Status
from offers.models.intake import Candidate, CandidateType, Requisition

JOB_FIELDS = ("role_family", "role_code", "grade", "location", "country")
STATUS_CHOICES = [(status.value, status.value.replace("_", " ").capitalize()) for status in Status]


@dataclass(frozen=True, slots=True)
class Job:
    """The work that an offer is for, by which bands and references are found. Country may be empty: the client's."""

    role_family: str
    role_code: str
    grade: str
    location: str
    country: str


class VerbalBasis(models.TextChoices):
    RECORDED = "recorded", "Recorded"
    INFERRED = "inferred", "Inferred"
    MISSING = "missing", "Missing"


def _of_who_is_away(user: User, now: datetime) -> Q:
    away = Delegation.objects.in_force(now).filter(to_user=user, client=OuterRef("client"))
    held = Membership.objects.filter(user=OuterRef("from_user"), client=OuterRef("client"), is_active=True)
    role = held.filter(role=OuterRef(OuterRef("role"))).exclude(role=Role.HIRING_MANAGER)
    asked = apps.get_model("offers", "Approval").objects.filter(offer=OuterRef("pk"), status="asked")
    theirs = asked.filter(Exists(away.filter(Q(from_user=OuterRef("person")) | Exists(role))))
    return Q(Exists(away.filter(from_user=OuterRef("hiring_manager")))) | Q(Exists(theirs))


class OfferQuerySet(models.QuerySet["Offer"]):
    def live(self) -> "OfferQuerySet":
        return self.filter(status__in=LIVE)

    def holding_an_opening(self) -> "OfferQuerySet":
        return self.filter(status__in=HOLDS_OPENING)

    def visible_to(self, user: User, now: datetime | None = None) -> "OfferQuerySet":
        """Offers of the person's clients; a hiring manager's own ones where that is their only role, and those of
        whoever they stand in for now: the managers' whole, of others what waits for their decision."""
        everywhere = [pk for pk, roles in user.roles.items() if roles & SEES_EVERY_OFFER]
        managed = [pk for pk, roles in user.roles.items() if Role.HIRING_MANAGER in roles]
        found = Q(client_id__in=everywhere) | Q(client_id__in=managed, hiring_manager=user)
        if set(managed) - set(everywhere):
            found |= Q(client_id__in=managed) & _of_who_is_away(user, now or timezone.now())
        return self.filter(found)

    def for_list(self) -> "OfferQuerySet":
        """What a row of the offer list shows, in one query."""
        return self.select_related(
            "client", "requisition", "candidate__person", "version", "recruiter", "hiring_manager", "holder", "letter"
        )


@tracked(exclude=["moved_from", "holder", "holder_role", "left_words"])
class Offer(ClientOwned):
    """Its status is changed by offers.workflow alone, and the database refuses any other jump."""

    external_id = models.CharField("reference", max_length=60)
    requisition = TenantKey(Requisition, models.PROTECT, related_name="offers")
    candidate = TenantKey(Candidate, models.PROTECT, related_name="offers")
    status = models.CharField(max_length=12, choices=STATUS_CHOICES, default=Status.DRAFT.value, editable=False)
    imported = models.BooleanField(default=False, editable=False)
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.STANDARD)
    recruiter = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    coordinator = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    hiring_manager = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="managed_offers")
    opening_ref = models.CharField("opening", max_length=60, blank=True)
    revives = TenantKey("self", models.PROTECT, null=True, blank=True, related_name="revived_by", editable=False)

    # What a file says of this offer alone, where the rows of one requisition differ. Empty: the requisition's.
    business_unit = models.CharField(max_length=80, blank=True, editable=False)
    role_family = models.CharField(max_length=80, blank=True, editable=False)
    role_code = models.CharField(max_length=40, blank=True, editable=False)
    grade = models.CharField(max_length=20, blank=True, editable=False)
    location = models.CharField(max_length=80, blank=True, editable=False)
    country = models.CharField(max_length=2, blank=True, editable=False)

    candidate_type = models.CharField(max_length=8, choices=CandidateType.choices, default=CandidateType.EXTERNAL)
    source_channel = models.CharField(max_length=80, blank=True)
    applied_on = models.DateField(null=True, blank=True)
    expected_salary = MoneyField(
        "stated expectation", null=True, blank=True, help_text="What the candidate expects, full-time a year."
    )
    expected_currency = CurrencyField("expectation's currency", blank=True)

    version = TenantKey("OfferVersion", models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    first_approved = TenantKey("OfferVersion", models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    letter = TenantKey("Letter", models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    holder = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="held_offers", editable=False)
    holder_role = models.CharField(max_length=20, choices=Role.choices, blank=True, editable=False)

    verbal_approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    verbal_basis = models.CharField(
        max_length=8, choices=VerbalBasis.choices, default=VerbalBasis.MISSING, editable=False
    )
    verbal_offer_at = models.DateTimeField(null=True, blank=True, editable=False)
    written_at = models.DateTimeField("first letter at", null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    moved_at = models.DateTimeField("in this status since", editable=False)
    moved_from = models.CharField(max_length=12, choices=STATUS_CHOICES, blank=True, editable=False)

    joined_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    left_reason = models.CharField(max_length=80, blank=True, help_text="One of those that are listed.")
    left_words = models.CharField(
        max_length=80, blank=True, help_text="What a file said where that is none of them: not in history, erasable."
    )
    left_voluntary = models.BooleanField(null=True, blank=True)
    satisfaction = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The candidate's answer, 0 to 10.")
    flags = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        editable=False,
        help_text="Contradictions found on import; such an offer is left out of durations.",
    )
    created_at = models.DateTimeField(editable=False)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("client", "external_id"),
                name="offer_reference",
                violation_error_message="Another offer has this reference.",
            ),
            models.UniqueConstraint(
                fields=("client", "candidate", "requisition"),
                condition=Q(status__in=sorted(LIVE)),
                name="offer_live_once",
                violation_error_message="This candidate has a live offer for this requisition already.",
            ),
            models.CheckConstraint(
                condition=Q(joined_on=None) | Q(left_on=None) | Q(left_on__gte=F("joined_on")),
                name="offer_left_after_joining",
                violation_error_message="The day of leaving lies before the first day.",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction=None) | Q(satisfaction__lte=10),
                name="offer_satisfaction",
                violation_error_message="Satisfaction is a whole number from 0 to 10.",
            ),
        )
        indexes = (
            models.Index(fields=("client", "status", "-moved_at"), name="offer_by_status"),
            models.Index(fields=("client", "decided_at"), name="offer_by_decision"),
        )
        triggers = (
            pgtrigger.FSM(name="status_moves", field="status", transitions=lifecycle.transitions()),
            pgtrigger.Protect(
                name="starts_as_draft",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__imported=False) & ~pgtrigger.Q(new__status=Status.DRAFT.value),
            ),
        )

    def __str__(self) -> str:
        return self.external_id

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def job(self) -> Job:
        """What it is offered as: its own where a file said so, else the requisition's."""
        asked: Any = self.requisition
        return Job(**{name: getattr(self, name) or getattr(asked, name) for name in JOB_FIELDS})

    @property
    def why_left(self) -> str:
        """Why the person left, in the words in which it was given."""
        return self.left_words or self.left_reason

    @property
    def heard(self) -> bool:
        """True once the candidate has been told, by word or by letter."""
        return self.verbal_offer_at is not None or self.written_at is not None

    def letter_is_out(self, now: datetime) -> bool:
        """True while a letter could still be accepted."""
        letter: Any = self.letter
        return (
            letter is not None and letter.revoked_at is None and (letter.expires_at is None or now < letter.expires_at)
        )


@tracked()
class Letter(ClientOwned):
    """A written offer that reached the candidate, acceptable until the next one, its expiry or a rescission."""

    offer = TenantKey(Offer, models.PROTECT, related_name="letters")
    version = TenantKey("OfferVersion", models.PROTECT, related_name="letters")
    extended_at = models.DateTimeField()
    extended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-extended_at",)

    def __str__(self) -> str:
        return f"Letter of {self.extended_at:%d %b %Y}"


class ContingencyKind(models.TextChoices):
    BACKGROUND = "background", "Background check"
    RIGHT_TO_WORK = "right_to_work", "Right to work"
    REFERENCES = "references", "References"
    MEDICAL = "medical", "Medical"


class ContingencyStatus(models.TextChoices):
    PENDING = "pending", "Pending"
    CLEAR = "clear", "Clear"
    FAILED = "failed", "Failed"
    WAIVED = "waived", "Waived"


@tracked()
class Contingency(ClientOwned):
    """A condition that must be clear or waived before the first day."""

    offer = TenantKey(Offer, models.CASCADE, related_name="contingencies")
    kind = models.CharField(max_length=14, choices=ContingencyKind.choices)
    status = models.CharField(max_length=8, choices=ContingencyStatus.choices, default=ContingencyStatus.PENDING)

    class Meta:
        ordering = ("kind",)
        verbose_name_plural = "contingencies"
        constraints = (models.UniqueConstraint(fields=("client", "offer", "kind"), name="contingency_once"),)

    def __str__(self) -> str:
        return self.get_kind_display()
