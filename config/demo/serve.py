"""The portal on this machine with a real Celery worker and beat beside it; everything ends together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

HOST = "127.0.0.1"
PATIENCE = 20  # seconds that a process has to end by itself
CHILDREN = {
    "worker": ("worker", "--concurrency", "2", "--loglevel", "INFO"),
    "beat": ("beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", "", "--loglevel", "INFO"),
}


class Ended(Exception):
    """A process beside the portal ended by itself; says which, and where its log is."""


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """One line a request would bury the summary; errors are logged by Django."""


def bind(port: int) -> tuple[ThreadedWSGIServer, bool]:
    """A server on the port, or on a free one where somebody has it; says whether it got the one asked for."""
    try:
        return ThreadedWSGIServer((HOST, port), Quiet), True
    except OSError:
        return ThreadedWSGIServer((HOST, 0), Quiet), False


def serve(server: ThreadedWSGIServer, *, url: str, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; `ready` is called once the portal answers. Raises Ended where a child dies."""
    settings.STATIC_ROOT.mkdir(
        parents=True, exist_ok=True
    )  # it stays empty: WhiteNoise finds the files at their source
    from config.wsgi import application  # here, so that --once never makes one

    server.set_app(application)
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with ExitStack() as stack:
            children = {name: stack.enter_context(_child(name, url)) for name in CHILDREN}
            stack.enter_context(_answering(server))
            ready()
            while not stop.wait(0.5):
                for name, process in children.items():
                    if process.poll() is not None:
                        raise Ended(f"The {name} ended by itself (code {process.returncode}): see {_log(name)}.")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _answering(server: ThreadedWSGIServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _child(name: str, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery process in a session of its own, so that Ctrl-C reaches us alone and we end it in good order."""
    with _log(name).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.demo.child", *CHILDREN[name]],
            cwd=settings.BASE_DIR,
            env={**os.environ, "PORTAL_URL": url},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end; after some patience end it with everything it has started."""
    process.terminate()
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()


def _log(name: str) -> Path:
    folder = settings.BASE_DIR / "var" / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return Path(folder / f"{name}.log")
