"""Any report, on standard output."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from analytics.errors import ReportError, UnknownReport, WrongUsage
from analytics.exports import as_csv, as_xlsx, lines
from analytics.facts import refresh
from analytics.management.days import add_period
from analytics.reports import REPORTS, run
from analytics.reports.frame import DIMS
from governance.clients import ClientError, find_client
from governance.tenancy import scope


class Command(BaseCommand):
    help = "Print a report of one client; what each means stands in docs/reports.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help=", ".join(sorted(REPORTS)))
        parser.add_argument("--client", required=True, metavar="CODE")
        add_period(parser)
        parser.add_argument("--by", default="", metavar="DIM", help=", ".join(DIMS))
        parser.add_argument("--format", choices=("json", "csv", "xlsx"), default="json", help="default: json")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            client = find_client(options["client"])
            with scope([client.pk]):
                refresh(client.pk, now=now)
                report = run(
                    options["name"], client=client, since=options["since"], until=options["until"], by=options["by"],
                    now=now,
                )  # fmt: skip
        except (ClientError, UnknownReport, WrongUsage) as error:
            raise CommandError(str(error), returncode=2) from error
        except ReportError as error:
            raise CommandError(str(error), returncode=1) from error
        if options["json"] or options["format"] == "json":
            self.stdout.write(json.dumps(report))
        elif options["format"] == "csv":
            self.stdout.write(as_csv(lines(report), report["report"]), ending="")
        else:
            self._write_bytes(as_xlsx(lines(report), report["report"]))

    def _write_bytes(self, content: bytes) -> None:
        raw = getattr(self.stdout._out, "buffer", None)  # a test's text has none
        if raw is None:
            raise CommandError("A spreadsheet needs a file to go to: … --format xlsx > report.xlsx", returncode=1)
        raw.write(content)
        raw.flush()
