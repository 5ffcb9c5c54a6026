"""What every client-owned table shares."""

from typing import Any

from django.core.exceptions import FieldError
from django.core.validators import RegexValidator
from django.db import models

currency_code = RegexValidator(r"^[A-Z]{3}$", "Give the three capital letters of ISO 4217, such as USD.")


class ClientOwned(models.Model):
    """A row that belongs to one client; row-level security and same-client keys hold it there (governance/walls.py)."""

    client = models.ForeignKey("governance.Client", models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Any = None) -> None:
        """As far as the fields are sound: Django stumbles over a condition on one that a form has refused already.

        That refusal is then what the person needs.
        """
        try:
            super().validate_constraints(exclude=exclude)
        except FieldError:
            if not exclude:
                raise


class MoneyField(models.DecimalField):
    """An amount of at most 12 digits before the point; the currency stands in its own column beside it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"max_digits": 16, "decimal_places": 4} | kwargs))


class PercentField(models.DecimalField):
    """Percent as people write it: 10 means 10 %."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"max_digits": 9, "decimal_places": 4} | kwargs))


class CurrencyField(models.CharField):
    """ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"max_length": 3, "validators": [currency_code]}
        super().__init__(*args, **(defaults | kwargs))


class PayPeriod(models.TextChoices):
    YEAR = "year", "Year"
    MONTH = "month", "Month"
    HOUR = "hour", "Hour"


class Priority(models.TextChoices):
    STANDARD = "standard", "Standard"
    CRITICAL = "critical", "Critical"
