"""Advice: the provider says that an offer is too low to close, with what speaks for it, and the business decides."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q

from governance.access import Role
from governance.history import tracked
from governance.models import ClientOwned, Note, User
from governance.models.base import CurrencyField, MoneyField
from governance.walls import TenantKey
from offers.models.offer import Offer
from offers.models.version import OfferVersion


class AdviceDecision(models.TextChoices):
    ADJUSTED = "adjusted", "Terms adjusted"
    ACCEPTED_RISK = "accepted_risk", "Risk accepted"
    REFUSED = "refused", "Refused"


BUSINESS = frozenset({Role.HIRING_MANAGER, Role.HR_PARTNER, Role.TALENT_LEADER})  # decides; managers on their own
UNDECIDED = Q(decision="")
CHALLENGE = Q(holds_until__isnull=False)


class AdviceQuerySet(models.QuerySet["Advice"]):
    def visible_to(self, user: User) -> "AdviceQuerySet":
        """Advice on the offers that the person may see: a hiring manager's own."""
        return self.filter(offer__in=Offer.objects.visible_to(user))

    def undecided(self) -> "AdviceQuerySet":
        return self.filter(UNDECIDED)

    def to_pass_on(self, now: datetime) -> "AdviceQuerySet":
        """Challenges whose hold is over without a decision, and which the final authority has not heard of yet."""
        return self.filter(UNDECIDED & CHALLENGE, holds_until__lte=now, passed_on_at=None)


@tracked()
class Advice(ClientOwned):
    """“Too low to close”, on one version. A challenge also holds the letter back for some hours (`holds_until`).

    Recommended base is full-time a year, in `currency`. The evidence is kept as it stood; no text of anybody is in it.
    """

    offer = TenantKey(Offer, models.PROTECT, related_name="advice")
    external_id = models.CharField("reference", max_length=60, blank=True)
    version = TenantKey(OfferVersion, models.PROTECT, null=True, blank=True, related_name="advice")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    currency = CurrencyField()
    recommended_base = MoneyField("recommended base, full-time a year", null=True, blank=True)
    recommended_sign_on = MoneyField("recommended sign-on", null=True, blank=True)
    reason = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.JSONField(default=dict, blank=True, help_text="What it was judged by, as it stood.")
    holds_until = models.DateTimeField(null=True, blank=True, help_text="A challenge: the letter waits until then.")
    passed_on_at = models.DateTimeField("passed on to the final authority", null=True, blank=True)
    final_role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    decision = models.CharField(max_length=13, choices=AdviceDecision.choices, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_how = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AdviceQuerySet.as_manager()

    class Meta:
        ordering = ("-given_at",)
        verbose_name_plural = "advice"
        constraints = (
            models.UniqueConstraint(
                fields=("client", "version"), condition=CHALLENGE, name="advice_one_challenge",
                violation_error_message="This version was challenged already.",
            ),
            models.UniqueConstraint(
                fields=("client", "offer"), condition=UNDECIDED, name="advice_one_undecided",
                violation_error_message="Advice on this offer waits for a decision already.",
            ),
            models.UniqueConstraint(
                fields=("client", "external_id"), condition=~Q(external_id=""), name="advice_reference"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None) | (~Q(decision="") & Q(decided_at__gte=F("given_at"))),
                name="advice_decided_after_given",
                violation_error_message="Advice is decided at or after the moment at which it was given.",
            ),
        )  # fmt: skip
        indexes = (
            models.Index(
                fields=("holds_until",), condition=Q(decision="", passed_on_at=None, holds_until__isnull=False),
                name="advice_holding",
            ),
            models.Index(fields=("client", "given_at"), name="advice_by_day"),
        )  # fmt: skip
        triggers = (
            pgtrigger.ReadOnly(
                name="evidence_kept",
                fields=["version", "given_at", "given_by", "currency", "recommended_base", "recommended_sign_on",
                        "evidence", "holds_until"],
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{'Challenge' if self.holds_until else 'Advice'} of {self.given_at:%d %b %Y}"

    @property
    def reference(self) -> str:
        """What a file calls it: its own reference, or one made from its number here."""
        return self.external_id or f"advice-{self.pk}"

    def held(self, at: datetime) -> bool:
        """True where the letter could not go out at that instant: before the hold ended or the decision fell."""
        if self.holds_until is None or at < self.given_at:
            return False
        return at < min(self.holds_until, self.decided_at or self.holds_until)
