"""A program with a token."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.program import Program


@pytest.fixture
def api(client: Any) -> Callable[..., Program]:
    """`api(user, client, "write")` is a program with a token of that person at that client."""
    return lambda user, at, access="read": Program(client, user, at, access)
