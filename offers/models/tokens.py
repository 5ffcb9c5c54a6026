"""Links in mails: what lets the person named decide from the mail itself. Only a hash of a link is kept."""

from django.db import models
from django.db.models import Q

from governance.models import ClientOwned, User
from governance.walls import TenantKey
from offers.models.approvals import Approval
from offers.models.events import VerbalApproval
from offers.models.offer import Offer
from offers.models.outbox import OutboxMessage
from offers.models.version import OfferVersion


class Purpose(models.TextChoices):
    DECIDE = "decide", "Decide an approval"
    CONFIRM = "confirm", "Confirm a verbal approval"
    ACKNOWLEDGE = "acknowledge", "Acknowledge an escalation"


class DecisionToken(ClientOwned):
    """One link in one mail: for this person, this purpose and these terms; good once, until it expires.

    It is dead as soon as its approval, version or offer has moved on; offers/links.py says how that is found.
    """

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of what the link carries.")
    purpose = models.CharField(max_length=11, choices=Purpose.choices)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    message = TenantKey(OutboxMessage, models.CASCADE, related_name="tokens")
    offer = TenantKey(Offer, models.PROTECT, null=True, related_name="+")
    approval = TenantKey(Approval, models.PROTECT, null=True, related_name="+")
    version = TenantKey(OfferVersion, models.PROTECT, null=True, related_name="+")
    verbal_approval = TenantKey(VerbalApproval, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # The one-time code, where the client asks for one before a decision.
    code = models.CharField(max_length=64, blank=True, help_text="Keyed hash of the code that was mailed last.")
    code_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    codes = models.PositiveSmallIntegerField(default=0, help_text="How many codes were mailed for this link.")

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(purpose="decide", approval__isnull=False, version__isnull=False)
                | Q(purpose="confirm", verbal_approval__isnull=False)
                | Q(purpose="acknowledge"),
                name="token_has_subject",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.user}"
