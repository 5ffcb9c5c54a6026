"""A real SMTP server on this machine for benchmarks and faults: it keeps what it is sent, refuses or hangs as told.

Needs aiosmtpd, of the dev extra.
"""

import asyncio
import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from multiprocessing.connection import Connection
from typing import Any

from config.embedded.processes import free_port, wait_until


class Sink:
    """Takes mail. `reply` answers a recipient; `hold` names a word of SMTP ("RCPT", "DATA") at which it says nothing.

    `held` is set once somebody waits for its answer, and `release()` lets them go on.
    """

    def __init__(self, port: int = 0) -> None:
        self.port = port or free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.messages: list[EmailMessage] = []
        self.reply: Callable[[str], str] = lambda address: "250 OK"
        self.hold = ""
        self.held = threading.Event()
        self.connections = 0

    @property
    def settings(self) -> dict[str, Any]:
        """Django's mail settings that lead here."""
        backend = "django.core.mail.backends.smtp.EmailBackend"
        return {"EMAIL_BACKEND": backend, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": self.port, "EMAIL_TIMEOUT": 5}

    @property
    def copies(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        return Counter(str(mail["Message-ID"]) for mail in self.messages)

    def release(self) -> None:
        self.hold = ""

    async def _wait(self, word: str) -> None:
        while self.hold == word:
            self.held.set()
            await asyncio.sleep(0.01)

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        await self._wait("RCPT")
        answer = self.reply(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await self._wait("DATA")
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def listening(sink: Sink | None = None) -> Iterator[Sink]:
    """A sink that answers on its port for as long as the block lasts."""
    from aiosmtpd.controller import Controller

    sink = sink or Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        sink.release()
        controller.stop()


class _Bytes(Sink):
    """Keeps what it is sent as it came, and does nothing else before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.contents: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.contents.append(envelope.content)
        return "250 OK"


@contextmanager
def apart() -> Iterator[tuple[Sink, Callable[[], list[bytes]]]]:
    """A sink in a process of its own, so that its work delays nobody here; and what to take its mails from it with.

    The sink given only says where the other listens.
    """
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    there.close()

    def take() -> list[bytes]:
        here.send("take")
        taken: list[bytes] = here.recv()
        return taken

    try:
        yield Sink(port=here.recv()), take
    finally:
        here.close()
        process.join(timeout=10)


def _serve(pipe: Connection) -> None:
    sink = _Bytes()
    with listening(sink):
        pipe.send(sink.port)
        with suppress(EOFError):  # whoever asks is gone
            while pipe.recv():
                taken, sink.contents = sink.contents, []
                pipe.send(taken)


def until(condition: Callable[[], Any], what: str, seconds: float = 30) -> None:
    """Wait until it holds. Raises TimeoutError saying what did not come about."""
    if not wait_until(condition, seconds=seconds):
        raise TimeoutError(f"{what}: not within {seconds:g} s")
