"""History: nothing tracked changes without an event that says who and why."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from governance.changes import Change, Difference, changes_of
from governance.history import because
from governance.models import Client, MarketSource, SalaryBand, User
from offers.models import Offer
from tests.factories import (
    BenchmarkFactory,
    MarketSourceFactory,
    OfferFactory,
    PersonFactory,
    SalaryBandFactory,
    UserFactory,
)


def events(label: str) -> Any:
    return apps.get_model(f"{label}Event").objects.order_by("pgh_id")


@pytest.mark.usefixtures("scoped")
def test_adding_changing_and_deleting_each_leave_an_event(client_a: Client) -> None:
    source = MarketSource.objects.create(client=client_a, name="Survey")
    source.name = "Census"
    source.save()
    source.delete()
    assert list(events("governance.MarketSource").values_list("pgh_label", "name")) == [
        ("insert", "Survey"),
        ("update", "Census"),
        ("delete", "Census"),
    ]


def test_writes_in_bulk_are_seen_too(scoped: Client) -> None:
    MarketSource.objects.bulk_create(MarketSource(client=scoped, name=name) for name in ("One", "Two"))
    MarketSource.objects.update(stale_after_days=365)
    MarketSource.objects.all().delete()
    labels = list(events("governance.MarketSource").values_list("pgh_label", flat=True))
    assert labels == ["insert"] * 2 + ["update"] * 2 + ["delete"] * 2


def test_a_save_that_changes_nothing_leaves_no_event(scoped: Client) -> None:
    source = MarketSourceFactory(client=scoped)
    source.save()
    assert events("governance.MarketSource").count() == 1


def test_bookkeeping_leaves_no_event(scoped: Client) -> None:
    offer = OfferFactory(client=scoped)
    Offer.objects.filter(pk=offer.pk).update(holder_role="recruiter")
    assert events("offers.Offer").count() == 1


def test_an_event_says_who_and_why(scoped: Client) -> None:
    with because(actor=7, action="source.add", reason="new_survey", note=3, on_behalf_of=8):
        MarketSource.objects.create(client=scoped, name="Survey")
    assert events("governance.MarketSource").get().pgh_context == {
        "actor": 7,
        "action": "source.add",
        "reason": "new_survey",
        "note": 3,
        "on_behalf_of": 8,
    }


def test_the_reason_that_stood_before_returns_at_the_end(scoped: Client) -> None:
    with because(actor=1, action="outer"):
        with because(actor=2, action="inner", reason="nested"):
            MarketSource.objects.create(client=scoped, name="Inner")
        MarketSource.objects.create(client=scoped, name="Outer")
    assert [event.pgh_context for event in events("governance.MarketSource")] == [
        {"actor": 2, "action": "inner", "reason": "nested"},
        {"actor": 1, "action": "outer"},
    ]


def test_what_the_same_transaction_writes_afterwards_inherits_no_reason(scoped: Client) -> None:
    with because(actor=7, action="source.add"):
        MarketSource.objects.create(client=scoped, name="Inside")
    MarketSource.objects.create(client=scoped, name="Afterwards")
    inside, afterwards = events("governance.MarketSource")
    assert (inside.pgh_context["actor"], afterwards.pgh_context, afterwards.pgh_context_id) == (7, None, None)


def test_an_exception_inside_leaves_no_reason_behind(scoped: Client) -> None:
    with pytest.raises(LookupError), because(actor=1, action="failed"):
        raise LookupError
    MarketSource.objects.create(client=scoped, name="Survey")
    assert events("governance.MarketSource").get().pgh_context is None


def test_an_event_belongs_to_the_client_of_its_row(scoped: Client) -> None:
    MarketSource.objects.create(client=scoped, name="Survey")
    assert events("governance.MarketSource").get().client_id == scoped.pk


def test_personal_text_is_kept_out_of_history(scoped: Client) -> None:
    person = PersonFactory(client=scoped)
    assert changes_of(person) == []
    with pytest.raises(LookupError):
        events("governance.Person")


class TestReading:
    @pytest.fixture
    def somebody(self, db: None) -> User:
        return UserFactory(name="Dana Lee")

    def test_each_change_names_the_person_the_fields_and_both_values(self, scoped: Client, somebody: User) -> None:
        band = SalaryBandFactory(client=scoped, midpoint=100_000, maximum=120_000, strict=False)
        with because(actor=somebody.pk, action="salaryband.change"):
            SalaryBand.objects.filter(pk=band.pk).update(midpoint=105_000, strict=True)
        newest, oldest = changes_of(band)
        assert (oldest.title, oldest.differences) == ("Added", ())
        assert newest == Change(
            at=newest.at,
            who="Dana Lee",
            on_behalf_of="",
            title="Changed",
            action="salaryband.change",
            reason="",
            differences=(
                Difference("Midpoint", "100,000\u00a0USD", "105,000\u00a0USD"),
                Difference("Strict", "No", "Yes"),
            ),
        )
        assert newest.at <= timezone.now()

    def test_work_for_somebody_else_names_both(self, scoped: Client, somebody: User) -> None:
        delegate = UserFactory(name="Kim Park")
        source = MarketSourceFactory(client=scoped)
        with because(actor=delegate.pk, action="source.change", on_behalf_of=somebody.pk):
            MarketSource.objects.update(stale_after_days=1)
        assert (changes_of(source)[0].who, changes_of(source)[0].on_behalf_of) == ("Kim Park", "Dana Lee")

    def test_handoffs_own_work_is_told_from_a_hand_in_the_database(self, scoped: Client) -> None:
        source = MarketSourceFactory(client=scoped)
        with because(actor=None, action="sweep"):
            MarketSource.objects.update(stale_after_days=1)
        assert [change.who for change in changes_of(source)] == ["Handoff", "Outside Handoff"]

    def test_a_changed_key_is_said_without_its_number(self, scoped: Client) -> None:
        row = BenchmarkFactory(client=scoped, source=MarketSourceFactory(client=scoped))
        row.source = MarketSourceFactory(client=scoped)
        row.save()
        assert changes_of(row)[0].differences == (Difference("Source"),)

    def test_reading_takes_two_queries_whatever_the_number_of_changes(
        self, scoped: Client, somebody: User, django_assert_num_queries: Callable[[int], Any]
    ) -> None:
        source = MarketSourceFactory(client=scoped)
        for days in (1, 2, 3):
            with because(actor=somebody.pk, action="source.change"):
                MarketSource.objects.update(stale_after_days=days)
        with django_assert_num_queries(2):
            assert len(changes_of(source)) == 4
