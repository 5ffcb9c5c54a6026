"""Attempts to sign in, counted in the database: one count for all web workers, and none that needs the broker.

Django's database cache keeps them, as the settings' default cache: allauth counts in that one, and notes there which
code of an authenticator app was used, so that none works twice. Nothing else is cached. Its table belongs to no client:
whoever tries has not signed in yet.
"""

from datetime import datetime

from django.db import connection

TABLE = "governance_attempt"
# As `createcachetable` makes it; a migration does, so that `migrate` alone is enough.
CREATE = f"""
CREATE TABLE {TABLE} (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX {TABLE}_expires ON {TABLE} (expires);
"""
DROP = f"DROP TABLE {TABLE}"
# Past this many live ones the cache drops counts by the order of their keys, so that whoever could raise as many would
# start anew. Each is kept for five minutes at most and costs its sender a try: some 300 a second would be needed.
MOST = 100_000


def forget(*, now: datetime) -> int:
    """Delete counts that are over, and with them the addresses they were for; says how many."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE expires < %s", [now])
        return cursor.rowcount
