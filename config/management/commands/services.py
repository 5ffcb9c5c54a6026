"""The embedded PostgreSQL and Valkey of this checkout."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import embedded

DOWN = "The embedded services are not running. Start them: python manage.py services start"


class Command(BaseCommand):
    help = "Start, stop or show the embedded PostgreSQL and Valkey of this checkout; they outlive the command."
    requires_system_checks: list[str] = []  # it must work before there is a database to check

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])
        parser.add_argument("--discard", action="store_true", help="with stop: remove their data too")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, action: str, discard: bool, json: bool, **options: Any) -> None:
        try:
            getattr(self, action)(as_json=json, discard=discard)
        except embedded.ServicesError as error:
            raise CommandError(str(error)) from error

    def start(self, *, as_json: bool, discard: bool) -> None:
        services = embedded.start(settings.BASE_DIR)
        addresses = {"DATABASE_URL": services.database_url, "CELERY_BROKER_URL": services.broker_url}
        self.show(addresses, as_json=as_json)

    def stop(self, *, as_json: bool, discard: bool) -> None:
        stopped = embedded.stop(settings.BASE_DIR, discard=discard)
        if as_json:
            self.stdout.write(json.dumps({"stopped": stopped}))
        else:
            self.stdout.write("Stopped." if stopped else "They were not running.")

    def status(self, *, as_json: bool, discard: bool) -> None:
        services = embedded.locate(settings.BASE_DIR)
        if services is None:
            raise CommandError(DOWN)
        self.show(
            {
                "postgres": _place(services.database_url, services.postgres_pid),
                "valkey": _place(services.broker_url, services.valkey_pid),
                "files": services.home,
            },
            as_json=as_json,
        )

    def show(self, facts: dict[str, str], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write("\n".join(f"{key}={value}" for key, value in facts.items()))


def _place(url: str, pid: int) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port} (process {pid})"
