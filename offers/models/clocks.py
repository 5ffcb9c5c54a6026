"""Clocks and what they set off. Due instants are stored when a clock starts; a partial index finds the next one due."""

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance.history import tracked
from governance.models import ClientOwned, EscalationPath, Note, ServiceLevel, User
from governance.models.base import Priority
from governance.walls import TenantKey
from offers.models.approvals import Approval
from offers.models.events import CounterOffer
from offers.models.offer import Offer


class ClockKind(models.TextChoices):
    VERBAL_TO_WRITTEN = "verbal_to_written", "Verbal approval to letter"
    APPROVAL_STEP = "approval_step", "Approval step"
    CANDIDATE_RESPONSE = "candidate_response", "Candidate's answer"
    COUNTER_RESPONSE = "counter_response", "Answer to a counter-offer"


class StopReason(models.TextChoices):
    DONE = "done", "Done"
    ENDED = "ended", "The offer ended"
    VOID = "void", "Not needed any more"


class PauseReason(models.TextChoices):
    """The only reasons for which contractual time stands still."""

    CANDIDATE_ASKED = "candidate_asked", "the candidate asked for time"
    ON_HOLD = "on_hold", "the requisition is on hold"


class ClockQuerySet(models.QuerySet["Clock"]):
    def running(self) -> "ClockQuerySet":
        return self.filter(stopped_at=None)


@tracked(exclude=["next_due_at", "flagged", "remind_at"])
class Clock(ClientOwned):
    """One clock on one offer. Elapsed hours always count; the contractual target is kept beside the elapsed one."""

    offer = TenantKey(Offer, models.PROTECT, related_name="clocks")
    approval = TenantKey(Approval, models.PROTECT, null=True, blank=True, related_name="clocks")
    counter = TenantKey(CounterOffer, models.PROTECT, null=True, blank=True, related_name="clocks")
    kind = models.CharField(max_length=18, choices=ClockKind.choices)
    cycle = models.PositiveSmallIntegerField(default=1)
    priority = models.CharField(max_length=8, choices=Priority.choices)
    service_level = TenantKey(ServiceLevel, models.PROTECT, null=True, related_name="+")
    path = TenantKey(EscalationPath, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    target_hours = models.PositiveSmallIntegerField(null=True)
    target_at = models.DateTimeField("due, as contracted", null=True)
    elapsed_target_at = models.DateTimeField("due, elapsed", null=True)
    thresholds = ArrayField(models.PositiveSmallIntegerField(), default=list, help_text="Hours, lowest first.")
    due_instants = ArrayField(models.DateTimeField(), default=list, help_text="When each threshold is reached.")
    round = models.PositiveSmallIntegerField(default=1)
    flagged = models.PositiveSmallIntegerField(default=0, help_text="How many thresholds have been passed.")
    next_due_at = models.DateTimeField(null=True, help_text="When the next threshold is reached; empty: none is left.")
    hold_until = models.DateTimeField(null=True, blank=True, help_text="Acknowledged: the ladder holds until then.")
    holds = models.PositiveSmallIntegerField(default=0, help_text="How often it has been acknowledged.")
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=15, choices=PauseReason.choices, blank=True)
    paused_for = models.DurationField(default=timedelta, help_text="Contractual time of the pauses that are over.")
    remind_at = models.DateTimeField(null=True, help_text="When the recruiter is reminded of the candidate's answer.")
    stopped_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.CharField(max_length=5, choices=StopReason.choices, blank=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        ordering = ("started_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("client", "kind", "offer", "approval", "counter", "cycle"),
                nulls_distinct=False,
                name="clock_once",
            ),
            models.CheckConstraint(
                condition=Q(paused_at=None, pause_reason="") | (Q(paused_at__isnull=False) & ~Q(pause_reason="")),
                name="clock_paused_for_a_reason",
            ),
        )
        indexes = (
            # The sweep reads this one index, whatever the number of clocks that are not due.
            models.Index(
                fields=("next_due_at",),
                condition=Q(stopped_at=None, next_due_at__isnull=False),
                name="clock_next_due",
            ),
            models.Index(
                fields=("remind_at",), condition=Q(stopped_at=None, remind_at__isnull=False), name="clock_reminder"
            ),
            models.Index(fields=("offer", "kind"), name="clock_of_offer"),
        )

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def upcoming(self) -> datetime | None:
        """When the sweep looks at it next: at the end of a hold, else at the next threshold; None while paused."""
        if self.paused_at:
            return None
        return self.hold_until or next(iter(self.due_instants[self.flagged :]), None)

    def hours(self, now: datetime) -> float:
        """Elapsed hours, to the stop where it is stopped."""
        return ((self.stopped_at or now) - self.started_at).total_seconds() / 3600

    def is_met(self, now: datetime) -> bool | None:
        """Met means strictly before the target; None while it is open and not past it."""
        if self.target_at is None:
            return None
        if self.stopped_at is None:
            return False if now >= self.target_at else None
        return self.stopped_at < self.target_at


class EscalationStatus(models.TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    RESOLVED = "resolved", "Resolved"


class Cause(models.TextChoices):
    THRESHOLD = "threshold", "Threshold passed"
    LAPSED = "lapsed", "Acknowledged, and still stuck"
    JUMPED = "jumped", "Critical hire at risk"


@tracked()
class Escalation(ClientOwned):
    """A threshold that a clock passed, or a jump to the top. Unique, so that two sweeps at once flag it once."""

    clock = TenantKey(Clock, models.PROTECT, related_name="escalations")
    offer = TenantKey(Offer, models.PROTECT, related_name="escalations")
    cycle = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveSmallIntegerField(default=1)
    threshold_hours = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=9, choices=Cause.choices, default=Cause.THRESHOLD)
    note = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+", help_text="Why it jumped.")
    due_at = models.DateTimeField()
    flagged_at = models.DateTimeField()
    holder = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    holder_role = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=12, choices=EscalationStatus.choices, default=EscalationStatus.OPEN)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-flagged_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("client", "clock", "cycle", "round", "threshold_hours"), name="escalation_once"
            ),
        )
        indexes = (models.Index(fields=("offer", "-flagged_at"), name="escalation_of_offer"),)

    def __str__(self) -> str:
        return f"{self.threshold_hours} h, level {self.level}"
