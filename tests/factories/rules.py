"""Rows of governance: the rules, pay references, who is a member and who stands in."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory

from governance import models as governance
from governance.access import Role
from tests.factories.base import NOW, TODAY, OwnedFactory, UserFactory, starting_template


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
