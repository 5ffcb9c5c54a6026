"""Where an amount stands in the market."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.base import ApiView
from governance.api.fields import Amount, Choice, Money
from governance.api.problems import Problem
from governance.ingest import cells
from governance.models import MarketSource
from governance.models.base import PayPeriod
from governance.pricing import Asked, as_json, price


class Question(serializers.Serializer):
    role_code = serializers.CharField(max_length=40)
    location = serializers.CharField(max_length=80)
    amount = Amount()
    currency = serializers.CharField(max_length=3)
    period = Choice(PayPeriod.choices)
    grade = serializers.CharField(max_length=20, required=False, default="")
    source = serializers.CharField(
        max_length=80, required=False, default="", help_text="The codes are this source's own: no match is needed."
    )
    client = serializers.CharField(max_length=40, required=False, default="", help_text="Where you work for several.")

    def validate_currency(self, value: str) -> str:
        try:
            return cells.currency(value)
        except cells.Bad as bad:
            raise serializers.ValidationError(str(bad)) from None

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if error := cells.too_many_decimals(given["amount"], given["currency"]):
            raise serializers.ValidationError({"amount": error})
        if strange := sorted(set(self.initial_data) - set(self.fields)):
            raise serializers.ValidationError({strange[0][:60]: f"Known here: {', '.join(self.fields)}."})
        return given


CELLS: dict[str, Any] = {f"p{percent}": Money(allow_null=True) for percent in (10, 25, 50, 75, 90)}
BENCHMARK = inline_serializer(
    "MarketBenchmark",
    {
        **{name: serializers.CharField() for name in ("source", "role_code", "role_title", "location")},
        "location_name": serializers.CharField(),
        "national": serializers.BooleanField(),
        "currency": serializers.CharField(),
        "period": serializers.ChoiceField(PayPeriod.choices),
        "as_of": serializers.DateField(),
        "target_percentile": serializers.IntegerField(),
        **CELLS,
        "note": serializers.CharField(),
    },
)
POSITION = inline_serializer(
    "MarketPosition",
    {
        "known": serializers.BooleanField(),
        "reason": serializers.ChoiceField(
            ["missing", "suppressed", "top_coded", "currency", "period"], required=False, help_text="Why it is unknown."
        ),
        "bracket": serializers.CharField(required=False, help_text="<p10, p10-p25 (lower bound included), … >=p90."),
        "market_ratio": serializers.CharField(required=False, allow_null=True, help_text="Amount / target percentile."),
        "at_least": serializers.BooleanField(required=False),
        "percentile_low": serializers.IntegerField(required=False, allow_null=True),
        "percentile_high": serializers.IntegerField(required=False, allow_null=True),
        "benchmark": BENCHMARK,
        "stale": serializers.BooleanField(required=False, help_text="Too old: rules treat it as unknown."),
        "top_coded": serializers.BooleanField(required=False),
        "compa_ratio": serializers.CharField(required=False, allow_null=True),
        "range_penetration": serializers.CharField(required=False, allow_null=True),
    },
)
BENCHMARK.required = False


class MarketPosition(ApiView):
    """Where an amount stands among published percentiles, as published: nothing is aged or converted."""

    permission = "governance.view_benchmark"
    serializer_class = Question

    @extend_schema(parameters=[Question], responses={200: POSITION})
    def get(self, request: Request) -> Response:
        question = Question(data=request.query_params.dict())
        question.is_valid(raise_exception=True)
        given = question.validated_data
        client = self.one_client(self.permission, given.pop("client"))
        name, source = given.pop("source"), None
        if name:
            source = MarketSource.objects.filter(client=client, name=name).first()
            if source is None:
                raise Problem("There is no such source among yours.", status=404, code="not_found", field="source")
        today = timezone.localdate(timezone.now(), ZoneInfo(client.zone))
        (answer,) = price(client, [Asked(**given)], on=today, source=source)
        return Response(as_json(answer, graded=bool(given["grade"])))
