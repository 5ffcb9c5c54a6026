"""Exceptions that hold for a whole client: another party than the SOW names may change pay references for a time."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from governance.history import tracked
from governance.models.base import ClientOwned
from governance.models.identity import Note, User
from governance.models.rules import StatementOfWork
from governance.sow_schema import PARTIES
from governance.walls import TenantKey

PARTY_CHOICES = [
    (name, words[:1].upper() + words[1:])
    for name, words in ((name, words.removeprefix("the ")) for name, words in PARTIES.items())
]


class ReferenceExceptionQuerySet(models.QuerySet["ReferenceException"]):
    def on(self, day: date) -> "ReferenceExceptionQuerySet":
        """In force on that day of the client's own calendar."""
        return self.filter(ended_at=None, first__lte=day, last__gte=day)


@tracked()
class ReferenceException(ClientOwned):
    """Opens bands and references to another party from the first to the last day, both inside; the reason is a Note."""

    agreement = TenantKey(
        StatementOfWork, models.PROTECT, null=True, related_name="+", verbose_name="statement of work"
    )
    party = models.CharField("given to", max_length=14, choices=PARTY_CHOICES)
    first = models.DateField("from")
    last = models.DateField("until")
    reason = TenantKey(Note, models.PROTECT, related_name="+")
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ReferenceExceptionQuerySet.as_manager()

    class Meta:
        ordering = ("-last", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(last__gte=F("first")),
                name="reference_exception_order",
                violation_error_message="The exception ends before it begins.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_party_display()} until {self.last:%d %b %Y}"
