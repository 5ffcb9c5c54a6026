"""Benchmarks: performance is measured here, never by a timed test. Each runs in a database of its own."""

from config.bench import deliver, idle, ingest, report, submit, sweep

BENCHMARKS = {
    "deliver": deliver,
    "idle": idle,
    "sweep": sweep,
    "submit": submit,
    "ingest": ingest,
    "report": report,
}
