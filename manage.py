#!/usr/bin/env python
"""Runs Handoff's management commands."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error, OperationalError

NO_TABLE, NO_COLUMN, NO_ROLE, MAY_NOT = "42P01", "42703", "22023", "42501"
GRANT = (
    "The owner needs CREATEROLE, or have somebody who has it run: "
    "CREATE ROLE handoff_app NOLOGIN; GRANT handoff_app TO the owner."
)


def words(error: Error) -> str | None:
    """What to tell whoever runs a command; None for an error of our own making, which needs its traceback."""
    said = str(error).strip().partition("\n")[0]
    if isinstance(error, OperationalError):
        return f"The database cannot be used: {said}"
    state = getattr(error.__cause__, "sqlstate", None)
    if state == MAY_NOT and "role" in said:
        return f"The database does not allow it ({said}). {GRANT}"
    if state in (NO_TABLE, NO_COLUMN) or (state == NO_ROLE and "role" in said):
        return f"The database is not ready ({said}). Make its tables: python manage.py migrate"
    return None


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"{error}")
    except Error as error:
        told = words(error)
        if told is None or "--traceback" in sys.argv:
            raise
        sys.exit(told)
