"""The terms of an offer, a row a version: editable until submitted, then frozen with all they were judged by."""

from decimal import Decimal

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from governance.history import tracked
from governance.models import ApprovalPolicy, Benchmark, ClientOwned, SalaryBand, User
from governance.models.base import CurrencyField, MoneyField, PayPeriod, PercentField
from governance.policy import first_year_cash
from governance.walls import TenantKey
from offers.models.intake import EmploymentType
from offers.models.offer import Offer

ZERO = Decimal(0)


class Terms(models.Model):
    """Every component of an offer. Base is the full-time rate; percent fields read 10 as 10 %."""

    employment_type = models.CharField(max_length=10, choices=EmploymentType.choices, default=EmploymentType.PERMANENT)
    currency = CurrencyField(default="USD")
    pay_period = models.CharField(max_length=5, choices=PayPeriod.choices, default=PayPeriod.YEAR)
    base = MoneyField(
        "base, full-time rate", validators=[MinValueValidator(Decimal("0.0001"), "Give a base above zero.")]
    )
    fte = models.DecimalField("FTE", max_digits=5, decimal_places=4, default=Decimal(1))
    weekly_hours = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    payments_a_year = models.PositiveSmallIntegerField(default=12, choices=((12, "12"), (13, "13"), (14, "14")))
    target_bonus_pct = PercentField("target bonus, % of base", default=ZERO)
    guaranteed_bonus = MoneyField(default=ZERO)
    sign_on = MoneyField("sign-on", default=ZERO)
    clawback_months = models.PositiveSmallIntegerField("sign-on clawback, months pro rata", default=0)
    equity_value = MoneyField("equity, annualised value", default=ZERO)
    equity_vesting = models.CharField("vesting", max_length=120, blank=True)
    relocation = MoneyField(default=ZERO)
    cash_allowances = MoneyField("cash allowances a year", default=ZERO)
    leave_days = models.DecimalField("days of leave", max_digits=5, decimal_places=2, default=ZERO)
    home_days = models.DecimalField("home-working days a week", max_digits=4, decimal_places=2, default=ZERO)
    benefits = models.CharField(max_length=200, blank=True)
    notice_weeks = models.PositiveSmallIntegerField("notice, weeks", null=True, blank=True)
    probation_months = models.PositiveSmallIntegerField("probation, months", null=True, blank=True)
    start_on = models.DateField("start", null=True, blank=True)
    expires_on = models.DateField(
        "answer by", null=True, blank=True, help_text="The last day to answer; before the start."
    )
    standard_letter = models.BooleanField(default=True, help_text="Off: the letter departs from the template.")

    class Meta:
        abstract = True

    @property
    def base_annual(self) -> Decimal:
        """Full-time base a year, in the version's currency; hourly pay needs the client's divisor."""
        from governance.market import annual

        return annual(self.base, self.pay_period, self.hours_divisor, self.payments_a_year)  # type: ignore[arg-type]

    @property
    def hours_divisor(self) -> int:
        raise NotImplementedError

    @property
    def first_year_cash(self) -> Decimal:
        """Base x FTE + the larger of target and guaranteed bonus + sign-on + cash allowances + relocation."""
        return self.first_year_cash_at(self.base_annual)

    def first_year_cash_at(self, base_annual: Decimal) -> Decimal:
        """The same with another full-time base a year."""
        return first_year_cash(
            base_annual,
            fte=self.fte,
            target_bonus_pct=self.target_bonus_pct,
            guaranteed_bonus=self.guaranteed_bonus,
            sign_on=self.sign_on,
            cash_allowances=self.cash_allowances,
            relocation=self.relocation,
        )


TERM_FIELDS = tuple(field.name for field in Terms._meta.fields)


@tracked()
class OfferVersion(ClientOwned, Terms):
    """A version. Submitting it freezes terms, standing and policy; the database refuses any change from then on."""

    offer = TenantKey(Offer, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", editable=False)

    policy = TenantKey(ApprovalPolicy, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    band = TenantKey(SalaryBand, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    benchmark = TenantKey(Benchmark, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    annual = MoneyField("full-time base a year", null=True, editable=False)
    first_year_total = MoneyField("first-year cash", null=True, editable=False)
    band_position = models.CharField(max_length=8, blank=True, editable=False)
    reference_amount = models.DecimalField(max_digits=22, decimal_places=10, null=True, editable=False)
    reference_as_of = models.DateField(null=True, editable=False)
    reference_percentile = models.PositiveSmallIntegerField(null=True, editable=False)
    ageing_percent = PercentField(null=True, editable=False)
    unknown_reason = models.CharField(max_length=12, blank=True, editable=False)
    gap = models.DecimalField(max_digits=20, decimal_places=12, null=True, editable=False)
    market_ratio = models.DecimalField(max_digits=20, decimal_places=12, null=True, editable=False)
    compa_ratio = models.DecimalField(max_digits=20, decimal_places=12, null=True, editable=False)
    peer_count = models.PositiveIntegerField(null=True, editable=False)
    peer_median = MoneyField(null=True, editable=False)
    standing = models.JSONField(
        default=dict, editable=False, help_text="Sentences, ranges, rates and fired rules as they stood."
    )
    second_review = models.BooleanField(
        default=False, editable=False, help_text="More than 5 % below reference, or outside the band."
    )

    class Meta:
        ordering = ("offer", "-number")
        constraints = (
            models.UniqueConstraint(fields=("client", "offer", "number"), name="version_number"),
            models.CheckConstraint(
                condition=Q(base__gt=0), name="version_base", violation_error_message="The base must be above zero."
            ),
            models.CheckConstraint(
                condition=Q(fte__gt=0, fte__lte=1),
                name="version_fte",
                violation_error_message="FTE lies above 0 and is at most 1.",
            ),
            models.CheckConstraint(
                condition=Q(
                    guaranteed_bonus__gte=0, sign_on__gte=0, equity_value__gte=0, relocation__gte=0,
                    cash_allowances__gte=0, target_bonus_pct__gte=0, leave_days__gte=0, home_days__gte=0,
                ),
                name="version_no_negative",
                violation_error_message="No component of an offer is negative.",
            ),
            models.CheckConstraint(
                condition=Q(start_on=None) | Q(expires_on=None) | Q(expires_on__lt=F("start_on")),
                name="version_expiry_before_start",
                violation_error_message="The last day to answer must lie before the start.",
            ),
        )  # fmt: skip
        triggers = (
            pgtrigger.Protect(
                name="frozen_once_submitted",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__submitted_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"Version {self.number}"

    @property
    def is_frozen(self) -> bool:
        return self.submitted_at is not None

    @property
    def hours_divisor(self) -> int:
        return self.client.hours_divisor

    def terms(self) -> dict[str, object]:
        """Every component by its field name, to copy into a next version."""
        return {name: getattr(self, name) for name in TERM_FIELDS}


@tracked()
class VersionEditor(ClientOwned):
    """Somebody who wrote or changed a version; nobody approves what they edited."""

    version = TenantKey(OfferVersion, models.CASCADE, related_name="editors")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("client", "version", "user"), name="editor_once"),)

    def __str__(self) -> str:
        return str(self.user)
