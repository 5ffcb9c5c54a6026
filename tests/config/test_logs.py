"""Logs carry ids and codes: what happened and where, never pay and never a name."""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from django.db import IntegrityError
from django.test import Client as Browser
from django.urls import reverse

from config.logs import LOGGING, PRIVATE
from governance.access import Role
from governance.models import Client, SalaryBand, User
from tests.factories import SalaryBandFactory

FORMATTER = structlog.stdlib.ProcessorFormatter(
    processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    foreign_pre_chain=LOGGING["formatters"]["structured"]["foreign_pre_chain"],
)


def line(message: str, *arguments: Any, error: bool = False) -> dict[str, Any]:
    """What is written where any library logs this."""
    info = sys.exc_info() if error else None
    record = logging.LogRecord("library", logging.ERROR, __file__, 1, message, arguments, info)
    return json.loads(FORMATTER.format(record))


def own_line(caplog: pytest.LogCaptureFixture, **facts: Any) -> dict[str, Any]:
    """What is written where our own code logs these facts."""
    structlog.get_logger("offers").warning("offer.moved", **facts)
    return json.loads(FORMATTER.format(caplog.records[-1]))


def test_a_line_says_what_where_and_when_in_utc() -> None:
    written = line("Not found: %s", "/admin/")
    assert (written["event"], written["logger"], written["level"]) == ("Not found: /admin/", "library", "error")
    assert written["timestamp"].endswith("Z")


def test_our_own_lines_keep_ids_and_codes(caplog: pytest.LogCaptureFixture) -> None:
    assert own_line(caplog, offer=12, action="submit").items() >= {"offer": 12, "action": "submit"}.items()


@pytest.mark.parametrize("key", sorted(PRIVATE))
def test_pay_and_personal_text_are_dropped_and_the_slip_is_said(caplog: pytest.LogCaptureFixture, key: str) -> None:
    written = own_line(caplog, **{key: "95000 Dana Lee", "offer": 12})
    assert "95000" not in json.dumps(written)
    assert written["dropped"] == [key]


def test_an_error_is_named_with_its_place_and_without_its_words() -> None:
    try:
        raise ValueError("95000 is too much for Dana Lee")
    except ValueError as error:
        written = line("Task failed: %r", error, error=True)
    assert written["error"] == ["ValueError"]
    assert written["at"][-1].endswith("test_an_error_is_named_with_its_place_and_without_its_words")
    assert "95000" not in json.dumps(written)
    assert "Dana" not in json.dumps(written)


def test_a_rule_of_the_database_is_named_where_it_refuses_a_row(scoped: Client) -> None:
    try:
        SalaryBandFactory(client=scoped, minimum=987_654, maximum=1)
    except IntegrityError:
        written = line("Internal Server Error: %s", "/admin/", error=True)
    assert written["error"] == ["IntegrityError", "CheckViolation band_order"]


def test_a_page_that_fails_logs_no_figure(
    client_a: Client,
    member: Callable[..., User],
    browser_client: Callable[[User], Browser],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def failing(self: SalaryBand) -> str:
        raise ValueError(f"no name for a band from {self.minimum}")

    band = SalaryBandFactory(client=client_a, minimum=87_654)
    browser = browser_client(member(Role.HR_PARTNER))
    browser.raise_request_exception = False
    monkeypatch.setattr(SalaryBand, "__str__", failing)
    page = browser.get(reverse("admin:governance_salaryband_change", args=[band.pk]))
    written = [json.loads(FORMATTER.format(record)) for record in caplog.records]
    assert (page.status_code, written[-1]["error"]) == (500, ["ValueError"])
    assert "87654" not in json.dumps(written)
    assert b"87654" not in page.content
