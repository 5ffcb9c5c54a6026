"""Rows of analytics: facts, findings and the programme's book."""

from datetime import date, timedelta

from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory

from analytics import models as analytics
from tests.factories.base import NOW, TODAY, OwnedFactory, UserFactory
from tests.factories.work import OfferFactory


class OfferFactFactory(OwnedFactory):
    """A draft of which nothing is known yet."""

    class Meta:
        model = analytics.OfferFact

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    status = "draft"
    imported = planned_end = answer_contradicts = answered = accepted = lost = contingency_failed = captured = False
    evergreen = below_reference = outside_band = unknown_reference = renegotiated = False
    awaited = joined = reneged = has_outcome = overridden = internal = contingent = False
    detected = reported = ratified = retracted = disclosed = 0
    hours_client_hr = hours_finance = hours_hiring_manager = hours_candidate = hours_provider = 0.0


class StepFactFactory(OwnedFactory):
    class Meta:
        model = analytics.StepFact

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    role = "hr_partner"
    again = rejected = said_rejected = internal = contingent = False


class CounterFactFactory(OwnedFactory):
    class Meta:
        model = analytics.CounterFact

    offer = SubFactory(OfferFactory)
    client = SelfAttribute("offer.client")
    origin = "candidate_ask"
    countered_on = TODAY
    closed = dropped = contradicts = internal = contingent = False


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


class ProgrammeBookFactory(OwnedFactory):
    class Meta:
        model = analytics.ProgrammeBook

    quarter = "2026-Q3"
    since = date(2024, 10, 1)
    until = date(2026, 10, 1)
    written_at = NOW
    tables = LazyAttribute(lambda self: {})
