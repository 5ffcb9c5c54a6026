"""The one scoping base: whose rows a person is shown, what forms offer and take, and what is refused in words."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import models
from django.http import Http404
from django.test import Client as Browser
from django.urls import reverse

from governance.access import Role
from governance.models import Benchmark, Client, MarketSource, Membership, SalaryBand, User
from governance.scoping import TOGETHER, ScopedModelForm, of_clients, scoped, scoped_or_404
from governance.tenancy import scope
from offers.models import Requisition
from tests.factories import (
    BenchmarkFactory,
    EngagementFactory,
    MarketSourceFactory,
    MembershipFactory,
    RequisitionFactory,
    SalaryBandFactory,
    UserFactory,
)

Member = Callable[..., User]


@pytest.fixture
def both(member: Member, client_a: Client, client_b: Client) -> Any:
    """An HR partner of both clients, in whose scope the test runs."""
    user = member(Role.HR_PARTNER)
    MembershipFactory(user=user, client=client_b, role=Role.HR_PARTNER)
    with scope([client_a.pk, client_b.pk]):
        yield User.objects.get(pk=user.pk)


class SourceForm(ScopedModelForm):
    class Meta:
        model = MarketSource
        fields = ("client", "name", "yearly_rate", "stale_after_days")


class RequisitionForm(ScopedModelForm):
    class Meta:
        model = Requisition
        fields = (
            "client", "external_id", "status", "priority", "employment_type", "openings", "currency", "engagement",
            "recruiter",
        )  # fmt: skip


def requisition(**given: Any) -> dict[str, Any]:
    return {"external_id": "R-1", "status": "open", "priority": "standard", "employment_type": "permanent",
            "openings": 1, "currency": "USD", **given}  # fmt: skip


class TestRows:
    def test_rows_are_those_at_clients_whose_role_grants_the_action(self, both: User, client_a: Client) -> None:
        Membership.objects.filter(user=both).exclude(client=client_a).update(role=Role.AUDITOR)
        reader_at_b = User.objects.get(pk=both.pk)
        here, there = (SalaryBandFactory(client=client) for client in Client.objects.order_by("-name"))
        assert set(scoped(SalaryBand.objects.all(), reader_at_b)) == {here, there}
        assert set(scoped(SalaryBand.objects.all(), reader_at_b, "change")) == {here}

    def test_a_row_of_another_client_is_as_good_as_none(self, member: Member, client_b: Client) -> None:
        band = SalaryBandFactory(client=client_b)
        with scope([client_b.pk]), pytest.raises(Http404):
            scoped_or_404(SalaryBand, member(Role.HR_PARTNER), band.pk)

    def test_people_are_the_active_members_of_the_clients(self, member: Member, client_a: Client) -> None:
        here = member(Role.AUDITOR)
        gone = MembershipFactory(client=client_a, is_active=False).user
        assert set(of_clients(User.objects.all(), [client_a.pk])) == {here}
        assert gone not in of_clients(User.objects.all(), [client_a.pk])

    def test_a_model_without_a_client_is_shown_to_nobody(self) -> None:
        with pytest.raises(TypeError, match="belongs to no client"):
            of_clients(Session.objects.all(), [1])


class TestForms:
    def test_a_person_of_one_client_is_not_asked_which(self, member: Member, scoped: Client) -> None:
        form = SourceForm({"client": scoped.pk, "name": "Survey", "yearly_rate": 3, "stale_after_days": 9},
                          user=member(Role.HR_PARTNER))  # fmt: skip
        assert form.is_valid()
        assert form.save().client == scoped

    def test_a_choice_offers_rows_and_people_of_the_persons_clients(self, member: Member, client_a: Client) -> None:
        user, recruiter = member(Role.COORDINATOR), member(Role.RECRUITER)
        engagement, elsewhere = EngagementFactory(client=client_a), MembershipFactory()
        with scope([client_a.pk, EngagementFactory(client=elsewhere.client).client_id]):
            form = RequisitionForm(user=user)
            found = form.fields["engagement"].queryset
            assert engagement in found
            assert {each.client for each in found} == {client_a}
            assert set(form.fields["recruiter"].queryset) == {user, recruiter}

    def test_a_saved_row_offers_its_own_client_alone(self, both: User, client_a: Client, client_b: Client) -> None:
        row = RequisitionFactory(client=client_a)
        here, _ = EngagementFactory(client=client_a), EngagementFactory(client=client_b)
        found = RequisitionForm(instance=row, user=both).fields["engagement"].queryset
        assert here in found
        assert {each.client for each in found} == {client_a}

    def test_somebody_who_has_left_stays_chosen_until_somebody_else_is(self, member: Member, scoped: Client) -> None:
        gone = UserFactory()
        row = RequisitionFactory(client=scoped, recruiter=gone)
        assert gone in RequisitionForm(instance=row, user=member(Role.COORDINATOR)).fields["recruiter"].queryset

    def test_rows_of_two_clients_are_not_mixed(self, both: User, client_a: Client, client_b: Client) -> None:
        Membership.objects.filter(user=both).update(role=Role.COORDINATOR)
        both = User.objects.get(pk=both.pk)
        there = EngagementFactory(client=client_b, name="Berlin programme")
        form = RequisitionForm(requisition(client=client_a.pk, engagement=there.pk), user=both)
        assert form.errors == {
            "engagement": ["“Berlin programme” belongs to Corvane Cells: choose one of Northbridge Bank."]
        }

    def test_people_of_another_client_are_not_taken(self, both: User, client_a: Client, client_b: Client) -> None:
        Membership.objects.filter(user=both).update(role=Role.COORDINATOR)
        both = User.objects.get(pk=both.pk)
        stranger = MembershipFactory(client=client_b, user__name="Kim Park").user
        form = RequisitionForm(requisition(client=client_a.pk, recruiter=stranger.pk), user=both)
        assert form.errors == {"recruiter": ["Kim Park does not work for Northbridge Bank: choose one of its people."]}

    def test_a_rule_that_names_the_client_holds_though_it_is_not_asked(self, member: Member, scoped: Client) -> None:
        RequisitionFactory(client=scoped, external_id="R-1")
        form = RequisitionForm(requisition(), user=member(Role.COORDINATOR))
        assert form.errors == {"__all__": ["Another requisition has this reference."]}


class TestLists:
    @pytest.fixture
    def editor(self, member: Member, browser_client: Callable[[User], Browser]) -> Browser:
        return browser_client(member(Role.HR_PARTNER))

    def address(self, model: type[models.Model], view: str, *key: Any) -> str:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=key)

    def band(self, **given: Any) -> dict[str, Any]:
        return {
            "code": "E5", "role_family": "Engineering", "grade": "G5", "location": "Austin", "currency": "USD",
            "period": "year", "kind": "range", "minimum": 1, "midpoint": 2, "maximum": 3, "valid_from": "2026-01-01",
            **given,
        }  # fmt: skip

    def test_the_client_is_shown_only_to_people_of_several(
        self, editor: Browser, both: User, browser_client: Callable[[User], Browser], client_a: Client
    ) -> None:
        band = SalaryBandFactory(client=client_a)
        assert b"column-client" not in editor.get(self.address(SalaryBand, "changelist")).content
        several = browser_client(both)
        assert b"column-client" in several.get(self.address(SalaryBand, "changelist")).content
        assert b'name="client"' in several.get(self.address(SalaryBand, "add")).content
        assert b'name="client"' not in several.get(self.address(SalaryBand, "change", band.pk)).content

    def test_a_rule_of_the_database_is_said_in_words(self, editor: Browser) -> None:
        response = editor.post(self.address(SalaryBand, "add"), self.band(midpoint=9))
        assert response.context["adminform"].form.non_field_errors() == [
            "Minimum, midpoint and maximum must be above zero and in this order."
        ]

    def test_bands_that_overlap_are_refused_in_words(self, editor: Browser, client_a: Client) -> None:
        editor.post(self.address(SalaryBand, "add"), self.band())
        response = editor.post(self.address(SalaryBand, "add"), self.band(code="E5b", valid_from=date(2026, 6, 1)))
        assert response.context["adminform"].form.non_field_errors() == [
            "Another band of this role, grade, location and currency is valid in that time."
        ]

    def test_a_race_that_was_lost_is_said_in_the_form(
        self, editor: Browser, client_a: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check = SalaryBand.validate_constraints

        def too_early(self: SalaryBand, exclude: Any = None) -> None:
            """The check comes before the other one's row is there, once."""
            monkeypatch.setattr(SalaryBand, "validate_constraints", check)

        SalaryBandFactory(client=client_a, role_code="", role_family="Engineering", location="Austin")
        monkeypatch.setattr(SalaryBand, "validate_constraints", too_early)
        response = editor.post(self.address(SalaryBand, "add"), self.band())
        assert response.context["adminform"].form.non_field_errors() == [
            "Another band of this role, grade, location and currency is valid in that time."
        ]

    def test_what_loses_every_time_is_said_and_breaks_nothing(
        self, editor: Browser, client_a: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        SalaryBandFactory(client=client_a, role_code="", role_family="Engineering", location="Austin")
        monkeypatch.setattr(SalaryBand, "validate_constraints", lambda self, exclude=None: None)
        response = editor.post(self.address(SalaryBand, "add"), self.band(), follow=True)
        assert TOGETHER in [str(message) for message in response.context["messages"]]

    def test_saving_names_the_person_and_the_act_in_history(self, editor: Browser, client_a: Client) -> None:
        editor.post(self.address(SalaryBand, "add"), self.band())
        with scope([client_a.pk]):
            band = SalaryBand.objects.get()
        editor.post(self.address(SalaryBand, "change", band.pk), self.band(maximum=4))
        shown = editor.get(self.address(SalaryBand, "history", band.pk)).context["page"].object_list
        assert [(change.action, change.who) for change in shown] == [
            ("salaryband.change", str(editor.get("/admin/").wsgi_request.user)),
            ("salaryband.add", str(editor.get("/admin/").wsgi_request.user)),
        ]

    def test_what_is_in_use_is_not_deleted_and_says_by_what(self, editor: Browser, client_a: Client) -> None:
        row = BenchmarkFactory(source=MarketSourceFactory(client=client_a))
        response = editor.post(self.address(MarketSource, "delete", row.source_id), {"post": "yes"})
        assert response.context["protected"]
        with scope([client_a.pk]):
            assert Benchmark.objects.filter(pk=row.pk).exists()
