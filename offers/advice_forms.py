"""What people say of advice: recommending terms, and deciding on them."""

from django import forms

from offers.forms import ActionForm, Amount, Words
from offers.models.advice import AdviceDecision


class AdviseForm(ActionForm):
    base = Amount("Base that would close", help_text="Full-time, a year.", min_value=0)
    sign_on = Amount("Sign-on that would close", min_value=0)
    reason = Words("Why", required=True, help_text="What you know that the figures do not say. The business reads it.")
    hold = forms.BooleanField(
        label="Challenge: hold the letter until the business decides",
        required=False,
        help_text="At most 8 hours, 2 for a critical hire; then the final authority is asked and the letter may go.",
    )

    def prepare(self) -> None:
        if self.offer.version:
            currency = self.offer.version.currency
            self.fields["base"].help_text = f"Full-time, a year, in {currency}."
            self.fields["sign_on"].help_text = f"In {currency}. Empty: as it is."


class DecideAdviceForm(ActionForm):
    decision = forms.ChoiceField(label="Decision", choices=[("", "Choose one"), *AdviceDecision.choices])
    comment = Words("Comment", help_text="Needed to accept the risk or to refuse: it is kept beside the evidence.")
