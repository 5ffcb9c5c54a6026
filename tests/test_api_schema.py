"""The API does what its description says, whatever it is sent: no server errors, no answer that is not described."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from governance import tokens
from governance.access import Role
from governance.tenancy import scope
from offers.lifecycle import Status
from tests import factories
from tests.offers.desk import Desk

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture
def described(transactional_db: None, now: datetime, settings: Any) -> Iterator[Any]:
    """The description, served by the application itself, to a person with every role."""
    settings.ALLOWED_HOSTS = ["localhost"]
    client = factories.ClientFactory()
    with scope([client.pk]):
        yield describe(Desk(client, now))


def describe(desk: Desk) -> Any:
    desk.bring(Status.EXTENDED)
    everything = desk.person(*Role)
    _, token = tokens.issue(email=everything.email, client=desk.client, access="write", now=desk.now)
    config = SchemathesisConfig.from_dict(
        {
            "headers": {"Authorization": f"Bearer {token}"},
            "phases": {"coverage": {"enabled": False}, "examples": {"enabled": False}},
        }
    )
    return schemathesis.openapi.from_wsgi("/api/schema/?format=json", application, config=config)


@pytest.mark.slow
def test_every_address_answers_as_described(described: Any) -> None:
    for found in described.get_all_operations():

        @examples(
            max_examples=4,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=found.ok().as_strategy())
        def answers(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        answers()
