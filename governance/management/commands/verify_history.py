"""Reads history back and says whether anything of it was changed, left out or cut off."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance import sealing
from governance.tenancy import scope_all
from governance.verification import verify


class Command(BaseCommand):
    help = "Verify the sealed history of all clients; what is not sealed yet is sealed where all is intact."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument(
            "--head", action="append", default=[], metavar="DIGEST",
            help="a seal's digest noted before (from the log, or an earlier run): it must still be there",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        with scope_all():
            found = verify(options["head"])
        if found.intact and sealing.seal(now=timezone.now()):
            with scope_all():
                found = verify(options["head"])
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json()))
        elif found.intact:
            self.stdout.write(f"Intact: {found.events:,} events, {found.sealed:,} of them sealed.")
            for code, head in found.heads.items():
                self.stdout.write(f"  {code}: seal {head['number']}, {head['digest']}")
        if found.first_bad:
            raise CommandError(f"History is not intact: {found.first_bad}", returncode=1)
