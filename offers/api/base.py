"""How a verb's refusal reads in the API, and the strict reading of what is sent."""

from typing import Any

from rest_framework import serializers

from governance.api.base import ApiView
from governance.api.problems import Problem
from offers.errors import AlreadyDecided, BadInput, NotInThisState, NotReady, NotYours, OfferError
from offers.models.version import TERM_FIELDS

STATUS: dict[type[OfferError], tuple[int, str]] = {
    BadInput: (400, "invalid"),
    NotYours: (403, "not_yours"),
    AlreadyDecided: (409, "already_decided"),
    NotInThisState: (409, "not_in_this_state"),
    NotReady: (409, "not_ready"),
}
# What a verb calls an input, where the API has another name for it.
NAMES = {
    "decided_at": "at", "extended_at": "at", "countered_at": "at", "approved_at": "at", "made_at": "at",
    "approved_by": "by", "joined_on": "on", "left_on": "on",
}  # fmt: skip


def problem(error: OfferError) -> Problem:
    """What a verb refuses with, as the API says it."""
    status, code = STATUS.get(type(error), (409, "refused"))
    return Problem(
        error.message, status=status, code=code, rule=error.rule, next_step=error.next_step,
        field=f"terms.{error.field}" if error.field in TERM_FIELDS else NAMES.get(error.field, error.field),
    )  # fmt: skip


class OfferView(ApiView):
    """An endpoint that calls verbs."""

    permission = "offers.view_offer"

    def handle_exception(self, error: Exception) -> Any:
        return super().handle_exception(problem(error) if isinstance(error, OfferError) else error)


class Strict(serializers.Serializer):
    """What is sent, read strictly: a field that is not known is refused by name, instead of being lost."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (strange := sorted(set(data) - set(self.fields))):
            known = ", ".join(self.fields) or "none"
            raise serializers.ValidationError({strange[0][:60]: f"This is not known here. Known: {known}."})
        return super().to_internal_value(data)
