"""Pay references: bands, benchmarks."""

import django_filters as filters
from rest_framework import serializers

from governance.api.base import Listed, Row, Rows
from governance.api.fields import Code, Money
from governance.models import Benchmark, SalaryBand


class BandSerializer(serializers.ModelSerializer):
    client = Code()
    minimum, midpoint, maximum = Money(), Money(), Money()

    class Meta:
        model = SalaryBand
        fields = (
            "id", "client", "code", "kind", "strict", "role_family", "role_code", "grade", "location", "period",
            "minimum", "midpoint", "maximum", "valid_from", "valid_to",
        )  # fmt: skip
        read_only_fields = fields


class BandFilter(filters.FilterSet):
    client = filters.CharFilter("client__code")
    valid_on = filters.DateFilter(method="on_day", label="Valid on this day")

    class Meta:
        model = SalaryBand
        fields = ("code", "role_family", "role_code", "grade", "location", "currency", "kind")

    def on_day(self, rows, name, day):
        return rows.valid_on(day)


class OfBands(Listed):
    model, serializer_class, related = SalaryBand, BandSerializer, ("client",)


class Bands(OfBands, Rows):
    """Salary bands; a step scale has a row a step."""

    filterset_class = BandFilter


class Band(OfBands, Row):
    """One salary band."""


class BenchmarkSerializer(serializers.ModelSerializer):
    client = Code()
    source = serializers.SlugRelatedField(slug_field="name", read_only=True)
    p10, p25, p50, p75, p90 = (Money(allow_null=True) for _ in range(5))

    class Meta:
        model = Benchmark
        fields = (
            "id", "client", "source", "role_code", "role_title", "location", "location_name", "period", "as_of",
            "p10", "p25", "p50", "p75", "p90", "note",
        )  # fmt: skip
        read_only_fields = fields


class BenchmarkFilter(filters.FilterSet):
    client = filters.CharFilter("client__code")
    source = filters.CharFilter("source__name")

    class Meta:
        model = Benchmark
        fields = ("role_code", "location", "currency", "period", "as_of")


class OfBenchmarks(Listed):
    model, serializer_class, related = Benchmark, BenchmarkSerializer, ("client", "source")


class Benchmarks(OfBenchmarks, Rows):
    """Published pay by percentile; a blank one (null) is unknown."""

    filterset_class = BenchmarkFilter


class BenchmarkRow(OfBenchmarks, Row):
    """One published row."""
