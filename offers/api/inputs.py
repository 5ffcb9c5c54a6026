"""What each action takes: named as its verb names it."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from governance.api.fields import Choice, Instant, Money
from governance.models import User
from offers.api.base import Strict
from offers.api.terms import TermsChange, TermsSerializer
from offers.errors import BadInput
from offers.models import Offer
from offers.models.events import Answer, Competitor, Means, Origin, Theme
from offers.models.offer import ContingencyKind, ContingencyStatus
from offers.models.review import LEAVING_REASONS


class Words(serializers.CharField):
    """Free text, kept as a note, where it can be erased."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=4000, **{"required": False, "allow_blank": True, **kwargs})


def when(**kwargs: Any) -> Instant:
    return Instant(required=False, help_text="When it happened; left out: now.", **kwargs)


class Input(Strict):
    """Base of every action: `kwargs(offer)` is what the verb takes."""

    MONEY: tuple[str, ...] = ()

    def kwargs(self, offer: Offer) -> dict[str, Any]:
        """The verb's arguments; amounts of money must be in the offer's own currency."""
        given = dict(self.validated_data)
        for name in self.MONEY:
            if name in given:
                given[name] = _amount(name, given[name], offer)
        return given


def _amount(name: str, money: tuple[Decimal, str], offer: Offer) -> Decimal:
    amount, currency = money
    if offer.version is not None and currency != offer.version.currency:
        raise BadInput(f"This offer is in {offer.version.currency}, not in {currency}.", field=name)
    return amount


class Nothing(Input):
    """The action takes nothing."""


class Reason(Input):
    reason = Words()


class NeedsReason(Input):
    reason = Words(required=True, allow_blank=False)


class At(Input):
    at = when()


class Extend(Input):
    MONEY = ("letter_base", "letter_sign_on")
    at = when()
    letter_base = Money(required=False, help_text="What the letter says; another base than approved is refused.")
    letter_sign_on = Money(required=False)


class Prolong(Input):
    until = serializers.DateField(help_text="The new last day to answer.")


class Join(Input):
    MONEY = ("contract_base",)
    on = serializers.DateField(required=False, help_text="Left out: the planned start.")
    contract_base = Money(required=False, help_text="What the contract says, full-time, by the offer's period.")


class Explain(Input):
    theme = Choice(Theme.choices)
    reason = serializers.CharField(max_length=120, required=False, allow_blank=True)
    secondary = serializers.ListField(child=Choice(Theme.choices), required=False, max_length=14)
    competing_kind = Choice(Competitor.choices, required=False)
    verbatim = Words(help_text="In the candidate's own words.")


class Loss(Explain):
    at = when()


class Counter(Input):
    MONEY = ("asked_base", "asked_sign_on")
    origin = Choice(Origin.choices, required=False)
    asked_base = Money(required=False, help_text="Full-time, a year.")
    asked_sign_on = Money(required=False)
    note = Words()
    at = when()


class Settle(Input):
    terms = TermsChange(help_text="Only what changes.")


class Decide(Input):
    verdict = Choice(["approved", "rejected", "returned"])
    comment = Words(help_text="Needed to reject or return.")
    approval = serializers.IntegerField(required=False, help_text="Where several wait for you: which.")


class Skip(NeedsReason):
    approval = serializers.IntegerField(required=False, help_text="Where several wait: which.")


class Reassign(Skip):
    to = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), help_text="Another person in the same role.")


class VerbalApproval(Input):
    MONEY = ("base", "first_year_total")
    at = when()
    by = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), required=False)
    means = Choice(Means.choices, required=False)
    base = Money(required=False, help_text="Full-time, a year; left out: the terms as they stand.")
    first_year_total = Money(required=False)
    reason = Words(help_text="Needed when it is entered more than 24 hours late.")


class VerbalOffer(Input):
    at = when()
    answer = Choice(Answer.choices, required=False)
    note = Words()


class Contingency(Input):
    kind = Choice(ContingencyKind.choices)
    status = Choice(ContingencyStatus.choices)


class Leave(Input):
    on = serializers.DateField(help_text="The last day at work.")
    reason = serializers.ChoiceField(list(LEAVING_REASONS))
    voluntary = serializers.BooleanField(required=False, help_text="Follows from the reason, unless that is open.")
    comment = Words()


class Rate(Input):
    satisfaction = serializers.IntegerField(min_value=0, max_value=10, help_text="The candidate's own answer.")


class ReviewHire(Input):
    manager_rating = serializers.IntegerField(min_value=0, max_value=100, required=False)
    productive_target_on = serializers.DateField(required=False)
    productive_on = serializers.DateField(required=False)


class NewCandidate(Strict):
    external_id = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200, required=False, default="")
    email = serializers.EmailField(required=False, default="")


class Details(Strict):
    """Who works on an offer and where it came from."""

    recruiter, coordinator, hiring_manager = (
        serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), required=False, allow_null=True)
        for _ in range(3)
    )
    opening_ref = serializers.CharField(max_length=60, required=False, allow_blank=True)
    candidate_type = Choice(Offer._meta.get_field("candidate_type").choices, required=False)
    source_channel = serializers.CharField(max_length=80, required=False, allow_blank=True)
    applied_on = serializers.DateField(required=False, allow_null=True)
    expected_salary = Money(required=False, allow_null=True, help_text="What the candidate expects, full-time a year.")

    def details(self) -> dict[str, Any]:
        """The columns of the offer."""
        given = {name: value for name, value in self.validated_data.items() if name in Details().fields}
        if "expected_salary" in given:
            amount, currency = given["expected_salary"] or (None, "")
            given |= {"expected_salary": amount, "expected_currency": currency}
        return given


class NewOffer(Details):
    requisition = serializers.IntegerField()
    candidate = serializers.IntegerField(required=False, help_text="Somebody who is here already.")
    new_candidate = NewCandidate(required=False)
    external_id = serializers.CharField(max_length=60, required=False, help_text="Left out: one is made.")
    priority = Choice(Offer._meta.get_field("priority").choices, required=False)
    terms = TermsSerializer()

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("candidate" in given) == ("new_candidate" in given):
            raise serializers.ValidationError({"candidate": "Give a candidate or a new_candidate: one of the two."})
        return given


class Change(Details):
    revision = serializers.CharField(max_length=40, help_text="That of the offer as you have read it.")
    terms = TermsChange(required=False, help_text="Only what changes, while it is not submitted.")


class Try(Strict):
    terms = TermsChange(required=False, help_text="Other terms than those of the newest version.")
