"""Processes and ports: is this one ours and alive, is that one free, stop it."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
SERVER_PORTS = (20_000, 32_000)


def command_line(pid: int) -> str:
    """What a live process was called with; empty for one that is gone or only waits to be reaped."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    if Path("/proc/self/cmdline").exists():
        return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def is_alive(pid: int, mark: str) -> bool:
    """Whether this process runs and is the one meant: after a restart of the machine its number may be another's."""
    return mark in command_line(pid)


def stop(pid: int, mark: str, *signals: signal.Signals) -> None:
    """Ask a process to end, each signal less politely than the one before, and wait for it up to 30 s a signal."""
    for sign in signals:
        if not is_alive(pid, mark):
            return
        with suppress(ProcessLookupError):
            os.kill(pid, sign)
        wait_until(lambda: not is_alive(pid, mark), seconds=30)


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Ask again every 20 ms until it holds or the seconds are over; gives the last answer."""
    end = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return holds


def free_port(preferred: int = 0) -> int:
    """A port of the loopback that nobody holds: the preferred one where it is free, else any.

    Taken below the range that outgoing connections use, so that none of them holds it when a server comes back. The
    preferred one gets two seconds: a process that was killed has no command line any more while the kernel still
    closes its sockets.
    """
    if preferred and wait_until(lambda: _bindable(preferred) is not None, seconds=2):
        return preferred
    for port in (*random.sample(range(*SERVER_PORTS), 50), 0):
        if found := _bindable(port):
            return found
    raise OSError("No port of this machine is free.")


def _bindable(port: int) -> int | None:
    """The port, or for 0 the one that the kernel gives; None where somebody holds it."""
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
        return int(probe.getsockname()[1])
    return None
