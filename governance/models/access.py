"""What programs reach Handoff with: tokens, and the answers kept so that a repeated write does nothing twice."""

from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from governance.history import tracked
from governance.models.base import ClientOwned
from governance.models.identity import User


class TokenScope(models.TextChoices):
    READ = "read", "Read"
    WRITE = "write", "Read and write"


@tracked(exclude=["digest", "last_used_at"])
class ApiToken(ClientOwned):
    """Lets a program act as one person at one client. Only a hash is kept: the token itself is shown once."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    scope = models.CharField(max_length=5, choices=TokenScope.choices, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField("begins with", max_length=12, editable=False)
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.hint}… of {self.user}"

    def is_over(self, now: datetime) -> bool:
        return self.expires_at <= now


class StoredAnswer(ClientOwned):
    """What a write answered under an Idempotency-Key: given again to the same key, until it expires."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(default=0)
    body: Any = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("client", "user", "key"), name="answer_once"),)

    def __str__(self) -> str:
        return f"Answer {self.status}"
