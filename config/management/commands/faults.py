"""Faults with real processes: what is done to them, and what the database and the mailboxes say afterwards."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import embedded
from config.faults.cases import CASES

PAGE = Path(settings.BASE_DIR) / "docs" / "faults.md"
BEGIN, END = "<!-- written by make faults -->", "<!-- end -->"
INSIDE = "HANDOFF_FAULTS"  # set where the services of the run are up already


class Command(BaseCommand):
    help = "Kill, hang, restart and refuse: each fault on services of its own, with the table of what came of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", action="append", help="cases whose name contains this; may be given again")
        parser.add_argument("--write", action="store_true", help="write the table into docs/faults.md")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if INSIDE not in os.environ:
            self.on_own_services()
            return
        from config.faults import run

        services = embedded.Services(**json.loads(os.environ[INSIDE]))
        rows = []
        for row in run(services, only=options["only"] or []):
            rows.append(row)
            self.stderr.write(f"{'ok ' if row['held'] else 'NOT'} {row['fault']}: {row['found']}")
        if options["write"]:
            write_table(rows)
        if options["json"]:
            self.stdout.write(json.dumps({"faults": rows}))
        if not rows or not all(row["held"] for row in rows):
            raise CommandError("A promise of the outbox did not hold: see above.")

    def on_own_services(self) -> None:
        """Begin again in a process whose settings lead to a throwaway pair, and to a mailbox that is a port."""
        with embedded.throwaway(Path(settings.BASE_DIR)) as services:
            from dataclasses import asdict

            from config.embedded.processes import free_port

            environment = {
                **os.environ,
                INSIDE: json.dumps(asdict(services)),
                "DATABASE_URL": services.database_url,
                "CELERY_BROKER_URL": services.broker_url,
                "SECRET_KEY": settings.SECRET_KEY,
                "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
                "SECURE": "off",
            }
            done = subprocess.run([sys.executable, *sys.argv], env=environment, check=False)
        if done.returncode:
            sys.exit(done.returncode)


def write_table(rows: list[dict[str, Any]]) -> None:
    """Put the cases played into the table of docs/faults.md, between its two marks; the others stay as they were."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    table, _, after = rest.partition(END)
    played = {r["fault"]: f"| {r['promise']} | {r['found']} | {'yes' if r['held'] else '**no**'} |" for r in rows}
    kept = [line[2:].partition(" | ") for line in table.splitlines()[3:] if line.startswith("| ")]
    known = {fault: f"| {rest}" for fault, _, rest in kept} | played
    lines = ["| fault | what must hold | found | held |", "| --- | --- | --- | --- |"]
    lines += [f"| {case.fault} {known[case.fault]}" for case in CASES if case.fault in known]
    PAGE.write_text("\n".join([before + BEGIN, "", *lines, "", END + after]))
