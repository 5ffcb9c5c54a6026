"""Facts follow their offers."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from analytics.facts import Refreshed, refresh
from analytics.models import CounterFact, OfferFact, StepFact
from governance.models import Client
from offers.models import Loss
from tests.factories import NOW, LossFactory, OfferFactory, OfferVersionFactory, OverrideFactory, RequisitionFactory

pytestmark = pytest.mark.django_db


def fact(client: Client) -> OfferFact:
    refresh(client.pk, now=timezone.now())
    return OfferFact.objects.get(client=client)


def test_a_corrected_requisition_corrects_its_facts(scoped: Client) -> None:
    requisition = RequisitionFactory(client=scoped, business_unit="Nort")
    OfferFactory(client=scoped, requisition=requisition)
    assert fact(scoped).business_unit == "Nort"
    requisition.business_unit = "North"
    requisition.save()
    assert fact(scoped).business_unit == "North"


def test_what_a_file_says_of_an_offer_stands_before_what_its_requisition_says(scoped: Client) -> None:
    OfferFactory(client=scoped, requisition=RequisitionFactory(client=scoped, grade="G5"), grade="G6")
    assert fact(scoped).grade == "G6"


def test_days_are_the_clients_own(scoped: Client) -> None:
    OfferFactory(client=scoped, status="accepted", decided_at=NOW.replace(hour=3))
    assert fact(scoped).decided_on == date(2026, 11, 23)


def test_another_zone_moves_every_day(scoped: Client) -> None:
    OfferFactory(client=scoped, status="accepted", decided_at=NOW.replace(hour=3))
    fact(scoped)
    scoped.zone = "Europe/Berlin"
    scoped.save()
    assert fact(scoped).decided_on == date(2026, 11, 24)


@pytest.mark.parametrize(("days", "captured"), [(8, True), (9, False)])
def test_reasons_are_captured_within_five_working_days(scoped: Client, days: int, captured: bool) -> None:
    lost = NOW - timedelta(days=15)  # the Monday before Veterans Day, which is no working day
    offer = OfferFactory(client=scoped, status="declined", decided_at=lost)
    LossFactory(offer=offer, reason="Base", recorded_at=lost + timedelta(days=days))
    assert fact(scoped).captured is captured


def test_a_way_around_counts_once_it_is_confirmed_and_not_where_it_is_unfounded(scoped: Client) -> None:
    override = OverrideFactory(offer__client=scoped)
    assert not fact(scoped).overridden
    for resolution, status, counts in (("disclosed", "confirmed", True), ("unfounded", "suspected", False)):
        override.resolution, override.status, override.resolved_at = resolution, status, NOW
        override.save()
        assert fact(scoped).overridden is counts


@pytest.mark.parametrize("model", [OfferFact, StepFact, CounterFact])
def test_fixed_widths_lie_before_texts_and_what_is_never_empty_first(model: type[Model]) -> None:
    """Every report reads past what lies before its columns: in any other order it takes twice as long."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT CASE WHEN t.typlen < 0 THEN 'text' WHEN a.attnotnull THEN 'never empty' ELSE 'may be empty' END
            FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
            WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum""",
            [model._meta.db_table],
        )
        kinds = [row[0] for row in cursor.fetchall()]
    assert kinds == sorted(kinds, key=["never empty", "may be empty", "text"].index)


def test_a_page_does_not_wait_for_a_large_import(scoped: Client) -> None:
    OfferVersionFactory.create_batch(3, offer__client=scoped)
    assert refresh(scoped.pk, now=NOW, at_most=2) == Refreshed(0, behind=3)
    assert not OfferFact.objects.exists()


def test_a_reason_that_a_file_adds_later_is_captured(scoped: Client) -> None:
    loss = LossFactory(
        offer=OfferFactory(client=scoped, status="declined", decided_at=NOW), theme="compensation", recorded_at=NOW
    )
    assert not fact(scoped).captured
    Loss.objects.filter(pk=loss.pk).update(reason="Base")
    assert fact(scoped).captured
