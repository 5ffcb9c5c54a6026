"""Standing in, handing on, sending back and skipping: who may, who hears, and what it never does."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal as D

import pytest

from governance import delegation
from governance.access import Role
from governance.models import Membership, Note, User
from governance.programme import load
from offers import workflow
from offers.approvals import Case, alarm_orphans, editors_of, seat_of, tell_stand_ins
from offers.errors import AlreadyDecided, BadInput, NotReady, NotYours, OfferError
from offers.lifecycle import Status
from offers.models import Approval, Decision, Offer, OutboxMessage, VersionEditor
from offers.queues import waiting_for
from tests.factories import DelegationFactory, EscalationPathFactory, starting_template

DIRECTOR, PARTNER, FINANCE = Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER, Role.FINANCE_LEADER
ADMINISTRATOR = Role.ADMINISTRATOR
ASKS_DIRECTOR = {
    "id": "all", "title": "All", "when": [{"test": "always"}], "ask": [{"role": "account_director"}],
}  # fmt: skip


@pytest.fixture
def director(desk):
    return desk.people[DIRECTOR]


@pytest.fixture
def stand_in(desk, director):
    """Somebody of another role who decides for the account director this week."""
    other = desk.person(Role.TALENT_LEADER)
    DelegationFactory(client=desk.client, from_user=director, to_user=other)
    return other


def asked(desk, base="94000", **terms):
    return desk.do("submit", desk.draft(base, **terms))


# --- standing in


def test_a_stand_in_decides_on_behalf_of_who_is_away(desk, director, stand_in):
    offer = desk.do("approve", asked(desk), by=stand_in)
    decision = Decision.objects.get()
    assert (decision.user, decision.on_behalf_of) == (stand_in, director)
    assert desk.chain(offer)[1:] == ["2 account_director: approved", "3 hr_partner: asked"]
    event = Approval.pgh_event_model.objects.filter(pgh_obj_id=decision.approval_id).latest("pgh_id")
    assert (event.pgh_context["actor"], event.pgh_context["on_behalf_of"]) == (stand_in.pk, director.pk)


def test_a_mail_that_asks_goes_to_the_stand_in_too_and_says_for_whom(desk, director, stand_in):
    asked(desk)
    mails = OutboxMessage.objects.filter(kind="approval_asked")
    assert {mail.user_id: mail.ids.get("for") for mail in mails} == {director.pk: None, stand_in.pk: director.pk}


def test_what_waited_before_is_the_stand_ins_too_and_they_are_told_once(desk, director):
    offer = asked(desk)
    other = desk.person(Role.TALENT_LEADER)
    DelegationFactory(client=desk.client, from_user=director, to_user=other)
    assert (tell_stand_ins(now=desk.now), tell_stand_ins(now=desk.now)) == (1, 0)
    assert desk.mailed("approval_asked") == {director, other}
    desk.do("approve", offer, by=other)


def test_who_is_away_may_decide_all_the_same(desk, director, stand_in):
    desk.do("approve", asked(desk), by=director)
    assert Decision.objects.get().on_behalf_of is None


def test_the_power_begins_and_returns_with_the_absence(desk, director):
    other = desk.person(Role.TALENT_LEADER)
    row = DelegationFactory(client=desk.client, from_user=director, to_user=other, starts_at=desk.now + timedelta(1))
    offer = asked(desk)
    with pytest.raises(NotYours):
        desk.do("approve", offer, by=other)
    desk.now = row.ends_at
    with pytest.raises(NotYours):
        desk.do("approve", offer, by=other)
    desk.now -= timedelta(seconds=1)
    delegation.end(row.pk, actor=director, now=desk.now)
    with pytest.raises(NotYours):
        desk.do("approve", offer, by=other)


def test_an_approval_is_never_passed_on(desk, director, stand_in):
    third = desk.person(Role.TALENT_LEADER)
    DelegationFactory(client=desk.client, from_user=stand_in, to_user=third)
    offer = asked(desk)
    with pytest.raises(NotYours):
        desk.do("approve", offer, by=third)


def test_no_editor_approves_through_a_stand_in(desk, director, stand_in):
    other = desk.person(DIRECTOR)
    offer = desk.draft("94000")
    VersionEditor.objects.create(client=desk.client, version_id=offer.version_id, user=director)
    offer = desk.do("submit", offer)
    assert desk.mailed("approval_asked") == {other}
    with pytest.raises(NotYours, match="Whoever you stand in for wrote or changed this version") as refusal:
        desk.do("approve", offer, by=stand_in)
    assert refusal.value.rule == "separation of duties"


def test_no_editor_approves_as_a_stand_in_and_with_nobody_else_there_the_alarm_is_raised(desk, director):
    DelegationFactory(client=desk.client, from_user=director, to_user=desk.people[Role.RECRUITER])
    offer = asked(desk)
    assert desk.waiting(offer)[0].alarm
    with pytest.raises(NotYours, match="You wrote or changed this version"):
        desk.do("approve", offer, by=Role.RECRUITER)


def test_one_voice_is_not_given_twice_by_the_stand_in_and_the_person(desk, director, stand_in):
    desk.person(DIRECTOR)
    desk.publish({**ASKS_DIRECTOR, "ask": [{"role": "account_director", "n": 2}]})
    offer = desk.do("approve", desk.do("submit", desk.draft()), by=stand_in)
    with pytest.raises(AlreadyDecided, match=f"{stand_in} has, on your behalf, decided"):
        desk.do("approve", offer, by=director)
    with pytest.raises(AlreadyDecided, match="You have decided"):
        desk.do("approve", offer, by=stand_in)
    assert offer.status == Status.IN_REVIEW


def test_a_stand_in_who_holds_the_role_has_one_voice_so_two_of_two_raise_the_alarm(desk, director):
    other = desk.person(DIRECTOR)
    DelegationFactory(client=desk.client, from_user=director, to_user=other)
    desk.publish({**ASKS_DIRECTOR, "ask": [{"role": "account_director", "n": 2}]})
    assert desk.waiting(desk.do("submit", desk.draft()))[0].alarm


def test_a_yes_given_by_a_stand_in_is_not_asked_again_of_the_person(desk, director, stand_in):
    Membership.objects.filter(client=desk.client, role=PARTNER).update(user=director)
    offer = desk.do("approve", asked(desk), by=stand_in)
    assert offer.status == Status.APPROVED
    assert set(Decision.objects.values_list("user", "on_behalf_of")) == {(stand_in.pk, director.pk)}


def test_a_stand_in_who_leaves_raises_the_alarm_and_one_who_comes_ends_it(desk, director, stand_in):
    offer = asked(desk)
    Membership.objects.filter(user=stand_in).update(is_active=False)
    assert alarm_orphans(now=desk.now) == 1
    fresh = desk.person(DIRECTOR)
    assert alarm_orphans(now=desk.later(minutes=1)) == 0
    assert not desk.waiting(offer)[0].alarm
    assert fresh in desk.mailed("approval_asked")
    Membership.objects.filter(user=fresh).update(is_active=False)
    assert alarm_orphans(now=desk.later(minutes=1)) == 1
    alarms = OutboxMessage.objects.filter(kind="nobody_eligible", user=desk.people[FINANCE])
    assert alarms.count() == 2


def test_what_waits_for_a_person_is_exactly_what_they_have_a_seat_for(desk, director, stand_in):
    """The one set that lists and counts use, against the check that a decision makes, for everybody there is."""
    other, manager = desk.person(DIRECTOR), desk.people[Role.HIRING_MANAGER]
    for who, to in ((other, desk.people[Role.RECRUITER]), (manager, desk.person(Role.HIRING_MANAGER))):
        DelegationFactory(client=desk.client, from_user=who, to_user=to)
    titled = desk.person(FINANCE, title="CFO")
    DelegationFactory(client=desk.client, from_user=titled, to_user=desk.person(Role.AUDITOR))
    asked(desk), asked(desk, verbal=False), desk.do("submit", desk.draft("94000", actor=DIRECTOR))
    desk.policy = desk.publish({**ASKS_DIRECTOR, "ask": [{"role": "account_director", "n": 2}]})
    desk.do("approve", desk.do("submit", desk.draft()), by=stand_in)
    desk.later(hours=1)
    desk.publish({**ASKS_DIRECTOR, "ask": [{"role": "finance_leader", "title": "CFO"}, {"person": director.pk}]})
    desk.do("submit", desk.draft())
    programme = load(desk.client.pk)
    seated, listed = set(), set()
    for user in User.objects.all():
        for approval in Approval.objects.filter(status="asked").select_related("chain__version", "offer"):
            case = Case(approval.offer, programme, frozenset(editors_of(approval.chain.version)), desk.now)
            with suppress(OfferError):
                seat_of(approval, user, case)
                seated.add((user, approval))
        listed |= {(user, approval) for approval in waiting_for(user, desk.now)}
    assert (listed, len(listed) > 8) == (seated, True)


def test_a_manager_sees_of_who_is_away_the_offers_that_they_answer_for_and_no_longer(desk):
    manager, partner = desk.people[Role.HIRING_MANAGER], desk.people[PARTNER]
    other = desk.person(Role.HIRING_MANAGER)
    offers = [asked(desk), desk.do("approve", asked(desk), by=DIRECTOR)]
    desk.do("submit", desk.draft(requisition=desk.open_requisition(hiring_manager=None), verbal=False))
    row = DelegationFactory(client=desk.client, from_user=partner, to_user=other)

    def seen(now):
        return set(Offer.objects.visible_to(User.objects.get(pk=other.pk), now))

    assert seen(desk.now) == {offers[1]}
    delegation.end(row.pk, actor=partner, now=desk.now)
    assert seen(desk.now) == set()
    row = DelegationFactory(client=desk.client, from_user=manager, to_user=other)
    assert (seen(desk.now), seen(row.ends_at)) == (set(offers), set())


# --- sending back


def test_sending_back_returns_the_terms_with_the_comment_to_whoever_prepares_them(desk):
    offer = desk.do("send_back", asked(desk), by=DIRECTOR, comment="Please add a clawback.")
    assert (offer.status, offer.version.number, offer.version.is_frozen) == (Status.DRAFT, 2, False)
    assert desk.chain(offer)[1:] == ["2 account_director: returned", "3 hr_partner: void"]
    assert desk.mailed("sent_back") == {desk.people[role] for role in (Role.RECRUITER, Role.HIRING_MANAGER)}
    assert Decision.objects.get().note.text == "Please add a clawback."


def test_sending_back_needs_a_comment(desk):
    with pytest.raises(BadInput, match="sending back needs a comment"):
        desk.do("send_back", asked(desk), by=DIRECTOR, comment=" ")


def test_in_n_of_m_one_who_sends_back_is_enough(desk):
    desk.person(DIRECTOR), desk.person(DIRECTOR)
    desk.publish({**ASKS_DIRECTOR, "ask": [{"role": "account_director", "n": 2}]})
    assert desk.do("send_back", desk.do("submit", desk.draft()), by=DIRECTOR).status == Status.DRAFT


# --- skipping


def test_an_administrator_skips_a_step_with_a_reason_and_those_passed_over_are_told(desk, director, stand_in):
    offer = desk.do("skip", asked(desk), reason="On leave, and nobody stands in.")
    assert desk.chain(offer)[1:] == ["2 account_director: skipped", "3 hr_partner: asked"]
    assert desk.mailed("skipped") == {director, stand_in}
    decision = Decision.objects.get()
    assert (decision.user, decision.verdict) == (desk.people[ADMINISTRATOR], "skipped")
    assert decision.note.text == "On leave, and nobody stands in."


def test_skipping_the_last_step_approves_the_offer_in_the_administrators_name(desk):
    offer = desk.do("skip", desk.do("skip", asked(desk)))
    assert offer.status == Status.APPROVED
    event = Offer.pgh_event_model.objects.filter(pgh_obj_id=offer.pk).latest("pgh_id")
    assert (event.pgh_context["action"], event.pgh_context["actor"]) == (
        "offer.skip",
        desk.people[ADMINISTRATOR].pk,
    )


@pytest.mark.parametrize("role", sorted(set(Role) - {ADMINISTRATOR}))
def test_nobody_else_skips(desk, role):
    with pytest.raises(NotYours, match="may not skip an approval of this offer"):
        desk.do("skip", asked(desk), by=desk.people[role])


def test_no_editor_skips(desk):
    both = desk.person(ADMINISTRATOR, Role.RECRUITER)
    offer = desk.draft("94000")
    workflow.save_terms(offer.version_id, {"leave_days": D(25)}, actor=both, now=desk.now)
    with pytest.raises(NotYours, match="cannot skip") as refusal:
        desk.do("skip", desk.do("submit", offer), by=both)
    assert refusal.value.rule == "separation of duties"


def test_skipping_needs_a_reason_and_a_step_that_waits(desk):
    offer = asked(desk)
    waiting, later = offer.approvals.exclude(status="given").order_by("step")
    administrator = desk.people[ADMINISTRATOR]
    with pytest.raises(BadInput, match="Say why"):
        workflow.skip(waiting.pk, actor=administrator, now=desk.now, reason=" ")
    with pytest.raises(NotReady, match="not its turn"):
        workflow.skip(later.pk, actor=administrator, now=desk.now, reason="Away.")
    desk.do("approve", offer, by=DIRECTOR)
    with pytest.raises(AlreadyDecided):
        workflow.skip(waiting.pk, actor=administrator, now=desk.now, reason="Away.")


# --- handing on


def hand_on(desk, offer, to, by=PARTNER, reason="Knows the market."):
    return workflow.reassign(
        desk.waiting(offer)[0].pk, to=to, actor=desk.people[by] if isinstance(by, Role) else by, now=desk.now,
        reason=reason,
    )  # fmt: skip


def test_an_approval_is_given_to_another_in_the_role_and_to_nobody_else_then(desk, director):
    other = desk.person(DIRECTOR)
    offer = hand_on(desk, asked(desk), other)
    assert (offer.holder_id, desk.waiting(offer)[0].person) == (other.pk, other)
    with pytest.raises(NotYours):
        desk.do("approve", offer, by=director)
    assert desk.chain(desk.do("approve", offer, by=other))[1] == "2 account_director: approved"


def test_handing_on_mails_the_person_once_more_and_keeps_the_clock_and_the_reason(desk):
    other = desk.person(DIRECTOR)
    offer = asked(desk)
    due = desk.waiting(offer)[0].due_at
    desk.later(hours=3)
    hand_on(desk, offer, other)
    assert OutboxMessage.objects.filter(kind="approval_asked", user=other).count() == 2
    approval = desk.waiting(offer)[0]
    assert approval.due_at == due
    context = Approval.pgh_event_model.objects.filter(pgh_obj_id=approval.pk).latest("pgh_id").pgh_context
    assert (context["action"], Note.objects.get(pk=context["note"]).text) == ("offer.reassign", "Knows the market.")


def test_it_is_given_to_nobody_who_could_not_decide_it(desk):
    writer, gone = desk.person(DIRECTOR), desk.person(DIRECTOR, is_active=False)
    offer = desk.draft("94000")
    workflow.save_terms(offer.version_id, {"leave_days": D(25)}, actor=writer, now=desk.now)
    offer = desk.do("submit", offer)
    for to, words in ((writer, "wrote or changed"), (gone, "does not hold"), (desk.people[FINANCE], "does not hold")):
        with pytest.raises(BadInput, match=words) as refusal:
            hand_on(desk, offer, to)
        assert refusal.value.field == "to"


def test_neither_an_editor_nor_the_one_who_gets_it_hands_it_on(desk):
    second = desk.person(DIRECTOR)
    with pytest.raises(NotYours, match="to themselves"):
        hand_on(desk, asked(desk), second, by=second)
    offer = desk.do("submit", desk.draft("94000", actor=PARTNER))
    with pytest.raises(NotYours, match="do not choose who approves it"):
        hand_on(desk, offer, second, by=PARTNER)


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.FINANCE_LEADER, Role.HIRING_MANAGER, Role.AUDITOR])
def test_only_who_looks_after_approvals_hands_them_on(desk, role):
    other = desk.person(DIRECTOR)
    with pytest.raises(NotYours, match="may not give to somebody else"):
        hand_on(desk, asked(desk), other, by=role)


def test_a_step_of_several_is_given_to_nobody_alone_and_handing_on_needs_a_reason(desk):
    other = desk.person(DIRECTOR)
    with pytest.raises(BadInput, match="Say why"):
        hand_on(desk, asked(desk), other, reason="")
    desk.publish({**ASKS_DIRECTOR, "ask": [{"role": "account_director", "n": 2}]})
    with pytest.raises(NotReady, match="takes 2 of several"):
        hand_on(desk, desk.do("submit", desk.draft()), other)


def test_an_alarm_reaches_who_stands_in_for_its_owner_and_nobody_who_has_left(desk):
    gone, there = desk.person(FINANCE), desk.person(Role.TALENT_LEADER)
    gone.memberships.update(is_active=False)
    document = starting_template()["escalation_path"]
    document = {**document, "levels": [*document["levels"][:-1], {"owners": [{"person": gone.pk}]}]}
    EscalationPathFactory(client=desk.client, version=2, document=document, published_at=desk.now)
    administrator = desk.people[ADMINISTRATOR]
    DelegationFactory(client=desk.client, from_user=administrator, to_user=there)
    desk.do("submit", desk.draft("94000", actor=DIRECTOR))
    assert desk.mailed("nobody_eligible") == {there}


def test_handing_on_ends_the_alarm(desk):
    offer = desk.do("submit", desk.draft("94000", actor=DIRECTOR))
    assert desk.waiting(offer)[0].alarm
    other = desk.person(DIRECTOR)
    hand_on(desk, offer, other)
    assert not desk.waiting(offer)[0].alarm
