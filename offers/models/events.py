"""What was said: the manager's verbal approval, the verbal offer to the candidate, counter-offers and losses."""

import pgtrigger
from django.db import models
from django.db.models import Q

from governance.history import tracked
from governance.models import ClientOwned, Note, User
from governance.models.base import CurrencyField, MoneyField
from governance.walls import TenantKey
from offers.models.offer import Offer
from offers.models.version import OfferVersion


class Means(models.TextChoices):
    CALL = "call", "Call"
    MEETING = "meeting", "Meeting"
    CHAT = "chat", "Chat"
    EMAIL = "email", "E-mail"
    OTHER = "other", "Other"


@tracked()
class VerbalApproval(ClientOwned):
    """The hiring manager's yes: starts the clock, and is the manager's step for terms no better than these."""

    offer = TenantKey(Offer, models.PROTECT, related_name="verbal_approvals")
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    means = models.CharField(max_length=8, choices=Means.choices, default=Means.CALL)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = TenantKey(
        Note, models.PROTECT, null=True, blank=True, related_name="+", help_text="Why it is entered late."
    )
    currency = CurrencyField()
    base = MoneyField("full-time base a year", null=True, blank=True)
    first_year_total = MoneyField("first-year cash", null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    corrected_at = models.DateTimeField(null=True, blank=True)
    correction = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-approved_at",)

    def __str__(self) -> str:
        return f"Verbal approval of {self.approved_at:%d %b %Y}"


class Answer(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"
    THINKING = "thinking", "Thinks about it"
    ASKS_MORE = "asks_more", "Asks for more"


@tracked()
class VerbalOffer(ClientOwned):
    """The recruiter told the candidate, and what the candidate answered."""

    offer = TenantKey(Offer, models.PROTECT, related_name="verbal_offers")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=9, choices=Answer.choices, default=Answer.THINKING)
    note = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"Verbal offer of {self.made_at:%d %b %Y}"


class Origin(models.TextChoices):
    CANDIDATE_ASK = "candidate_ask", "The candidate asks"
    CURRENT_EMPLOYER = "current_employer", "The current employer bids"
    COMPETING_EMPLOYER = "competing_employer", "Another employer bids"


class CounterOutcome(models.TextChoices):
    OPEN = "open", "Open"
    SETTLED = "settled", "Settled"
    STOOD = "stood", "Refused: the terms stood"
    CLOSED = "closed", "Closed with a yes"
    LOST = "lost", "Lost"


@tracked()
class CounterOffer(ClientOwned):
    """What the candidate or another employer put against an offer, and how it was answered."""

    offer = TenantKey(Offer, models.PROTECT, related_name="counters")
    external_id = models.CharField("reference", max_length=60, blank=True, editable=False, help_text="Of a file.")
    against = TenantKey(OfferVersion, models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=18, choices=Origin.choices, default=Origin.CANDIDATE_ASK)
    countered_at = models.DateTimeField()
    currency = CurrencyField()
    asked_base = MoneyField("base asked for, full-time a year", null=True, blank=True)
    asked_sign_on = MoneyField("sign-on asked for", null=True, blank=True)
    note = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+")
    settled = TenantKey(OfferVersion, models.PROTECT, null=True, blank=True, related_name="+")
    settled_base = MoneyField("base agreed, full-time a year", null=True, blank=True, editable=False)
    inside_guardrail = models.BooleanField(null=True, blank=True)
    granted_by = models.CharField(max_length=120, blank=True, help_text="The grant inside which it was settled.")
    answered_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=7, choices=CounterOutcome.choices, default=CounterOutcome.OPEN)

    class Meta:
        ordering = ("countered_at",)
        constraints = (
            models.UniqueConstraint(fields=("client", "offer"), condition=Q(outcome="open"), name="counter_one_open"),
            models.UniqueConstraint(
                fields=("client", "external_id"), condition=~Q(external_id=""), name="counter_reference"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_origin_display()}, {self.countered_at:%d %b %Y}"


class Theme(models.TextChoices):
    COMPENSATION = "compensation", "Compensation"
    BENEFITS = "benefits", "Benefits"
    ROLE_CONTENT = "role_content", "Role content"
    LOCATION = "location", "Location"
    WORK_MODEL = "work_model", "Work model"
    RELOCATION_VISA = "relocation_visa", "Relocation or visa"
    MANAGER_IMPRESSION = "manager_impression", "Impression of the manager"
    COMPETING_OFFER = "competing_offer", "Competing offer"
    CURRENT_EMPLOYER_COUNTER = "current_employer_counter", "Current employer's counter-offer"
    PROCESS_DELAY = "process_delay", "Delay in the process"
    CAREER_PROGRESSION = "career_progression", "Career progression"
    SKILLS_MISMATCH = "skills_mismatch", "Skills mismatch"
    PERSONAL = "personal", "Personal"
    NOT_GIVEN = "not_given", "Would not say"


class Competitor(models.TextChoices):
    AGENCY = "agency", "Agency"
    DIRECT = "direct", "Direct employer"
    CURRENT_EMPLOYER = "current_employer", "Current employer"


@tracked(exclude=["reason"])  # somebody's words: history keeps that and when they were given, and erasing reaches them
class Loss(ClientOwned):
    """Why an offer was lost: a theme, a reason, and what the candidate said. “Would not say” is a reason too."""

    class Stage(models.TextChoices):
        VERBAL = "verbal", "Before the letter"
        WRITTEN = "written", "After the letter"

    offer = TenantKey(Offer, models.PROTECT, related_name="losses")
    stage = models.CharField(max_length=7, choices=Stage.choices)
    theme = models.CharField(max_length=24, choices=Theme.choices, blank=True)
    reason = models.CharField(max_length=120, blank=True)
    has_reason = models.BooleanField(
        default=False, editable=False, help_text="One was given; still so when its words have been erased."
    )
    secondary = models.JSONField("secondary reasons", default=list, blank=True)
    verbatim = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+")
    competing_kind = models.CharField(max_length=16, choices=Competitor.choices, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name_plural = "losses"
        constraints = (models.UniqueConstraint(fields=("client", "offer"), name="loss_once"),)
        triggers = (
            pgtrigger.Trigger(
                name="reason_given",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func="NEW.has_reason = NEW.has_reason OR NEW.reason <> ''; RETURN NEW;",
            ),
        )

    def __str__(self) -> str:
        return self.get_theme_display() or "no reason given yet"
