"""What a candidate was found to be able to do, against what the role needs."""

from django.db import models
from django.db.models import Q

from governance.history import tracked
from governance.models import ClientOwned
from governance.walls import TenantKey
from offers.models.intake import Candidate, Requisition


@tracked()
class SkillAssessment(ClientOwned):
    """One skill of one candidate for one requisition, both levels from 1 to 5."""

    candidate = TenantKey(Candidate, models.PROTECT, related_name="skills")
    requisition = TenantKey(Requisition, models.PROTECT, related_name="skills")
    skill = models.CharField(max_length=80)
    required = models.PositiveSmallIntegerField()
    assessed = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("candidate", "requisition", "skill")
        constraints = (
            models.UniqueConstraint(fields=("client", "candidate", "requisition", "skill"), name="assessed_once"),
            models.CheckConstraint(
                condition=Q(required__gte=1, required__lte=5, assessed__gte=1, assessed__lte=5),
                name="assessment_levels",
                violation_error_message="Levels go from 1 to 5.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.skill}: {self.assessed} of {self.required}"
