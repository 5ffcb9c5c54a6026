"""Sending a statement now and waiting for it later: what this needs of psycopg, and what it promises."""

import inspect

import psycopg
import pytest
from django.db import connection, transaction

from offers.sending import Sending

pytestmark = pytest.mark.django_db


@pytest.fixture
def raw():
    connection.ensure_connection()
    return connection.connection


def test_psycopg_still_has_the_generator_that_waiting_drives():
    """Undocumented there: where this fails, offers/sending.py needs another way to wait for a result."""
    from psycopg import generators

    assert list(inspect.signature(generators.execute).parameters) == ["pgconn"]


def test_a_statement_is_under_way_before_it_is_waited_for_and_done_after(raw):
    sending = Sending(raw)
    sending.execute("CREATE TEMPORARY TABLE sent ON COMMIT DROP AS SELECT %s AS said", ["50 % off"])
    assert raw.info.transaction_status == psycopg.pq.TransactionStatus.ACTIVE
    sending.wait()
    with connection.cursor() as cursor:
        cursor.execute("SELECT said FROM sent")
        assert cursor.fetchall() == [("50 % off",)]


def test_an_error_of_the_statement_is_raised_where_it_is_waited_for(raw):
    sending = Sending(raw)
    with transaction.atomic():
        sending.execute("SELECT 1 / %s", [0])
        with pytest.raises(psycopg.errors.DivisionByZero):
            sending.wait()
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
