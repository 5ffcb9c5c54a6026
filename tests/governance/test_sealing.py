"""The sealed history: whoever changes, drops or adds an event, a row or a seal behind Handoff's back is found."""

import io
import json
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from governance import sealing
from governance.history import because
from governance.models import HistorySeal, MarketSource
from governance.sealing import event_tables, seal
from governance.tenancy import scope, scope_all
from governance.verification import verify
from tests import factories

SOURCES = "governance_marketsourceevent"
TAMPERED = (SOURCES, "governance_marketsource", "governance_historyseal")


@pytest.fixture
def history(client_a, client_b, now):
    """Two clients whose sources were made and changed, sealed in two goes."""
    for name in ("First", "Second"):
        for client in (client_a, client_b):
            with scope([client.pk]), because(actor=None, action="source.add"):
                factories.MarketSourceFactory(client=client, name=name)
                MarketSource.objects.filter(name=name).update(stale_after_days=365)
        assert seal(now=now)


@pytest.fixture
def tamper(as_owner):
    """`tamper(sql)` as the owner, past every trigger."""

    def tamper(*statements: str) -> None:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in TAMPERED:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                cursor.execute(statement)
            for table in TAMPERED:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    return tamper


def check(*heads: str) -> Any:
    with scope_all():
        return verify(heads)


def event(client, at=0, table=SOURCES):
    with scope([client.pk]), connection.cursor() as cursor:
        cursor.execute(f"SELECT pgh_id FROM {table} WHERE client_id = %s ORDER BY pgh_id", [client.pk])
        return [row[0] for row in cursor.fetchall()][at]


@pytest.mark.usefixtures("history")
class TestSealed:
    def test_a_history_that_nobody_touched_is_intact(self, client_a):
        found = check()
        assert (found.first_bad, found.sealed) == (None, found.events)
        assert set(found.heads) == {"northbridge", "corvane"}

    def test_sealing_again_seals_nothing_twice(self, now):
        before = check()
        assert seal(now=now) == 0
        assert check() == before

    def test_each_client_has_a_chain_of_its_own(self, client_a):
        with scope([client_a.pk]):
            numbers = list(HistorySeal.objects.values_list("number", flat=True))
            assert numbers == list(range(1, len(numbers) + 1))
            assert check_one(client_a).first_bad is None

    def test_a_column_that_history_keeps_no_more_still_counts_where_it_was_sealed(self, client_a, tamper, now):
        """It stays in the table for that alone."""
        tamper(f"ALTER TABLE {SOURCES} ADD COLUMN words text")
        with scope([client_a.pk]):
            factories.MarketSourceFactory(client=client_a, name="Third")
        last = event(client_a, -1)
        tamper(f"UPDATE {SOURCES} SET words = 'as they were' WHERE pgh_id = {last}")
        with scope_all():
            (table,) = (each for each in event_tables() if each.name == SOURCES)
            table = replace(table, columns=(*table.columns, "words"))
            sealing._seal_table(table, after=last - 1, upto=last, heads=sealing.heads(), now=now)
        assert check().intact
        tamper(f"UPDATE {SOURCES} SET words = 'otherwise' WHERE pgh_id = {last}")
        assert check().first_bad.event == last

    def test_a_changed_event_is_named(self, client_a, tamper):
        changed = event(client_a, 1)
        tamper(f"UPDATE {SOURCES} SET stale_after_days = 366 WHERE pgh_id = {changed}")
        bad = check().first_bad
        named = (bad.what, bad.client, bad.table, bad.event)
        assert named == ("the event was changed", "northbridge", SOURCES, changed)

    @pytest.mark.parametrize(
        "column", ["pgh_context = '{}'", "pgh_label = 'insert'", "pgh_created_at = now() - interval '1 day'"]
    )
    def test_who_what_and_when_cannot_be_changed_either(self, client_a, tamper, column):
        changed = event(client_a, 1)
        tamper(f"UPDATE {SOURCES} SET {column} WHERE pgh_id = {changed}")
        assert check().first_bad.event == changed

    @pytest.mark.parametrize("at", [0, 1, -1])
    def test_a_missing_event_is_named_first_middle_or_last(self, client_b, tamper, at):
        gone = event(client_b, at)
        tamper(f"DELETE FROM {SOURCES} WHERE pgh_id = {gone}")
        bad = check().first_bad
        assert (bad.what, bad.client, bad.event) == ("the event is missing", "corvane", gone)

    def test_an_event_that_is_put_in_afterwards_is_named(self, client_a, client_b, tamper):
        """Under the number of another client's event, which is the only gap that there is."""
        moved = event(client_b)
        tamper(f"UPDATE {SOURCES} SET client_id = {client_a.pk} WHERE pgh_id = {moved}")
        with scope([client_a.pk]):
            assert check_one(client_a).first_bad.what == "the event was put in afterwards"

    def test_an_event_of_a_client_that_had_none_is_named(self, client_a, tamper, now):
        third = factories.ClientFactory(code="third")
        first = event(client_a)
        tamper(
            f"CREATE TEMP TABLE one ON COMMIT DROP AS SELECT * FROM {SOURCES} WHERE pgh_id = {first}",
            f"UPDATE one SET pgh_id = 0, client_id = {third.pk}",
            f"INSERT INTO {SOURCES} SELECT * FROM one",
        )
        bad = check().first_bad
        assert (bad.what, bad.client, bad.event) == ("the event was put in afterwards", "third", 0)

    @pytest.mark.parametrize("column", ["sealed_at = now()", "leaves = leaves || '\\x00'", "digest = repeat('0', 64)"])
    def test_a_changed_seal_is_named(self, client_a, tamper, column):
        tamper(f"UPDATE governance_historyseal SET {column} WHERE client_id = {client_a.pk} AND number = 2")
        bad = check().first_bad
        assert (bad.what, bad.client, bad.seal) == ("the seal was changed", "northbridge", 2)

    def test_a_seal_that_is_made_anew_over_a_changed_event_breaks_the_chain(self, client_a, tamper, now):
        changed = event(client_a, 0)
        tamper(
            f"DELETE FROM governance_historyseal WHERE client_id = {client_a.pk} AND number = 1",
            f"UPDATE {SOURCES} SET stale_after_days = 1 WHERE pgh_id = {changed}",
        )
        assert check().first_bad.what == "a seal is missing before this one"

    def test_a_tail_that_was_cut_with_its_seals_is_found_by_the_rows(self, client_a, tamper):
        last = event(client_a, -1)
        tamper(
            f"DELETE FROM {SOURCES} WHERE pgh_id = {last}",
            f"DELETE FROM governance_historyseal WHERE client_id = {client_a.pk} AND upto >= {last}"
            f" AND \"table\" = '{SOURCES}'",
        )
        bad = check().first_bad
        assert (bad.what, bad.table) == ("the row is not what its newest event says", SOURCES)

    def test_a_tail_that_was_cut_whole_is_found_by_the_seal_noted_before(self, client_a, tamper):
        head = check().heads["northbridge"]
        tamper(f"DELETE FROM governance_historyseal WHERE client_id = {client_a.pk} AND number = {head['number']}")
        assert check().first_bad is None
        assert "the tail was cut" in check(head["digest"]).first_bad.what


def check_one(client):
    with scope([client.pk]):
        return verify()


def test_what_is_not_sealed_yet_is_compared_with_the_rows(client_a, tamper, now):
    source = factories.MarketSourceFactory(client=client_a)
    assert check().first_bad is None
    with transaction.atomic():
        tamper(f"UPDATE governance_marketsource SET stale_after_days = 1 WHERE id = {source.pk}")
        assert check().first_bad.row == source.pk
        transaction.set_rollback(True)
    tamper(f"DELETE FROM governance_marketsource WHERE id = {source.pk}")
    assert check().first_bad.what == "the row is gone unsaid"


def test_a_row_that_was_deleted_in_the_open_is_no_fault(scoped, now):
    factories.MarketSourceFactory(client=scoped).delete()
    assert check().first_bad is None


def test_every_table_of_events_is_sealed(history):
    with scope_all():
        sealed = set(HistorySeal.objects.values_list("table", flat=True))
    assert {"governance_clientevent", "governance_approvalpolicyevent", SOURCES} <= sealed
    assert sealed <= {table.name for table in event_tables()}


@pytest.mark.parametrize("change", ["UPDATE governance_historyseal SET upto = 0", "DELETE FROM governance_historyseal"])
def test_the_application_changes_no_seal(history, change):
    with scope_all(), pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.parametrize("change", ["UPDATE governance_historyseal SET upto = 0", "DELETE FROM governance_historyseal"])
def test_not_even_the_owner_changes_a_seal_by_mistake(history, as_owner, change):
    with pytest.raises(DatabaseError, match="Cannot"), as_owner(), connection.cursor() as cursor:
        cursor.execute(change)


def test_the_command_seals_what_is_intact_and_says_so(client_a):
    out = io.StringIO()
    call_command("verify_history", json=True, stdout=out)
    found = json.loads(out.getvalue())
    assert found["events"] == found["sealed"] > 0
    assert (found["intact"], found["first_bad"]) == (True, None)


def test_the_command_ends_with_1_and_names_the_first_that_is_bad(history, client_a, tamper):
    changed = event(client_a)
    tamper(f"UPDATE {SOURCES} SET stale_after_days = 1 WHERE pgh_id = {changed}")
    out = io.StringIO()
    with pytest.raises(CommandError, match=f"the event was changed .*event {changed}") as error:
        call_command("verify_history", json=True, stdout=out)
    assert (error.value.returncode, json.loads(out.getvalue())["first_bad"]["event"]) == (1, changed)


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_waited_for(client_a, now):
    """A transaction draws a number, a later one commits a higher number first: both are sealed, in order."""
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with scope([client_a.pk]), transaction.atomic():
            MarketSource.objects.create(client=client_a, name="Slow")
            begun.set()
            go_on.wait(10)
        connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    begun.wait(10)
    factories.MarketSourceFactory(client=client_a, name="Quick")
    assert seal(now=now, patience=timedelta(0)) == 0
    release = threading.Timer(0.3, go_on.set)
    release.start()
    assert seal(now=now) > 0
    writer.join(10)
    found = check()
    assert (found.first_bad, found.sealed) == (None, found.events)
