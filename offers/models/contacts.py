"""Keeping in touch: what was said to a candidate between the decisions, and when the next word is due."""

from django.db import models

from governance.history import tracked
from governance.models import ClientOwned, Note, User
from governance.walls import TenantKey
from offers.models.events import Means
from offers.models.offer import Offer


@tracked()
class Contact(ClientOwned):
    """One touch with the candidate of an offer; what was said lies in a Note."""

    offer = TenantKey(Offer, models.PROTECT, related_name="contacts")
    at = models.DateTimeField("when")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    means = models.CharField(max_length=8, choices=Means.choices, default=Means.CALL)
    note = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+")
    next_on = models.DateField("next touch", null=True, blank=True)

    class Meta:
        ordering = ("-at",)
        indexes = (models.Index(fields=("offer", "-at"), name="contact_of_offer"),)

    def __str__(self) -> str:
        return f"{self.get_means_display()} of {self.at:%d %b %Y}"
