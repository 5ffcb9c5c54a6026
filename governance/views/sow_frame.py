"""What the pages of statements of work share."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from governance.models import Engagement, StatementOfWork
from governance.programme import Programme


def show(request: Any, template: str, title: str, status: int = 200, **context: Any) -> HttpResponse:
    """The template inside the portal's frame."""
    whole = {**admin.site.each_context(request), "title": title, "opts": StatementOfWork._meta, **context}
    return TemplateResponse(request, f"governance/{template}.html", whole, status=status)


def state_of(row: StatementOfWork, programme: Programme) -> tuple[str, str]:
    """Kind and text of the pill of a version."""
    if row.published_at is None:
        return "warn", "Draft"
    force = programme.agreement(row.engagement_id, timezone.now())
    if force and force.id == row.pk:
        return "ok", "In force"
    return row.out_of_force(timezone.localdate(timezone=ZoneInfo(programme.zone)))


def today_at(engagement: Engagement) -> date:
    """The date on the client's calendar."""
    return timezone.localdate(timezone=ZoneInfo(engagement.client.zone))
