"""What every endpoint stands on: who may ask, the clients in scope, filters that are known, pages, one error family.

`ApiView` is the base of all; `Rows` lists, `Row` reads one. All rows come through governance.scoping.
"""

import re
from contextlib import ExitStack
from datetime import UTC
from typing import Any, ClassVar

import pghistory
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from rest_framework.exceptions import NotAuthenticated, NotFound
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import SAFE_METHODS, BasePermission

from governance.access import clients_with
from governance.api.problems import Problem
from governance.models import Client
from governance.models.access import TokenScope
from governance.scoping import scoped
from governance.tenancy import scope


def _no_place() -> Problem:
    next_step = "Take the addresses under “next” and “previous” as they are."
    return Problem("This is no place in this list.", field="cursor", next_step=next_step)


class Pages(CursorPagination):
    """{"next", "previous", "results"}: stable while rows are added, and as quick on the last page as on the first."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "-id"

    def decode_cursor(self, request: Any) -> Any:
        """A cursor stands at an id; one that somebody made up is refused like any other parameter."""
        try:
            found = super().decode_cursor(request)
        except NotFound:
            raise _no_place() from None
        if found and found.position is not None and not re.fullmatch("[0-9]{1,19}", found.position):
            raise _no_place()
        return found

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": list(properties), "properties": properties}


class Member(BasePermission):
    """Somebody with a role; what it may read is the view's `permission`. A read token changes nothing."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if not request.user.is_authenticated:
            raise NotAuthenticated("This needs a token, or somebody who has signed in.")
        if not request.user.roles:
            raise Problem("You have no role at any client.", status=403, code="not_yours")
        reads = request.method in SAFE_METHODS or view.writes_nothing
        if request.auth and request.auth.scope != TokenScope.WRITE and not reads:
            raise Problem(
                "This token may only read.", status=403, code="read_only", rule="scope read",
                next_step="Issue one with --scope write.",
            )  # fmt: skip
        if view.permission and not request.user.has_perm(view.permission):
            raise Problem("Your role may not see this.", status=403, code="not_yours", rule=view.permission)
        return True


class ApiView(GenericAPIView):
    """An endpoint. `permission` is the one that reading needs, `writes_nothing` lets a read token POST to it."""

    permission_classes = (Member,)
    permission: ClassVar[str] = ""
    writes_nothing: ClassVar[bool] = False

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with ExitStack() as self.entered:
            return super().dispatch(request, *args, **kwargs)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Answers hold pay: nothing on the way, and no browser, keeps one."""
        add_never_cache_headers(response)
        return super().finalize_response(request, response, *args, **kwargs)

    def perform_authentication(self, request: Any) -> None:
        """Scope the connection to the clients of whoever asks, until the answer is made; instants read UTC."""
        user = request.user
        if user.is_authenticated:
            self.entered.enter_context(scope(user.roles))
            self.entered.enter_context(timezone.override(UTC))
            self.entered.enter_context(pghistory.context(actor=user.pk, via="api"))

    def one_client(self, permission: str, code: str = "") -> Client:
        """The client meant by a request that names no row of one: the only one, or that of the code.

        Raises Problem where there are several and none is named, or it is not one of theirs.
        """
        mine = Client.objects.filter(pk__in=clients_with(self.request.user, permission))
        found = list(mine.filter(code=code) if code else mine[:2])
        if len(found) == 1:
            return found[0]
        if code or not found:
            raise Problem("There is no such client among yours.", status=404, code="not_found", field="client")
        raise Problem("You work for several clients: say which.", field="client", next_step="Add client=CODE.")


class Listed(ApiView):
    """Rows of one model that the person may view."""

    model: ClassVar[type[Model]]
    related: ClassVar[tuple[str, ...]] = ()  # what the serializer reads of other rows, in the same query

    @property
    def permission(self) -> str:  # type: ignore[override]
        return f"{self.model._meta.app_label}.view_{self.model._meta.model_name}"

    def rows(self) -> QuerySet[Any]:
        """Every row, which `get_queryset` scopes."""
        return self.model._default_manager.select_related(*self.related)

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return scoped(self.rows(), self.request.user)


class Rows(Listed, ListAPIView):
    """A list of rows, newest first, filtered by `filterset_class`; a filter that there is not is refused."""

    pagination_class = Pages

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {"cursor", Pages.page_size_query_param, *self._filters()}
        if strange := sorted(set(self.request.query_params) - known):
            raise Problem(
                f"There is no filter “{strange[0][:60]}”.", field=strange[0][:60],
                next_step=f"Filters: {', '.join(sorted(known))}.",
            )  # fmt: skip
        return super().filter_queryset(queryset)

    def _filters(self) -> set[str]:
        found = getattr(self, "filterset_class", None)
        return set(found.base_filters) if found else set()


class Row(Listed, RetrieveAPIView):
    """One row by its id; 404 for any other, whoever's it is."""
