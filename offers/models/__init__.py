"""The work: requisitions, candidates, offers and versions, approvals, letters, clocks, escalations, overrides, mail."""

from offers.models.advice import Advice
from offers.models.alarms import Alarm
from offers.models.approvals import Approval, ApprovalChain, Decision
from offers.models.assessments import SkillAssessment
from offers.models.clocks import Clock, Escalation
from offers.models.contacts import Contact
from offers.models.cost import Cost
from offers.models.events import CounterOffer, Loss, VerbalApproval, VerbalOffer
from offers.models.intake import Candidate, Requisition
from offers.models.offer import Contingency, Letter, Offer
from offers.models.outbox import OutboxEscalation, OutboxMessage
from offers.models.override import Override
from offers.models.review import HireReview
from offers.models.scope import ScopeException
from offers.models.tokens import DecisionToken
from offers.models.version import OfferVersion, VersionEditor

__all__ = [
    "Advice",
    "Alarm",
    "Approval",
    "ApprovalChain",
    "Candidate",
    "Clock",
    "Contact",
    "Contingency",
    "Cost",
    "CounterOffer",
    "Decision",
    "DecisionToken",
    "Escalation",
    "HireReview",
    "Letter",
    "Loss",
    "Offer",
    "OfferVersion",
    "OutboxEscalation",
    "OutboxMessage",
    "Override",
    "Requisition",
    "ScopeException",
    "SkillAssessment",
    "VerbalApproval",
    "VerbalOffer",
    "VersionEditor",
]
