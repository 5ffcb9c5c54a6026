"""The sweep flags each threshold once, tells whom the path names, and does it with a fixed number of queries."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access import Role
from governance.models import EscalationPath
from governance.tenancy import scope
from offers import clocks
from offers.models import Clock, Escalation, OutboxEscalation, OutboxMessage
from offers.sweep import sweep
from tests import factories
from tests.offers.stuck import waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder(member):
    return member(Role.RECRUITER)


def flagged(now):
    return {hours: n for hours, n in sweep(now=now).flagged.items() if n}


@pytest.mark.parametrize(("hours", "expected"), [(23.99, {}), (24, {"24": 1}), (47.99, {"24": 1}), (48, {"48": 1})])
def test_a_standard_offer_is_flagged_from_each_threshold_on(scoped, now, holder, hours, expected):
    waiting(scoped, hours=hours, now=now, holder=holder)
    assert flagged(now) == expected


@pytest.mark.parametrize(("hours", "expected"), [(7.9, {}), (8, {"8": 1}), (16, {"16": 1}), (24, {"24": 1})])
def test_a_critical_offer_is_flagged_at_8_16_and_24_hours(scoped, now, holder, hours, expected):
    waiting(scoped, hours=hours, now=now, holder=holder, priority="critical")
    assert flagged(now) == expected


def test_the_ladder_is_climbed_one_threshold_at_a_time(scoped, now, holder):
    offer = waiting(scoped, hours=0, now=now, holder=holder)
    seen = [flagged(now + timedelta(hours=hours)) for hours in (23, 24, 25, 48, 72, 500)]
    assert seen == [{}, {"24": 1}, {}, {"48": 1}, {"72": 1}, {}]
    assert list(offer.escalations.order_by("level").values_list("threshold_hours", "level")) == [
        (24, 1),
        (48, 2),
        (72, 3),
    ]


def test_a_clock_entered_late_flags_only_the_newest_threshold(scoped, now, holder):
    offer = waiting(scoped, hours=60, now=now, holder=holder)
    assert flagged(now) == {"48": 1}
    assert offer.escalations.get().due_at == offer.verbal_approved_at + timedelta(hours=48)


def test_sweeping_again_changes_nothing(scoped, now, holder):
    waiting(scoped, hours=30, now=now, holder=holder)
    sweep(now=now)
    before = OutboxMessage.objects.count()
    again = sweep(now=now)
    assert (again.due, again.mails_queued, OutboxMessage.objects.count()) == (0, 0, before)


def test_a_stopped_clock_is_never_flagged(scoped, now, holder):
    offer = waiting(scoped, hours=1, now=now, holder=holder)
    clocks.stop(offer, ["verbal_to_written"], now=now)
    assert flagged(now + timedelta(days=9)) == {}


def told(offer):
    links = OutboxEscalation.objects.filter(escalation__offer=offer)
    return {link.message.user for link in links.select_related("message__user")}


def test_level_1_tells_holder_and_coordinators(scoped, now, member, holder):
    coordinator = member(Role.COORDINATOR)
    member(Role.FINANCE_LEADER)
    offer = waiting(scoped, hours=24, now=now, holder=holder)
    sweep(now=now)
    assert told(offer) == {holder, coordinator}


def test_the_offers_own_coordinator_is_told_instead_of_all_of_them(scoped, now, member, holder):
    own, _other = member(Role.COORDINATOR), member(Role.COORDINATOR)
    offer = waiting(scoped, hours=24, now=now, holder=holder, coordinator=own)
    sweep(now=now)
    assert told(offer) == {holder, own}


def test_level_2_tells_the_holders_manager_hr_and_the_account_director(scoped, now, member):
    boss, recruiter = member(Role.ACCOUNT_DIRECTOR), factories.UserFactory()
    factories.MembershipFactory(user=recruiter, client=scoped, role=Role.RECRUITER, manager=boss)
    manager, partner = member(Role.RECRUITER), member(Role.HR_PARTNER)
    factories.MembershipFactory(user=recruiter, client=scoped, role=Role.COORDINATOR, manager=manager)
    offer = waiting(scoped, hours=48, now=now, holder=recruiter)
    sweep(now=now)
    assert told(offer) == {boss, manager, partner}


def test_level_3_tells_finance_and_talent_leaders(scoped, now, member, holder):
    finance, talent = member(Role.FINANCE_LEADER), member(Role.TALENT_LEADER)
    offer = waiting(scoped, hours=72, now=now, holder=holder)
    sweep(now=now)
    assert told(offer) == {finance, talent}


def test_a_role_that_holds_is_told_as_a_whole(scoped, now, member):
    partners = {member(Role.HR_PARTNER), member(Role.HR_PARTNER)}
    offer = waiting(scoped, hours=24, now=now, holder_role=Role.HR_PARTNER)
    sweep(now=now)
    assert told(offer) == partners


def test_a_level_without_anybody_goes_up(scoped, now, member):
    finance = member(Role.FINANCE_LEADER)
    offer = waiting(scoped, hours=24, now=now)
    sweep(now=now)
    assert told(offer) == {finance}


def test_with_nobody_on_the_ladder_administrators_are_told(scoped, now, member):
    administrator = member(Role.ADMINISTRATOR)
    offer = waiting(scoped, hours=24, now=now)
    sweep(now=now)
    assert told(offer) == {administrator}


def test_deactivated_people_are_not_told(scoped, now, member, holder):
    gone = member(Role.COORDINATOR, is_active=False)
    offer = waiting(scoped, hours=24, now=now, holder=holder)
    sweep(now=now)
    assert gone not in told(offer)


def ended(user, client):
    """They work there no more, and still sign in: for another client."""
    user.memberships.filter(client=client).update(is_active=False)


def test_who_has_left_the_client_is_not_told_and_their_role_is_instead(scoped, now, member, client_b):
    gone, there = member(Role.COORDINATOR), member(Role.COORDINATOR)
    factories.MembershipFactory(user=gone, client=client_b, role=Role.COORDINATOR)
    ended(gone, scoped)
    offer = waiting(scoped, hours=24, now=now, holder=gone, coordinator=gone)
    sweep(now=now)
    assert told(offer) == {there}


@pytest.mark.parametrize("gone", [(), ("recruiter",), ("recruiter", "coordinator")])
def test_an_answer_that_is_due_is_told_to_somebody_who_is_there(scoped, now, member, gone):
    people = {"recruiter": member(Role.RECRUITER), "coordinator": member(Role.COORDINATOR)}
    other = member(Role.COORDINATOR)
    for each in gone:
        ended(people[each], scoped)
    clock = factories.ClockFactory(
        client=scoped, kind="candidate_response", offer=factories.OfferFactory(client=scoped, **people),
        target_at=now + timedelta(hours=5), next_due_at=None, remind_at=now,
    )  # fmt: skip
    sweep(now=now)
    told = set(OutboxMessage.objects.filter(kind="answer_due", offer=clock.offer).values_list("user", flat=True))
    assert told == {[people["recruiter"], people["coordinator"], other][len(gone)].pk}


def test_whoever_has_left_the_client_hears_nothing_more_of_it(scoped, now, member):
    gone, administrator = member(Role.RECRUITER), member(Role.ADMINISTRATOR)
    offer = waiting(scoped, hours=24, now=now, holder=gone, coordinator=gone)
    gone.memberships.update(is_active=False)
    factories.MembershipFactory(user=gone, client=factories.ClientFactory(), role=Role.RECRUITER)
    sweep(now=now)
    assert told(offer) == {administrator}


def test_a_manager_who_is_no_member_hears_nothing(scoped, now, member):
    recruiter, partner = factories.UserFactory(), member(Role.HR_PARTNER)
    factories.MembershipFactory(user=recruiter, client=scoped, role=Role.RECRUITER, manager=factories.UserFactory())
    offer = waiting(scoped, hours=48, now=now, holder=recruiter)
    sweep(now=now)
    assert told(offer) == {partner}


def test_what_comes_up_from_an_empty_level_stands_in_the_same_digest(scoped, now, member):
    finance = member(Role.FINANCE_LEADER)
    for hours in (24, 72):  # the first names nobody, the second names them
        waiting(scoped, hours=hours, now=now)
    result = sweep(now=now)
    mine = OutboxMessage.objects.get(user=finance)
    assert (result.mails_queued, mine.carried.count(), mine.offer) == (1, 2, None)


def test_an_address_longer_than_a_key_is_told_too(scoped, now):
    address = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example"
    document = {**factories.starting_template()["escalation_path"], "levels": [{"owners": [{"address": address}]}] * 3}
    assert EscalationPath.problems(document) == []
    factories.EscalationPathFactory(client=scoped, version=2, document=document, published_at=now)
    waiting(scoped, hours=24, now=now)
    assert sweep(now=now).mails_queued == 1
    assert OutboxMessage.objects.get().address == address


def test_one_digest_a_person_carries_all_their_escalations(scoped, now, holder):
    for hours in (24, 30, 40):
        waiting(scoped, hours=hours, now=now, holder=holder)
    result = sweep(now=now)
    mine = OutboxMessage.objects.get(user=holder)
    assert (result.due, mine.carried.count(), mine.offer) == (3, 3, None)


def test_nobody_of_another_client_is_told(scoped, client_b, now, member, holder):
    stranger = member(Role.COORDINATOR, client=client_b)
    waiting(scoped, hours=24, now=now, holder=holder)
    with scope([scoped.pk, client_b.pk]):
        sweep(now=now)
        assert not OutboxMessage.objects.filter(user=stranger).exists()


def test_queries_do_not_grow_with_rows(scoped, now, member, holder):
    member(Role.COORDINATOR)

    def queries(offers):
        for _ in range(offers):
            waiting(scoped, hours=24, now=now, holder=holder)
        with CaptureQueriesContext(connection) as seen:
            sweep(now=now)
        return len(seen)

    assert queries(1) == queries(7)


def test_history_says_that_the_sweep_flagged_it(scoped, now, holder):
    offer = waiting(scoped, hours=24, now=now, holder=holder)
    sweep(now=now)
    event = offer.escalations.get().events.get()
    assert event.pgh_context == {"actor": None, "action": "sweep"}


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_flag_each_offer_once(client_a, now, member):
    holder = member(Role.RECRUITER)
    with scope([client_a.pk]):
        for _ in range(40):
            waiting(client_a, hours=24, now=now, holder=holder)
    gate, results = threading.Barrier(2), []

    def run():
        try:
            with scope([client_a.pk]):
                gate.wait(timeout=10)
                results.append(sweep(now=now, batch=5))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with scope([client_a.pk]):
        assert sum(result.due for result in results) == 40
        assert Escalation.objects.count() == OutboxEscalation.objects.count() == 40
        assert not Clock.objects.filter(next_due_at__lte=now).exists()
