"""What the database shows: rows of the clients in scope, and of no other."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from governance.models import BusinessCalendar, Client, Holiday, Membership, SalaryBand, User
from governance.tenancy import all_client_ids, as_owner, scope, scope_all, scoped_ids
from tests import factories
from tests.factories import ClientFactory, SalaryBandFactory


@pytest.fixture
def one(db: None) -> Client:
    return ClientFactory(code="one")


@pytest.fixture
def two(db: None) -> Client:
    return ClientFactory(code="two")


@pytest.fixture
def bands(one: Client, two: Client) -> dict[Client, SalaryBand]:
    return {client: SalaryBandFactory(client=client) for client in (one, two)}


def seen() -> set[str]:
    """Codes of the clients whose bands the database shows now."""
    return set(SalaryBand.objects.values_list("client__code", flat=True))


def in_force() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('handoff.clients', true)")
        return cursor.fetchone()[0] or ""


@pytest.mark.usefixtures("bands")
def test_without_a_scope_nothing_is_seen() -> None:
    assert list(SalaryBand.objects.all()) == list(Client.objects.all()) == []


@pytest.mark.usefixtures("bands")
def test_a_scope_of_nobody_shows_nothing() -> None:
    with scope([]):
        assert seen() == set()


@pytest.mark.usefixtures("bands")
def test_a_scope_shows_its_clients_and_no_other(one: Client) -> None:
    with scope([one.pk]):
        assert seen() == {"one"}
    assert seen() == set()


@pytest.mark.usefixtures("bands")
def test_system_work_names_every_client(one: Client, two: Client) -> None:
    assert set(all_client_ids()) == {one.pk, two.pk}
    with scope_all():
        assert seen() == {"one", "two"}
        assert scoped_ids() == {one.pk, two.pk}


@pytest.mark.usefixtures("bands")
def test_the_inner_of_two_scopes_holds_until_it_ends(one: Client, two: Client) -> None:
    with scope([one.pk]):
        with scope([two.pk]):
            assert seen() == {"two"}
        assert seen() == {"one"}


@pytest.mark.usefixtures("bands")
def test_an_exception_restores_the_scope_before(one: Client, two: Client) -> None:
    with scope([one.pk]):
        with pytest.raises(LookupError), scope([two.pk]):
            raise LookupError
        assert seen() == {"one"}
        assert scoped_ids() == {one.pk}


def fail() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


@pytest.mark.usefixtures("bands")
def test_a_transaction_that_fails_inside_a_scope_restores_the_scope_before(one: Client, two: Client) -> None:
    with scope([one.pk]):
        with pytest.raises(DatabaseError), scope([two.pk]), transaction.atomic():
            fail()
        assert seen() == {"one"}


@pytest.mark.usefixtures("bands")
def test_a_scope_inside_a_transaction_that_fails_restores_the_scope_before(one: Client, two: Client) -> None:
    with scope([one.pk]):
        with pytest.raises(DatabaseError), transaction.atomic(), scope([two.pk]):
            fail()
        assert seen() == {"one"}


@pytest.mark.django_db(transaction=True)
class TestRealTransactions:
    @pytest.fixture
    def bands(self, one: Client, two: Client) -> Iterator[None]:
        for client in (one, two):
            SalaryBandFactory(client=client)
        yield
        connection.close()

    @pytest.mark.usefixtures("bands")
    def test_a_new_connection_inside_a_scope_keeps_it(self, one: Client) -> None:
        with scope([one.pk]):
            connection.close()
            assert seen() == {"one"}

    @pytest.mark.usefixtures("bands")
    def test_a_connection_that_is_used_again_carries_no_scope_over(self, one: Client) -> None:
        with scope([one.pk]):
            assert seen() == {"one"}
        assert in_force() == ""
        assert seen() == set()

    @pytest.mark.usefixtures("bands")
    def test_a_transaction_that_fails_leaves_no_scope_behind(self, one: Client) -> None:
        with pytest.raises(DatabaseError), transaction.atomic(), scope([one.pk]):
            fail()
        assert in_force() == ""

    def test_a_key_across_clients_is_refused_when_the_transaction_commits(self, one: Client, two: Client) -> None:
        calendar = factories.BusinessCalendarFactory(client=two)
        stray = Holiday(client=one, calendar=calendar, country="US", date="2026-12-25", name="Christmas")
        with scope([one.pk, two.pk]):
            with pytest.raises(IntegrityError, match="governance_holiday_calendar_id_same_client"):
                stray.save()
            assert not Holiday.objects.exists()

    def test_the_owner_is_not_bound_and_the_role_returns_afterwards(self, one: Client) -> None:
        with as_owner():
            assert list(Client.objects.all()) == [one]
        assert list(Client.objects.all()) == []


def test_a_row_of_a_client_out_of_scope_cannot_be_written(one: Client, two: Client) -> None:
    with scope([one.pk]), pytest.raises(DatabaseError, match="row-level security"):
        BusinessCalendar.objects.create(client=two, zone="UTC", week={})


def test_a_row_cannot_be_given_to_a_client_out_of_scope(one: Client, two: Client) -> None:
    band = SalaryBandFactory(client=one)
    with scope([one.pk]), pytest.raises(DatabaseError, match="row-level security"):
        SalaryBand.objects.filter(pk=band.pk).update(client=two.pk)


def test_rows_out_of_scope_are_neither_changed_nor_deleted(
    bands: dict[Client, SalaryBand],
    one: Client,
    two: Client,
    as_owner: Callable[[], AbstractContextManager[None]],
) -> None:
    with scope([one.pk]):
        assert SalaryBand.objects.filter(pk=bands[two].pk).update(grade="G9") == 0
        assert SalaryBand.objects.filter(pk=bands[two].pk).delete() == (0, {})
    with as_owner():
        assert SalaryBand.objects.get(pk=bands[two].pk).grade == bands[two].grade


def test_events_of_other_clients_are_not_seen(bands: dict[Client, SalaryBand], one: Client) -> None:
    events = apps.get_model("governance.SalaryBandEvent").objects
    with scope([one.pk]):
        assert set(events.values_list("client", flat=True)) == {one.pk}


def test_a_client_is_seen_only_in_its_own_scope(one: Client, two: Client) -> None:
    with scope([two.pk]):
        assert list(Client.objects.all()) == [two]


def test_people_and_their_roles_are_read_before_anything_is_in_scope(one: Client) -> None:
    membership = factories.MembershipFactory(client=one)
    assert scoped_ids() == frozenset()
    assert User.objects.get(pk=membership.user_id).roles == {one.pk: {membership.role}}
    assert list(Membership.objects.order_by()) == [membership]


@pytest.mark.parametrize("value", ["1 OR true", "1) OR (true", "'"])
def test_a_scope_is_made_of_numbers_alone(value: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"), scope([value]):  # type: ignore[list-item]
        pass
