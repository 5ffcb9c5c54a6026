"""Standing in for somebody: by whom, for how long, never passed on, and over at its end."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from governance import delegation
from governance.access import Role
from governance.delegation import DelegationError, close_lapsed, delegate, stand_ins
from governance.models import Client, Delegation, Membership, User
from governance.programme import load
from tests.factories import NOW, DelegationFactory, UserFactory

TODAY = date(2026, 11, 24)  # at the client in New York it is 04:00
pytestmark = pytest.mark.usefixtures("scoped")


@pytest.fixture
def people(member: Callable[..., User]) -> list[User]:
    return [member(Role.FINANCE_LEADER) for _ in range(3)]


def away(client: Client, who: User, stand_in: User, **given: Any) -> Delegation:
    days = {"first": TODAY, "last": TODAY + timedelta(days=2)}
    fields = {**days, "actor": who, "now": NOW, **given}
    return delegate(client=client, from_user=who, to_user=stand_in, **fields)


def who_decides_for(client: Client, who: User, at: datetime) -> list[int]:
    return stand_ins(load(client.pk), [who.pk], now=at)


def test_a_stand_in_decides_from_the_first_to_the_last_day_of_the_clients_zone(
    scoped: Client, people: list[User]
) -> None:
    who, other, _ = people
    away(scoped, who, other, first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=1))
    begins, ends = datetime(2026, 11, 25, 5, tzinfo=UTC), datetime(2026, 11, 26, 5, tzinfo=UTC)
    second = timedelta(seconds=1)
    found = [who_decides_for(scoped, who, at) for at in (begins - second, begins, ends - second, ends)]
    assert found == [[], [other.pk], [other.pk], []]


def test_an_absence_that_begins_today_begins_now(scoped: Client, people: list[User]) -> None:
    assert away(scoped, people[0], people[1]).starts_at == NOW


def test_who_looks_after_people_makes_another_a_stand_in_and_never_themselves(
    scoped: Client, people: list[User], member: Callable[..., User]
) -> None:
    partner = member(Role.HR_PARTNER)
    with pytest.raises(DelegationError, match="makes themselves"):
        away(scoped, people[0], partner, actor=partner)
    assert away(scoped, people[0], people[1], actor=partner).to_user == people[1]


def test_one_who_is_asked_anyway_stands_in_for_nobody(scoped: Client, people: list[User]) -> None:
    who, other, _ = people
    away(scoped, who, other)
    assert stand_ins(load(scoped.pk), [who.pk, other.pk], now=NOW) == []


def test_a_stand_in_who_has_left_decides_nothing(scoped: Client, people: list[User]) -> None:
    who, other, _ = people
    away(scoped, who, other)
    Membership.objects.filter(user=other).update(is_active=False)
    assert who_decides_for(scoped, who, NOW) == []
    assert load(scoped.pk).is_away(who.pk, NOW)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"first": TODAY - timedelta(days=1)}, "first", "lies in the past"),
        ({"last": TODAY - timedelta(days=1)}, "last", "before the first"),
        ({"last": TODAY + timedelta(days=181)}, "last", "longer than 180 days"),
        ({"first": TODAY + timedelta(days=367), "last": TODAY + timedelta(days=367)}, "first", "366 days ahead"),
        ({"first": date.max, "last": date.max}, "first", "366 days ahead"),
    ],
)
def test_days_that_cannot_be_are_refused(
    scoped: Client, people: list[User], given: dict[str, date], field: str, words: str
) -> None:
    with pytest.raises(DelegationError, match=words) as refusal:
        away(scoped, people[0], people[1], **given)
    assert refusal.value.field == field
    assert not Delegation.objects.exists()


def test_the_longest_absence_is_taken(scoped: Client, people: list[User]) -> None:
    assert away(scoped, people[0], people[1], last=TODAY + timedelta(days=180))


def test_nobody_stands_in_for_themselves(scoped: Client, people: list[User]) -> None:
    with pytest.raises(DelegationError, match="for themselves"):
        away(scoped, people[0], people[0])


@pytest.mark.parametrize("stranger", [{}, {"is_active": False}])
def test_a_stand_in_works_for_the_same_client(
    scoped: Client, people: list[User], member: Callable[..., User], client_b: Client, stranger: dict[str, bool]
) -> None:
    other = member(Role.FINANCE_LEADER, **stranger) if stranger else member(Role.FINANCE_LEADER, client=client_b)
    with pytest.raises(DelegationError, match="no active member"):
        away(scoped, people[0], other)


def test_others_are_sent_away_by_hr_partners_and_administrators_alone(
    scoped: Client, people: list[User], member: Callable[..., User]
) -> None:
    who, other, _ = people
    for role in set(Role) - delegation.FOR_OTHERS:
        with pytest.raises(DelegationError, match="for yourself only"):
            away(scoped, who, other, actor=member(role))
    assert away(scoped, who, other, actor=member(Role.HR_PARTNER)).made_by != who


def test_nothing_is_passed_on_in_either_direction(scoped: Client, people: list[User]) -> None:
    one, two, three = people
    away(scoped, one, two)
    with pytest.raises(DelegationError, match=r"stands in for .* that is not passed on"):
        away(scoped, two, three)
    with pytest.raises(DelegationError, match=r"is away then, and .* stands in"):
        away(scoped, three, one)


def test_a_circle_is_refused(scoped: Client, people: list[User]) -> None:
    away(scoped, people[0], people[1])
    with pytest.raises(DelegationError, match="not passed on"):
        away(scoped, people[1], people[0])


def test_absences_one_after_the_other_may_go_round(scoped: Client, people: list[User]) -> None:
    one, two, _ = people
    away(scoped, one, two)
    assert away(scoped, two, one, first=TODAY + timedelta(days=3), last=TODAY + timedelta(days=3))


def test_one_person_has_one_stand_in_at_a_time(scoped: Client, people: list[User]) -> None:
    one, two, three = people
    first = away(scoped, one, two)
    with pytest.raises(DelegationError, match="in that time already"):
        away(scoped, one, three, last=TODAY)
    with pytest.raises(IntegrityError, match="delegation_one_at_a_time"), transaction.atomic():
        DelegationFactory(client=scoped, from_user=one, to_user=three)
    delegation.end(first.pk, actor=one, now=NOW)
    assert away(scoped, one, three)


def test_an_absence_ends_early_for_whoever_may_begin_it(
    scoped: Client, people: list[User], member: Callable[..., User]
) -> None:
    who, other, _ = people
    row = away(scoped, who, other)
    with pytest.raises(DelegationError, match="for yourself only"):
        delegation.end(row.pk, actor=other, now=NOW)
    administrator = member(Role.ADMINISTRATOR)
    later = NOW + timedelta(hours=1)
    assert delegation.end(row.pk, actor=administrator, now=later).ended_by == administrator
    assert who_decides_for(scoped, who, later) == []
    with pytest.raises(DelegationError, match="over already"):
        delegation.end(row.pk, actor=who, now=later)


def test_an_absence_of_another_client_is_not_found(scoped: Client, people: list[User], client_b: Client) -> None:
    row = DelegationFactory(client=client_b)
    with pytest.raises(DelegationError, match="no such absence"):
        delegation.end(row.pk, actor=people[0], now=NOW)


def test_what_has_reached_its_end_is_closed_once(scoped: Client) -> None:
    row = DelegationFactory(client=scoped)
    assert [close_lapsed(now=at) for at in (row.ends_at - timedelta(seconds=1), row.ends_at, row.ends_at)] == [0, 1, 0]


def test_the_history_says_who_sent_whom_away_and_holds_no_reason(scoped: Client, people: list[User]) -> None:
    row = away(scoped, people[0], people[1], reason="An operation.")
    (event,) = Delegation.pgh_event_model.objects.filter(pgh_obj=row)
    assert event.pgh_context["action"] == "delegation.begin"
    assert (event.pgh_context["actor"], event.note_id) == (people[0].pk, row.note_id)
    assert row.note.text == "An operation."


def test_people_see_their_own_absences_and_who_looks_after_people_sees_all(
    scoped: Client, people: list[User], member: Callable[..., User]
) -> None:
    row = away(scoped, people[0], people[1])
    seen = [bool(Delegation.objects.visible_to(user)) for user in people]
    assert seen == [True, True, False]
    assert list(Delegation.objects.visible_to(member(Role.HR_PARTNER))) == [row]
    assert not Delegation.objects.visible_to(UserFactory())
