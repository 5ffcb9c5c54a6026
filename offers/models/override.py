"""Ways around the process: who went past it, how it was found, what the difference is and how it was put right."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from governance.history import tracked
from governance.models import ClientOwned, Note, User
from governance.walls import TenantKey
from offers.models.offer import Offer
from offers.models.version import OfferVersion


class OverrideKind(models.TextChoices):
    BYPASSED_PROCESS = "bypassed_process", "Bypassed the process"
    DIRECT_CONTACT = "direct_contact", "Direct contact with the candidate"
    LOWBALL = "lowball", "Offered below what was approved"
    UNAPPROVED_PROMISE = "unapproved_promise", "Promised what was not approved"


class FoundBy(models.TextChoices):
    REPORTED = "reported", "Reported"
    DETECTED = "detected", "Detected by Handoff"


class Severity(models.TextChoices):
    MINOR = "minor", "Minor"
    SEVERE = "severe", "Severe: holds the letter back"


class OverrideStatus(models.TextChoices):
    SUSPECTED = "suspected", "Suspected"
    CONFIRMED = "confirmed", "Confirmed"


class Resolution(models.TextChoices):
    RATIFIED = "ratified", "Ratified by a new version"
    RETRACTED = "retracted", "Retracted"
    DISCLOSED = "disclosed", "Disclosed"
    UNFOUNDED = "unfounded", "Unfounded"


def lower_first(words: str) -> str:
    """The words as they stand inside a sentence; names in them keep their capitals."""
    return words[:1].lower() + words[1:]


OPEN = Q(resolution="")
HOLDING = OPEN & Q(severity=Severity.SEVERE)


class OverrideQuerySet(models.QuerySet["Override"]):
    def holding(self) -> "OverrideQuerySet":
        """Those that keep a letter from going out: severe and unresolved, suspected ones as well."""
        return self.filter(HOLDING)


@tracked()
class Override(ClientOwned):
    """One way around the process. Any but an unfounded one counts as confirmed once it is resolved."""

    offer = TenantKey(Offer, models.PROTECT, related_name="overrides")
    external_id = models.CharField("reference", max_length=60, blank=True)
    kind = models.CharField(max_length=18, choices=OverrideKind.choices)
    severity = models.CharField(max_length=6, choices=Severity.choices, default=Severity.MINOR)
    status = models.CharField(max_length=9, choices=OverrideStatus.choices, default=OverrideStatus.SUSPECTED)
    who = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Who went around, where that is known."
    )
    found_by = models.CharField(max_length=8, choices=FoundBy.choices, default=FoundBy.REPORTED)
    found_at = models.DateTimeField()
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    statement = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+")
    version = TenantKey(
        OfferVersion, models.PROTECT, null=True, blank=True, related_name="+", help_text="What was approved by then."
    )
    differences = models.JSONField(
        default=list, blank=True, help_text="[{term, approved, found}] as plain text, of what Handoff has compared."
    )
    cause = models.CharField(max_length=80, blank=True, help_text="What was detected: the same is opened once.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    resolution = models.CharField(max_length=9, choices=Resolution.choices, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    resolved_how = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+")
    ratified_by = TenantKey(OfferVersion, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OverrideQuerySet.as_manager()

    class Meta:
        ordering = ("-found_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("client", "offer", "cause"), condition=~Q(cause=""), name="override_detected_once"
            ),
            models.UniqueConstraint(
                fields=("client", "external_id"), condition=~Q(external_id=""), name="override_reference"
            ),
            models.CheckConstraint(
                condition=Q(resolution="", resolved_at=None) | (~Q(resolution="") & Q(resolved_at__gte=F("found_at"))),
                name="override_resolved_after_found",
                violation_error_message="An override is resolved at or after the moment at which it was found.",
            ),
            models.CheckConstraint(
                condition=~Q(resolution__in=("ratified", "retracted", "disclosed")) | Q(status="confirmed"),
                name="override_resolved_is_confirmed",
                violation_error_message="What was ratified, retracted or disclosed was a confirmed override.",
            ),
        )
        indexes = (models.Index(fields=("client", "found_at"), name="override_by_day"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.found_at:%d %b %Y}"

    @property
    def reference(self) -> str:
        """What a file calls it: its own reference, or one made from its number here."""
        return self.external_id or f"override-{self.pk}"

    @property
    def found_how(self) -> str:
        """ "detected by Handoff", in the middle of a sentence."""
        return lower_first(self.get_found_by_display())

    @property
    def is_open(self) -> bool:
        return not self.resolution

    @property
    def holds(self) -> bool:
        """True while it keeps the letter from going out."""
        return self.is_open and self.severity == Severity.SEVERE

    def age(self, now: datetime) -> timedelta:
        """From when it was found to its resolution, or to now."""
        return (self.resolved_at or now) - self.found_at
