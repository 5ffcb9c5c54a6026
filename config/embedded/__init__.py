"""PostgreSQL and Valkey for a laptop and for tests, from pip or from the system, without Docker and without root.

One pair belongs to a checkout (`start`, `locate`, `stop`); a test run makes its own and throws it away (`throwaway`).
Knows nothing of Django: settings ask it for an address.
"""

import fcntl
import json
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from config.embedded import postgres, processes, valkey
from config.embedded.places import Home, ServicesError, home_of, locked, write_private

__all__ = ["Services", "ServicesError", "fall", "locate", "rise", "start", "stop", "throwaway"]


@dataclass(frozen=True)
class Services:
    """A running pair: the owner's address of the database, the broker's, and where they keep their files."""

    database_url: str
    broker_url: str
    home: str
    postgres_pid: int
    valkey_pid: int


@dataclass(frozen=True)
class _Choices:
    """What a home chose once and keeps, so that addresses noted elsewhere stay true over a restart."""

    password: str
    postgres_port: int = 0
    valkey_port: int = 0


def locate(root: Path) -> Services | None:
    """The running services of the checkout at `root`, or None. Reads var/services.json and connects to nothing.

    Raises ServicesError when they belong to another user.
    """
    services = _recorded(root)
    if services is None:
        return None
    home = _home_at(services.home)
    alive = postgres.running(home) and valkey.running(home, port=urlsplit(services.broker_url).port or 0)
    return services if alive else None


def start(root: Path) -> Services:
    """Start the services of the checkout at `root`, with database and roles; where they run already, change nothing.

    Raises ServicesError, saying what is missing or what the server said.
    """
    with locked(root):
        services = locate(root)
        if services is None:
            services = _bring_up(home_of(root))
            write_private(_record(root), json.dumps(asdict(services), indent=2) + "\n")
        else:
            postgres.prepare(services.database_url)
    return services


def stop(root: Path, *, discard: bool = False) -> bool:
    """Stop the services of the checkout at `root`; tells whether any ran. `discard` removes their data as well."""
    with locked(root):
        services = _recorded(root)
        home = _home_at(services.home) if services else home_of(root)
        ran = _take_down(home)
        _record(root).unlink(missing_ok=True)
        if discard:
            shutil.rmtree(home.path, ignore_errors=True)
    return ran


@contextmanager
def throwaway(root: Path) -> Iterator[Services]:
    """A new pair for one test run: fast, unsafe, apart from the checkout's own, and gone at the end.

    It goes as well when this process is killed: a keeper waits for our end of a pipe to close.
    """
    base = home_of(root)
    with locked(root):
        parent = base.path / "throwaway"
        parent.mkdir(exist_ok=True)
        _sweep(parent)
        home = replace(base, path=Path(tempfile.mkdtemp(dir=parent)))
        for path in (parent, home.path):
            path.chmod(0o755)
        claim = (home.path / "claim").open("w")
        fcntl.flock(claim, fcntl.LOCK_EX)
    keeper = subprocess.Popen(
        [sys.executable, "-m", "config.embedded.keeper", str(home.path)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        pass_fds=[claim.fileno()],
        start_new_session=True,
    )
    try:
        with claim, locked(root):
            services = _bring_up(home, throwaway=True)
        yield services
    finally:
        keeper.communicate()


def fall(root: Path, services: Services, name: str) -> None:
    """Stop one of a throwaway pair ("postgres" or "valkey"), as a fault would."""
    home = replace(home_of(root), path=Path(services.home))
    if name == "postgres":
        postgres.stop(home)
    else:
        valkey.stop(home, port=urlsplit(services.broker_url).port or 0)


def rise(root: Path, services: Services) -> None:
    """Start again whatever of a throwaway pair is down, at its old address."""
    _bring_up(replace(home_of(root), path=Path(services.home)), throwaway=True)


def remove(home: Home) -> None:
    """Stop a throwaway pair and remove what it kept."""
    _take_down(home)
    shutil.rmtree(home.path, ignore_errors=True)


def _bring_up(home: Home, *, throwaway: bool = False) -> Services:
    """Start what does not run yet; where that fails, leave nothing running.

    A server that was found running and is being killed at this moment answers nobody: it is started anew.
    """
    found = postgres.running(home)
    try:
        try:
            return _start_missing(home, throwaway=throwaway)
        except ServicesError:
            if found is None or not processes.wait_until(lambda: postgres.running(home) is None, seconds=2):
                raise
            return _start_missing(home, throwaway=throwaway)
    except ServicesError:
        _take_down(home)
        raise


def _start_missing(home: Home, *, throwaway: bool) -> Services:
    choices = _choices(home) or _Choices(password=secrets.token_hex(16))
    postgres_pid = postgres.running(home)
    if postgres_pid is None:
        choices = _choose(home, replace(choices, postgres_port=processes.free_port(choices.postgres_port)))
        postgres_pid = postgres.start(home, port=choices.postgres_port, password=choices.password, throwaway=throwaway)
    valkey_pid = valkey.running(home, port=choices.valkey_port)
    if valkey_pid is None:
        choices = _choose(home, replace(choices, valkey_port=processes.free_port(choices.valkey_port)))
        valkey_pid = valkey.start(home, port=choices.valkey_port, password=choices.password)
    host = processes.LOOPBACK
    database_url = f"postgres://{postgres.OWNER}:{choices.password}@{host}:{choices.postgres_port}/handoff"
    postgres.prepare(database_url)
    return Services(
        database_url=database_url,
        broker_url=f"redis://:{choices.password}@{host}:{choices.valkey_port}/0",
        home=str(home.path),
        postgres_pid=postgres_pid,
        valkey_pid=valkey_pid,
    )


def _take_down(home: Home) -> bool:
    choices = _choices(home)
    ran = postgres.stop(home)
    return (choices is not None and valkey.stop(home, port=choices.valkey_port)) or ran


def _sweep(parent: Path) -> None:
    """Remove throwaway pairs that nobody claims any more: their run and its keeper were both ended by force."""
    for directory in parent.iterdir():
        with suppress(OSError), (directory / "claim").open() as claim:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(_home_at(str(directory)))


def _home_at(path: str) -> Home:
    return Home(path=Path(path), shared=Path(path), account=None)


def _choices(home: Home) -> _Choices | None:
    try:
        return _Choices(**json.loads((home.path / "choices.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _choose(home: Home, choices: _Choices) -> _Choices:
    write_private(home.path / "choices.json", json.dumps(asdict(choices)))
    return choices


def _record(root: Path) -> Path:
    return root / "var" / "services.json"


def _recorded(root: Path) -> Services | None:
    try:
        return Services(**json.loads(_record(root).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    except PermissionError:
        raise ServicesError(
            f"{_record(root)} belongs to another user, who runs these services: work as that user, "
            "or remove var/ as that user, or give DATABASE_URL and CELERY_BROKER_URL."
        ) from None
