"""`manage.py` itself: what a script sees where the database cannot serve it."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DataError, IntegrityError, ProgrammingError, connection

from config.management.commands.migrate import Command
from manage import words


def test_a_database_that_is_down_is_told_in_one_line() -> None:
    down = {
        "DATABASE_URL": "postgres://a:secret@127.0.0.1:1/x",
        "SECRET_KEY": "s",
        "CELERY_BROKER_URL": "redis://:@[::1]:1",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "sweep", "--json"], cwd=settings.BASE_DIR, env=os.environ | down,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("The database cannot be used: ")
    assert "secret" not in line


@pytest.mark.parametrize(
    ("error", "said", "cause", "way_out"),
    [
        (ProgrammingError, "no such relation", psycopg.errors.UndefinedTable, True),
        (DataError, "no such role", psycopg.errors.InvalidParameterValue, True),
        (DataError, "a bad value", psycopg.errors.InvalidParameterValue, False),
        (ProgrammingError, "denied for a table", psycopg.errors.InsufficientPrivilege, False),
        (IntegrityError, "twice", psycopg.errors.UniqueViolation, False),
    ],
)
def test_tables_that_are_missing_name_migrate_and_a_fault_of_ours_keeps_its_traceback(error, said, cause, way_out):
    raised = error(said)
    raised.__cause__ = cause()
    assert bool(words(raised)) is way_out
    assert not way_out or "manage.py migrate" in words(raised)


def test_migrate_checks_as_the_owner_already_because_an_empty_database_has_no_application_role(monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "assume_role", "not_there_yet")
    roles = []

    class Checked(Command):
        def check(self, **kwargs):
            roles.append(connection.settings_dict["OPTIONS"].get("assume_role"))

        def handle(self, **options):
            roles.append(connection.settings_dict["OPTIONS"].get("assume_role"))

    call_command(Checked(), skip_checks=False)
    assert roles == [None, None]
    assert connection.settings_dict["OPTIONS"]["assume_role"] == "not_there_yet"


def test_an_owner_who_may_not_make_the_role_is_told_what_to_grant():
    raised = ProgrammingError("permission denied to create role")
    raised.__cause__ = psycopg.errors.InsufficientPrivilege()
    assert "GRANT handoff_app TO the owner" in words(raised)


@pytest.mark.parametrize("size", ["0", "-1"])
def test_a_benchmark_of_nothing_is_refused(size):
    with pytest.raises(CommandError, match="--size") as refused:
        call_command("bench", "ingest", "--size", size)
    assert refused.value.returncode == 2
