"""What people in the role are paid: who they are is not kept, only a hash by which a later file finds its row again."""

from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from governance.history import tracked
from governance.models.base import ClientOwned, CurrencyField, MoneyField, PayPeriod


@tracked()
class Incumbent(ClientOwned):
    """Somebody who holds a role today, by hashed reference. Base is the full-time rate per `period`."""

    employee_hash = models.CharField("employee (hashed)", max_length=64)
    role_code = models.CharField(max_length=40)
    grade = models.CharField(max_length=20)
    location = models.CharField(max_length=80)
    currency = CurrencyField()
    period = models.CharField(max_length=5, choices=PayPeriod.choices, default=PayPeriod.YEAR)
    base = MoneyField("base, full-time rate")
    fte = models.DecimalField("FTE", max_digits=5, decimal_places=4, default=1)
    hired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("role_code", "grade", "location", "hired_on")
        constraints = (
            models.UniqueConstraint(fields=("client", "employee_hash"), name="incumbent_once"),
            models.CheckConstraint(
                condition=Q(base__gt=0),
                name="incumbent_base",
                violation_error_message="The base must be above zero.",
            ),
            models.CheckConstraint(
                condition=Q(fte__gt=0, fte__lte=1),
                name="incumbent_fte",
                violation_error_message="FTE lies above 0 and is at most 1.",
            ),
        )
        indexes = (models.Index(fields=("client", "role_code", "grade"), name="incumbent_peers"),)

    def __str__(self) -> str:
        return f"{self.role_code} {self.grade} {self.location}, {self.employee_hash[:6]}"


def hashed(employee_ref: str, client_id: int) -> str:
    """The reference as it is kept: a keyed hash, of this client and this installation's secret key alone."""
    return salted_hmac(f"incumbent:{client_id}", employee_ref, algorithm="sha256").hexdigest()
