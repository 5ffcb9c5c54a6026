"""A database for one benchmark, on the server of DATABASE_URL, dropped afterwards; and a client in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import post_migrate

from governance.clients import add_member, create_client
from governance.models import Client, User
from governance.tenancy import scope

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)  # a Tuesday


@contextmanager
def own_database() -> Iterator[None]:
    """Work in a new, migrated database as the application role; nothing of any other database is touched."""
    before, name = connection.settings_dict["NAME"], f"handoff_bench_{os.getpid()}"
    role = connection.settings_dict["OPTIONS"].pop("assume_role", None)
    url = {key: connection.settings_dict[key.upper()] for key in ("user", "password", "host", "port")}
    connection.close()
    with psycopg.connect(**url, dbname=before, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        receivers, post_migrate.receivers = post_migrate.receivers, []
        try:
            connection.settings_dict["NAME"] = name
            call_command("migrate", verbosity=0)
            connection.settings_dict["OPTIONS"]["assume_role"] = "handoff_app"
            yield
        finally:
            post_migrate.receivers = receivers
            connection.close()
            connection.settings_dict["NAME"] = before
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            if role:
                connection.settings_dict["OPTIONS"]["assume_role"] = role


@contextmanager
def own_client() -> Iterator[tuple[Client, dict[str, User]]]:
    """A client with the starting template and one person in every role, in scope."""
    roles = (
        "coordinator",
        "recruiter",
        "account_director",
        "hr_partner",
        "hiring_manager",
        "finance_leader",
        "talent_leader",
    )
    client, _ = create_client(code="bench", name="Bench", now=NOW)
    with scope([client.pk]):
        people = {
            role: add_member(email=f"{role}@bench.example", client=client, role=role, name=role.title(), now=NOW)[
                0
            ].user
            for role in roles
        }
        yield client, people
