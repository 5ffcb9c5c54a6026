"""A person and a role at a client."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.access import Role
from governance.clients import ClientError, add_member, find_client
from governance.models import User


class Command(BaseCommand):
    help = "Give a person a role at a client; the person is made where nobody has the address yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--client", required=True, metavar="CODE")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--name", default="", help="of somebody new; a name that was given before stays")
        parser.add_argument("--title", default="", help="where a policy asks one by title: CFO, CHRO …")
        parser.add_argument("--manager", metavar="EMAIL", help="a member, whom escalations at level 2 reach too")
        parser.add_argument("--password-stdin", action="store_true", help="take the first line of stdin as password")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
        try:
            client = find_client(options["client"])
            membership, created = add_member(
                email=options["email"],
                client=client,
                role=options["role"],
                name=options["name"],
                password=password,
                title=options["title"],
                manager=self.manager(options["manager"]),
                now=timezone.now(),
            )
        except ClientError as error:
            raise CommandError(str(error), returncode=1 if error.field == "password" else 2) from error
        user = membership.user
        if options["json"]:
            found = {"email": user.email, "name": user.name, "client": client.code, "role": membership.role}
            self.stdout.write(json.dumps({**found, "created": created}))
        else:
            done = "is now" if created else "is already"
            self.stdout.write(f"{user.name} ({user.email}) {done} {membership.get_role_display()} at {client.name}.")

    def manager(self, email: str | None) -> User | None:
        if not email:
            return None
        found = User.objects.filter(email__iexact=email.strip()).first()
        if found is None:
            raise ClientError("manager", f"Nobody has the address {email}: add the manager first.")
        return found
