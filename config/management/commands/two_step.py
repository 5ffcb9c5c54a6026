"""Taking the second step of sign-in away from somebody whose phone and recovery codes are gone."""

from typing import Any

import structlog
from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.models import User

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Take the second step away: the password alone signs in until the person sets up a new one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--remove", action="store_true", required=True, help="to say that it is meant")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"].strip()).first()
        if user is None:
            raise CommandError(f"Nobody signs in as {options['email']}.", returncode=2)
        if not Authenticator.objects.filter(user=user).delete()[0]:
            raise CommandError(f"{user.email} has no second step.")
        log.warning("second_step_removed", user=user.pk)
        self.stdout.write(f"{user.email} signs in by password alone now, and may set up a new second step.")
