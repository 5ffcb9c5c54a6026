"""Where an applicant tracking system sends its web hooks, and with which key it signs them."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from governance.clients import ClientError, find_client
from offers.ats.signature import key_of


class Command(BaseCommand):
    help = "Print the address and the secret key of a client's web hooks from Greenhouse. See docs/ingest.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ats", choices=("greenhouse",))
        parser.add_argument("--client", required=True, metavar="CODE")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            client = find_client(options["client"])
        except ClientError as error:
            raise CommandError(str(error), returncode=2) from error
        url = f"{settings.PORTAL_URL}{reverse('hooks:greenhouse', args=[client.code])}"
        key = key_of(client.pk)
        self.stdout.write(json.dumps({"url": url, "key": key}) if options["json"] else f"URL  {url}\nKey  {key}")
