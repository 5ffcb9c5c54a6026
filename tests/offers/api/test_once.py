"""Two programs send the same write at once, on connections of their own: it is done once, and both get the answer."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser

from governance.access import Role
from governance.models import StoredAnswer
from offers.models import Offer
from tests.program import Program

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*requests: Any) -> list[Any]:
    start, found = threading.Barrier(len(requests)), [None] * len(requests)

    def run(index: int) -> None:
        start.wait(10)
        try:
            found[index] = requests[index]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_of_two_at_once_one_is_done_and_both_are_answered(desk: Any) -> None:
    wanted = {
        "requisition": desk.requisition.pk,
        "new_candidate": {"external_id": "C-77"},
        "terms": {"base": {"amount": "98000", "currency": "USD"}},
    }
    programs = [Program(Browser(), desk.people[Role.RECRUITER], desk.client, "write") for _ in range(3)]
    answers = at_once(
        *(lambda program=program: program.post("offers", wanted, Idempotency_Key="k") for program in programs)
    )
    assert [answer.status_code for answer in answers] == [201] * 3
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert sorted(answer.get("Idempotency-Replayed", "") for answer in answers) == ["", "true", "true"]
    assert (Offer.objects.count(), StoredAnswer.objects.count()) == (1, 1)
