"""What an offer is made from: the requisition it fills and the candidate it is for."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from governance.access import SEES_EVERY_OFFER
from governance.history import tracked
from governance.models import ClientOwned, Engagement, Person, User
from governance.models.base import CurrencyField, MoneyField, Priority
from governance.walls import TenantKey


class EmploymentType(models.TextChoices):
    PERMANENT = "permanent", "Permanent"
    FIXED_TERM = "fixed_term", "Fixed term"
    CONTINGENT = "contingent", "Contingent"


class CandidateType(models.TextChoices):
    EXTERNAL = "external", "External"
    INTERNAL = "internal", "Internal"
    REHIRE = "rehire", "Re-hire"
    AGENCY = "agency", "Agency"


class RequisitionStatus(models.TextChoices):
    OPEN = "open", "Open"
    ON_HOLD = "on_hold", "On hold"
    FILLED = "filled", "Filled"
    CANCELLED = "cancelled", "Cancelled"


class IntakeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> "IntakeQuerySet":
        """Rows of the person's clients; of a hiring manager only what hangs on the offers they are responsible for."""
        everywhere = [pk for pk, roles in user.roles.items() if roles & SEES_EVERY_OFFER]
        if len(everywhere) == len(user.roles):
            return self.filter(client__in=everywhere)
        managed = self.model._default_manager.filter(offers__hiring_manager=user).values("pk")
        return self.filter(Q(client__in=everywhere) | Q(pk__in=managed) | self._own(user))

    def _own(self, user: User) -> Q:
        own = any(field.name == "hiring_manager" for field in self.model._meta.fields)
        return Q(hiring_manager=user) if own else Q(pk=None)


@tracked()
class Requisition(ClientOwned):
    """An approved need to hire: how many, into which role, at what pay, by when."""

    external_id = models.CharField("reference", max_length=60)
    title = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=10, choices=RequisitionStatus.choices, default=RequisitionStatus.OPEN)
    held_at = models.DateTimeField("on hold since", null=True, blank=True, editable=False)
    engagement = TenantKey(Engagement, models.PROTECT, null=True, blank=True, related_name="requisitions")
    business_unit = models.CharField(max_length=80, blank=True)
    role_family = models.CharField(max_length=80, blank=True)
    role_code = models.CharField(max_length=40, blank=True)
    grade = models.CharField(max_length=20, blank=True)
    location = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="Empty: the client's.")
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.STANDARD)
    employment_type = models.CharField(max_length=10, choices=EmploymentType.choices, default=EmploymentType.PERMANENT)
    openings = models.PositiveIntegerField(default=1)
    evergreen = models.BooleanField(default=False, help_text="Always open: openings are not counted.")
    over_offering = models.BooleanField(default=False, help_text="More live offers than openings are allowed.")
    currency = CurrencyField(default="USD")
    budget_max = MoneyField(
        "budget", null=True, blank=True, help_text="Highest full-time yearly base that is budgeted."
    )
    posted_min = MoneyField("posted minimum", null=True, blank=True)
    posted_max = MoneyField("posted maximum", null=True, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    needed_by = models.DateField(null=True, blank=True)
    hiring_manager = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recruiter = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = IntakeQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_on", "external_id")
        constraints = (
            models.UniqueConstraint(
                fields=("client", "external_id"),
                name="requisition_reference",
                violation_error_message="Another requisition has this reference.",
            ),
            models.CheckConstraint(
                condition=Q(posted_min=None) | Q(posted_max=None) | Q(posted_max__gte=F("posted_min")),
                name="requisition_posted_order",
                violation_error_message="The posted maximum is below the posted minimum.",
            ),
            models.CheckConstraint(
                condition=Q(openings__gte=1),
                name="requisition_openings",
                violation_error_message="Give one opening or more.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.external_id} {self.title}".strip()


@tracked()
class Candidate(ClientOwned):
    """Somebody an offer may go to. The name lies in Person; here is only the reference."""

    external_id = models.CharField("reference", max_length=60)
    person = TenantKey(Person, models.PROTECT, null=True, blank=True, related_name="candidates")
    erased_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="From then on files bring no personal text back."
    )

    objects = IntakeQuerySet.as_manager()

    class Meta:
        ordering = ("external_id",)
        constraints = (
            models.UniqueConstraint(
                fields=("client", "external_id"),
                name="candidate_reference",
                violation_error_message="Another candidate has this reference.",
            ),
        )

    def __str__(self) -> str:
        return f"Candidate {self.external_id}"

    @property
    def display_name(self) -> str:
        """The person's name, or the reference where none is given or it was erased."""
        person: Any = self.person
        return (person.name if person else "") or str(self)
