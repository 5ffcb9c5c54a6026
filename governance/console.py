"""What management commands read of their arguments alike."""

from pathlib import Path

from django.core.management.base import CommandError


def readable_file(name: str) -> Path:
    """The path of a file that can be opened; CommandError with exit status 2, saying why, where it cannot."""
    path = Path(name)
    try:
        path.open("rb").close()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.", returncode=2) from error
    return path
