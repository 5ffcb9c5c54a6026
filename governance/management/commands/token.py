"""An API token for a program that acts as a person."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance import tokens
from governance.clients import ClientError, find_client
from governance.models.access import TokenScope


class Command(BaseCommand):
    help = "Print a new API token of a member, once: only its hash is kept. See docs/api.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--client", required=True, metavar="CODE")
        parser.add_argument("--scope", required=True, choices=TokenScope.values)
        parser.add_argument(
            "--days", type=int, default=tokens.DAYS, metavar="N",
            help=f"how long it is good for: %(default)s unless given, at most {tokens.MOST_DAYS}",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            client = find_client(options["client"])
            token, text = tokens.issue(
                email=options["email"], client=client, access=options["scope"], days=options["days"],
                now=timezone.now(),
            )  # fmt: skip
        except ClientError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            found = {
                "token": text, "email": token.user.email, "client": client.code, "scope": token.scope,
                "expires_at": token.expires_at.isoformat(),
            }  # fmt: skip
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write(text)
