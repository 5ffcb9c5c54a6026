"""Rows for tests: valid by default, at fixed instants, of one client from top to bottom.

Name the nearest parent (`OfferVersionFactory(offer=offer)`) or, further up, `offer__client=client`; the client comes
from the parent. A factory works in any scope: it adds the row's own client for as long as it writes.
"""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Model
from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from analytics import models as analytics
from governance import models as governance
from governance.access import Role
from governance.tenancy import scope, scoped_ids
from governance.walls import TenantKey
from offers import models as offers

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TODAY = NOW.date()


@cache
def starting_template() -> dict[str, Any]:
    path = Path(settings.BASE_DIR) / "governance" / "data" / "balanced.json"
    return json.loads(path.read_text())  # type: ignore[no-any-return]


class UserFactory(DjangoModelFactory):
    """Reads times in UTC; `zone=""` is somebody who has set none. `password=` lets the person sign in by the form."""

    class Meta:
        model = governance.User

    email = Sequence(lambda n: f"person{n}@example.org")
    name = Sequence(lambda n: f"Person {n}")
    zone = "UTC"  # what pages would otherwise read the client for

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **fields: Any) -> Any:
        return model_class.objects.create_user(**fields)


class ClientFactory(DjangoModelFactory):
    """A client and nothing else; the fixtures `client_a` and `client_b` bring the starting template too."""

    class Meta:
        model = governance.Client

    code = Sequence(lambda n: f"client-{n}")
    name = LazyAttribute(lambda self: self.code.capitalize())

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **fields: Any) -> Any:
        if "pk" not in fields:
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval(pg_get_serial_sequence('governance_client', 'id'))")
                (fields["pk"],) = cursor.fetchone()
        with scope(scoped_ids() | {fields["pk"]}):
            return super()._create(model_class, *args, **fields)


class OwnedFactory(DjangoModelFactory):
    """Any row of a client; refuses parents of two clients at once, which the database would refuse only at the end."""

    class Meta:
        abstract = True

    client: Any = SubFactory(ClientFactory)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **fields: Any) -> Any:
        client = fields["client"]
        for field in model_class._meta.fields:
            if isinstance(field, TenantKey) and (parent := fields.get(field.name)):
                assert parent.client_id == client.pk, f"{field} belongs to another client: name the parent alone"
        with scope(scoped_ids() | {client.pk}):
            return super()._create(model_class, *args, **fields)


class MembershipFactory(OwnedFactory):
    class Meta:
        model = governance.Membership

    user = SubFactory(UserFactory)
    role = Role.COORDINATOR


class EngagementFactory(OwnedFactory):
    class Meta:
        model = governance.Engagement

    code = Sequence(lambda n: f"E-{n}")
    name = "Programme"
    starts_on = date(2025, 1, 1)


class PersonFactory(OwnedFactory):
    class Meta:
        model = governance.Person

    name = Sequence(lambda n: f"Candidate {n}")
    email = Sequence(lambda n: f"candidate{n}@example.com")


class NoteFactory(OwnedFactory):
    class Meta:
        model = governance.Note

    text = "As agreed on the phone."
    created_at = NOW


class DelegationFactory(OwnedFactory):
    """A week away from now on. Nobody stands in for themselves: one person named twice gets somebody else."""

    class Meta:
        model = governance.Delegation

    from_user = SubFactory(UserFactory)
    to_user = SubFactory(UserFactory)
    starts_at = NOW
    ends_at = NOW + timedelta(days=7)
    made_at = NOW

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **fields: Any) -> Any:
        if fields["from_user"] == fields["to_user"]:
            fields["to_user"] = UserFactory()
        return super()._create(model_class, *args, **fields)


class ReferenceExceptionFactory(OwnedFactory):
    """A month from today on, given to the provider."""

    class Meta:
        model = governance.ReferenceException

    party = "provider"
    first = TODAY
    last = TODAY + timedelta(days=30)
    reason = SubFactory(NoteFactory, client=SelfAttribute("..client"))
    granted_by = SubFactory(UserFactory)
    granted_at = NOW


class BusinessCalendarFactory(OwnedFactory):
    """Monday to Friday, all day."""

    class Meta:
        model = governance.BusinessCalendar

    name = Sequence(lambda n: f"Working week {n}")
    zone = "America/New_York"
    week = LazyAttribute(lambda self: starting_template()["calendar"]["week"])


class HolidayFactory(OwnedFactory):
    class Meta:
        model = governance.Holiday

    calendar = SubFactory(BusinessCalendarFactory)
    client = SelfAttribute("calendar.client")
    country = "US"
    date = date(2026, 11, 26)
    name = "Thanksgiving"


class SalaryBandFactory(OwnedFactory):
    class Meta:
        model = governance.SalaryBand

    code = Sequence(lambda n: f"B-{n}")
    role_family = "Engineering"
    role_code = Sequence(lambda n: f"ENG-{n}")
    grade = "G5"
    location = "New York"
    currency = "USD"
    minimum = Decimal(80_000)
    midpoint = Decimal(100_000)
    maximum = Decimal(120_000)
    valid_from = date(2026, 1, 1)


class MarketSourceFactory(OwnedFactory):
    class Meta:
        model = governance.MarketSource

    name = Sequence(lambda n: f"Survey {n}")


class BenchmarkFactory(OwnedFactory):
    class Meta:
        model = governance.Benchmark

    source = SubFactory(MarketSourceFactory)
    client = SelfAttribute("source.client")
    role_code = Sequence(lambda n: f"15-{n:04}")
    location = "0035620"
    currency = "USD"
    period = "year"
    as_of = date(2026, 5, 31)
    p10 = Decimal(70_000)
    p25 = Decimal(85_000)
    p50 = Decimal(100_000)
    p75 = Decimal(120_000)
    p90 = Decimal(150_000)


class JobMatchFactory(OwnedFactory):
    class Meta:
        model = governance.JobMatch

    source = SubFactory(MarketSourceFactory)
    client = SelfAttribute("source.client")
    role_code = Sequence(lambda n: f"ENG-{n}")
    location = "New York"
    source_role_code = "15-1252"
    source_location = "0035620"


class IncumbentFactory(OwnedFactory):
    class Meta:
        model = governance.Incumbent

    employee_hash = Sequence(lambda n: f"{n:064x}")
    role_code = "ENG"
    grade = "G5"
    location = "New York"
    currency = "USD"
    base = Decimal(100_000)
    hired_on = date(2024, 3, 1)


class ExchangeRateFactory(OwnedFactory):
    class Meta:
        model = governance.ExchangeRate

    base = "EUR"
    quote = "USD"
    rate = Decimal("1.10")
    as_of = date(2026, 11, 1)


class RuleFactory(OwnedFactory):
    """A published version; `published_at=None` is a draft."""

    class Meta:
        abstract = True

    name = "Balanced"
    version = 1
    published_at: Any = NOW - timedelta(days=365)


class ApprovalPolicyFactory(RuleFactory):
    class Meta:
        model = governance.ApprovalPolicy

    document = LazyAttribute(lambda self: starting_template()["approval_policy"])


class GuardrailFactory(RuleFactory):
    class Meta:
        model = governance.Guardrail

    document = LazyAttribute(lambda self: starting_template()["guardrails"])


class EscalationPathFactory(RuleFactory):
    class Meta:
        model = governance.EscalationPath

    document = LazyAttribute(lambda self: starting_template()["escalation_path"])


class ServiceLevelFactory(RuleFactory):
    class Meta:
        model = governance.ServiceLevel

    document = LazyAttribute(lambda self: starting_template()["service_level"])


class ApiTokenFactory(OwnedFactory):
    class Meta:
        model = governance.ApiToken

    user = SubFactory(UserFactory)
    scope = "read"
    digest = Sequence(lambda n: f"{n:064}")
    hint = "hof_1_abcd"
    created_at = NOW
    expires_at = NOW + timedelta(days=365)


class StoredAnswerFactory(OwnedFactory):
    class Meta:
        model = governance.StoredAnswer

    user = SubFactory(UserFactory)
    key = Sequence(lambda n: f"key-{n}")
    fingerprint = "f"
    created_at = NOW
    expires_at = NOW + timedelta(days=1)


class StatementOfWorkFactory(RuleFactory):
    """In force since the engagement began; the name is the engagement's code."""

    class Meta:
        model = governance.StatementOfWork

    engagement = SubFactory(EngagementFactory)
    client = SelfAttribute("engagement.client")
    name = SelfAttribute("engagement.code")
    valid_from = SelfAttribute("engagement.starts_on")
    document = LazyAttribute(lambda self: starting_template()["statement_of_work"])


class HistorySealFactory(OwnedFactory):
    """A seal over nothing that there is."""

    class Meta:
        model = governance.HistorySeal

    number = Sequence(lambda n: n + 1)
    table = "governance_clientevent"
    columns = LazyAttribute(lambda self: ["id"])
    ids = LazyAttribute(lambda self: [1])
    leaves = b"\0" * 32
    upto = 1
    sealed_at = NOW


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


class OfferFactFactory(OwnedFactory):
    """A draft of which nothing is known yet."""

    class Meta:
        model = analytics.OfferFact

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    status = "draft"
    imported = planned_end = answer_contradicts = answered = accepted = lost = contingency_failed = captured = False
    evergreen = below_reference = outside_band = unknown_reference = renegotiated = False
    hours_client_hr = hours_finance = hours_hiring_manager = hours_candidate = hours_provider = 0.0


class StepFactFactory(OwnedFactory):
    class Meta:
        model = analytics.StepFact

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    role = "hr_partner"
    again = rejected = said_rejected = False


class CounterFactFactory(OwnedFactory):
    class Meta:
        model = analytics.CounterFact

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    origin = "candidate_ask"
    countered_on = TODAY
    closed = dropped = contradicts = False


class FreshnessFactory(OwnedFactory):
    class Meta:
        model = analytics.Freshness

    refreshed_at = NOW


class FindingFactory(OwnedFactory):
    class Meta:
        model = analytics.Finding

    dim = "source_channel"
    value = Sequence(lambda n: f"Board {n}")
    theme = "compensation"
    owner = SubFactory(UserFactory)
    found_on = TODAY
    review_on = TODAY + timedelta(days=91)


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


def of(model: type[Model]) -> type[DjangoModelFactory]:
    """The factory of a model. Raises LookupError where it has none yet."""
    found = (each for each in globals().values() if isinstance(each, type) and issubclass(each, DjangoModelFactory))
    for each in found:
        if each._meta.model is model and not each._meta.abstract:
            return each
    raise LookupError(f"Write a factory for {model.__name__} in tests/factories.py")


class ProgrammeBookFactory(OwnedFactory):
    class Meta:
        model = analytics.ProgrammeBook

    quarter = "2026-Q3"
    since = date(2024, 10, 1)
    until = date(2026, 10, 1)
    written_at = NOW
    tables = LazyAttribute(lambda self: {})
