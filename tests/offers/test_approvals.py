"""Who is asked, in which order, and what a decision does: steps, n of m, separation of duties, alarms, who hears."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from governance.access import Role
from governance.models import Membership
from governance.programme import load
from governance.tenancy import scope
from offers import workflow
from offers.approvals import alarm_orphans, eligible
from offers.errors import AlreadyDecided, BadInput, NotReady, NotYours
from offers.lifecycle import Status
from offers.models import Approval, Decision, Offer, OutboxMessage
from tests import factories

DIRECTOR, PARTNER = Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER
FINANCE, TALENT = Role.FINANCE_LEADER, Role.TALENT_LEADER


def rule(*ask, **more):
    return {"id": "all", "title": "All", "when": [{"test": "always"}], "ask": list(ask), **more}


def submitted(desk, *ask, **more):
    """An offer in review under a policy that asks these of every offer."""
    desk.publish(rule(*ask, **more))
    return desk.do("submit", desk.draft())


# --- the template's rules, end to end


@pytest.mark.parametrize(
    ("base", "terms", "chain"),
    [
        ("95000", {}, []),
        ("94999.99", {}, ["account_director", "hr_partner"]),
        ("110000", {}, []),
        ("120000", {}, ["hr_partner"]),
        ("120000.01", {}, ["hr_partner"]),
        ("126000", {}, ["hr_partner"]),
        ("126000.01", {}, ["hr_partner", "Head of rewards"]),
        ("79999.99", {}, ["account_director", "hr_partner"]),
        ("100000", {"sign_on": 10_000, "clawback_months": 12}, []),
        ("100000", {"sign_on": D("10000.01"), "clawback_months": 12}, ["finance_leader"]),
        ("100000", {"sign_on": D("10000.01"), "clawback_months": 11}, ["hr_partner", "finance_leader"]),
        ("100000", {"equity_value": 1}, ["hr_partner"]),
        ("100000", {"standard_letter": False}, ["hr_partner"]),
        ("100000", {"guaranteed_bonus": 100_001}, ["finance_leader"]),
        ("100000", {"guaranteed_bonus": 250_001}, ["CFO", "CHRO"]),
    ],
)
def test_the_template_asks_exactly_whom_it_says(desk, base, terms, chain):
    offer = desk.do("submit", desk.draft(base, **terms))
    asked = [step.title or step.role for step in Approval.objects.filter(offer=offer, status__in=("asked", "waiting"))]
    assert asked == chain
    assert desk.chain(offer)[0] == "1 hiring_manager: given"


@pytest.mark.parametrize(
    ("base", "requisition", "chain"),
    [
        ("130000.01", {}, ["hr_partner", "Head of rewards", "finance_leader"]),
        ("100000.01", {"budget_max": 100_000}, ["finance_leader"]),
        ("110000", {"budget_max": 100_000}, ["finance_leader"]),
        ("110000.01", {"budget_max": 100_000}, ["Finance director"]),
        ("100000", {"role_code": "NEW"}, ["hr_partner"]),
        ("100000", {"posted_max": D("99999.99")}, ["hr_partner"]),
    ],
)
def test_budget_posted_range_and_unknown_references_ask_whom_the_template_says(desk, base, requisition, chain):
    offer = desk.do("submit", desk.draft(base, requisition=desk.open_requisition(**requisition)))
    asked = Approval.objects.filter(offer=offer, status__in=("asked", "waiting"))
    assert [step.title or step.role for step in asked] == chain


def test_a_stale_reference_counts_as_unknown(desk):
    desk.later(days=731)
    offer = desk.do("submit", desk.draft())
    assert desk.chain(offer) == ["1 hiring_manager: given", "2 hr_partner: asked"]
    assert offer.version.unknown_reason == "stale"


def test_advice_holds_nothing(desk):
    offer = desk.do("submit", desk.draft(expected_salary=D(112_000)))
    assert offer.status == Status.APPROVED
    assert [advice["role"] for advice in offer.version.standing["advice"]] == ["account_director"]


def test_a_policy_that_asks_nobody_approves_at_once_and_names_the_rule(desk):
    offer = desk.do("submit", desk.draft())
    assert offer.status == Status.APPROVED
    assert "Inside band, near reference" in offer.chains.get().because


def test_without_a_verbal_approval_the_manager_is_asked(desk):
    offer = desk.do("submit", desk.draft(verbal=False))
    assert desk.chain(offer) == ["1 hiring_manager: asked"]
    assert offer.holder == desk.people[Role.HIRING_MANAGER]


def test_terms_better_than_verbally_approved_ask_the_manager_first(desk):
    offer = desk.edit(desk.draft("90000"), base=D("90000.01"))
    offer = desk.do("submit", offer)
    assert desk.chain(offer) == ["1 hiring_manager: asked", "2 account_director: waiting", "3 hr_partner: waiting"]


def test_an_approval_copies_what_it_is_asked_and_why(desk):
    offer = desk.do("submit", desk.draft("94000", priority="critical"))
    asked = desk.waiting(offer)[0]
    assert (asked.rules, asked.reason) == (["below-reference"], "6 % below reference (limit 5 %)")
    assert (asked.due_hours, asked.due_at) == (4, desk.now + timedelta(hours=4))


# --- deciding


def test_steps_are_asked_in_order_and_the_last_approves_the_offer(desk):
    offer = desk.do("submit", desk.draft("94000"))
    assert desk.mailed("approval_asked") == {desk.people[DIRECTOR]}
    offer = desk.do("approve", offer, by=DIRECTOR)
    assert (offer.status, offer.holder) == (Status.IN_REVIEW, desk.people[PARTNER])
    offer = desk.do("approve", offer, by=PARTNER)
    assert (offer.status, offer.holder) == (Status.APPROVED, desk.people[Role.RECRUITER])
    assert desk.mailed("approved") == {desk.people[Role.RECRUITER]}


def test_a_parallel_rule_asks_both_at_once(desk):
    offer = submitted(desk, {"role": FINANCE}, {"role": TALENT}, mode="parallel")
    assert desk.chain(offer) == ["1 finance_leader: asked", "1 talent_leader: asked"]
    offer = desk.do("approve", offer, by=FINANCE)
    assert (offer.status, offer.holder) == (Status.IN_REVIEW, desk.people[TALENT])
    assert desk.do("approve", offer, by=TALENT).status == Status.APPROVED


def test_a_step_that_waits_its_turn_cannot_be_decided(desk):
    offer = desk.do("submit", desk.draft("94000"))
    later = offer.approvals.get(role=PARTNER)
    with pytest.raises(NotReady, match="not its turn"):
        workflow.approve(later.pk, actor=desk.people[PARTNER], now=desk.now)


def test_who_is_not_asked_cannot_decide(desk):
    offer = desk.do("submit", desk.draft("94000"))
    with pytest.raises(NotYours, match="waits for Account director"):
        desk.do("approve", offer, by=PARTNER)


def test_a_title_is_asked_where_somebody_holds_it(desk):
    cfo = desk.person(FINANCE, title="cfo")
    offer = submitted(desk, {"role": FINANCE, "title": "CFO"})
    with pytest.raises(NotYours):
        desk.do("approve", offer, by=FINANCE)
    assert desk.do("approve", offer, by=cfo).status == Status.APPROVED


def test_a_named_person_alone_is_asked(desk):
    named = desk.person(Role.AUDITOR)
    offer = submitted(desk, {"person": named.pk})
    with pytest.raises(NotYours):
        desk.do("approve", offer, by=Role.AUDITOR)
    assert desk.do("approve", offer, by=named).status == Status.APPROVED


def test_nobody_decides_for_a_client_that_is_not_theirs(desk):
    stranger = factories.UserFactory()
    other = factories.MembershipFactory(user=stranger, role=DIRECTOR)
    asked = desk.waiting(desk.do("submit", desk.draft("94000")))[0]
    with scope([other.client_id]), pytest.raises(NotYours, match="no such approval"):
        workflow.approve(asked.pk, actor=stranger, now=desk.now)
    with pytest.raises(NotYours):
        workflow.approve(asked.pk, actor=stranger, now=desk.now)


def test_a_second_answer_hears_who_was_first_and_when(desk):
    second = desk.person(DIRECTOR)
    offer = desk.do("submit", desk.draft("94000"))
    asked = desk.waiting(offer)[0]
    desk.do("approve", offer, by=DIRECTOR)
    with pytest.raises(AlreadyDecided, match=f"{desk.people[DIRECTOR]} has approved this on 24 Nov 2026 at 09:00 UTC"):
        workflow.approve(asked.pk, actor=second, now=desk.later(minutes=5))
    assert asked.decisions.count() == 1


def test_an_approval_of_a_recalled_version_says_that_it_is_not_needed(desk):
    offer = desk.do("submit", desk.draft("94000"))
    asked = desk.waiting(offer)[0]
    desk.do("recall", offer)
    with pytest.raises(AlreadyDecided, match="not needed any more"):
        workflow.approve(asked.pk, actor=desk.people[DIRECTOR], now=desk.now)


@pytest.mark.parametrize("comment", ["", "  \n"])
def test_a_rejection_needs_a_comment(desk, comment):
    offer = desk.do("submit", desk.draft("94000"))
    with pytest.raises(BadInput, match="needs a comment") as refusal:
        desk.do("reject", offer, by=DIRECTOR, comment=comment)
    assert refusal.value.field == "comment"


def test_a_rejection_stops_the_chain_and_gives_the_terms_back_as_a_draft(desk):
    offer = desk.do("submit", desk.draft("94000"))
    offer = desk.do("reject", desk.do("approve", offer, by=DIRECTOR), by=PARTNER)
    assert desk.chain(offer)[1:] == ["2 account_director: approved", "3 hr_partner: rejected"]
    assert (offer.status, offer.version.number, offer.version.is_frozen) == (Status.DRAFT, 2, False)
    assert offer.version.base == D(94_000)
    assert offer.chains.get().status == "rejected"


def test_a_rejection_tells_requester_recruiter_manager_and_who_approved(desk):
    requester = Role.COORDINATOR
    offer = desk.do("submit", desk.draft("94000"), by=requester)
    desk.do("reject", desk.do("approve", offer, by=DIRECTOR), by=PARTNER)
    told = {requester, Role.RECRUITER, Role.HIRING_MANAGER, DIRECTOR}
    assert desk.mailed("rejected") == {desk.people[role] for role in told}


def test_after_a_rejection_the_other_step_says_who_rejected(desk):
    offer = submitted(desk, {"role": FINANCE}, {"role": TALENT}, mode="parallel")
    other = offer.approvals.get(role=TALENT)
    desk.do("reject", offer, by=FINANCE)
    with pytest.raises(AlreadyDecided, match=f"{desk.people[FINANCE]} has rejected"):
        workflow.approve(other.pk, actor=desk.people[TALENT], now=desk.now)


# --- n of m


def test_in_n_of_m_the_nth_yes_decides(desk):
    desk.person(FINANCE), desk.person(FINANCE)
    offer = submitted(desk, {"role": FINANCE, "n": 2})
    first, second, third = (member.user for member in Membership.objects.filter(client=desk.client, role=FINANCE))
    assert desk.do("approve", offer, by=first).status == Status.IN_REVIEW
    with pytest.raises(AlreadyDecided, match="You have decided on this already"):
        desk.do("approve", offer, by=first)
    assert desk.do("reject", offer, by=second).status == Status.IN_REVIEW  # two of three are still in reach
    assert desk.do("approve", offer, by=third).status == Status.APPROVED


def test_in_n_of_m_a_rejection_sinks_the_step_once_n_is_out_of_reach(desk):
    another, third = desk.person(FINANCE), desk.person(FINANCE)
    offer = submitted(desk, {"role": FINANCE, "n": 2})
    assert desk.do("reject", offer, by=another).status == Status.IN_REVIEW
    assert desk.do("reject", offer, by=third).status == Status.DRAFT


def test_with_one_of_many_the_first_answer_decides(desk):
    another = desk.person(FINANCE)
    offer = submitted(desk, {"role": FINANCE})
    assert desk.mailed("approval_asked") == {desk.people[FINANCE], another}
    assert desk.do("reject", offer, by=another).status == Status.DRAFT


# --- separation of duties


def test_nobody_approves_a_version_that_they_edited(desk):
    writer = desk.person(DIRECTOR)
    offer = desk.draft("94000")
    workflow.save_terms(offer.version_id, {"leave_days": D(25)}, actor=writer, now=desk.now)
    offer = desk.do("submit", offer)
    assert desk.mailed("approval_asked") == {desk.people[DIRECTOR]}
    with pytest.raises(NotYours, match="You wrote or changed this version") as refusal:
        desk.do("approve", offer, by=writer)
    assert refusal.value.rule == "separation of duties"


def test_an_editor_stays_one_in_the_versions_that_follow(desk):
    writer = desk.person(DIRECTOR)
    offer = desk.draft("94000")
    workflow.save_terms(offer.version_id, {"leave_days": D(25)}, actor=writer, now=desk.now)
    offer = desk.do("submit", desk.do("recall", desk.do("submit", offer)))
    with pytest.raises(NotYours, match="wrote or changed"):
        desk.do("approve", offer, by=writer)


def test_saving_the_same_terms_makes_nobody_an_editor(desk):
    offer = desk.draft("94000")
    workflow.save_terms(offer.version_id, {"base": D(94_000)}, actor=desk.people[DIRECTOR], now=desk.now)
    assert desk.do("approve", desk.do("submit", offer), by=DIRECTOR).status == Status.IN_REVIEW


def test_with_nobody_eligible_the_escalation_owners_are_alarmed_and_nothing_is_approved(desk):
    offer = desk.draft("94000", actor=DIRECTOR)
    offer = desk.do("submit", offer)
    asked = desk.waiting(offer)[0]
    assert (offer.status, asked.alarm, asked.decisions.count()) == (Status.IN_REVIEW, True, 0)
    assert desk.mailed("nobody_eligible") == {desk.people[FINANCE], desk.people[TALENT]}
    assert desk.mailed("approval_asked") == set()


def test_a_later_step_without_anybody_raises_the_alarm_when_its_turn_comes(desk):
    Membership.objects.filter(client=desk.client, role=PARTNER).update(is_active=False)
    offer = desk.do("submit", desk.draft("94000"))
    assert desk.mailed("nobody_eligible") == set()
    offer = desk.do("approve", offer, by=DIRECTOR)
    assert (offer.status, desk.waiting(offer)[0].alarm) == (Status.IN_REVIEW, True)
    assert desk.mailed("nobody_eligible") == {desk.people[FINANCE], desk.people[TALENT]}


def test_too_few_for_n_raise_the_alarm_and_are_asked_all_the_same(desk):
    offer = submitted(desk, {"role": FINANCE, "n": 2})
    assert desk.waiting(offer)[0].alarm
    assert desk.mailed("approval_asked") == {desk.people[FINANCE]}
    assert desk.do("approve", offer, by=FINANCE).status == Status.IN_REVIEW


def test_a_deactivated_person_is_not_asked_and_decides_nothing(desk):
    gone = desk.person(DIRECTOR, is_active=False)
    offer = desk.do("submit", desk.draft("94000"))
    assert desk.mailed("approval_asked") == {desk.people[DIRECTOR]}
    with pytest.raises(NotYours):
        desk.do("approve", offer, by=gone)


def test_an_approver_who_leaves_while_asked_raises_the_alarm_once(desk):
    offer = desk.do("submit", desk.draft("94000"))
    assert alarm_orphans(now=desk.now) == 0
    Membership.objects.filter(client=desk.client, role=DIRECTOR).update(is_active=False)
    assert (alarm_orphans(now=desk.now), alarm_orphans(now=desk.now)) == (1, 0)
    assert desk.mailed("nobody_eligible") == {desk.people[FINANCE], desk.people[TALENT]}
    assert (desk.waiting(offer)[0].alarm, desk.fresh(offer).status) == (True, Status.IN_REVIEW)


def test_no_other_manager_stands_in_for_the_offers_own(desk):
    other = desk.person(Role.HIRING_MANAGER)
    offer = desk.do("submit", desk.draft(verbal=False, requisition=desk.open_requisition(hiring_manager=None)))
    assert desk.waiting(offer)[0].alarm
    with pytest.raises(NotYours):
        desk.do("approve", offer, by=other)


# --- one person is asked once


def test_who_has_approved_is_not_asked_again_where_others_can_be(desk):
    both = desk.person(DIRECTOR, PARTNER)
    offer = desk.do("approve", desk.do("submit", desk.draft("94000")), by=both)
    asked = desk.waiting(offer)[0]
    assert {mail.user for mail in OutboxMessage.objects.filter(ids={"approval": asked.pk})} == {desk.people[PARTNER]}


def test_the_yes_of_who_holds_both_roles_alone_counts_for_both(desk):
    Membership.objects.filter(client=desk.client, role=PARTNER).update(user=desk.people[DIRECTOR])
    offer = desk.do("approve", desk.do("submit", desk.draft("94000")), by=DIRECTOR)
    assert offer.status == Status.APPROVED
    assert set(Decision.objects.values_list("approval__role", "user")) == {
        (DIRECTOR, desk.people[DIRECTOR].pk),
        (PARTNER, desk.people[DIRECTOR].pk),
    }


def test_two_parallel_steps_of_one_person_take_one_answer(desk):
    Membership.objects.filter(client=desk.client, role=TALENT).update(user=desk.people[FINANCE])
    offer = submitted(desk, {"role": FINANCE}, {"role": TALENT}, mode="parallel")
    assert desk.do("approve", offer, by=FINANCE).status == Status.APPROVED


# --- what is in flight keeps its rules


def test_a_running_chain_keeps_the_policy_that_it_started_with(desk):
    offer = desk.do("submit", desk.draft("94000"))
    desk.publish(rule({"role": FINANCE}))
    offer = desk.do("approve", desk.do("approve", offer, by=DIRECTOR), by=PARTNER)
    assert offer.status == Status.APPROVED
    assert {offer.version.policy_id, offer.chains.get().policy_id} == {desk.policy.pk}


def test_a_version_submitted_later_is_judged_by_the_new_policy(desk):
    offer = desk.do("recall", desk.do("submit", desk.draft("94000")))
    newer = desk.publish(rule({"role": FINANCE}))
    offer = desk.do("submit", offer)
    assert (desk.chain(offer), offer.version.policy_id) == (["1 finance_leader: asked"], newer.pk)


def test_eligible_people_are_the_holders_without_the_editors(desk):
    another = desk.person(DIRECTOR)
    offer = desk.do("submit", desk.draft("94000"))
    approval, programme = desk.waiting(offer)[0], load(desk.client.pk)
    assert eligible(approval, Offer.objects.get(pk=offer.pk), programme, [another.pk]) == [desk.people[DIRECTOR].pk]
