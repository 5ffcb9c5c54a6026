"""Approvals: the chain that a submitted version runs through, what it asks, and what people decided."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance.access import Role
from governance.history import tracked
from governance.models import ApprovalPolicy, ClientOwned, Note, User
from governance.walls import TenantKey
from offers.models.offer import Offer
from offers.models.version import OfferVersion


class ChainStatus(models.TextChoices):
    RUNNING = "running", "Running"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    RETURNED = "returned", "Sent back"
    RECALLED = "recalled", "Recalled"
    VOID = "void", "Void"


@tracked()
class ApprovalChain(ClientOwned):
    """One run of approvals for one version, under the policy version that it started with."""

    offer = TenantKey(Offer, models.PROTECT, related_name="chains")
    version = TenantKey(OfferVersion, models.PROTECT, related_name="chains")
    policy = TenantKey(ApprovalPolicy, models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=8, choices=ChainStatus.choices, default=ChainStatus.RUNNING)
    because = models.CharField(max_length=400, blank=True, help_text="Why nobody (else) was asked.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(fields=("client", "version"), name="chain_of_version"),
            models.UniqueConstraint(
                fields=("client", "offer"),
                condition=Q(status="running"),
                name="chain_one_running",
                violation_error_message="Another chain of this offer is running.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_status_display()} chain"


class ApprovalStatus(models.TextChoices):
    WAITING = "waiting", "Waits its turn"
    ASKED = "asked", "Asked"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    RETURNED = "returned", "Sent back for changes"
    SKIPPED = "skipped", "Skipped by an administrator"
    GIVEN = "given", "Given by verbal approval"
    KEPT = "kept", "Kept from an earlier version"
    VOID = "void", "Not needed any more"


@tracked()
class Approval(ClientOwned):
    """One thing asked of a role or person by a chain, with the rule that asks it and why."""

    offer = TenantKey(Offer, models.PROTECT, related_name="approvals")
    chain = TenantKey(ApprovalChain, models.PROTECT, related_name="approvals")
    external_id = models.CharField("reference", max_length=60, blank=True, editable=False, help_text="Of a file.")
    step = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    title = models.CharField(max_length=60, blank=True)
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    n = models.PositiveSmallIntegerField(default=1, help_text="How many approvals it takes.")
    of = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of how many; empty: the first answer decides."
    )
    status = models.CharField(max_length=8, choices=ApprovalStatus.choices, default=ApprovalStatus.WAITING)
    due_hours = models.PositiveSmallIntegerField()
    rules = ArrayField(models.CharField(max_length=60), default=list)
    reason = models.TextField(help_text="The rule's reason with its numbers, as it stood.")
    alarm = models.BooleanField(default=False, help_text="Nobody eligible could be asked.")
    asked_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    kept_from = TenantKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    kept_why = models.CharField(max_length=400, blank=True, help_text="Why that earlier yes still counts.")

    class Meta:
        ordering = ("chain", "step", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("client", "external_id"), condition=~Q(external_id=""), name="approval_reference"
            ),
        )
        indexes = (models.Index(fields=("client", "asked_at"), condition=Q(status="asked"), name="approval_waiting"),)

    def __str__(self) -> str:
        return self.asks

    @property
    def asks(self) -> str:
        """Whom this asks, as people say it."""
        return str(self.person) if self.person_id else self.title or self.get_role_display()


@tracked()
class Decision(ClientOwned):
    """What one person decided on one approval; comments lie in a Note."""

    class Verdict(models.TextChoices):
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        RETURNED = "returned", "Sent back"
        SKIPPED = "skipped", "Skipped"

    approval = TenantKey(Approval, models.PROTECT, related_name="decisions")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    note = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ("decided_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("client", "approval", "user"),
                name="decision_once",
                violation_error_message="You have decided on this already.",
            ),
            models.UniqueConstraint(
                fields=("client", "approval", "on_behalf_of"),
                name="decision_once_on_behalf",
                violation_error_message="Somebody has decided on this for them already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.get_verdict_display()}"
