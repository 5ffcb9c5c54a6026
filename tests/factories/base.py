"""The instants that all tests share, people, clients, and how a row comes to belong to one."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from factory import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from governance import models as governance
from governance.tenancy import scope, scoped_ids
from governance.walls import TenantKey

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TODAY = NOW.date()


@cache
def starting_template() -> dict[str, Any]:
    path = Path(settings.BASE_DIR) / "governance" / "data" / "balanced.json"
    return json.loads(path.read_text())  # type: ignore[no-any-return]


class UserFactory(DjangoModelFactory):
    """Reads times in UTC; `zone=""` is somebody who has set none. `password=` lets the person sign in by the form."""

    class Meta:
        model = governance.User

    email = Sequence(lambda n: f"person{n}@example.org")
    name = Sequence(lambda n: f"Person {n}")
    zone = "UTC"  # what pages would otherwise read the client for

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **fields: Any) -> Any:
        return model_class.objects.create_user(**fields)


class ClientFactory(DjangoModelFactory):
    """A client and nothing else; the fixtures `client_a` and `client_b` bring the starting template too."""

    class Meta:
        model = governance.Client

    code = Sequence(lambda n: f"client-{n}")
    name = LazyAttribute(lambda self: self.code.capitalize())

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **fields: Any) -> Any:
        if "pk" not in fields:
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval(pg_get_serial_sequence('governance_client', 'id'))")
                (fields["pk"],) = cursor.fetchone()
        with scope(scoped_ids() | {fields["pk"]}):
            return super()._create(model_class, *args, **fields)


class OwnedFactory(DjangoModelFactory):
    """Any row of a client; refuses parents of two clients at once, which the database would refuse only at the end."""

    class Meta:
        abstract = True

    client: Any = SubFactory(ClientFactory)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **fields: Any) -> Any:
        client = fields["client"]
        for field in model_class._meta.fields:
            if isinstance(field, TenantKey) and (parent := fields.get(field.name)):
                assert parent.client_id == client.pk, f"{field} belongs to another client: name the parent alone"
        with scope(scoped_ids() | {client.pk}):
            return super()._create(model_class, *args, **fields)
