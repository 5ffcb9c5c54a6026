"""What people say of an override: reporting one, confirming it, putting it right."""

from typing import Any

from django import forms

from governance.access import Role
from governance.models import User
from offers.forms import ActionForm, When, Words, people
from offers.models.override import OverrideKind, Resolution, Severity


class ReportOverrideForm(ActionForm):
    kind = forms.ChoiceField(label="What happened", choices=[("", "Choose one"), *OverrideKind.choices])
    severity = forms.ChoiceField(
        label="How grave", choices=Severity.choices, help_text="A severe one holds the letter back until resolved."
    )
    statement = Words(
        "In your words",
        required=True,
        help_text="What was said or done, to whom. Kept as a note that can be erased.",
    )
    who = forms.ModelChoiceField(
        label="Who went around",
        queryset=User.objects.none(),
        required=False,
        empty_label="Not known, or nobody of the programme",
    )
    at = When("When it was found")

    def prepare(self) -> None:
        field: Any = self.fields["who"]
        field.queryset = people(self.offer.client_id, *Role)


class ConfirmOverrideForm(ActionForm):
    severity = forms.ChoiceField(label="How grave", choices=Severity.choices)


class ResolveOverrideForm(ActionForm):
    resolution = forms.ChoiceField(label="How it was put right", choices=[("", "Choose one"), *Resolution.choices])
    how = Words(
        "In your words",
        help_text="What was taken back, told to whom, or why there is nothing in it. Whoever reported it reads it.",
    )
