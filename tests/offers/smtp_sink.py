"""A real SMTP server on this machine, with Django's mail pointed at it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings

from config.sink import Sink, listening


@contextmanager
def running() -> Iterator[Sink]:
    """A sink on a free port that keeps what it is sent, or refuses as it is told."""
    with listening() as sink, override_settings(**sink.settings):
        yield sink
