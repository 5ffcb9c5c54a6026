"""The --now option of commands that work as of an instant."""

import argparse
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone


def add_now(parser: CommandParser) -> None:
    parser.add_argument("--now", type=_instant, help="work as of this instant: ISO 8601 with offset")


def now_of(options: dict[str, Any]) -> datetime:
    found: datetime | None = options["now"]
    return found or timezone.now()


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not an instant such as 2026-11-23T09:00:00+01:00") from None
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"“{text}” has no offset; write 2026-11-23T09:00:00+01:00")
    return found
