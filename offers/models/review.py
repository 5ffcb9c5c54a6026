"""How a hire turned out: what the manager said, and when the work got productive."""

from django.db import models
from django.db.models import Q

from governance.history import tracked
from governance.models import ClientOwned
from governance.walls import TenantKey
from offers.models.offer import Offer

# Why people leave, and whether of their own accord; None: either may be.
TERM_ENDED = "End of fixed term"
LEAVING_REASONS: dict[str, bool | None] = {
    "Another employer": True,
    "Pay": True,
    "Role not as described": True,
    "Manager or team": True,
    "Place or hours": True,
    "Career": True,
    "Personal": True,
    "Let go in probation": False,
    "Performance or conduct": False,
    "Redundancy": False,
    TERM_ENDED: False,
    "Would not say": None,
}


@tracked()
class HireReview(ClientOwned):
    """The manager's view of one hire. Whether the person is still there is known from the offer."""

    offer = TenantKey(Offer, models.PROTECT, related_name="reviews")
    manager_rating = models.PositiveSmallIntegerField(
        "manager's rating", null=True, blank=True, help_text="0 to 100, as the manager sees it."
    )
    productive_target_on = models.DateField("productive by", null=True, blank=True)
    productive_on = models.DateField("productive since", null=True, blank=True)

    class Meta:
        ordering = ("offer",)
        constraints = (
            models.UniqueConstraint(
                fields=("client", "offer"),
                name="hire_review_once",
                violation_error_message="This hire has a review already: change that one.",
            ),
            models.CheckConstraint(
                condition=Q(manager_rating=None) | Q(manager_rating__lte=100),
                name="hire_review_rating",
                violation_error_message="The rating lies between 0 and 100.",
            ),
        )

    def __str__(self) -> str:
        return f"Review of {self.offer}"
