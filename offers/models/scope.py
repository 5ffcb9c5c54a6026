"""Exceptions from a statement of work: an activity that another party may do, for one requisition, and why."""

from django.db import models

from governance.history import tracked
from governance.models import ClientOwned, Note, StatementOfWork, User
from governance.models.scope import PARTY_CHOICES
from governance.sow_schema import ACTIVITIES
from governance.walls import TenantKey
from offers.models.intake import Requisition

ACTIVITY_CHOICES = [(name, words[:1].upper() + words[1:]) for name, words in ACTIVITIES.items()]


@tracked()
class ScopeException(ClientOwned):
    """Opens an activity of the SOW to another party for the offers of one requisition; the reason lies in a Note."""

    requisition = TenantKey(Requisition, models.PROTECT, related_name="scope_exceptions")
    agreement = TenantKey(StatementOfWork, models.PROTECT, related_name="+", verbose_name="statement of work")
    activity = models.CharField(max_length=30, choices=ACTIVITY_CHOICES)
    party = models.CharField("given to", max_length=14, choices=PARTY_CHOICES)
    reason = TenantKey(Note, models.PROTECT, related_name="+")
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        ordering = ("-granted_at",)
        verbose_name = "exception from a statement of work"
        verbose_name_plural = "exceptions from statements of work"
        constraints = (
            models.UniqueConstraint(
                fields=("client", "requisition", "activity", "party"),
                name="scope_exception_once",
                violation_error_message="This exception is recorded already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_activity_display()}: {self.get_party_display().lower()}"
