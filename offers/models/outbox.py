"""The outbox: a row that says "send" commits with the change that caused it; `deliver` does the rest."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.models import ClientOwned, User
from governance.walls import TenantKey
from offers.models.clocks import Escalation
from offers.models.offer import Offer


class MailKind(models.TextChoices):
    ESCALATION = "escalation", "Escalation"
    APPROVAL_ASKED = "approval_asked", "Approval asked"
    REJECTED = "rejected", "Offer rejected"
    SENT_BACK = "sent_back", "Offer sent back"
    SKIPPED = "skipped", "Approval skipped"
    APPROVED = "approved", "Offer approved"
    VERBAL_CONFIRM = "verbal_confirm", "Confirm a verbal approval"
    VERBAL_CORRECTED = "verbal_corrected", "Verbal approval corrected"
    NOBODY_ELIGIBLE = "nobody_eligible", "Nobody can approve"
    ANSWER_DUE = "answer_due", "Candidate's answer due"
    REFERENCE_STALE = "reference_stale", "Reference about to be too old"
    TOKEN_ENDS = "token_ends", "API token about to end"
    ADVICE = "advice", "Advice: too low to close"
    CHALLENGE_FINAL = "challenge_final", "A challenge waits for the final authority"
    ADVICE_DECIDED = "advice_decided", "Advice decided"
    NUDGE = "nudge", "Nudge"
    OVERRIDE = "override", "A way around the process"
    OVERRIDE_RESOLVED = "override_over", "Override resolved"
    RECEIPT = "receipt", "Decided from a mail"
    UNDELIVERED = "undelivered", "A mail could not be delivered"


class MailStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Being sent"
    RETRYING = "retrying", "To be tried again"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    DROPPED = "dropped", "Dropped: no longer true"


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def due(self, now: datetime) -> "OutboxQuerySet":
        """What may be claimed now: queued or to be tried again, or claimed by a worker whose lease ran out."""
        return self.filter(
            Q(status__in=(MailStatus.QUEUED, MailStatus.RETRYING), due_at__lte=now)
            | Q(status=MailStatus.SENDING, lease_until__lte=now)
        )


class OutboxMessage(ClientOwned):
    """A mail to one person or address: a template and ids, rendered when it is sent."""

    key = models.CharField(
        max_length=160, unique=True, help_text="The same cause makes the same key, so it is sent once."
    )
    kind = models.CharField(max_length=16, choices=MailKind.choices)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    address = models.EmailField(blank=True, help_text="Where it goes when nobody of Handoff stands behind it.")
    offer = TenantKey(Offer, models.PROTECT, null=True, blank=True, related_name="mails")
    ids = models.JSONField(default=dict, help_text="What the template needs, as ids.")
    status = models.CharField(max_length=8, choices=MailStatus.choices, default=MailStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(
                fields=("due_at",), condition=Q(status__in=("queued", "retrying", "sending")), name="outbox_due"
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(user__isnull=False) | ~Q(address=""), name="outbox_has_recipient"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.recipient}"

    @property
    def recipient(self) -> str:
        return self.user.email if self.user else self.address

    @property
    def message_id(self) -> str:
        """Stable over every attempt, so that a server can drop a second copy; no other mail's, or it drops a first."""
        host = urlsplit(settings.PORTAL_URL).hostname or "handoff"
        return f"<outbox-{self.pk}.{self.created_at.astimezone(UTC):%Y%m%d%H%M%S}@{host}>"


class OutboxEscalation(ClientOwned):
    """Which escalations a mail carries; a digest carries several."""

    message = TenantKey(OutboxMessage, models.CASCADE, related_name="carried")
    escalation = TenantKey(Escalation, models.PROTECT, related_name="mails")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("client", "message", "escalation"), name="carried_once"),)

    def __str__(self) -> str:
        return f"{self.escalation} in {self.message_id}"
