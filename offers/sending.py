"""A statement that is sent to the database now and waited for later, on the one connection that this thread has."""

from typing import Any

import psycopg
from psycopg import generators
from psycopg.pq import ExecStatus


class Sending:
    """One statement without rows. Nothing else may be asked of the connection before `wait`, which says that it holds.

    In autocommit its change is on disk once `wait` returns. Works as the cursor below Django's own, so that what
    watches statements sees this one too.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def execute(self, statement: str, params: Any = None) -> None:
        text = psycopg.ClientCursor(self.connection).mogrify(statement, params)
        self.connection.pgconn.send_query(text.encode())
        self.connection.pgconn.flush()  # a short statement goes at once; `wait` would send what is left

    def wait(self) -> None:
        """Raises the error of psycopg where the statement failed or the connection is lost."""
        for result in self.connection.wait(generators.execute(self.connection.pgconn)):
            if result.status == ExecStatus.FATAL_ERROR:
                raise psycopg.errors.error_from_result(result, encoding=self.connection.info.encoding)
