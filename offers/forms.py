"""What people give the verbs: one small form an action, and the terms of an offer."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet

from governance.access import Role
from governance.models import Membership, User
from governance.models.base import CurrencyField
from governance.scoping import scoped
from offers.models import Candidate, Offer, OfferVersion, Requisition
from offers.models.events import Answer, Competitor, Means, Origin, Theme
from offers.models.intake import CandidateType
from offers.models.version import TERM_FIELDS

NOW_HELP = "Empty: now."


def people(client_id: int, *roles: Role) -> QuerySet[User]:
    """Active people of the client in one of these roles."""
    held = Membership.objects.filter(client=client_id, role__in=roles, is_active=True)
    return User.objects.filter(is_active=True, pk__in=held.values("user"))


class When(forms.DateTimeField):
    """An instant in the reader's zone, from the browser's own box; empty stands for now."""

    def __init__(self, label: str = "When", **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(label=label, required=False, help_text=NOW_HELP, widget=widget, **kwargs)


class Day(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class Amount(forms.DecimalField):
    """Money in the currency of the offer."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, required=False, max_digits=16, decimal_places=4, **kwargs)
        self.widget.attrs.setdefault("class", "num")


class Words(forms.CharField):
    """Free text that is kept as a note, where it can be erased."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(label=label, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class ActionForm(forms.Form):
    """Base of every action: knows its offer; `kwargs` is what the verb takes."""

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer
        self.prepare()

    def prepare(self) -> None:
        """Choices and first values that depend on the offer."""

    def kwargs(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class ReasonForm(ActionForm):
    reason = Words("Reason", help_text="Kept with the history of this offer.")


class NeedsReasonForm(ActionForm):
    reason = Words("Reason", required=True, help_text="People will ask: it is kept with the history of this offer.")


class PauseForm(ActionForm):
    reason = Words(
        "What the candidate asked for", required=True, help_text="Such as “until after the visit on Friday”."
    )


class RiskForm(ActionForm):
    reason = Words("What is at risk", required=True, help_text="Whoever signs off reads this first.")


class ContactForm(ActionForm):
    at = When("When you were in touch")
    means = forms.ChoiceField(label="By what means", choices=Means.choices)
    note = Words("What was said")
    next_on = Day(label="Next touch", required=False, help_text="Empty: a week later, until the start.")


class AtForm(ActionForm):
    at = When()


class ExtendForm(ActionForm):
    at = When("When the letter reached the candidate")
    letter_base = Amount("Base as the letter says", help_text="Only where it is not the approved one.", min_value=0)
    letter_sign_on = Amount("Sign-on as the letter says", help_text="Likewise.", min_value=0)


class ProlongForm(ActionForm):
    until = Day(label="New last day to answer", help_text="After the present one, and before the start.")


class JoinForm(ActionForm):
    on = Day(label="First day at work", required=False, help_text="Empty: the planned start, or today.")
    contract_base = Amount(
        "Base on the contract", help_text="Only where it is not the accepted one: kept as a suspected override.",
        min_value=0,
    )  # fmt: skip


class LossForm(ActionForm):
    """Why an offer was lost. “Would not say” is a theme too."""

    theme = forms.ChoiceField(label="Main theme", choices=[("", "Choose one"), *Theme.choices])
    reason = forms.CharField(
        label="Reason in a few words", required=False, max_length=120, help_text="Such as “base below the other offer”."
    )
    secondary = forms.MultipleChoiceField(
        label="Also mattered", choices=Theme.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    competing_kind = forms.ChoiceField(
        label="Competing offer", choices=[("", "None known"), *Competitor.choices], required=False
    )
    verbatim = Words("In the candidate's own words")
    at = When("When the candidate said so")


class ExplainForm(LossForm):
    at = None  # type: ignore[assignment]

    def prepare(self) -> None:
        loss = self.offer.losses.select_related("verbatim").first()
        if loss is not None:
            names = ("theme", "reason", "secondary", "competing_kind")
            self.initial.update({name: getattr(loss, name) for name in names})
            self.initial["verbatim"] = loss.verbatim.text if loss.verbatim else ""


class RenegeForm(LossForm):
    secondary = None  # type: ignore[assignment]
    at = None  # type: ignore[assignment]


class CounterForm(ActionForm):
    """What is put against the offer. Nothing here asks what the candidate earns."""

    origin = forms.ChoiceField(label="Whose bid", choices=Origin.choices)
    asked_base = Amount("Base asked for", help_text="Full-time, a year.", min_value=0)
    asked_sign_on = Amount("Sign-on asked for", min_value=0)
    note = Words("What was said")
    at = When("When it was said")


class VerbalApprovalForm(ActionForm):
    by = forms.ModelChoiceField(label="Who said yes", queryset=User.objects.none(), empty_label="Choose somebody")
    at = When("When they said it")
    means = forms.ChoiceField(label="By what means", choices=Means.choices)
    base = Amount("Base they approved", help_text="Full-time, a year. Empty: the terms as they stand.", min_value=0)
    first_year_total = Amount(
        "First-year cash they approved", help_text="Empty with an empty base: the terms as they stand.", min_value=0
    )
    reason = Words("Why it is entered late", help_text="Needed when it was more than 24 hours ago.")

    def prepare(self) -> None:
        field: Any = self.fields["by"]
        field.queryset = people(self.offer.client_id, Role.HIRING_MANAGER)
        self.initial.setdefault("by", self.offer.hiring_manager_id)


class VerbalOfferForm(ActionForm):
    at = When("When the candidate was told")
    answer = forms.ChoiceField(label="What they answered", choices=Answer.choices, initial=Answer.THINKING)
    note = Words("In their words")


class DecideForm(ActionForm):
    comment = Words("Comment", help_text="Needed to reject or send back. Everyone involved reads it.")


class SkipForm(ActionForm):
    reason = Words("Reason", required=True, help_text="Whoever was asked reads it, and the history keeps it.")


class HandOnForm(ActionForm):
    to = forms.ModelChoiceField(label="To whom", queryset=User.objects.none(), empty_label="Choose somebody")
    reason = Words("Reason", required=True, help_text="The history keeps it.")

    def __init__(self, *args: Any, people: Collection[int], **kwargs: Any) -> None:
        self.people = people
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        field: Any = self.fields["to"]
        field.queryset = User.objects.filter(pk__in=self.people)


class TermsForm(forms.ModelForm):
    """Every component of an offer, checked as the version itself is."""

    class Meta:
        model = OfferVersion
        fields = TERM_FIELDS
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "start_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "expires_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    GROUPS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Pay": ("base", "currency", "pay_period", "payments_a_year", "fte", "weekly_hours"),
        "On top": (
            "target_bonus_pct", "guaranteed_bonus", "sign_on", "clawback_months", "cash_allowances", "relocation",
            "equity_value", "equity_vesting",
        ),
        "Around it": (
            "employment_type", "start_on", "expires_on", "leave_days", "home_days", "notice_weeks", "probation_months",
            "benefits", "standard_letter",
        ),
    }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, forms.DecimalField | forms.IntegerField):
                field.widget.attrs["class"] = "num"
                model_field: Any = OfferVersion._meta.get_field(name)
                field.required = field.required and not model_field.has_default()
        for name in ("base", "fte", "target_bonus_pct", "guaranteed_bonus", "sign_on", "cash_allowances", "relocation",
                     "equity_value", "leave_days", "home_days", "weekly_hours"):  # fmt: skip
            self.initial[name] = plain(self.initial.get(name, self.fields[name].initial))

    def clean(self) -> dict[str, Any]:
        """An amount that is left out is the one that the version begins with: mostly nothing."""
        data = super().clean() or self.cleaned_data
        for name in self.fields:
            model_field: Any = OfferVersion._meta.get_field(name)
            if name in data and data[name] is None and model_field.has_default():
                data[name] = model_field.get_default()
        return data

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """[(heading, fields)], as the page lays them out."""
        return [(title, [self[name] for name in names]) for title, names in self.GROUPS.items()]

    def terms(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in TERM_FIELDS}


def plain(value: Any) -> Any:
    """A Decimal as people type it: 118000, not 118000.0000."""
    return f"{value.normalize():f}" if hasattr(value, "normalize") else value


class NewOfferForm(forms.Form):
    """For whom and for which requisition; the terms are a form of their own beside it."""

    requisition = forms.ModelChoiceField(queryset=Requisition.objects.none())
    candidate = forms.ModelChoiceField(
        queryset=Candidate.objects.none(), required=False, help_text="Somebody who is here already, or a new one below."
    )
    new_reference = forms.CharField(label="New candidate's reference", max_length=60, required=False)
    new_name = forms.CharField(label="Name", max_length=200, required=False)
    new_email = forms.EmailField(label="E-mail", required=False)
    reference = forms.CharField(
        label="Offer's reference", max_length=60, required=False, help_text="Empty: made from the requisition's."
    )
    candidate_type = forms.ChoiceField(choices=CandidateType.choices, initial=CandidateType.EXTERNAL)
    source_channel = forms.CharField(max_length=80, required=False, help_text="Such as a job board or a referral.")
    expected_salary = Amount(
        "Stated expectation", help_text="What the candidate expects, full-time a year.", min_value=0
    )
    expected_currency = CurrencyField("expectation's currency").formfield(required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("requisition", Requisition), ("candidate", Candidate)):
            field: Any = self.fields[name]
            field.queryset = scoped(model._default_manager.all(), user, "change")
            field.widget = AutocompleteSelect(Offer._meta.get_field(name), admin.site, attrs={"class": "wide"})
            field.widget.choices = field.choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        candidate, fresh = data.get("candidate"), data.get("new_reference")
        if bool(candidate) == bool(fresh) and "candidate" not in self.errors:
            self.add_error("candidate", "Choose a candidate or give a new one's reference: one of the two.")
        requisition = data.get("requisition")
        if candidate and requisition and candidate.client_id != requisition.client_id:
            self.add_error("candidate", "This candidate belongs to another client than the requisition.")
        if data.get("expected_salary") is not None and not data.get("expected_currency") and requisition:
            data["expected_currency"] = requisition.currency
        return data

    def details(self) -> dict[str, Any]:
        """The columns of the offer itself."""
        names = ("candidate_type", "source_channel", "expected_salary", "expected_currency")
        return {name: self.cleaned_data[name] for name in names}


class DetailsForm(forms.ModelForm):
    """Who works on the offer and where it came from: nothing that was approved."""

    class Meta:
        model = Offer
        fields = (
            "recruiter", "coordinator", "hiring_manager", "opening_ref", "candidate_type", "source_channel",
            "applied_on", "expected_salary", "expected_currency",
        )  # fmt: skip
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "applied_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = {
            "recruiter": (Role.RECRUITER, Role.COORDINATOR),
            "coordinator": (Role.COORDINATOR, Role.RECRUITER),
            "hiring_manager": (Role.HIRING_MANAGER,),
        }
        for name, allowed in roles.items():
            field: Any = self.fields[name]
            held = people(self.instance.client_id, *allowed)
            field.queryset = held | User.objects.filter(pk=getattr(self.instance, f"{name}_id"))
        self.initial["expected_salary"] = plain(self.initial.get("expected_salary"))


class AssignForm(forms.Form):
    """Whose the chosen offers become."""

    recruiter = forms.ModelChoiceField(queryset=User.objects.none(), empty_label="Choose a recruiter")

    def __init__(self, *args: Any, client_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["recruiter"]
        field.queryset = people(client_id, Role.RECRUITER, Role.COORDINATOR)
