"""Where a pair of servers keeps its files, who runs them, and one change at a time."""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class ServicesError(RuntimeError):
    """The embedded services cannot do what was asked; the text says why and what to do next."""


@dataclass(frozen=True)
class Home:
    """The directory of one PostgreSQL and one Valkey: data, logs and passwords."""

    path: Path
    # Binaries are copied here when the servers' account could not read them inside the virtual environment.
    shared: Path
    # Who runs the servers. None: whoever we are.
    account: pwd.struct_passwd | None

    def run(self, command: Sequence[str | Path], *, cwd: Path | None = None, text: str = "") -> str:
        """Run a command as the servers' account, in their own session, and give what it printed.

        Raises ServicesError with the command's last words when it fails.
        """
        # A file and not a pipe: a server started by the command would hold a pipe open, and we would wait for ever.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(
                [str(part) for part in command],
                cwd=cwd or self.path,
                # Nothing of the caller's PGPORT, PGDATA or language reaches the servers.
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                input=text,
                text=True,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                check=False,
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                extra_groups=() if self.account else None,
            )
            output.seek(0)
            said = output.read()
        if done.returncode:
            raise ServicesError(f"{Path(command[0]).name} failed: {last_words(said)}")
        return said

    def make_directory(self, name: str) -> Path:
        """A new empty directory that belongs to the servers' account alone."""
        path = self.path / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        return path


def home_of(root: Path) -> Home:
    """The home of a checkout's own services: var/ inside it, or for root a place that a lesser account can reach.

    PostgreSQL refuses to run as root, and the account it then runs as may not enter root's checkout.
    """
    if os.geteuid() != 0:
        path = var_of(root) / "services"
        path.mkdir(exist_ok=True)
        return Home(path=path, shared=path, account=None)
    try:
        account = pwd.getpwnam("nobody")
    except KeyError:
        raise ServicesError(
            "PostgreSQL refuses to run as root, and this system has no account “nobody” to run it as. "
            "Work as an ordinary user, or give DATABASE_URL and CELERY_BROKER_URL."
        ) from None
    path = Path("/var/tmp", f"handoff-{hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:12]}")
    _make_own(path)
    return Home(path=path, shared=path, account=account)


def var_of(root: Path) -> Path:
    """The checkout's var/ directory, made if need be."""
    path = root.resolve() / "var"
    path.mkdir(exist_ok=True)
    return path


def _make_own(path: Path) -> None:
    """Make a directory in a place that anybody may write, and refuse one that somebody else laid there."""
    try:
        path.mkdir()
        path.chmod(0o755)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise ServicesError(f"{path} exists and belongs to somebody else: look at it, and remove it.") from None


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """One change of a checkout's services at a time; another process waits here until it is done."""
    path = var_of(root) / "services.lock"
    try:
        handle = path.open("a")
    except PermissionError:
        raise ServicesError(
            f"{path} belongs to another user: work as that user, or remove var/ as that user."
        ) from None
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def last_words(text: str, lines: int = 4) -> str:
    """The end of a log, on one line."""
    return " | ".join(line.strip() for line in text.strip().splitlines()[-lines:]) or "it said nothing"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
