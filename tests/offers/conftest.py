"""Fixtures of the offers' tests."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from governance.tenancy import scope
from tests import factories
from tests.offers.desk import Desk


@pytest.fixture
def desk(db: None, now: datetime) -> Iterator[Desk]:
    """A client with the starting template and a person in every role; in scope for the length of the test."""
    client = factories.ClientFactory()
    with scope([client.pk]):
        yield Desk(client, now)
