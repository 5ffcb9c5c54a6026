"""Whatever people do to an offer, in whatever order: what must always hold, holds."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal as D
from itertools import pairwise

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from governance.access import Role
from governance.delegation import DelegationError, delegate
from governance.models import Membership, User
from governance.programme import load
from governance.tenancy import scope
from offers import lifecycle, workflow
from offers.approvals import Case, alarm_orphans, last_approved, stand_ins, tell_stand_ins
from offers.errors import OfferError
from offers.lifecycle import LIVE, Status
from offers.models import Approval, ApprovalChain, Clock, Decision, Offer, VerbalApproval, VersionEditor
from tests import factories
from tests.offers.desk import VERDICTS, Desk

BASES = st.sampled_from([D(90_000), D("94999.99"), D(95_000), D(100_000), D(104_000), D(106_000), D(121_000)])
WRITERS = st.sampled_from([Role.RECRUITER, Role.COORDINATOR, Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER])
DECIDERS = st.sampled_from([Role.HIRING_MANAGER, Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER, Role.FINANCE_LEADER])
PAUSES = st.sampled_from([{"minutes": 1}, {"hours": 5}, {"hours": 23}, {"days": 4}])
OfferEvent = Offer.pgh_event_model

# What people do in a status, the way forward more often, so that a run gets far.
USUALLY: dict[str, list[str]] = {
    Status.DRAFT: ["submit"],
    Status.IN_REVIEW: ["approve", "approve", "approve", "approve", "reject", "send_back", "skip", "recall", "counter"],
    Status.APPROVED: ["extend", "extend", "extend", "revise", "counter"],
    Status.EXTENDED: ["revise", "submit", "submit", "counter", "prolong"],
    Status.NEGOTIATING: ["settle", "settle", "settle", "stand", "prolong"],
    **{status: ["undo"] for status in (Status.ACCEPTED, *lifecycle.ENDED)},
}
MEANWHILE = st.sampled_from(
    ["edit", "edit", "say_yes", "take_back", "tell", "publish", "wait", "go_away", "leave", "hand_on"]
)
OUT_OF_TURN = st.sampled_from(["approve", "reject", "submit", "extend", "settle", "stand", "recall", "revise", "join"])
ENDINGS = st.sampled_from(["accept", "decline", "expire", "withdraw", "rescind", "cancel", "renege"])


class LifeOfAnOffer(RuleBasedStateMachine):
    """One offer and everybody around it. Rules try; a refusal changes nothing and is as good as a success."""

    @initialize(base=BASES, verbal=st.booleans(), by=WRITERS)
    def start(self, base, verbal, by):
        self.before = transaction.savepoint()
        client = factories.ClientFactory()
        self.scope = scope([client.pk])
        self.scope.__enter__()
        self.desk = Desk(client, factories.NOW)
        self.granter = self.desk.people[Role.HR_PARTNER]  # who also writes terms, and decides
        factories.GuardrailFactory(client=client, version=2, published_at=self.desk.now, published_by=self.granter)
        self.policies, self.steps = 1, 0
        self.offer = self.desk.draft(base, verbal=verbal, actor=by)

    def teardown(self):
        """Keys are checked as at a commit; then nothing of it has happened."""
        if not hasattr(self, "before"):
            return
        try:
            if not connection.needs_rollback:
                connection.check_constraints()
        finally:
            connection.needs_rollback = False
            transaction.savepoint_rollback(self.before)
            self.scope.__exit__(None, None, None)

    def attempt(self, action, by=Role.RECRUITER, **given):
        self.desk.later(seconds=1)
        self.steps += 1
        before = self.offer.status
        try:
            self.offer = self.desk.do(action, self.offer, by=by, **given)
        except OfferError:
            assert self.desk.fresh(self.offer).status == before
        else:
            move = lifecycle.find(before, action)
            assert action == "undo" or (move and self.offer.status in {*move.targets, Status.IN_REVIEW})

    # --- what people do

    @rule(data=st.data(), by=WRITERS, base=BASES)
    def go_on(self, data, by, base):
        self.step(data, by, base)

    @rule(data=st.data(), by=WRITERS, base=BASES)
    def go_further(self, data, by, base):
        self.step(data, by, base)

    def step(self, data, by, base):
        action = data.draw(st.sampled_from(USUALLY[self.offer.status]))
        if action == "settle" and data.draw(st.booleans()) and (last := last_approved(self.offer)):
            base = last.base + 500  # inside the guardrail, where anything is
        given = {"settle": {"terms": {"base": base}}, "prolong": {"until": self.desk.now.date() + timedelta(days=9)}}
        self.attempt(action, self.who_may(action, by), **given.get(action, {}))

    def who_may(self, action, by):
        """Somebody who is asked, where somebody decides."""
        if action not in VERDICTS:
            return by
        asked = self.desk.waiting(self.offer)[0]
        editors = VersionEditor.objects.filter(version=asked.chain.version_id).values_list("user_id", flat=True)
        case = Case(self.offer, load(self.desk.client.pk), frozenset(editors), self.desk.now)
        people = case.eligible(asked)
        people = [*stand_ins(people, case), *people]  # a stand-in where there is one
        return User.objects.get(pk=people[0]) if people else by

    @rule(what=MEANWHILE, base=BASES, by=WRITERS, span=PAUSES)
    def meanwhile(self, what, base, by, span):
        self.desk.later(**span if what == "wait" else {"seconds": 1})
        if what == "edit":
            self.edit(base, by)
        elif what == "publish" and self.policies < 3:
            self.policies += 1
            asked = {"id": "all", "title": "All", "when": [{"test": "always"}], "ask": [{"role": "finance_leader"}]}
            self.desk.policy = self.desk.publish(asked, delta_aware=self.policies == 2)
        elif what == "say_yes" and self.offer.status in LIVE:
            workflow.record_verbal_approval(self.offer.pk, actor=self.desk.people[Role.RECRUITER], now=self.desk.now)
            self.offer = self.desk.fresh(self.offer)
        elif what == "tell" and self.offer.status in LIVE:
            self.offer = self.desk.tell(self.offer)

        elif what in ("go_away", "leave", "hand_on", "take_back"):
            getattr(self, what)(by)

    def go_away(self, by):
        """Somebody who may edit, for somebody who may decide, and the other way round."""
        who, today = self.desk.people[by], self.desk.now.date()
        to = self.desk.people[Role.HR_PARTNER if by != Role.HR_PARTNER else Role.FINANCE_LEADER]
        days = {"first": today, "last": today + timedelta(days=3), "actor": who, "now": self.desk.now}
        with suppress(DelegationError):
            delegate(client=self.desk.client, from_user=who, to_user=to, **days)

    def take_back(self, by):
        """The manager says that they never gave the verbal yes that counts."""
        said = VerbalApproval.objects.filter(corrected_at=None).first()
        if said is not None:
            manager, now = self.desk.people[Role.HIRING_MANAGER], self.desk.now
            workflow.correct_verbal_approval(said.pk, actor=manager, now=now, comment="I did not.")
            self.offer = self.desk.fresh(self.offer)

    def leave(self, by):
        """Somebody who is asked leaves, or comes back; who watches raises the alarm."""
        held = Membership.objects.filter(client=self.desk.client, role=Role.ACCOUNT_DIRECTOR)
        held.update(is_active=not held.get().is_active)
        alarm_orphans(now=self.desk.now)
        tell_stand_ins(now=self.desk.now)

    def hand_on(self, by):
        for asked in self.desk.waiting(self.offer)[:1]:
            with suppress(OfferError):
                to, actor = self.desk.people[by], self.desk.people[Role.ADMINISTRATOR]
                workflow.reassign(asked.pk, to=to, actor=actor, now=self.desk.now, reason="Busy.")
        self.offer = self.desk.fresh(self.offer)

    def edit(self, base, by):
        try:
            self.offer = self.desk.edit(self.offer, by=by, base=base)
        except OfferError:
            left = not Membership.objects.filter(client=self.desk.client, role=by, is_active=True).exists()
            assert left or self.offer.version.is_frozen or self.offer.status not in LIVE

    @rule(action=OUT_OF_TURN, by=DECIDERS)
    def try_out_of_turn(self, action, by):
        if action not in VERDICTS:
            self.attempt(action)
        elif self.offer.status == Status.IN_REVIEW:
            self.attempt(action, by)

    @precondition(lambda self: self.offer.status == Status.IN_REVIEW)
    @rule()
    def who_wrote_it_tries_to_approve(self):
        """Every editor, at every step that waits, for themselves or whom they stand in for: none may."""
        for asked in self.desk.waiting(self.offer):
            for editor in VersionEditor.objects.filter(version=asked.chain.version_id).select_related("user"):
                with suppress(OfferError):
                    workflow.approve(asked.pk, actor=editor.user, now=self.desk.now)
        self.offer = self.desk.fresh(self.offer)

    @precondition(lambda self: self.offer.status == Status.NEGOTIATING)
    @rule(really=st.booleans())
    def who_published_the_guardrail_settles_a_little_more(self, really):
        last = last_approved(self.offer)
        if really and last:
            self.attempt("settle", Role.HR_PARTNER, terms={"base": last.base + 500})

    @precondition(lambda self: self.offer.status in (Status.IN_REVIEW, Status.APPROVED))
    @rule(really=st.sampled_from([False, False, True]))
    def the_letter_is_tried_after_the_manager_took_the_yes_back(self, really):
        if really:
            self.take_back(None)
            self.attempt("extend")

    @precondition(lambda self: self.steps > 8)
    @rule(action=ENDINGS)
    def end(self, action):
        self.attempt(action)

    # --- what always holds

    @invariant()
    def a_letter_is_of_an_approved_version(self):
        for letter in self.offer.letters.all():
            chain = ApprovalChain.objects.get(version=letter.version_id)
            open_steps = chain.approvals.exclude(status__in=("approved", "given", "skipped", "kept"))
            assert (chain.status, list(open_steps), letter.extended_at >= chain.ended_at) == ("approved", [], True)

    @invariant()
    def an_approved_offer_stands_on_an_approved_version(self):
        if self.offer.status == Status.APPROVED:
            assert self.offer.version.chains.get().status == "approved"

    @invariant()
    def nobody_approves_what_they_edited(self):
        for decision in Decision.objects.select_related("approval__chain"):
            version = decision.approval.chain.version_id
            voices = [decision.user_id, decision.on_behalf_of_id]
            assert not VersionEditor.objects.filter(version=version, user__in=voices).exists()

    @invariant()
    def a_guardrail_grants_nothing_to_whoever_published_it(self):
        granted = ApprovalChain.objects.filter(because__startswith="Inside the guardrail")
        assert not VersionEditor.objects.filter(version__in=granted.values("version"), user=self.granter).exists()

    @invariant()
    def no_letter_goes_out_by_a_verbal_yes_that_was_taken_back(self):
        for letter in self.offer.letters.all():
            chain = ApprovalChain.objects.get(version=letter.version_id)
            said = VerbalApproval.objects.filter(recorded_at__lte=letter.extended_at)
            newest = said.order_by("-approved_at", "-pk").first()
            if chain.approvals.filter(status="given").exists():
                assert newest.corrected_at is None or newest.corrected_at > letter.extended_at

    @invariant()
    def what_is_kept_was_approved_and_by_nobody_who_edited_since(self):
        for kept in Approval.objects.filter(status="kept").select_related("kept_from", "chain"):
            assert kept.kept_from.status == "approved"
            voices = {user for pair in kept.kept_from.decisions.values_list("user", "on_behalf_of") for user in pair}
            assert not VersionEditor.objects.filter(version=kept.chain.version_id, user__in=voices - {None}).exists()

    @invariant()
    def a_chain_keeps_its_policy(self):
        for chain in ApprovalChain.objects.select_related("version"):
            events = ApprovalChain.pgh_event_model.objects.filter(pgh_obj_id=chain.pk)
            assert {event.policy_id for event in events} == {chain.policy_id} == {chain.version.policy_id}

    @invariant()
    def one_chain_runs_at_most_and_only_in_review(self):
        running = ApprovalChain.objects.filter(status="running").count()
        assert running == (self.offer.status == Status.IN_REVIEW)
        assert running or not Approval.objects.filter(status__in=("asked", "waiting")).exists()

    @invariant()
    def no_two_clocks_of_a_kind_and_subject_run(self):
        running = list(Clock.objects.running().values_list("kind", "approval", "counter"))
        assert len(running) == len(set(running))
        assert self.offer.status in LIVE or not running

    @invariant()
    def the_clock_to_the_letter_runs_once_and_never_after_it(self):
        clocks = list(Clock.objects.filter(kind="verbal_to_written"))
        assert len(clocks) <= 1
        assert not clocks or self.offer.written_at is None or clocks[0].stopped_at is not None

    @invariant()
    def every_status_change_is_in_the_history_with_who_and_why(self):
        events = list(OfferEvent.objects.filter(pgh_obj_id=self.offer.pk).order_by("pgh_id"))
        for before, event in pairwise(events):
            if before.status == event.status:
                continue
            action = event.pgh_context["action"].removeprefix("offer.")
            assert event.pgh_context["actor"]
            move = lifecycle.find(before.status, action)
            assert action == "undo" or (move and event.status in move.targets)
        assert (events[0].status, events[-1].status) == (Status.DRAFT, self.offer.status)


@pytest.mark.slow
def test_whatever_happens_the_rules_of_an_offers_life_hold(db):
    bounded = settings(
        max_examples=8, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(LifeOfAnOffer, settings=bounded)
