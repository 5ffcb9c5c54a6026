"""Another policy over past offers, on standard output."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from analytics.backtest import as_json, backtest, read_policy
from analytics.errors import ReportError, WrongUsage
from analytics.facts import refresh
from analytics.management.days import add_period
from governance.clients import ClientError, find_client
from governance.tenancy import scope


class Command(BaseCommand):
    help = "What another policy would have asked for on past offers, beside the one in force (docs/backtest.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--client", required=True, metavar="CODE")
        parser.add_argument("--policy", required=True, type=Path, metavar="FILE", help="the JSON document of a policy")
        add_period(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        since, until = options["since"], options["until"]
        try:
            client = find_client(options["client"])
            document = read_policy(_content(options["policy"]))
            with scope([client.pk]):
                refresh(client.pk, now=now)
                found = backtest(document, client=client, since=since, until=until, now=now)
                told = as_json(found, document, client=client, since=since, until=until, now=now)
        except (ClientError, WrongUsage) as error:
            raise CommandError(str(error), returncode=2) from error
        except ReportError as error:
            raise CommandError(str(error), returncode=1) from error
        for line in [json.dumps(told)] if options["json"] else _lines(told):
            self.stdout.write(line)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=2) from error


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield f"{told['policy']} against {told['in_force']}: {told['tried']} of {told['n']} versions could be tried."
    for reason, count in told["untried"].items():
        yield f"  not tried: {reason} was not frozen ({count})"
    yield f"{'reviews by':40} {'then':>8} {'in force':>8} {'policy':>8} {'median h':>9}"
    for row in told["reviews"]:
        hours = "–" if row["median_hours"] is None else f"{row['median_hours']:.1f}"
        yield f"{row['who']:40} {row['then']:>8} {row['in_force']:>8} {row['policy']:>8} {hours:>9}"
    nobody = told["nobody"]
    yield f"{'nobody':40} {nobody['then']:>8} {nobody['in_force']:>8} {nobody['policy']:>8}"
    hours = told["hours"]
    before, after, added = (hours[name] for name in ("in_force", "policy", "added"))
    yield f"Hours of waiting: {before:.1f} in force, {after:.1f} by the policy ({added:+.1f})."
    if hours["unmeasured"]:
        yield f"  too few decided steps to measure: {', '.join(hours['unmeasured'])}"
    for name in ("all", "caught", "released"):
        yield _group(name, told[name])


def _group(name: str, group: dict[str, Any]) -> str:
    if group.get("suppressed"):
        return f"{name}: {group['n']} offers, too few to say what became of them"
    became = ", ".join(f"{status} {count}" for status, count in group["outcomes"].items())
    if group["rate"] is None:
        return f"{name}: {group['n']} offers: {became}; too few answered for a rate"
    interval = f"{group['ci_low']:.1%} to {group['ci_high']:.1%}"
    rate = f"{group['rate']:.1%} of {group['answered']} answered said yes ({interval})"
    return f"{name}: {group['n']} offers: {became}; {rate}"
