"""Alarms of the portal itself: something that Handoff should have done by now, or could tell nobody of."""

from django.db import models
from django.db.models import Q

from governance.history import tracked
from governance.models import ClientOwned
from governance.walls import TenantKey
from offers.models.offer import Offer


class AlarmKind(models.TextChoices):
    NOT_FLAGGED = "not_flagged", "Due, and not flagged"
    NOT_SENT = "not_sent", "Mail due, and not taken up"
    NOT_DELIVERED = "not_delivered", "Mail that the server does not take"
    NOT_CLOSED = "not_closed", "Letter lapsed, and not closed"
    NOBODY_TO_TELL = "nobody_to_tell", "An escalation level names nobody"


@tracked()
class Alarm(ClientOwned):
    """Raised once while it lasts (`key`), and cleared when it is over. Says what, never pay or a name."""

    kind = models.CharField(max_length=15, choices=AlarmKind.choices)
    key = models.CharField(max_length=80)
    offer = TenantKey(Offer, models.PROTECT, null=True, blank=True, related_name="alarms")
    text = models.CharField(max_length=300)
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-raised_at",)
        constraints = (
            models.UniqueConstraint(fields=("client", "key"), condition=Q(cleared_at=None), name="alarm_once"),
        )

    def __str__(self) -> str:
        return self.get_kind_display()
