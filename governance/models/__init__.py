"""The rules and the people they bind: clients, memberships, pay references, calendars and versioned rules."""

from governance.models.access import ApiToken, StoredAnswer
from governance.models.base import ClientOwned
from governance.models.calendars import BusinessCalendar, Holiday
from governance.models.delegation import Delegation
from governance.models.identity import Client, Engagement, LinkRule, Membership, Note, Person, User
from governance.models.incumbents import Incumbent
from governance.models.pay import Benchmark, ExchangeRate, JobMatch, MarketSource, SalaryBand
from governance.models.rules import ApprovalPolicy, EscalationPath, Guardrail, ServiceLevel, StatementOfWork
from governance.models.scope import ReferenceException
from governance.models.seals import HistorySeal

__all__ = [
    "ApiToken",
    "ApprovalPolicy",
    "Benchmark",
    "BusinessCalendar",
    "Client",
    "ClientOwned",
    "Delegation",
    "Engagement",
    "EscalationPath",
    "ExchangeRate",
    "Guardrail",
    "HistorySeal",
    "Holiday",
    "Incumbent",
    "JobMatch",
    "LinkRule",
    "MarketSource",
    "Membership",
    "Note",
    "Person",
    "ReferenceException",
    "SalaryBand",
    "ServiceLevel",
    "StatementOfWork",
    "StoredAnswer",
    "User",
]
