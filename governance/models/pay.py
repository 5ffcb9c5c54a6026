"""What pay is judged by: salary bands, published benchmarks, and the matches from the client's roles to them."""

from datetime import date
from decimal import Decimal
from functools import reduce
from itertools import combinations
from operator import and_

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, NullIf

from governance.history import tracked
from governance.models.base import ClientOwned, CurrencyField, MoneyField, PayPeriod, PercentField
from governance.walls import TenantKey

TARGET_PERCENTILES = ((10, "p10"), (25, "p25"), (50, "p50"), (75, "p75"), (90, "p90"))


class InclusiveDateRange(Func):
    """daterange(from, to, '[]'): both ends inside, an open end where `to` is null."""

    function = "DATERANGE"
    output_field = DateRangeField()


def validity() -> InclusiveDateRange:
    return InclusiveDateRange(F("valid_from"), F("valid_to"), Value("[]"))


class SalaryBandQuerySet(models.QuerySet["SalaryBand"]):
    def valid_on(self, day: date) -> "SalaryBandQuerySet":
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)

    def covering(
        self, *, client_id: int, role_code: str, role_family: str, grade: str, location: str, day: date
    ) -> "SalaryBandQuerySet":
        """The rows that judge an offer: the role code's where it has one, else the family's; step rows in order."""
        here = self.filter(client_id=client_id, grade=grade, location=location).valid_on(day)
        by_family = Q(role_code="", role_family=role_family) if role_family else Q(pk=None)
        by_role = Q(role_code=role_code) if role_code else Q(pk=None)
        return here.filter(by_role | by_family).order_by("-role_code", "minimum")


@tracked()
class SalaryBand(ClientOwned):
    """The pay range of a role (or family) at a grade and place; its edges are inside. A step scale has a row a step."""

    class Kind(models.TextChoices):
        RANGE = "range", "Range"
        STEP = "step", "Step of a scale"

    code = models.CharField(max_length=60)
    role_family = models.CharField(max_length=80)
    role_code = models.CharField(max_length=40, blank=True, help_text="Empty: the band of the whole family.")
    grade = models.CharField(max_length=20)
    location = models.CharField(max_length=80)
    currency = CurrencyField()
    period = models.CharField(max_length=5, choices=PayPeriod.choices, default=PayPeriod.YEAR)
    minimum = MoneyField()
    midpoint = MoneyField()
    maximum = MoneyField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="The last day it is valid; empty: open.")
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.RANGE)
    strict = models.BooleanField(default=False, help_text="Takes no exception without the named authority.")

    objects = SalaryBandQuerySet.as_manager()

    class Meta:
        ordering = ("role_family", "role_code", "grade", "location", "-valid_from", "minimum")
        constraints = (
            models.CheckConstraint(
                condition=Q(minimum__gt=0, midpoint__gte=F("minimum"), maximum__gte=F("midpoint")),
                name="band_order",
                violation_error_message="Minimum, midpoint and maximum must be above zero and in this order.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="band_validity_order",
                violation_error_message="The band's validity ends before it starts.",
            ),
            models.CheckConstraint(
                condition=Q(kind="range") | Q(minimum=F("maximum")),
                name="band_step_is_one_amount",
                violation_error_message="A step is one amount: its minimum and maximum must be the same.",
            ),
            ExclusionConstraint(
                name="band_no_overlap",
                expressions=[
                    (F("client"), RangeOperators.EQUAL),
                    (Coalesce(NullIf(F("role_code"), Value("")), F("role_family")), RangeOperators.EQUAL),
                    (F("grade"), RangeOperators.EQUAL),
                    (F("location"), RangeOperators.EQUAL),
                    (F("currency"), RangeOperators.EQUAL),
                    (validity(), RangeOperators.OVERLAPS),
                ],
                condition=Q(kind="range"),
                violation_error_message="Another band of this role, grade, location and currency "
                "is valid in that time.",
            ),
            ExclusionConstraint(
                name="band_step_no_overlap",
                expressions=[
                    (F("client"), RangeOperators.EQUAL),
                    (Coalesce(NullIf(F("role_code"), Value("")), F("role_family")), RangeOperators.EQUAL),
                    (F("grade"), RangeOperators.EQUAL),
                    (F("location"), RangeOperators.EQUAL),
                    (F("currency"), RangeOperators.EQUAL),
                    (F("minimum"), RangeOperators.EQUAL),
                    (validity(), RangeOperators.OVERLAPS),
                ],
                condition=Q(kind="step"),
                violation_error_message="This step of the scale is valid in that time already.",
            ),
        )
        indexes = (models.Index(fields=("client", "grade", "location", "valid_from"), name="band_lookup"),)

    def __str__(self) -> str:
        return f"{self.code}, {self.grade} {self.location}"


@tracked()
class MarketSource(ClientOwned):
    """A publisher of pay data, how its values age and when they are too old to judge by."""

    name = models.CharField(max_length=80)
    country = models.CharField(max_length=2, blank=True, help_text="Empty: the source covers any country.")
    yearly_rate = PercentField(
        default=Decimal(3), help_text="Percent a year by which its values are aged, straight-line."
    )
    stale_after_days = models.PositiveIntegerField(default=730, help_text="Older than this, a value counts as unknown.")
    national_location = models.CharField(
        max_length=80,
        blank=True,
        help_text="The source's code of the whole country; a match to it is labelled national.",
    )

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("client", "name"), name="market_source_name"),)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A yearly rate that ages pay to nothing, or to many times itself, is a slip of the hand."""
        if not -50 <= self.yearly_rate <= 50:
            raise ValidationError({"yearly_rate": "Give percent a year between -50 and 50, such as 3."})


PERCENTILES = ("p10", "p25", "p50", "p75", "p90")
RISING = reduce(and_, (Q(**{f"{low}__lte": F(high)}) for low, high in combinations(PERCENTILES, 2)))


@tracked()
class Benchmark(ClientOwned):
    """One published row: percentiles of pay for a job in a place on a day. A blank percentile is unknown."""

    class NoteCode(models.TextChoices):
        NONE = "", "–"
        TOP_CODED = "top-coded", "Top-coded: the highest published value reads “at least”"
        SUPPRESSED = "suppressed", "Suppressed: not released"

    source = TenantKey(MarketSource, models.PROTECT, related_name="benchmarks")
    role_code = models.CharField(max_length=40)
    role_title = models.CharField(max_length=160, blank=True)
    location = models.CharField(max_length=80)
    location_name = models.CharField(max_length=160, blank=True)
    currency = CurrencyField()
    period = models.CharField(max_length=5, choices=PayPeriod.choices)
    as_of = models.DateField()
    p10 = MoneyField(null=True, blank=True)
    p25 = MoneyField(null=True, blank=True)
    p50 = MoneyField(null=True, blank=True)
    p75 = MoneyField(null=True, blank=True)
    p90 = MoneyField(null=True, blank=True)
    note = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("source", "role_code", "location", "-as_of")
        constraints = (
            models.UniqueConstraint(
                fields=("client", "source", "role_code", "location", "currency", "period", "as_of"),
                name="benchmark_once",
                violation_error_message="This source has a row for that job, place, currency, period and date already.",
            ),
            models.CheckConstraint(  # a blank one is unknown, and compares with nothing
                condition=RISING,
                name="benchmark_rising",
                violation_error_message="Percentiles rise: none is under one before it. Leave unknown ones blank.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role_title or self.role_code}, {self.location_name or self.location}, {self.as_of:%d %b %Y}"

    @property
    def percentiles(self) -> dict[int, Decimal | None]:
        return {10: self.p10, 25: self.p25, 50: self.p50, 75: self.p75, 90: self.p90}

    def clean(self) -> None:
        """No published pay is under zero; what is not known stays blank."""
        below = [name for name in PERCENTILES if (getattr(self, name) or 0) < 0]
        if below:
            raise ValidationError(dict.fromkeys(below, "Pay is zero or more. Leave blank what is not known."))

    @property
    def top_coded(self) -> bool:
        return self.note == "top-coded"

    @property
    def suppressed(self) -> bool:
        return self.note == "suppressed"


@tracked()
class JobMatch(ClientOwned):
    """Says which published job, in which place, at which percentile, is the reference of the client's own role."""

    role_code = models.CharField(max_length=40)
    grade = models.CharField(max_length=20, blank=True, help_text="Empty: every grade without a match of its own.")
    location = models.CharField(max_length=80)
    source = TenantKey(MarketSource, models.PROTECT, related_name="matches")
    source_role_code = models.CharField(max_length=40)
    source_location = models.CharField(max_length=80)
    target_percentile = models.PositiveSmallIntegerField(choices=TARGET_PERCENTILES, default=50)

    class Meta:
        ordering = ("role_code", "grade", "location")
        verbose_name_plural = "job matches"
        constraints = (
            models.UniqueConstraint(
                fields=("client", "role_code", "grade", "location"),
                name="match_once",
                violation_error_message="This role, grade and location is matched already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role_code} {self.grade} {self.location}"


@tracked()
class ExchangeRate(ClientOwned):
    """A dated rate, for cash thresholds and totals only; a version keeps the one it was judged by."""

    base = CurrencyField(help_text="One unit of this currency …")
    quote = CurrencyField(help_text="… is worth this many of that one.")
    rate = models.DecimalField(max_digits=18, decimal_places=8)
    as_of = models.DateField()
    source = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("base", "quote", "-as_of")
        constraints = (
            models.UniqueConstraint(fields=("client", "base", "quote", "as_of"), name="exchange_rate_once"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_positive"),
        )

    def __str__(self) -> str:
        return f"{self.base}/{self.quote} {self.as_of:%d %b %Y}"
