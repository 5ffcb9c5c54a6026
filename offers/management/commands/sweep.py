"""One pass over due clocks."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.tenancy import scope_all
from offers.management.instants import add_now, now_of
from offers.sweep import sweep


class Command(BaseCommand):
    help = "Flag what is due and queue its mail: one pass, what beat does every 10 seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        add_now(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        with scope_all():
            result = sweep(now=now_of(options)).as_json()
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            flagged = ", ".join(f"{n} at {hours} h" for hours, n in result["flagged"].items())
            self.stdout.write(f"{result['due']} due; flagged {flagged}; {result['mails_queued']} mails queued.")
