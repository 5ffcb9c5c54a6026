"""Take in a file: references and offers, all or nothing."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.clients import ClientError, find_client
from governance.console import readable_file
from governance.ingest.kinds import Kind, ingest
from governance.ingest.report import Diff, Report, silent
from governance.models import Client, User
from offers.ingest import KINDS

SHOWN = 20


class Command(BaseCommand):
    help = "Take in a CSV, XLSX or JSON file, all or nothing; a dry run shows what would change. See docs/ingest.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=", ".join(KINDS))
        parser.add_argument("file", metavar="FILE", help=".csv, .csv.gz or .xlsx; .json for greenhouse")
        parser.add_argument("--client", required=True, metavar="CODE")
        parser.add_argument("--dry-run", action="store_true", help="show what would change and write nothing")
        parser.add_argument("--profile", default="", help="another publisher's columns: bls, for benchmarks")
        parser.add_argument(
            "--as", dest="actor", default="", metavar="EMAIL",
            help="bring it in as this person, whom role and statement of work bind; without, as the installation",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        kind, path = self.kind(options["kind"], options["profile"]), readable_file(options["file"])
        try:
            client = find_client(options["client"])
        except ClientError as error:
            raise CommandError(str(error), returncode=2) from error
        report = ingest(
            kind,
            path,
            client=client,
            now=timezone.now(),
            profile=options["profile"],
            dry_run=options["dry_run"],
            actor=self.person(options["actor"], client) if options["actor"] else None,
            progress=self.progress if sys.stderr.isatty() else silent,
        )
        if sys.stderr.isatty():
            self.stderr.write("", str)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(dry_run=options["dry_run"])))
        else:
            self.show(report, dry_run=options["dry_run"])
        if report.refused:
            raise CommandError(_summary(report), returncode=1)
        for note in report.notes:
            self.stderr.write(f"Note: {note}", str)

    def kind(self, name: str, profile: str) -> Kind:
        if name not in KINDS:
            raise CommandError(f"There is no kind “{name}”. Known: {', '.join(KINDS)}.", returncode=2)
        if profile and profile not in KINDS[name].profiles:
            known = ", ".join(KINDS[name].profiles) or "none"
            raise CommandError(f"{name} has no profile “{profile}”. Known: {known}.", returncode=2)
        return KINDS[name]

    def person(self, email: str, client: Client) -> User:
        found = User.objects.filter(email__iexact=email, is_active=True).first()
        if found is None or client.pk not in found.roles:
            raise CommandError(f"{email} is no active member of {client.code}.", returncode=2)
        return found

    def show(self, report: Report, *, dry_run: bool) -> None:
        for refused in sorted(report.refused, key=lambda each: each.row or 0)[:SHOWN]:
            self.stdout.write(f"  {refused}")
        if len(report.refused) > SHOWN:
            self.stdout.write(f"  … and {len(report.refused) - SHOWN} more")
        if report.refused:
            return
        if dry_run:
            for diff in report.diff[:SHOWN]:
                self.stdout.write(_line(diff))
            changing = report.created + report.updated
            if changing > SHOWN:
                self.stdout.write(f"  … and {changing - SHOWN} more")
        for flagged in report.flagged:
            self.stdout.write(f"  row {flagged.row}, {flagged.key}: {', '.join(flagged.flags)}")
        counts = f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged"
        self.stdout.write(f"Dry run, nothing is written: {counts}." if dry_run else f"Done: {counts}.")

    def progress(self, stage: str, done: int, total: int | None) -> None:
        self.stderr.write(f"\r{stage} {done:,}" + (f" of {total:,}" if total else "") + "\033[K", str, ending="")


def _line(diff: Diff) -> str:
    changes = "; ".join(
        f"{name} {after}" if diff.action == "create" else f"{name} {before} → {after}"
        for name, (before, after) in diff.changes.items()
        if after not in (None, "") or diff.action == "update"
    )
    return f"  row {diff.row}, {diff.key}: {diff.action} ({changes})"


def _summary(report: Report) -> str:
    first = min(report.refused, key=lambda each: each.row or 0)
    more = f" (and {len(report.refused) - 1} more)" if len(report.refused) > 1 else ""
    return f"Refused, nothing is written: {first}{more}"
