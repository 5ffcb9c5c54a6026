"""One family of errors: what happened, which rule or clause says so, what to do next, which field is at fault.

{"error": {"code", "message", "rule", "next_step", "field", "fields": [{"field", "message"}]}}
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from governance.programme import IncompleteProgramme
from governance.scoping import TOGETHER

NEXT = {
    "not_authenticated": "Send the header “Authorization: Bearer TOKEN”; the command `token` issues one.",
    "authentication_failed": "Issue another one with the command `token`.",
    "token_expired": "Issue another one with the command `token`, and give it to the program in place of this one.",
    "unsupported_media_type": "Send JSON, with the header “Content-Type: application/json”.",
    "not_acceptable": "Accept application/json: there is nothing else.",
}


class Problem(exceptions.APIException):
    """A refusal in words, with its HTTP status."""

    def __init__(
        self, message: str, *, status: int = 400, code: str = "invalid", rule: str = "", next_step: str = "",
        field: str = "",
    ) -> None:  # fmt: skip
        super().__init__(message, code)
        self.status_code = status
        self.code, self.message, self.rule, self.next_step, self.field = code, message, rule, next_step, field

    def body(self) -> dict[str, Any]:
        fields = [{"field": self.field, "message": self.message}] if self.field else []
        return {
            "code": self.code, "message": self.message, "rule": self.rule, "next_step": self.next_step,
            "field": self.field, "fields": fields,
        }  # fmt: skip


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an error; None for one of our own making, which is logged and answered with 500."""
    match error:
        case IntegrityError():
            error = Problem(TOGETHER, status=409, code="conflict", next_step="Read again what is there, then try anew.")
        case DataError():
            error = Problem("A value is larger than can be kept.", next_step="Give a smaller one.")
        case IncompleteProgramme():
            error = Problem(str(error), status=409, code="not_ready", rule="rules in force")
        case Http404():
            error = Problem("There is no such thing among yours.", status=404, code="not_found")
        case PermissionDenied():
            error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.APIException):
        response.data = {"error": error.body() if isinstance(error, Problem) else _body(error)}
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer to an error of our own making: in the API's one way under its addresses, else the portal's page."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    problem = Problem(
        "Something broke on our side; it is logged.", status=500, code="server_error",
        next_step="Try again; an Idempotency-Key makes that safe for a write.",
    )  # fmt: skip
    return JsonResponse({"error": problem.body()}, status=500)


def _body(error: exceptions.APIException) -> dict[str, Any]:
    fields = list(_fields(error.detail)) if isinstance(error, exceptions.ValidationError) else []
    if fields:
        message = fields[0]["message"] if len(fields) == 1 else f"{len(fields)} fields cannot be taken."
        return Problem(message, field=fields[0]["field"]).body() | {"fields": fields}
    code = str(getattr(error, "default_code", "error"))
    return Problem(str(error.detail), code=code, next_step=NEXT.get(code, "")).body()


def _fields(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    match detail:
        case dict():
            for name, inner in detail.items():
                here = path if name == "non_field_errors" else f"{path}.{name}".strip(".")
                yield from _fields(inner, here)
        case list():
            for at, inner in enumerate(detail):
                yield from _fields(inner, path if isinstance(inner, str) else f"{path}.{at}".strip("."))
        case _:
            yield {"field": path, "message": str(detail)}
