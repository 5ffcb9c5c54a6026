"""Reports over the API: the same objects as the command prints."""

from datetime import date
from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.errors import ReportError, UnknownReport
from analytics.facts import refresh
from analytics.reports import REPORTS, run
from analytics.reports.frame import DIMS
from governance.api.base import ApiView
from governance.api.problems import Problem

NOT_WAITED_FOR = 20_000  # offers that changed since the last refresh: beat brings more than these up to date
ASKED = ("client", "since", "until", "by")


class ReportBody(serializers.Serializer):
    """A report; the figures of its rows are named in docs/reports.md."""

    report = serializers.CharField()
    client = serializers.CharField()
    since = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    by = serializers.CharField()
    definition = serializers.DictField()
    excluded = serializers.IntegerField()
    total = serializers.DictField()
    rows = serializers.ListField(child=serializers.DictField())


class Report(ApiView):
    """One report of one client."""

    permission = "analytics.view_offerfact"
    serializer_class = ReportBody

    @extend_schema(
        parameters=[
            OpenApiParameter("client", str, description="The client's code, where there are several."),
            OpenApiParameter("since", date, description="The first day."),
            OpenApiParameter("until", date, description="The day after the last one."),
            OpenApiParameter("by", str, enum=DIMS),
        ]
    )
    def get(self, request: Request, name: str) -> Response:
        asked = request.query_params
        if strange := sorted(set(asked) - set(ASKED)):
            raise Problem(f"There is no parameter “{strange[0][:60]}”.", field=strange[0][:60])
        client = self.one_client(self.permission, asked.get("client", ""))
        since, until = (_day(asked.get(field, ""), field) for field in ("since", "until"))
        now = timezone.now()
        if name in REPORTS:
            refresh(client.pk, now=now, at_most=NOT_WAITED_FOR)
        try:
            return Response(run(name, client=client, since=since, until=until, by=asked.get("by", ""), now=now))
        except UnknownReport as error:
            raise Problem(str(error), status=404, code="not_found") from error
        except ReportError as error:
            raise Problem(str(error), field="by" if "cut" in str(error) else "until") from error


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Problem(f"“{text[:20]}” is no day: give it as 2026-03-31.", field=field) from error


urlpatterns: list[Any] = [path("reports/<slug:name>", Report.as_view(), name="report")]
