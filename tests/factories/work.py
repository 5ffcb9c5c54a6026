"""Rows of offers: requisitions, offers and all that happens to them."""

from datetime import date, timedelta
from decimal import Decimal

from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory

from governance.access import Role
from offers import models as offers
from tests.factories.base import NOW, OwnedFactory, UserFactory
from tests.factories.rules import NoteFactory, PersonFactory, StatementOfWorkFactory


class RequisitionFactory(OwnedFactory):
    class Meta:
        model = offers.Requisition

    external_id = Sequence(lambda n: f"REQ-{n}")
    title = "Engineer"
    role_family = "Engineering"
    role_code = "ENG"
    grade = "G5"
    location = "New York"
    openings = 10
    budget_max = Decimal(130_000)
    opened_on = date(2026, 10, 1)


class ScopeExceptionFactory(OwnedFactory):
    class Meta:
        model = offers.ScopeException

    requisition = SubFactory(RequisitionFactory)
    client = SelfAttribute("requisition.client")
    agreement = SubFactory(StatementOfWorkFactory, engagement__client=SelfAttribute("...client"))
    activity = "first_draft"
    party = "client_hr"
    reason = SubFactory(NoteFactory, client=SelfAttribute("..client"))
    granted_by = SubFactory(UserFactory)
    granted_at = NOW


class CandidateFactory(OwnedFactory):
    class Meta:
        model = offers.Candidate

    person = SubFactory(PersonFactory, client=SelfAttribute("..client"))
    external_id = Sequence(lambda n: f"C-{n}")


class SkillAssessmentFactory(OwnedFactory):
    class Meta:
        model = offers.SkillAssessment

    requisition = SubFactory(RequisitionFactory)
    client = SelfAttribute("requisition.client")
    candidate = SubFactory(CandidateFactory, client=SelfAttribute("..client"))
    skill = "Python"
    required = 3
    assessed = 4


class OfferFactory(OwnedFactory):
    """A draft; any other status is that of an imported offer, since only the workflow moves one."""

    class Meta:
        model = offers.Offer

    external_id = Sequence(lambda n: f"O-{n}")
    requisition = SubFactory(RequisitionFactory, client=SelfAttribute("..client"))
    candidate = SubFactory(CandidateFactory, client=SelfAttribute("..client"))
    imported = LazyAttribute(lambda self: getattr(self, "status", "draft") != "draft")
    created_at = NOW
    moved_at = NOW


class OfferVersionFactory(OwnedFactory):
    """An editable version of 100,000 USD a year; `submitted_at=` makes it a frozen one."""

    class Meta:
        model = offers.OfferVersion

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    base = Decimal(100_000)
    created_at = NOW


class VersionEditorFactory(OwnedFactory):
    class Meta:
        model = offers.VersionEditor

    version = SubFactory(OfferVersionFactory)
    client = SelfAttribute("version.client")
    user = SubFactory(UserFactory)


class LetterFactory(OwnedFactory):
    class Meta:
        model = offers.Letter

    version = SubFactory(OfferVersionFactory, submitted_at=NOW)
    offer = SelfAttribute("version.offer")
    client = SelfAttribute("version.client")
    extended_at = NOW


class ContingencyFactory(OwnedFactory):
    class Meta:
        model = offers.Contingency

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    kind = "background"


class VerbalApprovalFactory(OwnedFactory):
    class Meta:
        model = offers.VerbalApproval

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    approved_at = NOW
    approved_by = SubFactory(UserFactory)
    recorded_at = NOW
    currency = "USD"
    base = Decimal(100_000)
    first_year_total = Decimal(100_000)


class VerbalOfferFactory(OwnedFactory):
    class Meta:
        model = offers.VerbalOffer

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    made_at = NOW


class CounterOfferFactory(OwnedFactory):
    class Meta:
        model = offers.CounterOffer

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    countered_at = NOW
    currency = "USD"
    asked_base = Decimal(110_000)


class LossFactory(OwnedFactory):
    class Meta:
        model = offers.Loss

    offer = SubFactory(OfferFactory, status="declined")
    client = SelfAttribute("offer.client")
    stage = "verbal"
    theme = "compensation"
    recorded_at = NOW


class OverrideFactory(OwnedFactory):
    class Meta:
        model = offers.Override

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    kind = "direct_contact"
    found_at = NOW


class AdviceFactory(OwnedFactory):
    class Meta:
        model = offers.Advice

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    given_at = NOW
    currency = "USD"
    recommended_base = Decimal(110_000)


class ApprovalChainFactory(OwnedFactory):
    class Meta:
        model = offers.ApprovalChain

    version = SubFactory(OfferVersionFactory, submitted_at=NOW)
    offer = SelfAttribute("version.offer")
    client = SelfAttribute("version.client")
    started_at = NOW


class ApprovalFactory(OwnedFactory):
    class Meta:
        model = offers.Approval

    chain = SubFactory(ApprovalChainFactory)
    offer = SelfAttribute("chain.offer")
    client = SelfAttribute("chain.client")
    step = 1
    role = Role.HR_PARTNER
    status = "asked"
    due_hours = 8
    reason = "Below reference."
    asked_at = NOW
    due_at = NOW + timedelta(hours=8)


class DecisionFactory(OwnedFactory):
    class Meta:
        model = offers.Decision

    approval = SubFactory(ApprovalFactory)
    client = SelfAttribute("approval.client")
    user = SubFactory(UserFactory)
    verdict = "approved"
    decided_at = NOW


class ClockFactory(OwnedFactory):
    """Verbal approval to letter, running, on a ladder of 24, 48 and 72 elapsed hours."""

    class Meta:
        model = offers.Clock

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    kind = "verbal_to_written"
    priority = SelfAttribute("offer.priority")
    started_at = NOW
    target_hours = 48
    target_at = LazyAttribute(lambda self: self.started_at + timedelta(hours=48))
    elapsed_target_at = LazyAttribute(lambda self: self.started_at + timedelta(hours=48))
    thresholds = LazyAttribute(lambda self: [24, 48, 72])
    due_instants = LazyAttribute(lambda self: [self.started_at + timedelta(hours=hours) for hours in self.thresholds])
    next_due_at = LazyAttribute(lambda self: self.due_instants[0])


class EscalationFactory(OwnedFactory):
    class Meta:
        model = offers.Escalation

    clock = SubFactory(ClockFactory)
    offer = SelfAttribute("clock.offer")
    client = SelfAttribute("clock.client")
    threshold_hours = 24
    level = 1
    due_at = NOW
    flagged_at = NOW


class ContactFactory(OwnedFactory):
    class Meta:
        model = offers.Contact

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    at = NOW


class AlarmFactory(OwnedFactory):
    class Meta:
        model = offers.Alarm

    kind = "not_sent"
    key = Sequence(lambda n: f"alarm-{n}")
    text = "1 mail waits for more than five minutes."
    raised_at = NOW


class OutboxMessageFactory(OwnedFactory):
    class Meta:
        model = offers.OutboxMessage

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    key = Sequence(lambda n: f"mail-{n}")
    kind = "escalation"
    address = "finance@example.org"
    created_at = NOW
    due_at = NOW


class OutboxEscalationFactory(OwnedFactory):
    class Meta:
        model = offers.OutboxEscalation

    escalation = SubFactory(EscalationFactory)
    client = SelfAttribute("escalation.client")
    message = SubFactory(OutboxMessageFactory, offer=SelfAttribute("..escalation.offer"))


class CostFactory(OwnedFactory):
    class Meta:
        model = offers.Cost

    month = date(2026, 10, 1)
    kind = "internal"
    amount = Decimal(10_000)
    currency = "USD"


class HireReviewFactory(OwnedFactory):
    class Meta:
        model = offers.HireReview

    offer = SubFactory(OfferFactory, status="joined")
    client = SelfAttribute("offer.client")
    manager_rating = 80


class DecisionTokenFactory(OwnedFactory):
    class Meta:
        model = offers.DecisionToken

    message = SubFactory(OutboxMessageFactory)
    client = SelfAttribute("message.client")
    offer = SelfAttribute("message.offer")
    user = SubFactory(UserFactory)
    purpose = "acknowledge"
    digest = Sequence(lambda n: f"{n:064}")
    created_at = NOW
    expires_at = NOW + timedelta(days=7)
