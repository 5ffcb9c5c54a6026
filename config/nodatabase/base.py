"""A PostgreSQL backend that never connects: every other thing of Django works, and the first query says what to do."""

from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: Any) -> NoReturn:
        raise ImproperlyConfigured(
            "The services are not running: start them with `python manage.py services start`, or give DATABASE_URL."
        )
