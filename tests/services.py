"""pytest plugin: every run gets a PostgreSQL and a Valkey of its own, and reaches nothing beyond this machine.

Named by `addopts`, so that it is there before pytest-django reads the settings.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from config import embedded

ROOT = Path(__file__).resolve().parent.parent
# What a developer's shell may hold must not change what a test sees.
FOREIGN = (
    "ALLOWED_HOSTS",
    "BEHIND_PROXY",
    "CSRF_TRUSTED_ORIGINS",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "MIGRATION_DATABASE_URL",
    "PORTAL_URL",
    "SECURE",
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start the services before any other plugin looks at the settings; the workers of xdist inherit the addresses."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        os.environ["CELERY_BROKER_URL"] = _own_broker(worker)
    else:
        for name in FOREIGN:
            os.environ.pop(name, None)
        stack = ExitStack()
        services = stack.enter_context(embedded.throwaway(ROOT))
        early_config.add_cleanup(stack.close)
        os.environ["DATABASE_URL"] = services.database_url
        os.environ["CELERY_BROKER_URL"] = services.broker_url
        os.environ["SECRET_KEY"] = "for tests only"
    _stay_on_this_machine()
    return (yield)


def _own_broker(worker: str) -> str:
    """The broker's address with a database for this worker alone: gw0 has 1, gw1 has 2."""
    server, _, _ = os.environ["CELERY_BROKER_URL"].rpartition("/")
    return f"{server}/{int(worker.removeprefix('gw')) + 1}"


def _stay_on_this_machine() -> None:
    """Refuse connections to other machines: a test that needs one would fail on a train and tell nothing about us."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
            raise ConnectionRefusedError(f"Tests reach this machine only, and this one asked for {address[0]}.")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
