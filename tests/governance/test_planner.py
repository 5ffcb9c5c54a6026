"""The planner's knowledge after a large write, whatever it believed before."""

import json

import pytest
from django.db import connection, transaction

from governance.models import Person
from governance.planner import MANY, gather_statistics

pytestmark = pytest.mark.django_db
TABLE = Person._meta.db_table


def write(client, count):
    Person.objects.bulk_create(
        Person(client=client, name=f"Person {n}", email=f"p{n}@mail.example") for n in range(count)
    )


def believed():
    """How many rows the planner expects of the whole table."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT id FROM {TABLE}")
        plan = cursor.fetchone()[0]
    return (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"]


@pytest.fixture
def thought_empty(scoped, as_owner):
    """A table that was analysed after a preview wrote many rows into it and took them back."""
    with transaction.atomic():
        write(scoped, 2 * MANY)
        transaction.set_rollback(True)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {TABLE}")
    return scoped


def test_after_many_rows_the_planner_knows_of_them(thought_empty):
    write(thought_empty, 2 * MANY)
    assert believed() < MANY / 10
    gather_statistics()
    assert MANY < believed() < 4 * MANY
