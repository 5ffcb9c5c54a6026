"""One pass over the mail outbox."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.tenancy import scope_all
from offers.delivery import deliver
from offers.management.instants import add_now, now_of


class Command(BaseCommand):
    help = "Send what the outbox holds: one pass, what beat does every 10 seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        add_now(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        with scope_all():
            result = deliver(now=now_of(options)).as_json()
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            self.stdout.write(", ".join(f"{n} {word}" for word, n in result.items()) + ".")
