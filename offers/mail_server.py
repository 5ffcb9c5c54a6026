"""Handing mails to an SMTP server at the pace of smtplib: one connection, bytes written once, no idle waiting.

Django's own way writes a message through three general layers, which took longer than the whole talk with the server.
Ours have one shape: a text and its HTML, so they are written straight, byte for byte as Django would.
"""

import re
import secrets
import smtplib
from collections.abc import Callable
from email.policy import Compat32
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import forbid_multi_line_headers, sanitize_address

LONGEST_LINE = 998  # bytes, RFC 5322
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\Z")
_HEADERS = Compat32(linesep="\r\n")


def connect() -> BaseEmailBackend:
    """The mail server of the settings, not yet opened; ours in place of Django's where that is plain SMTP."""
    found = get_connection()
    return Server() if type(found) is smtp.EmailBackend else found


def hand_over(
    mail: EmailMultiAlternatives,
    server: BaseEmailBackend,
    *,
    before: Callable[[], None],
    meanwhile: Callable[[], None],
) -> None:
    """Give the mail to the server, opening it if need be.

    `before` runs before anything of the message itself goes out; `meanwhile` runs while the server thinks about it,
    where it is one that we can leave thinking. Raises the errors of smtplib, OSError where nothing was taken, and
    whatever `before` raises.
    """
    server.open()
    if isinstance(server, Server):
        server.hand_over(mail, before, meanwhile)
        return
    before()
    mail.connection = server
    if not mail.send():
        raise OSError("the mail server took nothing")


class _Talk(smtplib.SMTP):
    """A connection that uses the time between the end of a message and the server's yes to it."""

    before: Callable[[], None] | None = None
    meanwhile: Callable[[], None] | None = None

    def data(self, msg: Any) -> Any:
        if self.before:
            self.before()
        return super().data(msg)

    def send(self, s: Any) -> None:
        super().send(s)
        if isinstance(s, bytes) and self.meanwhile:  # commands are str; the message alone is bytes
            self.meanwhile()


class _SafeTalk(_Talk, smtplib.SMTP_SSL):
    pass


class Server(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SafeTalk if self.use_ssl else _Talk

    def hand_over(
        self, mail: EmailMultiAlternatives, before: Callable[[], None], meanwhile: Callable[[], None]
    ) -> None:
        talk: Any = self.connection
        talk.before, talk.meanwhile = before, meanwhile
        try:
            talk.sendmail(_bare(mail.from_email), [_bare(to) for to in mail.recipients()], write(mail))
        finally:
            talk.before = talk.meanwhile = None


def _bare(address: str) -> str:
    return address if PLAIN_ADDRESS.match(address) else _sanitized(address)


@lru_cache(maxsize=8)  # the sender's, above all
def _sanitized(address: str) -> str:
    return sanitize_address(address, "utf-8")


def write(mail: EmailMultiAlternatives, *, boundary: str = "") -> bytes:
    """As it goes over the wire: what `mail.message().as_bytes("\\r\\n")` gives of one with a text and its HTML."""
    html = str(mail.alternatives[0][0])
    text = str(mail.body)
    if _long_line(text) or _long_line(html):  # those need quoted-printable
        general: Any = mail.message()
        written: bytes = general.as_bytes(linesep="\r\n")
        return written
    mark = boundary or f"==============={secrets.token_hex(12)}=="  # 96 random bits stand in no text
    headers = {
        "Subject": mail.subject,
        "From": mail.from_email,
        "To": ", ".join(map(str, mail.to)),
        "Date": formatdate(localtime=settings.EMAIL_USE_LOCALTIME),
        **mail.extra_headers,
    }
    return b"".join(
        [
            f'Content-Type: multipart/alternative;\r\n boundary="{mark}"\r\nMIME-Version: 1.0\r\n'.encode(),
            *(_header(name, str(value)) for name, value in headers.items()),
            f"\r\n--{mark}\r\n".encode(),
            _part("plain", text),
            f"\r\n--{mark}\r\n".encode(),
            _part("html", html),
            f"\r\n--{mark}--\r\n".encode(),
        ]
    )


def _header(name: str, value: str) -> bytes:
    if len(name) + len(value) < 75 and value.isascii() and value.isprintable():
        return f"{name}: {value}\r\n".encode("ascii")  # nothing to fold
    return _HEADERS.fold_binary(*forbid_multi_line_headers(name, value, "utf-8"))


def _part(kind: str, text: str) -> bytes:
    bits = 7 if text.isascii() else 8
    head = f'Content-Type: text/{kind}; charset="utf-8"\nMIME-Version: 1.0\nContent-Transfer-Encoding: {bits}bit\n\n'
    return _LINE_END.sub("\r\n", head + text).encode()


_LINE_END = re.compile(r"\r\n|\r|\n")


def _long_line(text: str) -> bool:
    return len(text) * 4 > LONGEST_LINE and any(len(line.encode()) > LONGEST_LINE for line in text.splitlines())
