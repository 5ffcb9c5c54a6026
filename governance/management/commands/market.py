"""Prices a list: where each amount of a file stands among a source's published percentiles."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.clients import ClientError, find_client
from governance.console import readable_file
from governance.ingest import cells
from governance.ingest.report import Report, silent
from governance.ingest.table import Column, Row, read
from governance.models import Client, MarketSource
from governance.pricing import Answer, Asked, as_json, price
from governance.tenancy import scope

SHOWN = 20
COLUMNS = (
    Column("role_code", cells.text(40), required=True),
    Column("location", cells.text(80), required=True),
    Column("amount", cells.plain, required=True, money=True),
    Column("currency", cells.currency, required=True),
    Column("period", cells.choice("year", "month", "hour"), required=True),
)


class Command(BaseCommand):
    help = "Price a list: columns role_code, location (the source's own codes), amount, currency, period."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help=".csv, .csv.gz or .xlsx")
        parser.add_argument("--client", required=True, metavar="CODE")
        parser.add_argument("--source", required=True, metavar="NAME", help="a market source of the client")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        path = readable_file(options["file"])
        try:
            client = find_client(options["client"])
        except ClientError as error:
            raise CommandError(str(error), returncode=2) from error
        report = Report()
        rows = read(path, COLUMNS, report, silent)
        with scope([client.pk]):
            answers = price(
                client,
                [Asked(**row.given) for row in rows],
                on=timezone.localdate(timezone.now(), ZoneInfo(client.zone)),
                source=self.source(client, options["source"]),
            )
        self.show(rows, answers, report, as_one=options["json"])
        if report.refused:
            first = min(report.refused, key=lambda each: each.row or 0)
            more = f" (and {len(report.refused) - 1} more)" if len(report.refused) > 1 else ""
            raise CommandError(f"Not all could be read: {first}{more}", returncode=1)

    def source(self, client: Client, name: str) -> MarketSource:
        sources = {source.name: source for source in MarketSource.objects.filter(client=client)}
        if name not in sources:
            known = ", ".join(sorted(sources)) or "none yet; `ingest benchmarks` brings them"
            raise CommandError(f"{client.code} has no source “{name}”. Sources: {known}.", returncode=2)
        return sources[name]

    def show(self, rows: list[Row], answers: list[Answer], report: Report, *, as_one: bool) -> None:
        if as_one:
            priced = [
                {"row": row.line, "role_code": row.given["role_code"], "location": row.given["location"]}
                | as_json(answer)
                for row, answer in zip(rows, answers, strict=True)
            ]
            refused = report.as_json(dry_run=False)["refused"]
            self.stdout.write(json.dumps({"rows": priced, "refused": refused}))
            return
        for row, answer in list(zip(rows, answers, strict=True))[:SHOWN]:
            self.stdout.write(f"  row {row.line}, {row.given['role_code']} {row.given['location']}: {_words(answer)}")
        if len(rows) > SHOWN:
            self.stdout.write(f"  … and {len(rows) - SHOWN} more; --json has them all")
        for refused in report.refused[:SHOWN]:
            self.stdout.write(f"  {refused}")
        known = sum(answer.position.known for answer in answers)
        self.stdout.write(f"{known} of {len(rows)} known, {len(report.refused)} refused.")


def _words(answer: Answer) -> str:
    found = answer.position
    if not found.known:
        return f"unknown ({found.reason})"
    ratio = "" if found.market_ratio is None else f", {found.market_ratio:.2f} of the reference"
    return f"{'at least ' if found.at_least else ''}{found.bracket}{ratio}{', stale' if answer.stale else ''}"
