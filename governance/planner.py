"""What PostgreSQL's planner knows of a table, kept true where a transaction writes many rows at once.

Autovacuum counts a table about a minute after others have written it, and what was rolled back it counts as an empty
table. Whatever reads right after a large import would be planned for no rows: each of its queries then takes seconds.
"""

from django.db import connection

MANY = 1000  # rows that a transaction wrote into a table, from which on the table is looked at again


def gather_statistics(table: str = "") -> None:
    """Analyse the tables into which this transaction has written `MANY` rows or more; one alone, where it is named.

    The tables stay locked against other maintenance, never against reading or writing, until the transaction ends. One
    that another transaction has locked so is left to that.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT handoff_gather_statistics(%s, %s)", [MANY, table])
