"""What people say of the months after the first day."""

from typing import Any

from django import forms

from offers.forms import ActionForm, Day, NeedsReasonForm, Words
from offers.models.review import LEAVING_REASONS


def _grouped() -> list[tuple[str, Any]]:
    groups = {True: "The person left", False: "The employer ended it", None: "Not known"}
    return [
        ("", "Choose one"),
        *(
            (words, [(each, each) for each, willing in LEAVING_REASONS.items() if willing is side])
            for side, words in groups.items()
        ),
    ]


class LeaveForm(ActionForm):
    on = Day(label="Last day at work")
    reason = forms.ChoiceField(label="Why", choices=_grouped)
    voluntary = forms.TypedChoiceField(
        label="Of their own accord", required=False, empty_value=None, coerce=lambda value: value == "yes",
        choices=[("", "Follows from the reason"), ("yes", "Yes"), ("no", "No")],
    )  # fmt: skip
    comment = Words("What was said", help_text="Kept as a note that can be erased.")

    def prepare(self) -> None:
        offer, field = self.offer, self.fields["reason"]
        if offer.left_on:
            self.initial.update({"on": offer.left_on, "reason": offer.why_left})
            if offer.left_words:  # of a file: it may stay as it is
                field.choices = [*field.choices, (offer.left_words, offer.left_words)]  # type: ignore[attr-defined]
            elif LEAVING_REASONS.get(offer.left_reason, False) is None:
                self.initial["voluntary"] = "yes" if offer.left_voluntary else "no"


class TakeBackLeavingForm(NeedsReasonForm):
    """Why it was wrong."""


class RateForm(ActionForm):
    satisfaction = forms.TypedChoiceField(
        label="How satisfied with the process", coerce=int,
        choices=[("", "Choose one"), *((n, str(n)) for n in range(11))],
        help_text="The candidate's own answer: 0 not at all, 10 entirely.",
    )  # fmt: skip

    def prepare(self) -> None:
        self.initial["satisfaction"] = self.offer.satisfaction


class ReviewHireForm(ActionForm):
    manager_rating = forms.IntegerField(
        label="Manager's rating",
        required=False,
        min_value=0,
        max_value=100,
        help_text="0 to 100, as the manager sees it.",
    )
    productive_target_on = Day(label="Productive by", required=False, help_text="The day that was aimed at.")
    productive_on = Day(label="Productive since", required=False, help_text="Empty: not yet.")

    def prepare(self) -> None:
        self.fields["manager_rating"].widget.attrs["class"] = "num"
        if review := self.offer.reviews.first():
            self.initial.update({name: getattr(review, name) for name in self.fields})
