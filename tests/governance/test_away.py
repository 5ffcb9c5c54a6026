"""The page “Away”: people enter and end their own absences, who looks after people everybody's."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from governance.access import Role
from governance.models import Client, Delegation, User
from tests.factories import DelegationFactory

PAGE = reverse("away:absences")
Visit = Callable[[User], Browser]
pytestmark = pytest.mark.usefixtures("scoped")


def days(**given: object) -> dict[str, object]:
    today = timezone.now().date() + timedelta(days=2)
    return {"first": today.isoformat(), "last": (today + timedelta(days=3)).isoformat(), **given}


def test_people_enter_their_own_absence(member: Callable[..., User], browser_client: Visit) -> None:
    who, other = member(Role.FINANCE_LEADER), member(Role.TALENT_LEADER)
    response = browser_client(who).post(PAGE, days(to_user=other.pk, reason="Conference."), follow=True)
    row = Delegation.objects.get()
    assert (row.from_user, row.to_user, row.made_by, row.note.text) == (who, other, who, "Conference.")
    assert f"{other} stands in for {who}." in response.content.decode()


def test_who_is_away_is_not_theirs_to_choose(member: Callable[..., User], browser_client: Visit) -> None:
    who, other, third = (member(Role.FINANCE_LEADER) for _ in range(3))
    browser_client(who).post(PAGE, days(from_user=third.pk, to_user=other.pk))
    assert Delegation.objects.get().from_user == who


def test_an_hr_partner_enters_it_for_another(member: Callable[..., User], browser_client: Visit) -> None:
    partner, who, other = member(Role.HR_PARTNER), member(Role.FINANCE_LEADER), member(Role.FINANCE_LEADER)
    browser_client(partner).post(PAGE, days(from_user=who.pk, to_user=other.pk))
    assert Delegation.objects.get().from_user == who


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"first": "tomorrow"}, "Enter a valid date"),
        ({"first": "2020-01-01"}, "lies in the past"),
        ({"last": "2020-01-01"}, "before the first"),
        ({"last": "9999-12-31"}, "longer than 180 days"),
        ({"to_user": "0"}, "Select a valid choice"),
        ({"to_user": "x' OR 1=1"}, "Select a valid choice"),
        ({"to_user": ""}, "This field is required"),
        ({"reason": "x" * 401}, "at most 400 characters"),
        ({"reason": "a\x00b"}, "Null characters"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_keeps_the_rest(
    member: Callable[..., User], browser_client: Visit, given: dict[str, str], words: str
) -> None:
    who, other = member(Role.FINANCE_LEADER), member(Role.TALENT_LEADER)
    page = browser_client(who).post(PAGE, days(**{"to_user": other.pk, **given})).content.decode()
    assert words in page
    assert not Delegation.objects.exists()


def test_a_person_of_another_client_is_no_choice(
    member: Callable[..., User], browser_client: Visit, client_b: Client
) -> None:
    stranger = member(Role.FINANCE_LEADER, client=client_b)
    browser_client(member(Role.FINANCE_LEADER)).post(PAGE, days(to_user=stranger.pk))
    assert not Delegation.objects.exists()


def test_an_absence_is_ended_from_the_list_by_whom_it_concerns(
    scoped: Client, member: Callable[..., User], browser_client: Visit
) -> None:
    who, other, third = (member(Role.FINANCE_LEADER) for _ in range(3))
    now = timezone.now()
    row = DelegationFactory(client=scoped, from_user=who, to_user=other, starts_at=now, ends_at=now + timedelta(days=5))
    end = reverse("away:end", args=[row.pk])
    assert "Nobody is away" in browser_client(third).get(PAGE).content.decode()
    assert browser_client(third).post(end).status_code == 404
    assert "End now" not in browser_client(other).get(PAGE).content.decode()
    assert "for yourself only" in browser_client(other).post(end, follow=True).content.decode()
    assert "End now" in browser_client(who).get(PAGE).content.decode()
    assert "no longer" in browser_client(who).post(end, follow=True).content.decode()
    row.refresh_from_db()
    assert row.ended_by == who


def test_the_reason_is_read_by_whom_it_concerns_alone(
    scoped: Client, member: Callable[..., User], browser_client: Visit
) -> None:
    who, other = member(Role.FINANCE_LEADER), member(Role.TALENT_LEADER)
    browser_client(who).post(PAGE, days(to_user=other.pk, reason="An operation."))
    seen = ["An operation." in browser_client(user).get(PAGE).content.decode() for user in (who, other)]
    assert (seen, "An operation." in browser_client(member(Role.AUDITOR)).get(PAGE).content.decode()) == (
        [True, False], False,
    )  # fmt: skip


def test_the_list_takes_as_many_queries_for_three_absences_as_for_one(
    scoped: Client, member: Callable[..., User], browser_client: Visit, django_assert_num_queries: Callable[..., object]
) -> None:
    browser, counts = browser_client(member(Role.HR_PARTNER)), []
    for more in (1, 2):
        for _ in range(more):
            DelegationFactory(client=scoped)
        with django_assert_num_queries(10) as seen:  # type: ignore[attr-defined]
            browser.get(PAGE)
        counts.append(len(seen))
    assert counts[0] == counts[1]
