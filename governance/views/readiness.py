"""The readiness check: every engagement at a glance, and the page of one that a buyer would print."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance.models import Engagement, StatementOfWork
from governance.programme import Programme, load_many
from governance.readiness import Point, check, worst
from governance.scoping import scoped, scoped_or_404
from governance.views.frame import portal
from governance.views.sow_frame import show

TONES = {"green": ("ok", "Ready"), "amber": ("warn", "Gaps"), "red": ("bad", "Not ready")}
FORMS = {
    "service_level": "admin:governance_servicelevel_changelist",
    "path": "admin:governance_escalationpath_changelist",
    "guardrail": "admin:governance_guardrail_changelist",
    "members": "admin:governance_membership_changelist",
}
WORDS = {
    "sow": "Statement of work", "service_level": "Service levels", "path": "Escalation paths",
    "guardrail": "Guardrails", "members": "Members",
}  # fmt: skip


@require_http_methods(["GET", "HEAD"])
@portal
def overview(request: Any) -> HttpResponse:
    """Every engagement that is running, with its five points. Four queries, however many there are."""
    today = timezone.localdate()
    rows = scoped(Engagement.objects.filter(starts_on__lte=today), request.user, "view").select_related("client")
    running = [row for row in rows if row.ends_on is None or row.ends_on >= today]
    programmes = load_many({row.client_id for row in running})
    found = [(row, _points(row, programmes[row.client_id])) for row in running]
    shown = [
        {"engagement": row, "state": TONES[worst(points)], "points": [(each, TONES[each.state]) for each in points]}
        for row, points in found
    ]
    titles = [point.title for point in found[0][1]] if found else []
    return show(request, "readiness_list", "Readiness", rows=shown, titles=titles)


@require_http_methods(["GET", "HEAD"])
@portal
def engagement(request: Any, pk: int) -> HttpResponse:
    """The five points of one engagement: what is there, what is missing, and the form that mends it."""
    row: Engagement = scoped_or_404(Engagement, request.user, pk)
    programme = load_many([row.client_id])[row.client_id]
    points = _points(row, programme)
    agreement = programme.agreement(row.pk, timezone.now())
    drafts = StatementOfWork.objects.filter(engagement=row, published_at=None).order_by("-version")
    draft = scoped(drafts, request.user).first()
    return show(
        request,
        "readiness",
        f"Readiness: {row}",
        engagement=row,
        agreement=agreement,
        state=TONES[worst(points)],
        points=[_shown(number, point, row, agreement, draft) for number, point in enumerate(points, 1)],
        day=timezone.now(),
    )


def _points(row: Engagement, programme: Programme) -> tuple[Point, ...]:
    return check(programme, programme.agreement(row.pk, timezone.now()))


def _shown(number: int, point: Point, row: Engagement, agreement: Any, draft: StatementOfWork | None) -> dict[str, Any]:
    return {
        "number": number,
        "title": point.title,
        "state": TONES[point.state],
        "has": point.has,
        "gaps": [
            {"kind": TONES[gap.state][0], "text": gap.text, "url": _mend(gap.mend, row, agreement, draft),
             "word": WORDS[gap.mend]}
            for gap in point.gaps
        ],
    }  # fmt: skip


def _mend(name: str, row: Engagement, agreement: Any, draft: StatementOfWork | None) -> str:
    """The form that mends a gap: of a statement of work its draft, else its version in force, else a new one."""
    if name != "sow":
        return reverse(FORMS[name])
    if draft:
        return reverse("sow:edit", args=[draft.pk])
    if agreement:
        return reverse("sow:sow", args=[agreement.id])
    return f"{reverse('sow:start')}?engagement={row.pk}"
