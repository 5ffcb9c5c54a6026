"""Two people at once: one wins, the other is told, and nobody works on what it was before the wait."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from governance.access import Role
from governance.delegation import DelegationError, delegate
from governance.tenancy import scope
from offers import workflow
from offers.errors import AlreadyDecided, NotInThisState, NotReady, OfferError
from offers.lifecycle import Status
from offers.models import ApprovalChain, Clock, Decision, Offer, VerbalApproval
from offers.sweep import sweep
from offers.workflow import mover
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()
"""
RECRUITER, DIRECTOR, PARTNER = Role.RECRUITER, Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER


def at_once(desk, *verbs: Callable[[], Any]) -> list[Any]:
    """Run the verbs on connections of their own, started together; what each gave, or the error that it met."""
    start, results = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(index: int) -> None:
        try:
            with scope([desk.client.pk]):
                start.wait(10)
                results[index] = verbs[index]()
        except OfferError as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(verbs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def behind(desk, offer: Offer, verb: Callable[[], Any], first: Callable[[], Any]) -> Any:
    """What `verb` gives where it had to wait for the offer's lock until `first` was done."""
    done: list[Any] = []

    def run() -> None:
        done.extend(at_once(desk, verb))

    thread = threading.Thread(target=run)
    with transaction.atomic():
        mover.lock(offer.pk)
        thread.start()
        wait_for_a_waiter()
        first()
    thread.join(30)
    return done[0]


def wait_for_a_waiter() -> None:
    """Until another connection waits for a lock."""
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)")
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nobody came to wait.")


def losers(results: list[Any]) -> Iterator[OfferError]:
    return (result for result in results if isinstance(result, OfferError))


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(desk):
    second = desk.person(DIRECTOR)
    asked = desk.waiting(desk.do("submit", desk.draft("94000")))[0]
    people = (desk.people[DIRECTOR], second)
    results = at_once(desk, *(lambda who=who: workflow.approve(asked.pk, actor=who, now=desk.now) for who in people))
    (told,) = losers(results)
    winner = Decision.objects.get().user
    assert isinstance(told, AlreadyDecided)
    assert f"{winner} has approved this" in str(told)


def test_an_approval_and_a_rejection_at_once_leave_one_decision(desk):
    second = desk.person(DIRECTOR)
    asked = desk.waiting(desk.do("submit", desk.draft("94000")))[0]
    results = at_once(
        desk,
        lambda: workflow.approve(asked.pk, actor=desk.people[DIRECTOR], now=desk.now),
        lambda: workflow.reject(asked.pk, actor=second, now=desk.now, comment="Too low."),
    )
    assert [type(error) for error in losers(results)] == [AlreadyDecided]
    assert Decision.objects.count() == 1


def test_of_a_person_and_their_stand_in_one_decides(desk):
    director, other = desk.people[DIRECTOR], desk.person(Role.TALENT_LEADER)
    factories.DelegationFactory(client=desk.client, from_user=director, to_user=other)
    asked = desk.waiting(desk.do("submit", desk.draft("94000")))[0]
    people = (director, other)
    results = at_once(desk, *(lambda who=who: workflow.approve(asked.pk, actor=who, now=desk.now) for who in people))
    assert [type(error) for error in losers(results)] == [AlreadyDecided]
    assert Decision.objects.count() == 1


def test_skipping_against_deciding_leaves_one_of_the_two(desk):
    asked = desk.waiting(desk.do("submit", desk.draft("94000")))[0]
    administrator, director = desk.people[Role.ADMINISTRATOR], desk.people[DIRECTOR]
    results = at_once(
        desk,
        lambda: workflow.skip(asked.pk, actor=administrator, now=desk.now, reason="Away."),
        lambda: workflow.approve(asked.pk, actor=director, now=desk.now),
    )
    assert [type(error) for error in losers(results)] == [AlreadyDecided]
    asked.refresh_from_db()
    assert asked.status == {"skipped": "skipped", "approved": "approved"}[Decision.objects.get().verdict]


def test_handing_on_against_deciding_ends_in_one_order_or_the_other(desk):
    asked, other = desk.waiting(desk.do("submit", desk.draft("94000")))[0], desk.person(DIRECTOR)
    handed, decided = at_once(
        desk,
        lambda: workflow.reassign(asked.pk, to=other, actor=desk.people[PARTNER], now=desk.now, reason="Knows it."),
        lambda: workflow.approve(asked.pk, actor=desk.people[DIRECTOR], now=desk.now),
    )
    asked.refresh_from_db()
    if isinstance(decided, OfferError):  # it was another's by then
        assert (asked.person, asked.status) == (other, "asked")
    else:
        assert isinstance(handed, AlreadyDecided)
        assert (asked.person, asked.status) == (None, "approved")


def test_two_absences_at_once_make_no_circle(desk):
    one, two = desk.people[DIRECTOR], desk.people[PARTNER]
    first, last = desk.now.date(), desk.now.date() + timedelta(days=3)

    def go(who, to):
        with suppress(DelegationError):
            return delegate(
                client=desk.client, from_user=who, to_user=to, first=first, last=last, actor=who, now=desk.now
            )

    results = at_once(desk, lambda: go(one, two), lambda: go(two, one))
    assert sum(result is not None for result in results) == 1


def test_of_two_submissions_one_starts_a_chain(desk):
    offer = desk.draft("94000")
    submit = lambda: workflow.submit(offer.pk, actor=desk.people[RECRUITER], now=desk.now)  # noqa: E731
    results = at_once(desk, submit, submit)
    assert [type(error) for error in losers(results)] == [NotInThisState]
    assert ApprovalChain.objects.count() == 1


def test_accepting_against_rescinding_ends_in_one_of_the_two_ways(desk):
    offer, recruiter = desk.bring(Status.EXTENDED), desk.people[RECRUITER]
    accept, rescind = at_once(
        desk,
        lambda: workflow.accept(offer.pk, actor=recruiter, now=desk.now),
        lambda: workflow.rescind(offer.pk, actor=recruiter, now=desk.now, reason="Budget."),
    )
    offer = desk.fresh(offer)
    assert offer.status == Status.RESCINDED  # an acceptance may be rescinded, a rescinded letter is not accepted
    assert isinstance(accept, NotInThisState) or offer.moved_from == Status.ACCEPTED
    assert not isinstance(rescind, OfferError)


def test_the_last_opening_is_drafted_once(desk):
    requisition = desk.open_requisition(openings=1)
    candidates = [factories.CandidateFactory(client=desk.client) for _ in range(2)]
    results = at_once(
        desk,
        *(
            lambda who=who: workflow.draft_offer(
                requisition=requisition, candidate=who, external_id=f"O-{who.pk}", actor=desk.people[RECRUITER],
                now=desk.now, terms={"base": 1},
            )
            for who in candidates
        ),
    )  # fmt: skip
    assert [type(error) for error in losers(results)] == [NotReady]
    assert Offer.objects.count() == 1


def test_two_acceptances_at_once_fill_the_requisition(desk):
    requisition = desk.open_requisition(openings=2)
    offers = [desk.bring(Status.EXTENDED, requisition=requisition) for _ in range(2)]
    actor = desk.people[RECRUITER]
    at_once(desk, *(lambda pk=each.pk: workflow.accept(pk, actor=actor, now=desk.now) for each in offers))
    requisition.refresh_from_db()
    assert requisition.status == "filled"


def test_who_waited_for_the_lock_works_on_the_version_that_there_is_then(desk):
    offer, recruiter = desk.bring(Status.EXTENDED), desk.people[RECRUITER]
    submitted = behind(
        desk,
        offer,
        verb=lambda: workflow.submit(offer.pk, actor=recruiter, now=desk.now),
        first=lambda: workflow.revise(offer.pk, actor=recruiter, now=desk.now),
    )
    assert (submitted.version.number, submitted.status) == (2, Status.APPROVED)


def test_who_waited_for_the_lock_sees_the_letter_that_there_is_then(desk):
    offer, recruiter = desk.bring(Status.APPROVED), desk.people[RECRUITER]
    accepted = behind(
        desk,
        offer,
        verb=lambda: workflow.accept(offer.pk, actor=recruiter, now=desk.now),
        first=lambda: workflow.extend(offer.pk, actor=recruiter, now=desk.now),
    )
    assert accepted.status == Status.ACCEPTED


def test_a_sweep_and_a_verb_do_not_wait_for_each_other(desk):
    offer, recruiter = desk.bring(Status.APPROVED), desk.people[RECRUITER]
    desk.later(hours=30)
    with transaction.atomic():
        mover.lock(offer.pk)
        (result,) = at_once(desk, lambda: sweep(now=desk.now))
        workflow.extend(offer.pk, actor=recruiter, now=desk.now)
    assert result.flagged == {"24": 1}
    assert Clock.objects.get(offer=offer, kind="verbal_to_written").escalations.get().status == "resolved"


def test_a_letter_that_waited_finds_what_was_taken_back_or_reported_meanwhile(desk):
    recruiter, manager = desk.people[RECRUITER], desk.people[Role.HIRING_MANAGER]
    takes_back, reports = desk.bring(Status.APPROVED), desk.bring(Status.APPROVED)
    said = VerbalApproval.objects.get(offer=takes_back)
    meanwhile = {
        takes_back: lambda: workflow.correct_verbal_approval(
            said.pk, actor=manager, now=desk.now, comment="I did not."
        ),
        reports: lambda: workflow.report_override(
            reports.pk,
            actor=manager,
            now=desk.now,
            kind="unapproved_promise",
            statement="Told by phone.",
            severity="severe",
        ),
    }
    refused = [
        behind(desk, offer, lambda offer=offer: workflow.extend(offer.pk, actor=recruiter, now=desk.now), first)
        for offer, first in meanwhile.items()
    ]
    assert [type(each) for each in refused] == [NotReady, NotInThisState]
    assert {desk.fresh(offer).status for offer in meanwhile} == {Status.APPROVED}


def test_of_two_who_settle_one_does_and_of_two_who_end_a_review_one(desk):
    recruiter, director = desk.people[RECRUITER], desk.people[DIRECTOR]
    asked = desk.bring(Status.NEGOTIATING)
    settle = lambda base: workflow.settle(asked.pk, {"base": base}, actor=recruiter, now=desk.now)  # noqa: E731
    second = behind(desk, asked, verb=lambda: settle(102_000), first=lambda: settle(101_000))
    assert isinstance(second, NotInThisState)
    assert desk.fresh(asked).version.base == 101_000

    reviewed = desk.bring(Status.IN_REVIEW)
    approval = desk.waiting(reviewed)[0]
    decided = behind(
        desk,
        reviewed,
        verb=lambda: workflow.approve(approval.pk, actor=director, now=desk.now),
        first=lambda: workflow.recall(reviewed.pk, actor=recruiter, now=desk.now),
    )
    assert isinstance(decided, AlreadyDecided)
    assert not Decision.objects.exists()
