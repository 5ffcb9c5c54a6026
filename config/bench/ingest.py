"""How long a table of published pay takes to come in, the first time and again unchanged."""

import csv
import tempfile
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command

from config.bench.place import own_client, own_database

SIZE = 77_000  # what the whole BLS table comes to, a yearly and an hourly row for each of its 38,512


def run(size: int) -> dict[str, Any]:
    """Ingest `size` benchmarks from CSV twice: all created, then all unchanged."""
    with own_database(), own_client() as (client, _), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmarks.csv"
        _write(path, size)
        seconds = []
        for _ in range(2):
            began = time.perf_counter()
            call_command("ingest", "benchmarks", str(path), client=client.code, json=True, stdout=_Quiet())
            seconds.append(round(time.perf_counter() - began, 2))
    return {
        "rows": size,
        "first_seconds": seconds[0],
        "rows_per_second": round(size / seconds[0]),
        "again_seconds": seconds[1],
    }


def _write(path: Path, size: int) -> None:
    keys = ["source", "role_code", "role_title", "location", "currency", "period", "as_of"]
    columns = [*keys, "p10", "p25", "p50", "p75", "p90"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for n in range(size):
            pay = [str(30_000 + n % 997 * 100 + step) for step in (0, 8_000, 19_000, 31_000, 52_000)]
            writer.writerow(
                ["Bench", f"{n // 60:05}", f"Role {n // 60}", f"{n % 60:02}", "USD", "year", "2026-05-31", *pay]
            )


class _Quiet:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None: ...
