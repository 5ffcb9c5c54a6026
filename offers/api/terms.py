"""The terms of an offer as they are read and written: the same shape both ways."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from governance.api.fields import Choice, Money
from offers.api.base import Strict
from offers.errors import BadInput
from offers.models import OfferVersion
from offers.models.version import TERM_FIELDS

AMOUNTS = ("base", "guaranteed_bonus", "sign_on", "equity_value", "relocation", "cash_allowances")


class TermsSerializer(Strict, serializers.ModelSerializer):
    """Base is the full-time rate of the pay period; percent fields read 10 as 10 %."""

    serializer_choice_field = Choice

    base = Money()
    guaranteed_bonus = Money(required=False)
    sign_on = Money(required=False)
    equity_value = Money(required=False, help_text="Annualised.")
    relocation = Money(required=False)
    cash_allowances = Money(required=False, help_text="A year.")

    class Meta:
        model = OfferVersion
        fields = ("base", *(name for name in TERM_FIELDS if name not in ("currency", "base")))


class TermsChange(TermsSerializer):
    """Only what changes of terms that there are."""

    base = Money(required=False)


def as_terms(given: Mapping[str, Any], now: OfferVersion | None = None) -> dict[str, Any]:
    """What the verbs take, in one currency: that of the base, or of the version `now` whose terms are changed.

    Raises BadInput where amounts are of two currencies, or the currency changes under amounts that are not given anew.
    """
    money = {name: given[name] for name in AMOUNTS if name in given}
    currency = money["base"][1] if "base" in money else now.currency if now else ""
    for name, (_, other) in money.items():
        if other != currency:
            raise BadInput(f"An offer is in one currency: {currency}, not {other}.", field=f"terms.{name}")
    if now is not None and currency != now.currency:
        for name in AMOUNTS:
            if name not in money and getattr(now, name):
                raise BadInput(f"The currency changes to {currency}: give this amount anew.", field=f"terms.{name}")
    amounts: dict[str, Decimal] = {name: amount for name, (amount, _) in money.items()}
    return {**given, **amounts, **({"currency": currency} if "base" in money else {})}
