"""What is done to the outbox with real processes, and what must hold after it. `manage.py faults` runs the cases."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command

from config.bench.place import own_client
from config.embedded import Services
from config.faults.cases import CASES
from config.faults.stage import Stage
from config.sink import Sink, listening


def run(services: Services, *, only: list[str]) -> Iterator[dict[str, Any]]:
    """Each case as {fault, promise, found, held}, in order; a case that breaks off has not held."""
    role = settings.DATABASES["default"]["OPTIONS"]["assume_role"]
    assert role, "cases work as the application does"
    call_command("migrate", verbosity=0)
    sink = Sink(port=urlsplit(settings.EMAIL_URL).port or 0)
    with own_client() as (client, people), listening(sink):
        stage = Stage(services, client, people, sink)
        for case in CASES:
            if only and not any(part in case.name for part in only):
                continue
            stage.clear()
            try:
                found, held = case.play(stage)
            except Exception as error:
                found, held = f"{type(error).__name__}: {error}", False
            yield {"name": case.name, "fault": case.fault, "promise": case.promise, "found": found, "held": held}
