"""Seals over history: each closes a run of events of one table for good, and is linked to the one before it."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from governance.models.base import ClientOwned


class HistorySeal(ClientOwned):
    """Made by governance/sealing.py; the database refuses any change of it, by grant and by trigger."""

    number = models.PositiveIntegerField(help_text="1, 2, 3 … at its client, without a gap.")
    table = models.CharField(max_length=63)
    columns = ArrayField(models.CharField(max_length=63), help_text="What of an event is sealed.")
    ids = ArrayField(models.BigIntegerField(), help_text="The events, in order.")
    leaves = models.BinaryField(help_text="The SHA-256 of each event, 32 bytes each, in order.")
    upto = models.BigIntegerField(help_text="The last event.")
    sealed_at = models.DateTimeField()
    previous = models.CharField(max_length=64, blank=True, help_text="The digest of the seal before.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of all of the above.")

    class Meta:
        ordering = ("client", "number")
        constraints = (models.UniqueConstraint(fields=("client", "number"), name="seal_number"),)
        indexes = (models.Index(fields=("client", "table", "upto"), name="seal_of_table"),)
        triggers = (pgtrigger.Protect(name="sealed", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"Seal {self.number}"
