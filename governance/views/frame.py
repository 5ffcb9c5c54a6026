"""What every page of the builder shares: who may open it, the portal's frame, the policy it is about."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from governance.models import ApprovalPolicy
from governance.scoping import scoped, scoped_or_404


def portal(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for members: others are led to the sign-in."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return admin.site.admin_view(view)(request, *args, **kwargs)

    return shown


def show(request: HttpRequest, template: str, title: str, status: int = 200, **context: Any) -> HttpResponse:
    """The template inside the portal's frame."""
    whole = {**admin.site.each_context(request), "title": title, "opts": ApprovalPolicy._meta, **context}
    return TemplateResponse(request, f"governance/{template}.html", whole, status=status)


def find_policy(request: Any, pk: int, action: str = "view") -> ApprovalPolicy:
    """The policy version with its client, where the person may view or change it; a 404 for any other."""
    policy: ApprovalPolicy = scoped_or_404(ApprovalPolicy, request.user, pk, action)
    return policy


def versions_of(policy: ApprovalPolicy, request: Any) -> list[ApprovalPolicy]:
    """Every version of the client that the person may see, the newest first."""
    rows = scoped(ApprovalPolicy.objects.filter(client=policy.client_id), request.user)
    return list(rows.select_related("published_by").order_by("name", "-version"))
