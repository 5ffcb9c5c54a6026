"""What recruiting cost, by month and kind: from finance's file, or by hand."""

from django.db import models
from django.db.models import Q

from governance.history import tracked
from governance.models import ClientOwned
from governance.models.base import CurrencyField, MoneyField


class CostKind(models.TextChoices):
    INTERNAL = "internal", "Internal recruiting"
    TECHNOLOGY = "technology", "Technology"
    MANAGEMENT_FEE = "management_fee", "Management fee"
    SUCCESS_FEE = "success_fee", "Success fee"
    AGENCY = "agency", "Agency"
    CHANNEL = "channel", "Channel"
    REFERRAL = "referral", "Referral"
    SCREENING = "screening", "Screening"
    RELOCATION = "relocation", "Relocation"
    SIGN_ON = "sign_on", "Sign-on"
    REBATE = "rebate", "Rebate"
    OTHER = "other", "Other"


FEES = (CostKind.MANAGEMENT_FEE, CostKind.SUCCESS_FEE)


@tracked()
class Cost(ClientOwned):
    """One amount booked in one month. A rebate is negative; nothing else is."""

    month = models.DateField(help_text="The first day of the month it is booked in.")
    kind = models.CharField(max_length=14, choices=CostKind.choices)
    amount = MoneyField()
    currency = CurrencyField()
    source_channel = models.CharField(max_length=80, blank=True, help_text="Empty: not of one channel.")
    business_unit = models.CharField(max_length=80, blank=True, help_text="Empty: not of one unit.")

    class Meta:
        ordering = ("-month", "kind", "source_channel", "business_unit")
        constraints = (
            models.UniqueConstraint(
                fields=("client", "month", "kind", "source_channel", "business_unit"),
                name="cost_once",
                violation_error_message="This month has an amount of this kind, channel and unit already: change it.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0) | Q(kind=CostKind.REBATE),
                name="cost_sign",
                violation_error_message="Only a rebate is negative.",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="cost_month",
                violation_error_message="Give the first day of the month.",
            ),
        )

    @property
    def booked_month(self) -> str:
        """As files name it: 2026-03."""
        return f"{self.month:%Y-%m}"

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.month:%b %Y}"
