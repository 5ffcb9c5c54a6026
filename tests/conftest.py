"""Fixtures that all tests may use. The services themselves come from tests/services.py.

A run migrates once, into a template; each worker copies it. Every test that uses the database works as the application
role, behind the walls, exactly as the portal does; `as_owner` steps out of them.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client as Browser
from django.test import override_settings
from hypothesis import HealthCheck, settings

from governance.access import Role
from governance.clients import create_client
from governance.models import Client, User
from governance.tenancy import scope
from governance.walls import APP_ROLE
from tests import factories

# A busy machine is no counterexample: no property depends on how long an example takes.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

NEEDS_DATABASE = {"db", "transactional_db", "live_server"}


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any, worker_id: str) -> None:
    """A database for this worker, copied from the one that the first worker of the run migrated."""
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    with django_db_blocker.unblock(), psycopg.connect(f"{server}/postgres", autocommit=True) as postgres:
        postgres.execute("SELECT pg_advisory_lock(1)")  # the other workers wait here
        if not postgres.execute("SELECT FROM pg_database WHERE datname = 'test_template'").fetchall():
            postgres.execute("DROP DATABASE IF EXISTS test_unfinished")
            postgres.execute("CREATE DATABASE test_unfinished")
            use_database("test_unfinished")
            call_command("migrate", verbosity=0)
            connection.close()
            postgres.execute("ALTER DATABASE test_unfinished RENAME TO test_template")
        postgres.execute(f"CREATE DATABASE test_{worker_id} TEMPLATE test_template")
    use_database(f"test_{worker_id}")
    os.environ["DATABASE_URL"] = f"{server}/test_{worker_id}"  # for commands that a test starts as processes


def use_database(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def application_role(request: pytest.FixtureRequest) -> Iterator[None]:
    """Put on the application role for the length of the test; the flush after it is the owner's again."""
    if not (request.node.get_closest_marker("django_db") or NEEDS_DATABASE & set(request.fixturenames)):
        yield
        return
    request.getfixturevalue("db")
    options = connection.settings_dict["OPTIONS"]
    options["assume_role"] = APP_ROLE
    execute(f"SET ROLE {APP_ROLE}")
    yield
    del options["assume_role"]
    if not connection.in_atomic_block:  # where there is a transaction around the test, its end takes the role off
        connection.close()


@pytest.fixture
def as_owner(db: None) -> Callable[[], AbstractContextManager[None]]:
    """`with as_owner():` works as the owner of the tables, whom the walls do not bind, on the same connection."""

    @contextmanager
    def owner() -> Iterator[None]:
        with transaction.atomic():  # an error inside rolls back, and puts the role on again by that
            execute("RESET ROLE")
            yield
            execute(f"SET ROLE {APP_ROLE}")

    return owner


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def now() -> datetime:
    """Tuesday, 24 November 2026, 09:00 UTC."""
    return factories.NOW


@pytest.fixture
def client_a(db: None, now: datetime) -> Client:
    """Northbridge Bank, New York, with the starting template."""
    return create_client(code="northbridge", name="Northbridge Bank", now=now)[0]


@pytest.fixture
def client_b(db: None, now: datetime) -> Client:
    """Corvane Cells, with the starting template: the one that nobody of client A may see."""
    return create_client(code="corvane", name="Corvane Cells", now=now)[0]


@pytest.fixture
def scoped(client_a: Client) -> Iterator[Client]:
    """Scope to client A for the length of the test, as a request of one of its members is."""
    with scope([client_a.pk]):
        yield client_a


@pytest.fixture
def member(client_a: Client) -> Callable[..., User]:
    """`member(Role.HR_PARTNER)` is somebody with that role at client A; `client=` names another client."""

    def make(*roles: Role | str, client: Client = client_a, title: str = "", **person: Any) -> User:
        user = factories.UserFactory(**person)
        for role in roles:
            factories.MembershipFactory(user=user, client=client, role=Role(role), title=title)
        return user

    return make


@pytest.fixture
def browser_client(db: None) -> Callable[[User], Browser]:
    """`browser_client(user)` is a browser in which that person has signed in."""

    def signed_in(user: User) -> Browser:
        browser = Browser()
        browser.force_login(user)
        return browser

    return signed_in
