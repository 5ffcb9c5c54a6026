"""A desk to try the workflow at: one client with the starting template, a person in every role, and offers to move."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from governance.access import Role
from governance.models import ApprovalPolicy, Client, Membership, User
from offers import workflow
from offers.lifecycle import Status
from offers.models import Approval, Clock, Offer, OutboxMessage
from tests import factories

REFERENCE = Decimal(100_000)

VERDICTS = {"approve": "approved", "reject": "rejected", "send_back": "returned"}
# What an action is given where a test does not care.
USUAL: dict[str, dict[str, Any]] = {
    "counter": {"asked_base": Decimal(104_000)},
    "settle": {"terms": {"base": Decimal(101_000)}},
    "prolong": {"until": date(2026, 12, 24)},
    "decline": {"theme": "compensation"},
    "withdraw": {"theme": "personal"},
    "renege": {"theme": "current_employer_counter"},
    "rescind": {"reason": "The budget was cut."},
    "cancel": {"reason": "The role is gone."},
    "undo": {},
}


class Desk:
    """Band 80,000 to 120,000, reference 100,000 without ageing, budget 130,000. Time moves by `later` alone."""

    def __init__(self, client: Client, now: datetime) -> None:
        self.client, self.now = client, now
        self.people = self._everybody()
        document = factories.starting_template()["approval_policy"]
        self.policy = factories.ApprovalPolicyFactory(client=client, document=document)
        for rule in (factories.ServiceLevelFactory, factories.EscalationPathFactory, factories.GuardrailFactory):
            rule(client=client)
        self.calendar = factories.BusinessCalendarFactory(client=client, is_default=True)
        factories.SalaryBandFactory(client=client, role_code="ENG")
        source = factories.MarketSourceFactory(client=client, yearly_rate=Decimal(0))
        self.match = factories.JobMatchFactory(source=source, role_code="ENG")
        self.benchmark = factories.BenchmarkFactory(source=source, role_code=self.match.source_role_code, p50=REFERENCE)
        self.engagement = factories.EngagementFactory(client=client)
        self.requisition = self.open_requisition()

    def _everybody(self) -> dict[Role, User]:
        users = User.objects.bulk_create(factories.UserFactory.build_batch(len(Role)))
        held = dict(zip(Role, users, strict=True))
        Membership.objects.bulk_create(
            Membership(client=self.client, user=user, role=role) for role, user in held.items()
        )
        return held

    def person(self, *roles: Role, title: str = "", **fields: Any) -> User:
        user: User = factories.UserFactory(**fields)
        for role in roles:
            factories.MembershipFactory(user=user, client=self.client, role=role, title=title)
        return user

    def open_requisition(self, **fields: Any) -> Any:
        named = {"hiring_manager": self.people[Role.HIRING_MANAGER], "recruiter": self.people[Role.RECRUITER]}
        return factories.RequisitionFactory(client=self.client, **{"engagement": self.engagement, **named, **fields})

    def publish(self, *rules: dict[str, Any], **more: Any) -> ApprovalPolicy:
        """Another policy in force from now on, of these rules; the manager's step is left out unless asked for."""
        plain = {"schema": 1, "name": "Test", "manager_step": "none", "rules": list(rules), **more}
        document = json.loads(json.dumps(plain))
        assert ApprovalPolicy.problems(document) == []
        policy: ApprovalPolicy = factories.ApprovalPolicyFactory(
            client=self.client, name="Test", version=self.policy.version + 1, document=document, published_at=self.now
        )
        return policy

    def later(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now

    # --- moving offers

    def draft(self, base: Any = REFERENCE, *, verbal: bool = True, actor: Role = Role.RECRUITER, **terms: Any) -> Offer:
        """A draft of this full-time base, verbally approved by its manager unless told otherwise."""
        fields = {key: terms.pop(key) for key in ("requisition", "priority", "expected_salary") if key in terms}
        fields.setdefault("requisition", self.requisition)
        offer = workflow.draft_offer(
            candidate=factories.CandidateFactory(client=self.client), external_id=f"O-{Offer.objects.count()}",
            actor=self.people[actor], now=self.now, terms={"base": Decimal(base), **terms}, **fields,
        )  # fmt: skip
        if verbal:
            workflow.record_verbal_approval(offer.pk, actor=self.people[Role.RECRUITER], now=self.now)
        return self.fresh(offer)

    def do(self, action: str, offer: Offer, by: Role | User = Role.RECRUITER, **given: Any) -> Offer:
        """Run the verb as this person and give the offer as it is then. What decides takes the first that is asked."""
        actor = self.people[by] if isinstance(by, Role) else by
        if action == "skip":
            actor = self.people[Role.ADMINISTRATOR] if by is Role.RECRUITER else actor
            workflow.skip(self.waiting(offer)[0].pk, actor=actor, now=self.now, reason=given.get("reason", "Away."))
            return self.fresh(offer)
        if action in VERDICTS:
            asked = self.waiting(offer)[0]
            verdict = VERDICTS[action]
            workflow.decide(asked.pk, verdict, actor=actor, now=self.now, **{"comment": "As discussed.", **given})
            return self.fresh(offer)
        if action == "undo":
            actor = self.people[Role.ACCOUNT_DIRECTOR] if by is Role.RECRUITER else actor
        verb: Callable[..., Any] = getattr(workflow, action)
        verb(offer.pk, actor=actor, now=self.now, **{**USUAL.get(action, {}), **given})
        return self.fresh(offer)

    def bring(self, status: Status, **terms: Any) -> Offer:
        """An offer in this status, by the shortest way through the verbs; a letter is out from extended on."""
        offer = self.draft(**terms) if status != Status.IN_REVIEW else self.draft(**{"base": 94_000, **terms})
        for action in WAY[status]:
            self.later(minutes=1)
            if action == "clear":
                self.clear(offer)
            elif action == "lapse":
                self.now = self.fresh(offer).letter.expires_at
            else:
                offer = self.do(action, offer)
        assert offer.status == status
        return offer

    def tell(self, offer: Offer, **given: Any) -> Offer:
        """The recruiter tells the candidate."""
        workflow.record_verbal_offer(offer.pk, actor=self.people[Role.RECRUITER], now=self.now, **given)
        return self.fresh(offer)

    def edit(self, offer: Offer, by: Role = Role.RECRUITER, **terms: Any) -> Offer:
        workflow.save_terms(self.fresh(offer).version_id, terms, actor=self.people[by], now=self.now)
        return self.fresh(offer)

    def clear(self, offer: Offer, status: str = "clear") -> None:
        for each in offer.contingencies.all():
            workflow.set_contingency(each.pk, status, actor=self.people[Role.RECRUITER], now=self.now)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever is done inside has not been done afterwards: one preparation serves many tries."""
        before = self.now
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        self.now = before

    # --- looking at them

    def fresh(self, offer: Offer) -> Offer:
        return Offer.objects.select_related("version", "letter", "holder").get(pk=offer.pk)

    def waiting(self, offer: Offer) -> list[Approval]:
        return list(Approval.objects.filter(offer=offer, status="asked").order_by("step", "pk"))

    def chain(self, offer: Offer) -> list[str]:
        """The newest chain, as "step role or title: status"."""
        steps = offer.chains.latest("started_at", "pk").approvals.order_by("step", "pk")
        return [f"{each.step} {each.title or each.role}: {each.status}" for each in steps]

    def clocks(self, offer: Offer) -> list[str]:
        """The kinds of clocks that run."""
        return sorted(Clock.objects.running().filter(offer=offer).values_list("kind", flat=True))

    def mailed(self, kind: str) -> set[User]:
        return {mail.user for mail in OutboxMessage.objects.filter(kind=kind).select_related("user")}


WAY: dict[Status, list[str]] = {
    Status.DRAFT: [],
    Status.IN_REVIEW: ["submit"],
    Status.APPROVED: ["submit"],
    Status.EXTENDED: ["submit", "extend"],
    Status.NEGOTIATING: ["submit", "extend", "counter"],
    Status.ACCEPTED: ["submit", "extend", "accept"],
    Status.JOINED: ["submit", "extend", "accept", "clear", "join"],
    Status.DECLINED: ["submit", "extend", "decline"],
    Status.EXPIRED: ["submit", "extend", "lapse", "expire"],
    Status.WITHDRAWN: ["withdraw"],
    Status.RENEGED: ["submit", "extend", "accept", "renege"],
    Status.RESCINDED: ["submit", "extend", "rescind"],
    Status.CANCELLED: ["cancel"],
}
