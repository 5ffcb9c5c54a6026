"""Benchmarks of the main jobs."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.bench import BENCHMARKS


class Command(BaseCommand):
    help = "Measure a main job in a database of its own: needs a role that may create databases."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=sorted(BENCHMARKS))
        parser.add_argument("--size", type=int, help="how many rows; each benchmark has its own default")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        benchmark = BENCHMARKS[options["name"]]
        size = benchmark.SIZE if options["size"] is None else options["size"]
        if size < 1:
            raise CommandError(f"--size {size} measures nothing: give 1 or more.", returncode=2)
        figures = benchmark.run(size)
        if options["json"]:
            self.stdout.write(json.dumps({"bench": options["name"], **figures}))
        else:
            self.stdout.write("\n".join(f"{name:>16}  {value}" for name, value in figures.items()))
