"""Who decides for whom while somebody is away."""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from governance.access import Role
from governance.history import tracked
from governance.models.base import ClientOwned
from governance.models.identity import Note, User
from governance.walls import TenantKey

SEES_ALL = frozenset({Role.HR_PARTNER, Role.ADMINISTRATOR, Role.AUDITOR})


class InstantRange(Func):
    """tstzrange(from, to): the first instant inside, the last one not."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def open(self, now: datetime) -> "DelegationQuerySet":
        """In force or to come: not ended early, and not over."""
        return self.filter(ended_at=None, ends_at__gt=now)

    def in_force(self, now: datetime) -> "DelegationQuerySet":
        return self.open(now).filter(starts_at__lte=now)

    def visible_to(self, user: User) -> "DelegationQuerySet":
        """A person's own, and at clients where they look after people everybody's."""
        everywhere = [pk for pk, roles in user.roles.items() if roles & SEES_ALL]
        return self.filter(Q(from_user=user) | Q(to_user=user) | Q(client__in=everywhere), client__in=list(user.roles))


@tracked()
class Delegation(ClientOwned):
    """`to_user` decides what waits for `from_user` from `starts_at` until `ends_at` (UTC, the latter outside)."""

    from_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="who is away")
    to_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="who stands in")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = TenantKey(Note, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_at", "-pk")
        indexes = (models.Index(fields=("client", "to_user"), condition=Q(ended_at=None), name="delegation_open"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="delegation_order",
                violation_error_message="The absence ends before it starts.",
            ),
            models.CheckConstraint(
                condition=~Q(from_user=F("to_user")),
                name="delegation_to_another",
                violation_error_message="Nobody stands in for themselves.",
            ),
            ExclusionConstraint(
                name="delegation_one_at_a_time",
                expressions=[
                    (F("client"), RangeOperators.EQUAL),
                    (F("from_user"), RangeOperators.EQUAL),
                    (InstantRange(F("starts_at"), F("ends_at")), RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_at=None),
                violation_error_message="Somebody stands in for this person in that time already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.to_user} for {self.from_user}"
