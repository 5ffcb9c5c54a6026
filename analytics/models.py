"""What insight keeps for itself: a narrow row an offer that every report reads, how fresh these are, and findings."""

import pgtrigger
from django.db import models
from django.db.models import Q

from governance.history import tracked
from governance.models import ClientOwned, User
from governance.walls import TenantKey
from offers.lifecycle import LIVE
from offers.models import Offer

_LIVE = sorted(status.value for status in LIVE)


class Gap(models.TextChoices):
    """Why the time from verbal approval to letter cannot be told."""

    NONE = "", "Known"
    MISSING = "missing", "The verbal approval is missing"
    INFERRED = "inferred", "The verbal approval is inferred"
    CONTRADICTS = "contradicts", "The instants contradict"


class Cut(ClientOwned):
    """A fact with all that reports are cut by, so that none has to look anything up. Texts are empty where unknown.

    In the tables (see the migrations) columns of a fixed width come before texts, and those that are never empty come
    first: whatever a report reads lies behind all columns before it, and a text before it doubles the time.
    """

    business_unit = models.CharField(max_length=80)
    role_family = models.CharField(max_length=80)
    role_code = models.CharField(max_length=40)
    grade = models.CharField(max_length=20)
    location = models.CharField(max_length=80)
    country = models.CharField(max_length=2)
    priority = models.CharField(max_length=8)
    employment_type = models.CharField(max_length=10)
    candidate_type = models.CharField(max_length=8)
    engagement = models.CharField(max_length=40)
    delivery_model = models.CharField(max_length=10)
    fee_model = models.CharField(max_length=10)
    source_channel = models.CharField(max_length=80)
    recruiter_id = models.BigIntegerField(null=True)
    hiring_manager_id = models.BigIntegerField(null=True)
    internal = models.BooleanField(help_text="An internal move: reported apart.")
    contingent = models.BooleanField(help_text="A contingent worker: reported apart.")

    class Meta:
        abstract = True


class OfferFact(Cut):
    """An offer as reports see it. Written by analytics/facts.py alone, from the offers' own tables.

    Days and months are the client's own, from its zone.
    """

    offer = TenantKey(Offer, models.CASCADE, related_name="+")

    status = models.CharField(max_length=12)
    imported = models.BooleanField()
    verbal_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    verbal_on = models.DateField(null=True)
    written_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    start_on = models.DateField(null=True, help_text="Planned.")
    joined_on = models.DateField(null=True)
    left_on = models.DateField(null=True)
    left_voluntary = models.BooleanField(null=True)
    planned_end = models.BooleanField(help_text="Left at the planned end of a fixed term.")

    hours = models.FloatField(null=True, help_text="Verbal approval to first letter, where both are sure.")
    gap = models.CharField(max_length=11, choices=Gap.choices)
    answer_contradicts = models.BooleanField(help_text="The answer lies before the letter.")
    answered = models.BooleanField(help_text="A letter and a final answer of the candidate.")
    accepted = models.BooleanField(help_text="The first final answer was yes.")
    lost = models.BooleanField(help_text="Declined, expired or withdrawn after the candidate had heard.")
    contingency_failed = models.BooleanField()
    awaited = models.BooleanField(help_text="Accepted, and not started.")
    joined = models.BooleanField()
    reneged = models.BooleanField(help_text="Withdrew after acceptance, or never came.")
    has_outcome = models.BooleanField(help_text="Known to have been approved, and ended: what the closed rate is of.")
    overridden = models.BooleanField(help_text="A way around the process was confirmed.")
    detected = models.SmallIntegerField(help_text="Confirmed ways around that Handoff detected.")
    reported = models.SmallIntegerField()
    ratified = models.SmallIntegerField()
    retracted = models.SmallIntegerField()
    disclosed = models.SmallIntegerField()

    theme = models.CharField(max_length=24)
    captured = models.BooleanField(help_text="A theme and a reason within five working days.")

    opened_on = models.DateField(null=True)
    applied_on = models.DateField(null=True)
    evergreen = models.BooleanField()

    sla_due_on = models.DateField(null=True, help_text="The elapsed target.")
    sla_due_at = models.DateTimeField(null=True)
    contract_due_at = models.DateTimeField(null=True)
    contract_due_on = models.DateField(null=True)
    sla_stopped_at = models.DateTimeField(null=True)
    sla_done = models.BooleanField(null=True, help_text="Stopped by the letter; false: the offer ended first.")
    hours_client_hr = models.FloatField()
    hours_finance = models.FloatField()
    hours_hiring_manager = models.FloatField()
    hours_candidate = models.FloatField()
    hours_provider = models.FloatField()

    judged_on = models.DateField(null=True, help_text="The letter's day, or the end of an offer that never had one.")
    market_ratio = models.FloatField(null=True)
    compa_ratio = models.FloatField(null=True)
    below_reference = models.BooleanField(help_text="More than 5 % below.")
    outside_band = models.BooleanField()
    unknown_reference = models.BooleanField()
    renegotiated = models.BooleanField(help_text="Terms changed after the first letter.")

    satisfaction = models.SmallIntegerField(null=True)
    manager_rating = models.SmallIntegerField(null=True)
    productive_on = models.DateField(null=True)
    productive_target_on = models.DateField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("client", "offer"), name="fact_of_offer"),)
        indexes = (
            models.Index(fields=("client", "decided_on"), name="fact_by_decision"),
            models.Index(fields=("client", "written_on"), name="fact_by_letter"),
            # The few that every report asks for beside the many that it counts.
            models.Index(
                fields=("client",), condition=Q(status__in=sorted(status.value for status in LIVE)), name="fact_live"
            ),
            models.Index(fields=("client",), condition=~Q(gap=""), name="fact_unsure"),
            models.Index(fields=("client",), condition=Q(answer_contradicts=True), name="fact_contradicting"),
        )

    def __str__(self) -> str:
        return f"Fact of offer {self.offer_id}"


class StepFact(Cut):
    """A decision on an approval step; the first of a step, or its only row, stands for the step as well.

    Written beside the facts of the offers, from their approvals, by analytics/facts.py alone.
    """

    offer = TenantKey(Offer, models.CASCADE, related_name="+")
    role = models.CharField(max_length=20)
    again = models.BooleanField(help_text="The same was asked before on the same offer.")

    decided_on = models.DateField(null=True, help_text="Of the step; empty where the row stands for no step.")
    hours = models.FloatField(null=True, help_text="From asking to the decision; empty where it lies before.")
    rejected = models.BooleanField()

    user_id = models.BigIntegerField(null=True, help_text="Who decided.")
    said_on = models.DateField(null=True)
    said_hours = models.FloatField(null=True, help_text="From asking to what this person decided.")
    said_rejected = models.BooleanField()

    class Meta:
        indexes = (
            models.Index(fields=("client", "offer"), name="step_fact_of_offer"),
            # How long steps took is read from here alone, without the many texts beside it.
            models.Index(
                fields=("client", "decided_on"),
                include=("hours", "rejected", "again"),
                condition=Q(internal=False, contingent=False, decided_on__isnull=False),
                name="step_fact_by_decision",
            ),
        )

    def __str__(self) -> str:
        return f"Fact of a step of offer {self.offer_id}"


class CounterFact(Cut):
    """A counter-offer that has ended, by an answer or with its offer. Written by analytics/facts.py alone."""

    offer = TenantKey(Offer, models.CASCADE, related_name="+")
    origin = models.CharField(max_length=18)
    countered_on = models.DateField()
    inside_guardrail = models.BooleanField(null=True, help_text="Empty before there was one.")
    closed = models.BooleanField(help_text="It ended with a yes.")
    dropped = models.BooleanField(help_text="The candidate was lost.")
    hours = models.FloatField(null=True, help_text="To the answer; empty without one, or where it lies before.")
    contradicts = models.BooleanField(help_text="The answer lies before the counter-offer.")
    uplift = models.FloatField(null=True, help_text="Agreed over offered base, less 1.")

    class Meta:
        indexes = (models.Index(fields=("client", "offer"), name="counter_fact_of_offer"),)

    def __str__(self) -> str:
        return f"Fact of a counter-offer of offer {self.offer_id}"


class Freshness(ClientOwned):
    """Up to which event of each history table the facts of a client have been brought.

    `marks` are events below which nothing can appear any more. `next_marks` become so when every transaction older
    than `next_xid` has ended: numbers are given out before they are committed.
    """

    refreshed_at = models.DateTimeField()
    facts = models.PositiveIntegerField(default=0)
    marks = models.JSONField(default=dict)
    next_marks = models.JSONField(default=dict)
    next_xid = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "freshness"
        constraints = (models.UniqueConstraint(fields=("client",), name="freshness_of_client"),)

    def __str__(self) -> str:
        return f"Facts as of {self.refreshed_at:%d %b %Y, %H:%M} UTC"


class FindingStatus(models.TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


@tracked()
class Finding(ClientOwned):
    """What the decline lens sent back to sourcing: one theme in one place, with an owner and a day to look again."""

    dim = models.CharField("dimension", max_length=20)
    value = models.CharField(max_length=120)
    theme = models.CharField(max_length=24)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    review_on = models.DateField("look again on")
    since = models.DateField(null=True, blank=True, help_text="The first day of the period that showed it.")
    found_on = models.DateField(help_text="The day it was sent back: before and after are cut here.")
    status = models.CharField(max_length=6, choices=FindingStatus.choices, default=FindingStatus.OPEN)

    class Meta:
        ordering = ("review_on", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("client", "dim", "value", "theme"),
                condition=Q(status="open"),
                name="finding_once",
                violation_error_message="This is with sourcing already, and not reviewed yet.",
            ),
            models.CheckConstraint(
                condition=Q(review_on__gt=models.F("found_on")),
                name="finding_review_later",
                violation_error_message="The day to look again lies after today.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.value or 'not given'} / {self.theme}"


class ProgrammeBook(ClientOwned):
    """What one client's readers may see of all other clients' cases: groups, made anonymous before they were written.

    `client` is the reader's. Nothing of the client's own cases is in it, and no other client is named. One is written
    for each quarter that has ended and is never changed: two of the same quarter would tell a case by their difference.
    """

    quarter = models.CharField(max_length=7, help_text="The last one that it covers, as 2026-Q3.")
    since = models.DateField(help_text="The first day that it covers.")
    until = models.DateField(help_text="The day after the last one.")
    written_at = models.DateTimeField()
    tables = models.JSONField(help_text="By kind of case and by cut: see analytics/programme_book.py.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("client", "quarter"), name="programme_book_once"),)
        triggers = (pgtrigger.Protect(name="written_once", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"Programme's cases up to {self.quarter}"
