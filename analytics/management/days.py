"""The --since and --until options of commands."""

import argparse
from datetime import date

from django.core.management.base import CommandParser


def add_period(parser: CommandParser) -> None:
    parser.add_argument("--since", type=_day, metavar="D", help="the first day, in the client's zone")
    parser.add_argument("--until", type=_day, metavar="D", help="the day after the last one")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no day: give it as 2026-03-31") from None
