"""A statement that is sent to the database now and waited for later, on the one connection that this thread has.

psycopg's own way to have two things under way is its pipeline, which leaves statements in a client's buffer until it is
flushed and reports errors at its end, away from the statement that failed; threads would need a second connection,
outside of this one's scope and role. So `wait` drives the generator that psycopg's own cursors drive, which its
documentation does not promise: `psycopg.generators.execute`, as of psycopg 3.3. tests/offers/test_sending.py fails
by name where a newer psycopg has it no more, or gives something else.
"""

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
