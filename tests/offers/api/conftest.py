"""Programs at a desk."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine

from governance.access import Role
from tests.offers.desk import Desk
from tests.program import Program


@pytest.fixture
def program(desk: Desk, client: Any) -> Iterator[Callable[..., Program]]:
    """`program(Role.RECRUITER)` is a program of that person at the desk, at the desk's own time; it may write."""

    def make(role: Role, access: str = "write") -> Program:
        return Program(client, desk.people[role], desk.client, access)

    with time_machine.travel(desk.now, tick=False):
        yield make


@pytest.fixture
def recruiter(program: Callable[..., Program]) -> Program:
    return program(Role.RECRUITER)
