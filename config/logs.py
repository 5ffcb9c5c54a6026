"""Structured logs: JSON in production, readable on a laptop. Ids and codes only: no pay and no names, ever."""

import re
import sys
from collections.abc import Iterator
from traceback import extract_tb
from typing import Any

import structlog

# Keys that would carry pay or personal text; a slip is dropped here before it reaches any handler.
PRIVATE = frozenset(
    [
        "amount",
        "base",
        "base_salary",
        "bonus",
        "cash",
        "comment",
        "email",
        "equity",
        "expected",
        "first_year_cash",
        "gap",
        "name",
        "note",
        "note_text",
        "pay",
        "phone",
        "ratio",
        "reason_text",
        "salary",
        "sign_on",
        "text",
        "to",
        "token",
        "verbatim",
    ]
)


def drop_private(logger: object, method: str, event: dict) -> dict:
    """structlog processor: remove what must not be logged, and say that something was removed."""
    slipped = PRIVATE & event.keys()
    for key in slipped:
        del event[key]
    if slipped:
        event["dropped"] = sorted(slipped)
    return event


LINK = re.compile(r"(decide(?:/|%2F))[^/%\s\"'?]+", re.IGNORECASE)


def hide_links(logger: object, method: str, event: dict) -> dict:
    """structlog processor: an address by which somebody decides is a secret; requests and errors name it."""
    for key, value in event.items():
        if isinstance(value, str) and "decide" in value:
            event[key] = LINK.sub(r"\1…", value)
    return event


def name_error(logger: object, method: str, event: dict) -> dict:
    """structlog processor: which error and where, never what it says: messages quote values, even whole rows."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if error is None:
        return event
    event["error"] = [_named(one) for one in _chain(error)]
    event["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    for said in filter(None, {text for one in _chain(error) for text in (str(one), repr(one))}):
        event["event"] = str(event["event"]).replace(said, "…")
    return event


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _named(error: BaseException) -> str:
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    return " ".join(filter(None, [type(error).__qualname__, constraint]))


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    name_error,
    drop_private,
    hide_links,
]
structlog.configure(
    processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
RENDERER = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, RENDERER],
            "foreign_pre_chain": SHARED,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "django.db.backends": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "mail.log": {"level": "WARNING"},  # the SMTP sink of benchmarks and faults
        "kombu": {"level": "WARNING"},
    },
}
