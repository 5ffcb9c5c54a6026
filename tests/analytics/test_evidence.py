"""Closing evidence and offers at risk: comparable ones in named steps, nothing said of too few, nobody else's shown."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from analytics.evidence import Case, weigh
from analytics.facts import refresh
from analytics.risk import WHOLE_WAY, Chance, chance, end_of_next_working_day
from governance.business_time import Calendar
from governance.models import Client, User
from governance.tenancy import scope
from tests.factories import NOW, ClockFactory, OfferFactory, OfferVersionFactory

JOB = {"role_code": "ENG", "role_family": "Engineering", "grade": "G5", "location": "New York"}


def cases(n: int, *, accepted: bool = True, ratio: float | None = 1.0, **job: str) -> list[Case]:
    status = "accepted" if accepted else "declined"
    return [Case(1, JOB | job, accepted, status, date(2026, 3, 1), ratio, None)] * n


def test_it_widens_by_named_steps_until_there_are_enough() -> None:
    found = weigh(JOB, cases(6) + cases(13, location="Leeds") + cases(2, role_code="OPS"), minimum=5)
    assert found.widened == (
        ("the same role, grade and location", 6),
        ("the same role and grade, wherever", 19),
        ("the same role family and grade, wherever", 21),
    )
    assert found.step == "the same role family and grade, wherever"


def test_the_first_step_with_enough_is_kept() -> None:
    found = weigh(JOB, cases(12) + cases(8, accepted=False) + cases(50, location="Leeds"), minimum=5)
    assert (len(found.cases), found.closed) == (20, 12)
    low, high = found.interval or (0, 0)
    assert low < 0.6 < high


def test_too_few_say_nothing() -> None:
    found = weigh(JOB, cases(4), minimum=5, market_ratio=0.9)
    assert (found.few, found.where) == (True, None)


def test_a_job_of_which_nothing_is_known_compares_with_nothing() -> None:
    found = weigh(dict.fromkeys(JOB, ""), cases(30), minimum=5)
    assert (found.few, found.widened) == (True, ())


@pytest.mark.parametrize(("mine", "share"), [(0.8, 0.25), (1.0, 0.0), (1.2, 0.0)])
def test_the_raise_leads_to_the_median_of_those_that_closed(mine: float, share: float) -> None:
    held = cases(3, ratio=0.9) + cases(1, ratio=1.0) + cases(3, ratio=1.3) + cases(9, accepted=False, ratio=0.5)
    where = weigh(JOB, held, minimum=5, market_ratio=mine).where
    assert where is not None
    assert (where.closed, where.n, where.share) == (1.0, 7, pytest.approx(share))


def test_a_raise_is_told_only_where_enough_of_those_that_closed_have_a_known_place() -> None:
    assert weigh(JOB, cases(4) + cases(9, ratio=None), minimum=5, market_ratio=0.8).where is None


# --- the panel


@pytest.fixture
def browser(member: Callable[..., User], browser_client: Callable[[User], Browser]) -> Browser:
    return browser_client(member("account_director"))


def answered(client: Client, number: int, status: str) -> None:
    for _ in range(number):
        offer = OfferFactory(
            client=client, status=status, verbal_approved_at=NOW - timedelta(days=9), verbal_basis="recorded",
            written_at=NOW - timedelta(days=7), decided_at=NOW - timedelta(days=5),
        )  # fmt: skip
        version = OfferVersionFactory(offer=offer, annual=Decimal(100_000), market_ratio=1, submitted_at=NOW)
        type(offer).objects.filter(pk=offer.pk).update(version=version)


def open_offer(client: Client, **fields: Any) -> Any:
    offer = OfferFactory(client=client, **fields)
    OfferVersionFactory(offer=offer, annual=Decimal(80_000), market_ratio=Decimal("0.8"), submitted_at=NOW)
    return offer


@pytest.mark.parametrize("number", [5, 15])
def test_the_panel_tells_the_rate_the_raise_and_the_offers(
    scoped: Client, browser: Browser, number: int, django_assert_num_queries: Any
) -> None:
    answered(scoped, number, "accepted")
    offer = open_offer(scoped)
    refresh(scoped.pk, now=NOW)
    url = reverse("panels:closing", args=[offer.pk])
    with django_assert_num_queries(10):
        page = browser.get(url, headers={"X-Panel": "1"})
    text = page.content.decode().replace("\u00a0", " ")
    assert f"{number} of {number} answered" in text
    assert "25 % more base" in text
    assert len(page.context["rows"]) == number


def test_a_panel_opened_by_itself_leads_back_to_the_offer(scoped: Client, browser: Browser) -> None:
    offer = open_offer(scoped)
    text = browser.get(reverse("panels:closing", args=[offer.pk])).content.decode()
    assert f'<a href="{reverse("admin:offers_offer_change", args=[offer.pk])}">' in text


def test_whoever_may_not_read_pay_is_refused(
    scoped: Client, member: Callable[..., User], browser_client: Callable[[User], Browser]
) -> None:
    manager = member("hiring_manager")
    offer = open_offer(scoped, hiring_manager=manager)
    browser = browser_client(manager)
    assert browser.get(reverse("panels:closing", args=[offer.pk])).status_code == 403
    assert browser.get(reverse("admin:offers_offer_change", args=[offer.pk])).context["closing_url"] == ""


def test_past_offers_of_another_client_are_no_evidence(scoped: Client, client_b: Client, browser: Browser) -> None:
    with scope([scoped.pk, client_b.pk]):
        answered(client_b, 6, "accepted")
        refresh(client_b.pk, now=NOW)
        theirs = open_offer(client_b)
    offer = open_offer(scoped)
    refresh(scoped.pk, now=NOW)
    assert "Too few to say: 0" in browser.get(reverse("panels:closing", args=[offer.pk])).content.decode()
    assert browser.get(reverse("panels:closing", args=[theirs.pk])).status_code == 404


# --- at risk


def test_the_chance_counts_only_past_offers_that_had_waited_as_long() -> None:
    past = {"in_review": [1, 2, 9, 10, 11, 12, 30]}
    found = chance(past, status="in_review", in_stage=8, since_yes=40, left=3, minimum=5)
    assert found == Chance(3, 5, "in_review")


def test_stages_too_seldom_measured_give_way_to_the_whole_way_and_that_to_silence() -> None:
    past = {"draft": [50.0] * 4, WHOLE_WAY: [30.0, 60.0, 60.0, 60.0, 70.0]}
    asked = {"status": "draft", "in_stage": 1, "left": 20, "minimum": 5}
    assert chance(past, since_yes=25, **asked) == Chance(4, 5, WHOLE_WAY)  # type: ignore[arg-type]
    assert chance(past, since_yes=65, **asked) is None  # type: ignore[arg-type]


def test_the_next_working_day_after_a_friday_ends_with_monday() -> None:
    hours = [("09:00", "17:00")]
    calendar = Calendar(tz="UTC", week=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), hours))
    friday = datetime(2026, 11, 27, 15, tzinfo=UTC)
    assert end_of_next_working_day(friday, calendar) == datetime(2026, 12, 1, tzinfo=UTC)


def test_the_board_shows_what_will_probably_be_late(scoped: Client, browser: Browser) -> None:
    now = datetime.now(UTC)
    for _ in range(5):
        verbal = now - timedelta(days=20)
        OfferFactory(
            client=scoped, status="accepted", verbal_approved_at=verbal, verbal_basis="recorded",
            written_at=verbal + timedelta(hours=60), decided_at=now - timedelta(days=2),
        )  # fmt: skip
    offer = OfferFactory(client=scoped, external_id="O-late", moved_at=now)
    ClockFactory(offer=offer, started_at=now - timedelta(hours=40), target_at=now + timedelta(hours=8))
    refresh(scoped.pk, now=now)
    text = browser.get(reverse("panels:at-risk"), headers={"X-Panel": "1"}).content.decode()
    assert "O-late" in text
    assert "100\u00a0%" in text
