"""How values are written and read: money with its currency, instants with an offset, people by id and name."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.ingest import cells
from governance.models import User
from governance.money import money_json

MONEY = {
    "type": "object",
    "properties": {
        "amount": {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,4})?$", "examples": ["95000.00"]},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["USD"]},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
}


@extend_schema_field(MONEY)
class Money(serializers.Field):
    """An amount of a row in the row's own currency; read back as (Decimal, currency).

    `currency` is the column that names it.
    """

    def __init__(self, *, currency: str = "currency", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.currency = currency

    def get_attribute(self, instance: Any) -> Any:
        amount = super().get_attribute(instance)
        return None if amount is None else (amount, getattr(instance, self.currency))

    def to_representation(self, value: Any) -> Any:
        return money_json(*value)

    def to_internal_value(self, data: Any) -> tuple[Decimal, str]:
        if not isinstance(data, dict) or set(data) != {"amount", "currency"}:
            raise serializers.ValidationError("Give money as {“amount”: “95000.00”, “currency”: “USD”}.")
        try:
            currency = cells.currency(data["currency"]) if isinstance(data["currency"], str) else ""
            amount = cells.plain(data["amount"]) if isinstance(data["amount"], str) else None
        except cells.Bad as bad:
            raise serializers.ValidationError(str(bad)) from None
        if amount is None or not currency:
            raise serializers.ValidationError("Amount and currency are text: “95000.00”, “USD”.")
        if error := cells.too_many_decimals(amount, currency):
            raise serializers.ValidationError(error)
        return amount, currency


class Amount(serializers.CharField):
    """An amount in plain digits, whose currency stands beside it."""

    def to_internal_value(self, data: Any) -> Decimal:
        try:
            return cells.plain(super().to_internal_value(data))
        except cells.Bad as bad:
            raise serializers.ValidationError(str(bad)) from None


class Instant(serializers.DateTimeField):
    """An instant with its offset from UTC; one without is refused, not guessed."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            found = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None:
            raise serializers.ValidationError("Give date and time as 2026-03-02T09:00:00-05:00.")
        if found.tzinfo is None:
            raise serializers.ValidationError("Give the offset from UTC too, as in 2026-03-02T09:00:00-05:00.")
        try:
            return super().to_internal_value(found)
        except OverflowError:
            raise serializers.ValidationError("There is no such date and time.") from None


class Choice(serializers.ChoiceField):
    """One of some words; a refusal says which."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError:
            known = ", ".join(str(word) for word in self.choices)
            raise serializers.ValidationError(f"“{str(data)[:60]}” is not one of {known}.") from None


class Who(serializers.ModelSerializer):
    """Somebody who works here."""

    class Meta:
        model = User
        fields = ("id", "name")


def choice_or_blank(choices: Any) -> serializers.ChoiceField:
    """A read-only choice that may be "", which a field made from the model's own does not say in the description."""
    return serializers.ChoiceField(choices, allow_blank=True, read_only=True)


class Code(serializers.SlugRelatedField):
    """The client that a row belongs to, by its code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code", read_only=True, **kwargs)
