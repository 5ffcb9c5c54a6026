"""Who may do what, at which client."""

from collections.abc import Callable

import pytest
from django.apps import apps

from governance.access import PERMISSIONS, Role, clients_with, has_permission
from governance.models import Client, SalaryBand, User
from governance.tenancy import scope
from offers.models import Offer
from tests.factories import MembershipFactory, OfferFactory, SalaryBandFactory, UserFactory

Member = Callable[..., User]


@pytest.fixture
def band(client_a: Client) -> SalaryBand:
    return SalaryBandFactory(client=client_a)


@pytest.fixture
def band_of_b(client_b: Client) -> SalaryBand:
    return SalaryBandFactory(client=client_b)


def test_a_role_counts_at_its_own_client_alone(member: Member, band: SalaryBand, band_of_b: SalaryBand) -> None:
    user = member(Role.HR_PARTNER)
    assert has_permission(user, "governance.change_salaryband", band)
    assert not has_permission(user, "governance.change_salaryband", band_of_b)


def test_another_role_at_another_client_lends_nothing(
    member: Member, band: SalaryBand, band_of_b: SalaryBand, client_b: Client
) -> None:
    user = member(Role.HR_PARTNER)
    MembershipFactory(user=user, client=client_b, role=Role.AUDITOR)
    assert has_permission(user, "governance.view_salaryband", band_of_b)
    assert not has_permission(user, "governance.change_salaryband", band_of_b)
    assert clients_with(user, "governance.change_salaryband") == [band.client_id]


def test_a_client_is_its_own_client(member: Member, client_a: Client, client_b: Client) -> None:
    user = member(Role.ADMINISTRATOR)
    assert has_permission(user, "governance.change_client", client_a)
    assert not has_permission(user, "governance.change_client", client_b)


def test_without_a_row_a_role_at_any_client_is_enough(member: Member) -> None:
    assert has_permission(member(Role.HR_PARTNER), "governance.add_salaryband")
    assert not has_permission(member(Role.COORDINATOR), "governance.add_salaryband")


def test_a_person_who_is_switched_off_may_do_nothing(member: Member, band: SalaryBand) -> None:
    user = member(Role.HR_PARTNER, is_active=False)
    assert not has_permission(user, "governance.view_salaryband", band)
    assert clients_with(user, "governance.view_salaryband") == []
    assert not user.is_staff


def test_a_role_that_is_switched_off_gives_nothing(client_a: Client, band: SalaryBand) -> None:
    user = MembershipFactory(client=client_a, role=Role.HR_PARTNER, is_active=False).user
    assert user.roles == {}
    assert not has_permission(user, "governance.view_salaryband", band)


def test_two_roles_at_one_client_add_up(member: Member, client_a: Client) -> None:
    assert member(Role.AUDITOR, Role.RECRUITER).roles == {client_a.pk: {Role.AUDITOR, Role.RECRUITER}}


def test_nobody_stands_above_the_clients() -> None:
    assert not User().is_superuser


@pytest.mark.django_db
def test_a_person_without_a_role_may_not_open_the_portal() -> None:
    assert not UserFactory().is_staff


@pytest.mark.parametrize("role", Role)
def test_every_permission_names_an_action_on_a_model_that_there_is(role: Role) -> None:
    ours = ("governance", "offers", "analytics")
    models = {model._meta.model_name for model in apps.get_models() if model._meta.app_label in ours}
    actions = {"view", "add", "change", "delete"}
    assert [
        code for code in PERMISSIONS[role] if code.split("_")[0] not in actions or code.split("_")[1] not in models
    ] == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.TALENT_LEADER, Role.FINANCE_LEADER, Role.HIRING_MANAGER])
def test_readers_change_nothing_by_hand(role: Role) -> None:
    own = {Role.FINANCE_LEADER: {"cost"}, Role.TALENT_LEADER: {"finding"}}.get(role, set())
    assert {
        code for code in PERMISSIONS[role] if code.split("_")[0] != "view" and code.split("_")[1] not in own
    } == set()


def test_only_rule_makers_change_rules_and_pay_references() -> None:
    makers = {role for role in Role if "change_approvalpolicy" in PERMISSIONS[role]}
    assert makers == {Role.HR_PARTNER, Role.ADMINISTRATOR}
    keepers = {role for role in Role if "change_salaryband" in PERMISSIONS[role]}
    assert keepers == {Role.HR_PARTNER, Role.ACCOUNT_DIRECTOR}  # held to the statement of work: test_keeping.py


def test_offers_are_never_deleted_by_hand() -> None:
    assert [role for role in Role if "delete_offer" in PERMISSIONS[role]] == []


@pytest.fixture
def offers(client_a: Client, member: Member) -> dict[str, Offer]:
    manager = member(Role.HIRING_MANAGER)
    return {"theirs": OfferFactory(client=client_a, hiring_manager=manager), "another's": OfferFactory(client=client_a)}


def test_a_hiring_manager_sees_the_offers_they_answer_for(offers: dict[str, Offer], scoped: Client) -> None:
    manager = offers["theirs"].hiring_manager
    assert list(Offer.objects.visible_to(manager)) == [offers["theirs"]]


def test_a_hiring_manager_with_a_wider_role_sees_them_all(offers: dict[str, Offer], scoped: Client) -> None:
    manager = offers["theirs"].hiring_manager
    MembershipFactory(user=manager, client=scoped, role=Role.AUDITOR)
    assert set(Offer.objects.visible_to(User.objects.get(pk=manager.pk))) == set(offers.values())


def test_a_hiring_manager_elsewhere_sees_nothing_here(member: Member, client_a: Client, client_b: Client) -> None:
    manager = member(Role.HIRING_MANAGER, client=client_b)
    OfferFactory(client=client_a, hiring_manager=manager)
    with scope([client_a.pk, client_b.pk]):
        assert list(Offer.objects.visible_to(manager)) == []
