"""The sample programme: what is planted, the same again by the same seed, and the command that loads it."""

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from config.demo import effects, load, plan, when
from governance.access import Role
from governance.models import User
from governance.tenancy import scope_all
from offers.lifecycle import LIVE
from offers.models import Clock, Offer, OutboxMessage
from tests.config.planted import planted

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "sample-programme.md"
KEYS = [
    "offers", "open", "flagged", "mails_sent", "mails_failed", "needs_second_review", "acceptance_rate", "clients",
    "url", "accounts",
]  # fmt: skip


def demo(**options: Any) -> dict[str, Any]:
    """What the command prints with --once --json."""
    out, err = io.StringIO(), io.StringIO()
    call_command("demo", once=True, json=True, stdout=out, stderr=err, **options)
    return json.loads(out.getvalue())


def recomputed() -> Iterator[tuple[str, str]]:
    """(what a query of the document gives, what the document says it gives)."""
    text = DOCUMENT.read_text(encoding="utf-8")
    view, *queries = re.findall(r"```sql\n(.*?)```(?:\n\n→ ([^\n]+))?", text, re.DOTALL)
    with connection.cursor() as cursor:
        cursor.execute(view[0])
        for query, said in queries:
            cursor.execute(query)
            yield ", ".join(str(value) for value in cursor.fetchone()), said


@pytest.mark.slow
@pytest.mark.django_db
def test_the_whole_programme_is_what_its_document_says(subtests: pytest.Subtests) -> None:
    """One test, because loading it takes a while and the others only read what it has loaded."""
    first = demo()
    with subtests.test("it ends with the contract's figures"):
        assert list(first) == KEYS
        assert first["offers"] == load.FULL == 4852
        assert first["open"] == 60
        assert first["acceptance_rate"] == round(3887 / 4720, 4)
        assert first["clients"] == ["corvane", "lumen", "northbridge"]
        assert first["needs_second_review"] > 0
    with subtests.test("every threshold is flagged and all mail sent"):
        assert set(first["flagged"]) == {"24", "48", "72"}
        assert min(first["flagged"].values()) >= 1
        assert first["mails_sent"] > 0
        assert first["mails_failed"] == 0
    with subtests.test("a second run changes nothing"):
        assert demo() == first
    with subtests.test("somebody of every role can sign in"):
        assert {each["role"] for each in first["accounts"]} == set(Role.values)
        assert all(
            User.objects.get(email=each["username"]).check_password(each["password"]) for each in first["accounts"]
        )
    with scope_all():
        with subtests.test("the document's queries give the document's figures"):
            found = list(recomputed())
            assert len(found) == 16
            assert [given for given, _ in found] == [said for _, said in found]
        with subtests.test("the reports give the planted figures, which plain Python counts from the rows"):
            pairs = list(planted(timezone.now()))
            assert [(what, said) for what, said, _ in pairs] == [(what, counted) for what, _, counted in pairs]
        with subtests.test("offers are open in every live status"):
            statuses = Offer.objects.filter(imported=False).values_list("status", flat=True)
            assert set(statuses) == {str(status) for status in LIVE}
        with subtests.test("nothing falls due while somebody runs it again"):
            soon = timezone.now() + timedelta(minutes=15)
            assert not Clock.objects.running().filter(next_due_at__lte=soon).exists()
        with subtests.test("no mail waits"):
            assert not OutboxMessage.objects.due(timezone.now()).exists()


@pytest.mark.django_db
def test_offers_scales_it_down_and_keeps_every_threshold() -> None:
    found = demo(offers=14)
    assert found["offers"] == 14
    assert min(found["flagged"].values()) >= 1


def test_no_offers_at_all_are_refused() -> None:
    with pytest.raises(CommandError, match="offers"):
        call_command("demo", "--offers", "0")


def facts(seed: int, offers: int) -> list[tuple[Any, ...]]:
    return [
        (each.company.code, case.number, case.name, case.base, case.wait, case.status)
        for each in plan.plans(seed, offers)
        for case in each.cases
    ]


def test_the_same_seed_gives_the_same_offers_and_another_seed_others() -> None:
    assert facts(1, 300) == facts(1, 300)
    assert facts(1, 300) != facts(2, 300)


def test_a_sample_keeps_the_proportions() -> None:
    part = effects.layout(479)
    assert len(part) == 479
    assert abs(sum(cell.company == "corvane" for cell in part) - 259) <= 1


@pytest.mark.parametrize("now", [datetime(2026, 3, 9, 3, tzinfo=UTC), datetime(2028, 2, 29, 23, tzinfo=UTC)])
def test_each_offer_happens_in_order_within_its_quarter_and_before_today(now: datetime) -> None:
    for each in plan.plans(1, 400):
        zone = each.company.zone
        for number, found in when.moments(each, now=now, seed=1, holidays=()).items():
            case = next(case for case in each.cases if case.number == number)
            moments = [found.created, found.verbal, found.submitted, found.written or found.submitted]
            if found.countered:
                moments += [found.countered.at, found.countered.answered, found.countered.letter or found.decided]
            moments += [found.decided, when.quarter_starts(now, zone, case.cell.quarter + 1)]
            assert moments == sorted(moments)
            assert when.quarter_starts(now, zone, case.cell.quarter) <= found.verbal
            assert found.decided < now
