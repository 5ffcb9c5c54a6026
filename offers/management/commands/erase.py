"""Erase a candidate's personal text: their name, and what was written about their offers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.clients import ClientError, find_client
from governance.tenancy import scope
from offers.erasure import erase
from offers.errors import OfferError
from offers.models import Candidate


class Command(BaseCommand):
    help = "Erase a candidate's name, address and all that was written about their offers; history keeps ids alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("candidate", metavar="REFERENCE")
        parser.add_argument("--client", required=True, metavar="CODE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            client = find_client(options["client"])
        except ClientError as error:
            raise CommandError(str(error), returncode=2) from error
        with scope([client.pk]):
            candidate = Candidate.objects.filter(client=client, external_id=options["candidate"]).first()
            if candidate is None:
                raise CommandError(f"{client.code} has no candidate “{options['candidate']}”.", returncode=2)
            try:
                notes = erase(candidate.pk, actor=None, now=timezone.now())
            except OfferError as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"{candidate} is erased, and {notes} {'note' if notes == 1 else 'notes'} with them.")
