"""Recording an exception from a statement of work, with its reason."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from governance.models.scope import PARTY_CHOICES
from governance.scoping import scoped
from governance.sow import BENCHMARKING
from offers import sow
from offers.forms import Words
from offers.models import Requisition
from offers.models.scope import ACTIVITY_CHOICES
from offers.views.act import blame
from offers.views.frame import REFUSALS, Page, portal, refusal


class ExceptionForm(forms.Form):
    requisition = forms.ModelChoiceField(Requisition.objects.none(), empty_label="Choose one")
    activity = forms.ChoiceField(
        label="Activity", choices=[("", "Choose one"), *(each for each in ACTIVITY_CHOICES if each[0] != BENCHMARKING)]
    )
    party = forms.ChoiceField(label="May also be done by", choices=[("", "Choose one"), *PARTY_CHOICES])
    reason = Words(
        "Why", required=True, help_text="Kept with the exception; a policy may ask for a review because of it."
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["requisition"]
        field.queryset = scoped(Requisition.objects.all(), user)


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def record(page: Page) -> HttpResponse:
    """Open an activity of the SOW in force to another party, for one requisition."""
    request = page.request
    posted = request.method == "POST"
    first = {"requisition": request.GET.get("requisition", "")}
    form = ExceptionForm(request.POST if posted else None, user=page.user, initial=first)
    error = None
    if posted and form.is_valid():
        try:
            sow.record_exception(actor=page.user, now=page.now, **form.cleaned_data)
        except REFUSALS as caught:
            error = blame(form, refusal(caught))
        else:
            messages.success(request, "The exception is recorded with its reason.")
            return redirect("admin:offers_scopeexception_changelist")
    status = 409 if error else 200
    return page.show("offers/exception.html", "Exception from a statement of work", status, form=form, refused=error)
