"""Mail on a laptop goes to a folder."""

import stat
from pathlib import Path

import pytest
from django.core.mail import EmailMessage

from config.mail_folder import EmailBackend


@pytest.fixture
def folder(tmp_path: Path, settings: object) -> Path:
    settings.EMAIL_FILE_PATH = tmp_path / "mail"  # type: ignore[attr-defined]
    return tmp_path / "mail"


def send(subject: str, **headers: str) -> None:
    message = EmailMessage(subject, "How long, who holds it, what to do.", to=["a@example.org"], headers=headers)
    assert EmailBackend().send_messages([message]) == 1


def test_a_mail_is_a_file_named_by_its_outbox_number_for_the_owner_alone(folder: Path) -> None:
    send("Stuck for 48 hours", **{"Message-ID": "<outbox-7.20261124090000@portal.example>"})
    (path,) = folder.iterdir()
    assert path.name == "7.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"Subject: Stuck for 48 hours\r\n" in path.read_bytes()


def test_a_second_copy_takes_the_place_of_the_first(folder: Path) -> None:
    send("First", **{"Message-ID": "<outbox-7.20261124090000@portal.example>"})
    send("Second", **{"Message-ID": "<outbox-7.20261124090000@portal.example>"})
    (path,) = folder.iterdir()
    assert b"Second" in path.read_bytes()


def test_mail_of_no_outbox_is_kept_too(folder: Path) -> None:
    send("Reset your password")
    send("Reset your password")
    assert len(list(folder.glob("*.eml"))) == 2
