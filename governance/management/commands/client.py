"""A new client company, with the starting template."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.clients import ClientError, create_client


class Command(BaseCommand):
    help = "Create a client company with its own copy of the starting template; a second time changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", metavar="CODE", help="letters, digits and dashes; commands name the client by it")
        parser.add_argument("--name", required=True)
        parser.add_argument("--country", default="US", help="ISO 3166, such as US")
        parser.add_argument("--currency", default="USD", help="ISO 4217, such as USD")
        parser.add_argument("--zone", default="America/New_York", help="time zone, such as America/New_York")
        parser.add_argument("--template", default="balanced")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        given = {key: options[key] for key in ("code", "name", "country", "currency", "zone", "template")}
        try:
            client, created = create_client(**given, now=timezone.now())
        except ClientError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            found = {key: getattr(client, key) for key in ("code", "name", "country", "currency", "zone")}
            self.stdout.write(json.dumps({"client": client.code, "created": created, **found}))
        elif created:
            self.stdout.write(f"Created {client.name} ({client.code}) with the template “{given['template']}”.")
        else:
            self.stdout.write(f"{client.name} ({client.code}) is there already; nothing changed.")
