"""Rules as data: a draft is edited, a published version never changes, editing it makes the next one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError

from governance.access import Role
from governance.models import ApprovalPolicy, Client, EscalationPath, Guardrail, Membership, ServiceLevel, User
from governance.models.rules import VersionedRule
from governance.programme import load
from governance.rule_forms.grants import GuardrailForm
from governance.rule_forms.ladders import EscalationPathForm, ServiceLevelForm
from governance.tenancy import scope
from governance.versions import next_number, next_version, starting_document
from tests.factories import ApprovalPolicyFactory, EscalationPathFactory, MembershipFactory, UserFactory
from tests.governance.filling import untouched

KINDS = [ApprovalPolicy, Guardrail, EscalationPath, ServiceLevel]
KEYS = {
    ApprovalPolicy: "approval_policy",
    Guardrail: "guardrails",
    EscalationPath: "escalation_path",
    ServiceLevel: "service_level",
}


@pytest.fixture(autouse=True)
def everybody(request: pytest.FixtureRequest) -> None:
    """Whom the template asks is there, wherever something is published."""
    if {"draft", "published"} & set(request.fixturenames):
        for role in Role:
            MembershipFactory(client=request.getfixturevalue("scoped"), role=role)


@pytest.fixture
def draft(scoped: Client) -> ApprovalPolicy:
    return ApprovalPolicyFactory(client=scoped, name="Stricter", published_at=None)


@pytest.fixture
def published(scoped: Client) -> ApprovalPolicy:
    return ApprovalPolicyFactory(client=scoped, name="Stricter")


@pytest.mark.parametrize("kind", KINDS)
def test_the_starting_document_of_every_kind_can_be_published(kind: type[VersionedRule]) -> None:
    assert kind.problems(starting_document(KEYS[kind])) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("document", [None, 5, "text", [], [{}], {"rules": 5}, {"unheard": "of"}])
def test_what_is_no_document_of_its_kind_is_refused_in_words(kind: type[VersionedRule], document: Any) -> None:
    assert kind(document=document).problems(document)


@pytest.mark.parametrize("share", [0, -5, 100.5, 10**400, float("nan"), float("inf"), "95", True, None, [95]], ids=repr)
def test_a_share_in_time_that_cannot_be_met_or_missed_is_refused_by_its_name(share: Any) -> None:
    [problem] = ServiceLevel.problems(starting_document("service_level") | {"attainment_percent": share})
    assert problem.startswith("attainment_percent: give a number over 0 and at most 100")


@pytest.mark.parametrize("share", [0.5, 92.5, 100])
def test_a_share_in_time_may_have_decimals(share: float) -> None:
    assert ServiceLevel.problems(starting_document("service_level") | {"attainment_percent": share}) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_client_has_every_kind_in_force(kind: Any, client_a: Client) -> None:
    with scope([client_a.pk]):
        assert kind.objects.current(client_a.pk).version == 1


def test_publishing_says_who_and_when(draft: ApprovalPolicy, now: datetime) -> None:
    actor = UserFactory()
    draft.publish(actor=actor, now=now)
    draft.refresh_from_db()
    assert (draft.published_at, draft.published_by) == (now, actor)


def test_a_document_with_a_fault_is_not_published(draft: ApprovalPolicy, now: datetime) -> None:
    draft.document = {}
    with pytest.raises(ValidationError):
        draft.publish(actor=None, now=now)
    draft.refresh_from_db()
    assert draft.published_at is None


ALWAYS = {"test": "always"}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"when": [ALWAYS], "ask": [{"role": "talent_leader"}]}, "nobody active holds that role here"),
        ({"when": [ALWAYS], "ask": [{"role": "finance_leader", "n": 2}]}, "nobody can satisfy it"),
        ({"when": [ALWAYS], "ask": [{"person": 2**40}]}, "no active member of this client"),
        ({"when": [{"test": "critical"}, {"test": "equity"}], "ask": [{"role": "hiring_manager", "n": 2}]}, "has one"),
        ({"when": [{"test": "inside_band"}, {"test": "no_band"}], "ask": []}, "can never hold"),
    ],
)
def test_a_rule_that_nobody_can_satisfy_is_not_published_by_whatever_way(
    draft: ApprovalPolicy, now: datetime, rule: dict[str, Any], words: str
) -> None:
    Membership.objects.filter(client=draft.client, role=Role.TALENT_LEADER).update(is_active=False)
    draft.document = {"schema": 1, "name": "Own", "rules": [{"id": "own", "title": "Own", **rule}]}
    with pytest.raises(ValidationError, match=words):
        draft.publish(actor=None, now=now)
    draft.refresh_from_db()
    assert draft.published_at is None


@pytest.mark.parametrize("model", KINDS)
def test_what_is_in_force_is_what_was_published_last_whoever_asks(scoped: Client, now: datetime, model: Any) -> None:
    """A client may keep several names, each numbered apart: neither the highest number nor the newest row rules."""
    document = starting_document(KEYS[model])
    made = [
        model.objects.create(client=scoped, name=name, version=version, document=document, published_at=at)
        for name, version, at in (
            ("Old", 9, now - timedelta(days=2)), ("New", 2, now + timedelta(days=2)), ("Early", 7, now),
        )
    ]  # fmt: skip
    programme = load(scoped.pk)
    in_force = {
        ApprovalPolicy: programme.policy, Guardrail: programme.guardrail, EscalationPath: programme.path,
        ServiceLevel: programme.service_level,
    }[model]  # fmt: skip
    assert in_force is not None
    assert (model.objects.current(scoped.pk).pk, in_force.id) == (made[1].pk, made[1].pk)


def test_a_published_version_is_not_published_again(published: ApprovalPolicy, now: datetime) -> None:
    with pytest.raises(ValidationError, match="make a new version"):
        published.publish(actor=None, now=now)


@pytest.mark.parametrize("change", [{"document": {}}, {"name": "Milder"}, {"published_at": None}])
def test_the_database_refuses_to_change_a_published_version(published: ApprovalPolicy, change: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError, match="Cannot update or delete"):
        ApprovalPolicy.objects.filter(pk=published.pk).update(**change)


def test_the_database_refuses_to_delete_a_published_version(
    published: ApprovalPolicy, as_owner: Callable[[], AbstractContextManager[None]]
) -> None:
    with pytest.raises(DatabaseError, match="Cannot update or delete"), as_owner():
        ApprovalPolicy.objects.filter(pk=published.pk).delete()


def test_a_draft_is_changed_and_deleted_freely(draft: ApprovalPolicy) -> None:
    ApprovalPolicy.objects.filter(pk=draft.pk).update(document={})
    assert draft.delete()[0] == 1


def test_editing_a_published_version_makes_the_next_one_as_a_draft(published: ApprovalPolicy) -> None:
    draft, made = next_version(published)
    assert made
    assert (draft.name, draft.version, draft.published_at) == ("Stricter", 2, None)
    assert draft.document == published.document


def test_a_draft_that_is_there_already_is_gone_on_with(published: ApprovalPolicy) -> None:
    draft, _ = next_version(published)
    assert next_version(published) == (draft, False)


def test_a_draft_rules_nothing(published: ApprovalPolicy) -> None:
    next_version(published)
    assert ApprovalPolicy.objects.current(published.client_id, "Stricter") == published


def test_the_newest_published_version_rules(published: ApprovalPolicy, now: datetime) -> None:
    draft, _ = next_version(published)
    draft.publish(actor=None, now=now)
    assert ApprovalPolicy.objects.current(published.client_id, "Stricter") == draft


def test_names_are_numbered_apart(published: ApprovalPolicy) -> None:
    assert next_number(ApprovalPolicy, published.client_id, "Stricter") == 2
    assert next_number(ApprovalPolicy, published.client_id, "Milder") == 1


class TestInTheAdmin:
    """Approval policies have a builder of their own; every other kind is a form on its own page."""

    @pytest.fixture
    def draft(self, scoped: Client) -> EscalationPath:
        return EscalationPathFactory(client=scoped, name="Stricter", published_at=None)

    @pytest.fixture
    def published(self, scoped: Client) -> EscalationPath:
        return EscalationPathFactory(client=scoped, name="Stricter")

    @pytest.fixture
    def editor(self, member: Callable[..., User], browser_client: Callable[[User], Any]) -> Any:
        return browser_client(member("hr_partner"))

    def page(self, rule: EscalationPath, step: str) -> str:
        return f"/admin/governance/escalationpath/{rule.pk}/{step}/"

    def test_a_published_version_is_read_only_and_offers_a_new_version(
        self, editor: Any, published: EscalationPath
    ) -> None:
        page = editor.get(self.page(published, "change")).content.decode()
        assert "Make a new version" in page
        assert 'name="document-hours"' not in page
        assert editor.post(self.page(published, "change"), {"document": "{}"}).status_code == 403

    def test_a_new_version_opens_as_a_draft_that_says_who_made_it(self, editor: Any, published: EscalationPath) -> None:
        response = editor.post(self.page(published, "next"), follow=True)
        assert b"Stricter, version 2 is a draft: change it, then publish it." in response.content
        assert b'name="document-hours"' in response.content

    def test_opening_the_address_of_a_new_version_makes_none(self, editor: Any, published: EscalationPath) -> None:
        assert editor.get(self.page(published, "next")).status_code == 405
        assert EscalationPath.objects.filter(name="Stricter").count() == 1

    def test_publishing_is_asked_first(self, editor: Any, draft: EscalationPath) -> None:
        asked = editor.get(self.page(draft, "publish"))
        assert b"A published version cannot be changed" in asked.content
        draft.refresh_from_db()
        assert draft.published_at is None

    def test_publishing_freezes_the_draft_in_the_persons_name(self, editor: Any, draft: EscalationPath) -> None:
        editor.post(self.page(draft, "publish"))
        draft.refresh_from_db()
        assert draft.published_by_id == int(editor.session["_auth_user_id"])

    def test_a_faulty_draft_says_what_is_wrong_and_is_not_published(self, editor: Any, draft: EscalationPath) -> None:
        EscalationPath.objects.filter(pk=draft.pk).update(document={"rules": []})
        assert b"It cannot be published yet" in editor.get(self.page(draft, "publish")).content
        editor.post(self.page(draft, "publish"))
        draft.refresh_from_db()
        assert draft.published_at is None

    def test_a_draft_is_changed_by_filling_in_its_form_and_history_says_who_did(
        self, editor: Any, draft: EscalationPath
    ) -> None:
        sent = untouched(EscalationPathForm, draft.document, prefix="document", level_1_standard="36")
        assert editor.post(self.page(draft, "change"), sent).status_code == 302
        draft.refresh_from_db()
        assert draft.document["thresholds"]["standard"] == [24, 36, 72]
        assert b"escalationpath.change" in editor.get(self.page(draft, "history")).content

    def test_what_is_wrong_with_a_document_is_said_at_its_field_and_leads_there(
        self, editor: Any, draft: EscalationPath
    ) -> None:
        sent = untouched(EscalationPathForm, draft.document, prefix="document", level_1_standard="12")
        page = editor.post(self.page(draft, "change"), sent).content.decode()
        assert '<a href="#id_document-level_1_standard">Level 2, standard, hours</a>: It must be later' in page

    def test_only_members_and_engagements_of_the_own_client_can_be_named(
        self, editor: Any, draft: EscalationPath, client_b: Client
    ) -> None:
        with scope([client_b.pk]):
            stranger = MembershipFactory(client=client_b, user__name="Quentin Elsewhere").user
        page = editor.get(self.page(draft, "change")).content.decode()
        assert "Quentin Elsewhere" not in page
        sent = untouched(EscalationPathForm, draft.document, prefix="document", level_0_owner_0=f"person:{stranger.pk}")
        refused = editor.post(self.page(draft, "change"), sent).content.decode()
        assert '<a href="#id_document-level_0_owner_0">Level 1, who hears of it, 1</a>' in refused

    @pytest.mark.parametrize(
        ("model", "kind"),
        [(Guardrail, GuardrailForm), (ServiceLevel, ServiceLevelForm), (EscalationPath, EscalationPathForm)],
    )
    def test_what_is_added_untouched_is_the_starting_document(
        self, scoped: Client, editor: Any, model: Any, kind: Any
    ) -> None:
        document = starting_document(KEYS[model])
        sent = {"name": "Own", **untouched(kind, document, prefix="document")}
        assert editor.post(f"/admin/governance/{model._meta.model_name}/add/", sent).status_code == 302
        assert model.objects.get(name="Own").document == document

    def test_a_first_version_begins_with_the_starting_document(self, editor: Any) -> None:
        form = editor.get("/admin/governance/escalationpath/add/").context["adminform"].form
        assert form.initial["document"] == starting_document("escalation_path")

    def test_adding_under_a_known_name_takes_the_next_number(self, editor: Any, published: EscalationPath) -> None:
        sent = untouched(EscalationPathForm, published.document, prefix="document")
        editor.post("/admin/governance/escalationpath/add/", {"name": "Stricter", **sent})
        assert EscalationPath.objects.filter(name="Stricter", version=2, published_at=None).exists()

    def test_a_reader_is_offered_neither(
        self, member: Callable[..., User], browser_client: Callable[[User], Any], draft: EscalationPath
    ) -> None:
        editor = browser_client(member("auditor"))
        page = editor.get(self.page(draft, "change")).content.decode()
        assert "Publish" not in page
        assert editor.post(self.page(draft, "publish")).status_code == 404
        assert editor.post(self.page(draft, "next")).status_code == 404
