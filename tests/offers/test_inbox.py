"""“Waiting for me” as a page: its order, filters and file, several answers at once, handing on and skipping."""

import csv
import io

import pytest
from django.urls import reverse

from governance.access import Role
from offers.lifecycle import Status
from offers.models import Approval, Decision
from tests.factories import DelegationFactory
from tests.offers.desk import Desk
from tests.offers.screen import Screen, text

DIRECTOR, PARTNER, ADMINISTRATOR = Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER, Role.ADMINISTRATOR
WAITING, TOGETHER = reverse("offers:waiting"), reverse("offers:together")


@pytest.fixture
def three(desk: Desk) -> list[Approval]:
    """An approval that is late, a critical one and a plain one, asked of the account director."""
    late = desk.bring(Status.IN_REVIEW)
    desk.later(hours=9)
    critical = desk.bring(Status.IN_REVIEW, priority="critical")
    plain = desk.bring(Status.IN_REVIEW)
    return [desk.waiting(each)[0] for each in (late, critical, plain)]


def places(page: str, approvals: list[Approval]) -> list[int]:
    """Which of these approvals a page leads to, in its order."""
    found = {page.find(f"/offers/approvals/{each.pk}/"): i for i, each in enumerate(approvals)}
    return [found[at] for at in sorted(found) if at >= 0]


def show(screen: Screen, **query: str) -> str:
    return screen.get(WAITING, **query).content.decode()


def test_late_ones_come_first_and_critical_before_standard(desk: Desk, three: list[Approval]) -> None:
    assert places(show(Screen(desk, DIRECTOR)), three) == [0, 1, 2]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"only": "late"}, [0]),
        ({"only": "critical"}, [1]),
        ({"only": "away"}, []),
        ({"role": "account_director"}, [0, 1, 2]),
        ({"role": "hr_partner"}, []),
        ({"only": "nonsense", "role": "' OR 1=1", "client": "x"}, [0, 1, 2]),
    ],
)
def test_filters_show_what_they_say(desk: Desk, three: list[Approval], query: dict[str, str], shown: list[int]) -> None:
    assert places(show(Screen(desk, DIRECTOR), **query), three) == shown


def test_a_stand_in_sees_for_whom_and_can_ask_for_these_alone(desk: Desk, three: list[Approval]) -> None:
    other = desk.person(Role.TALENT_LEADER)
    DelegationFactory(
        client=desk.client, from_user=desk.people[DIRECTOR], to_user=other,
        ends_at=desk.now.replace(year=2027),
    )  # fmt: skip
    screen = Screen(desk, other)
    assert places(show(screen, only="away"), three) == [0, 1, 2]
    assert f"Account director for {desk.people[DIRECTOR]}" in text(screen.get(WAITING))
    page = text(screen.get(reverse("offers:decide", args=[three[0].pk])))
    assert f"You stand in for {desk.people[DIRECTOR]}" in page


def test_the_file_has_what_is_shown_and_no_formula(desk: Desk, three: list[Approval]) -> None:
    Approval.objects.filter(pk=three[0].pk).update(reason='=HYPERLINK("x")')
    rows = list(csv.DictReader(io.StringIO(show(Screen(desk, DIRECTOR), format="csv", only="late"))))
    assert [(row["offer"], row["reason"]) for row in rows] == [(str(three[0].offer), '\'=HYPERLINK("x")')]


# --- several at once


def tick(desk: Desk, approvals: list[Approval], who: Role = DIRECTOR, **data: str) -> str:
    return text(Screen(desk, who).post(TOGETHER, approval=[each.pk for each in approvals], **data))


def test_each_is_shown_and_nothing_is_decided_by_choosing(desk: Desk, three: list[Approval]) -> None:
    page = tick(desk, three[:2])
    assert (str(three[0].offer) in page, str(three[1].offer) in page, str(three[2].offer) in page) == (
        True,
        True,
        False,
    )
    assert "Nothing is decided yet" in page
    assert not Decision.objects.exists()


def test_each_gets_its_own_answer_and_what_is_left_waits(desk: Desk, three: list[Approval]) -> None:
    one, two, three_ = three
    answers = {f"a{one.pk}-verdict": "approved", f"a{two.pk}-verdict": "rejected", "comment": "Too low."}
    response = Screen(desk, DIRECTOR).post(TOGETHER, confirm="1", approval=[each.pk for each in three], **answers)
    assert response.status_code == 302
    found = Decision.objects.values_list("approval", "verdict", "note__text")
    assert set(found) == {(one.pk, "approved", "Too low."), (two.pk, "rejected", "Too low.")}
    assert desk.waiting(three_.offer)[0] == three_


def test_one_that_is_refused_is_shown_again_with_why_and_stops_no_other(desk: Desk, three: list[Approval]) -> None:
    one, two, _ = three
    page = tick(desk, [one, two], confirm="1", **{f"a{one.pk}-verdict": "rejected", f"a{two.pk}-verdict": "approved"})
    assert "a rejection needs a comment" in page
    assert list(Decision.objects.values_list("approval", flat=True)) == [two.pk]


@pytest.mark.parametrize(("comment", "says"), [("x" * 4001, "at most 4000"), ("a\0b", "Null characters")])
def test_a_comment_for_all_that_cannot_be_kept_decides_nothing_and_is_not_cut(
    desk: Desk, three: list[Approval], comment: str, says: str
) -> None:
    page = tick(desk, three[:1], confirm="1", comment=comment, **{f"a{three[0].pk}-verdict": "rejected"})
    assert says in page
    assert not Decision.objects.exists()


@pytest.mark.parametrize("verdict", ["skipped", "given", "x"])
def test_no_other_answer_is_taken(desk: Desk, three: list[Approval], verdict: str) -> None:
    tick(desk, three[:1], confirm="1", **{f"a{three[0].pk}-verdict": verdict})
    assert not Decision.objects.exists()


def test_what_waits_for_others_is_not_answered_by_a_forged_choice(desk: Desk, three: list[Approval]) -> None:
    answers = {f"a{three[0].pk}-verdict": "approved"}
    response = Screen(desk, PARTNER).post(TOGETHER, confirm="1", approval=[three[0].pk, "x", "9" * 30], **answers)
    assert (response.status_code, Decision.objects.exists()) == (302, False)


# --- beside deciding


def test_the_offers_page_leads_whoever_may_to_handing_on_and_skipping(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    pages = [Screen(desk, role).offer(offer) for role in (ADMINISTRATOR, PARTNER, Role.RECRUITER)]
    assert ["Skip: Account director" in page for page in pages] == [True, False, False]
    assert ["Hand on: Account director" in page for page in pages] == [True, True, False]


def test_handing_on_by_the_page(desk: Desk) -> None:
    asked, other = desk.waiting(desk.bring(Status.IN_REVIEW))[0], desk.person(DIRECTOR)
    path = reverse("offers:hand-on", args=[asked.pk])
    assert str(other) in text(Screen(desk, PARTNER).get(path))
    refused = text(Screen(desk, PARTNER).post(path, to=desk.people[Role.FINANCE_LEADER].pk, reason="x"))
    assert "Select a valid choice" in refused
    assert Screen(desk, PARTNER).post(path, to=other.pk, reason="Knows the market.").status_code == 302
    asked.refresh_from_db()
    assert asked.person == other


def test_skipping_by_the_page_needs_a_reason_and_the_role(desk: Desk) -> None:
    asked = desk.waiting(desk.bring(Status.IN_REVIEW))[0]
    path = reverse("offers:skip", args=[asked.pk])
    assert "may not skip" in text(Screen(desk, PARTNER).get(path))
    assert "This field is required" in text(Screen(desk, ADMINISTRATOR).post(path, reason=" "))
    assert Screen(desk, ADMINISTRATOR).post(path, reason="On leave.").status_code == 302
    asked.refresh_from_db()
    assert asked.status == "skipped"


def test_sending_back_by_the_page(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    asked = desk.waiting(offer)[0]
    data = {"verdict": "returned", "comment": "Add a clawback."}
    Screen(desk, DIRECTOR).post(reverse("offers:decide", args=[asked.pk]), **data)
    assert desk.fresh(offer).status == Status.DRAFT
    assert "Sent back for changes: Account director" in Screen(desk, Role.RECRUITER).offer(offer)
