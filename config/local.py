"""What a laptop needs and production never uses."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from config.embedded.places import write_private


def local_secret(folder: Path) -> str:
    """The secret key of this checkout, made once and kept under var/ for its owner alone."""
    path = folder / "secret_key"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        write_private(fresh, secrets.token_urlsafe(50))
        with suppress(FileExistsError):  # another process was first: its key stands, whole
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()
