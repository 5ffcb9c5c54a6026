"""The sample programme, one full pass over it, and the portal."""

import json
import os
import sys
from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from analytics.programme_book import write_books
from config import embedded
from config.demo import figures, load, serve
from config.demo.progress import Progress
from governance.access import Role
from governance.tenancy import scope_all
from offers.delivery import deliver
from offers.models import OutboxMessage
from offers.sweep import sweep

PORT = 8000
OTHERS = "Everybody else of the sample signs in with the same password."
AGAIN = "The programme is there already: --offers and --seed count for an empty database."


class Command(BaseCommand):
    help = "Load the sample programme where it is missing, run one full pass over it, and serve the portal."
    requires_system_checks: list[str] = []  # the services may not run yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do everything but stay and serve")
        parser.add_argument("--offers", type=_count, metavar="N", help=f"offers in all, {load.FULL} if not given")
        parser.add_argument("--seed", type=int, default=1, help="another number, other candidates and pay")
        parser.add_argument("--port", type=int, default=PORT, help="the portal's; a free one is taken where it is not")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        self.progress = Progress(self.write, live=self.stderr.isatty())
        self.start_services()
        self.migrate()
        self.load(options)
        server, port = None, options["port"]
        if not options["once"]:
            server, asked_for = serve.bind(port)
            if not asked_for:
                self.say(f"Port {port} is taken: the portal is on {server.server_port}.")
            port = server.server_port
        url = f"http://{serve.HOST}:{port}"
        settings.PORTAL_URL = os.environ.get("PORTAL_URL", url)  # what links in mails begin with
        self.run_pass(timezone.now())
        self.report(url, as_json=options["json"])
        if server is not None:
            self.serve(server, url)

    def start_services(self) -> None:
        """On a laptop: start what is down, and begin again, because settings read the addresses at their start."""
        if not settings.LOCAL or embedded.locate(settings.BASE_DIR):
            return
        self.say("Starting PostgreSQL and Valkey …")
        try:
            embedded.start(settings.BASE_DIR)
        except embedded.ServicesError as error:
            raise CommandError(str(error)) from error
        sys.stderr.flush()
        os.execv(sys.executable, sys.orig_argv)

    def migrate(self) -> None:
        if _is_migrated():
            return
        self.say("Making the tables …")
        call_command("migrate", interactive=False, verbosity=1, stdout=sys.stderr)

    def load(self, options: dict[str, Any]) -> None:
        if load.is_loaded():
            load.keep_password()
            if options["offers"] is not None:
                self.say(AGAIN)
            return
        load.load(now=timezone.now(), seed=options["seed"], offers=options["offers"], tick=self.progress)
        self.progress.done()
        for path in Path(settings.EMAIL_FILE_PATH).glob("*.eml"):
            path.unlink()  # a mail of an earlier database in its place would be taken for one of this

    def run_pass(self, now: datetime) -> None:
        """Flag what is due and send until nothing waits that could be sent now."""
        self.say("One pass: flagging what is due, sending what waits …")
        with scope_all():
            sweep(now=now)
            while OutboxMessage.objects.due(timezone.now()).exists():
                result = deliver()
                if not (result.sent or result.dropped or result.failed):
                    break
        write_books(now=now)

    # --- what it says

    def report(self, url: str, *, as_json: bool) -> None:
        with scope_all():
            found = figures.figures() | {"url": url, "accounts": load.sign_ins()}
            lines = [] if as_json else self.lines(found)
        self.stdout.write(json.dumps(found) if as_json else "\n".join(lines))
        self.stdout.flush()

    def lines(self, found: dict[str, Any]) -> list[str]:
        """The summary for people."""
        rate = found["acceptance_rate"]
        flagged = ", ".join(f"{n} at {hours} h" for hours, n in figures.flagged().items()) or "none"
        mails = ", ".join(f"{Role(role).label} {n}" for role, n in figures.mails_by_role().items()) or "nobody"
        width = max(len(account["username"]) for account in found["accounts"])
        accounts = [f"  {account['username']:<{width}}  {Role(account['role']).label}" for account in found["accounts"]]
        return [
            "",
            f"Offers                {found['offers']:,}, of which {found['open']} are open",
            f"Flagged               {flagged}",
            f"Mails sent            {found['mails_sent']}, {found['mails_failed']} failed; to: {mails}",
            f"Second-level reviews  {found['needs_second_review']} open offers",
            "Acceptance            " + ("no answers yet" if rate is None else f"{rate:.1%} of answered letters"),
            "",
            f"Portal    {found['url']}",
            f"Password  {found['accounts'][0]['password']}  ({OTHERS})",
            *accounts,
        ]

    def serve(self, server: Any, url: str) -> None:
        def ready() -> None:
            self.say(f"\nThe portal answers at {url}. A Celery worker and beat run beside it; Ctrl-C ends all three.")

        try:
            serve.serve(server, url=settings.PORTAL_URL, ready=ready)
        except serve.Ended as error:
            raise CommandError(str(error)) from error
        self.say("Stopped. PostgreSQL and Valkey go on: python manage.py services stop")

    def say(self, text: str) -> None:
        """Tell the person; stdout is for what was asked."""
        self.write(f"{text}\n")

    def write(self, text: str) -> None:
        self.stderr.write(text, style_func=str, ending="")
        self.stderr.flush()


def _is_migrated() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:  # an empty database may not know the application role yet
        connection.close()
        return False


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError("give a whole number above zero")
    return int(text)
