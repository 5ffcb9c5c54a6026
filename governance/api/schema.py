"""The API's description and its documentation page."""

from functools import cache
from typing import Any

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.api import reference
from governance.api.authentication import TokenAuthentication
from governance.api.problems import Problem


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Issued once by the command `token`."}


class FieldProblem(serializers.Serializer):
    field = serializers.CharField()
    message = serializers.CharField()


class ErrorBody(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField(help_text="What happened.")
    rule = serializers.CharField(help_text="Which rule or clause says so; empty where none does.")
    next_step = serializers.CharField(help_text="What to do next.")
    field = serializers.CharField(help_text="The first field at fault; empty where none is.")
    fields = FieldProblem(many=True)


def with_refusals(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """Every address may refuse, and says so in the one way (governance/api/problems.py)."""
    body = {"$ref": "#/components/schemas/ErrorBody"}
    error = {"type": "object", "required": ["error"], "properties": {"error": body}}
    result["components"]["schemas"]["Error"] = error
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"]["4XX"] = {"description": "Refused, and why.", "content": content}
    return result


class Schema(SpectacularAPIView):
    """The OpenAPI description; it says how the API is built and nothing of anybody's data."""


@method_decorator(never_cache, name="dispatch")
@method_decorator(csp_update({"img-src": ["'self'", "data:"]}), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    """The description as a page to read and, asked with `?try`, as the library's page on which requests can be made.

    The library is two megabytes, and is fetched for that alone. Its pictures are data, so this page may show such.
    """

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if "try" in request.GET or "script" in request.GET:
            return super().get(request, *args, **kwargs)
        found = described()
        data = {
            "groups": reference.groups(found), "shapes": reference.shapes(found),
            "schema_url": self._get_schema_url(request), "try_url": "?try",
        }  # fmt: skip
        return Response(data, template_name="drf_spectacular/reference.html")


@cache
def described() -> dict[str, Any]:
    """The description, which is the same for everybody and for as long as the process runs."""
    return SchemaGenerator().get_schema(public=True)


class Nowhere(APIView):
    """Any address under /api/v1/ that there is not."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Problem(
            "There is no such address.", status=404, code="not_found", next_step="The addresses are at /api/docs/."
        )

    post = put = patch = delete = get
