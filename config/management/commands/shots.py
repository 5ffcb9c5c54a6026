"""Screenshots of the main pages, to be looked at."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.shots import LOOKS, take


class Command(BaseCommand):
    help = "Take screenshots of every main page of the sample programme: light, dark and phone, in headless Chromium."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, default=settings.BASE_DIR / "var" / "shots", help="the folder")
        parser.add_argument("--look", choices=LOOKS, action="append", help="light, dark or phone; all by default")
        parser.add_argument("--only", help="pages whose name contains this")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            import playwright  # noqa: F401
        except ImportError:
            raise CommandError("Screenshots need the dev extra: pip install -r requirements.txt") from None
        with portal() as url:
            for path in take(url, options["out"], looks=options["look"] or list(LOOKS), only=options["only"] or ""):
                self.stdout.write(str(path))


@contextmanager
def portal() -> Iterator[str]:
    """The portal on a free port of this machine for as long as the block lasts."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    from config.wsgi import application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args: Any) -> None: ...

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
