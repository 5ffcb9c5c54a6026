"""The builder's pages: a policy is written, compared and published by a person, without a script."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from governance.builder import codec, drafts
from governance.builder.drafts import ChangedMeanwhile, PolicyError
from governance.models import ApprovalPolicy, Client, User
from governance.policy_schema import json_schema
from governance.tenancy import scope
from governance.versions import next_version, starting_document
from tests.factories import ApprovalPolicyFactory, UserFactory

RULE = {
    "title": "Much cash",
    "when-0-0-test": "first_year_cash_over",
    "when-0-0-amount": "200000",
    "when-0-0-currency": "usd",
    "ask-0-who": "role:finance_leader",
}

QUERIES = 12


@pytest.fixture
def partner(member: Callable[..., User]) -> User:
    """The HR business partner of client A, which has somebody in every role that the template asks."""
    for role in ("finance_leader", "account_director", "talent_leader"):
        member(role)
    return member("hr_partner", name="Ada Lund")


@pytest.fixture
def editor(partner: User, browser_client: Callable[[User], Browser]) -> Browser:
    return browser_client(partner)


@pytest.fixture
def draft(scoped: Client) -> ApprovalPolicy:
    """The next version of the template's policy, which is in force."""
    return next_version(ApprovalPolicy.objects.current(scoped.pk))[0]  # type: ignore[return-value]


def url(name: str, policy: ApprovalPolicy, *more: str) -> str:
    return reverse(f"policies:{name}", args=[policy.pk, *more])


def text(response: Any) -> str:
    return str(response.content.decode())


def rules_of(policy: ApprovalPolicy) -> list[Any]:
    policy.refresh_from_db()
    return policy.document["rules"]  # type: ignore[no-any-return]


# --- reading


def test_rules_are_shown_in_sentences(editor: Browser, draft: ApprovalPolicy) -> None:
    page = text(editor.get(url("policy", draft)))
    assert "Ask the account director, then the HR business partner when pay is more than 5 % below reference." in page
    assert "Ask the HR business partner about every offer that no rule covers." in page


def test_whoever_may_only_read_is_offered_no_change(
    member: Callable[..., User], browser_client: Callable[[User], Browser], draft: ApprovalPolicy
) -> None:
    reader = browser_client(member("auditor"))
    assert "Add a rule" not in text(reader.get(url("policy", draft)))
    for name in ("rule-new", "settings", "otherwise", "publish"):
        assert reader.post(url(name, draft), RULE).status_code == 404
    for name in ("rule", "move", "remove"):
        assert reader.post(url(name, draft, "sign-on"), RULE).status_code == 404
    assert reader.post(url("revise", draft)).status_code == 404


def test_a_policy_of_another_client_is_nowhere(editor: Browser, client_b: Client) -> None:
    with scope([client_b.pk]):
        theirs = ApprovalPolicyFactory(client=client_b, name="Theirs", published_at=None)
    for name in ("policy", "document", "rule-new", "settings", "otherwise", "publish", "compare"):
        assert editor.get(url(name, theirs)).status_code == 404
    assert editor.get(url("rule", theirs, "sign-on")).status_code == 404


@pytest.mark.parametrize("broken", [{}, [], {"rules": 5}, {"rules": [{"id": "x", "when": 5}], "otherwise": 3}])
def test_a_draft_that_no_form_wrote_is_shown_with_what_is_wrong(
    editor: Browser, draft: ApprovalPolicy, broken: Any
) -> None:
    ApprovalPolicy.objects.filter(pk=draft.pk).update(document=broken)
    assert "It cannot be published yet" in text(editor.get(url("policy", draft)))
    for name in ("rule-new", "settings", "otherwise", "publish", "compare", "document"):
        assert editor.get(url(name, draft)).status_code == 200


@pytest.mark.parametrize("rules", [1, 3])
def test_a_longer_policy_costs_no_more_queries(
    editor: Browser, draft: ApprovalPolicy, rules: int, django_assert_num_queries: Any
) -> None:
    held = {**draft.document, "rules": draft.document["rules"][:rules]}
    ApprovalPolicy.objects.filter(pk=draft.pk).update(document=held)
    editor.get(url("policy", draft))
    with django_assert_num_queries(QUERIES):
        editor.get(url("policy", draft))


def test_the_schema_is_open_to_everybody(client: Browser) -> None:
    assert client.get("/policies/schema.json").json() == json_schema()


# --- writing


def test_a_rule_is_added_in_the_words_that_were_picked(editor: Browser, draft: ApprovalPolicy) -> None:
    response = editor.post(url("rule-new", draft), RULE, follow=True)
    assert "Saved: Ask the finance leader when first-year cash is over 200,000 USD." in text(response)
    assert rules_of(draft)[-1] == {
        "id": "much-cash",
        "title": "Much cash",
        "when": [{"test": "first_year_cash_over", "amount": "200000", "currency": "USD"}],
        "ask": [{"role": "finance_leader"}],
    }


def test_a_rule_without_a_name_is_named_after_its_conditions(editor: Browser, draft: ApprovalPolicy) -> None:
    editor.post(url("rule-new", draft), {**RULE, "title": ""})
    added = rules_of(draft)[-1]
    assert (added["title"], added["id"]) == (
        "First-year cash is over 200,000 USD",
        "first-year-cash-is-over-200000-usd",
    )


def test_a_second_rule_of_the_same_title_gets_a_short_name_of_its_own(editor: Browser, draft: ApprovalPolicy) -> None:
    for _ in range(2):
        editor.post(url("rule-new", draft), RULE)
    assert [rule["id"] for rule in rules_of(draft)[-2:]] == ["much-cash", "much-cash-2"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"when-0-0-amount": "200,000"}, "condition 1: The amount must be a plain number"),
        ({"when-0-0-amount": ""}, "condition 1: The amount is missing."),
        ({"when-0-0-currency": "ZZZ"}, "condition 1: The currency ZZZ is not known."),
        ({"when-0-0-test": ""}, "condition 1: Choose what to test from the list."),
        ({"ask-0-who": ""}, "person 1 to ask: Choose a role or a person."),
        ({"ask-0-who": "person:1"}, "nobody of this number works for this client"),
        ({"ask-0-n": "many"}, "person 1 to ask: How many must approve must be a whole number from 1 to 20."),
        ({"id": "sign-on"}, "The short name “sign-on” is taken."),
        ({"mode": "advice", "ask-0-who": "role:x"}, "The role must be one of"),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_place_and_kept(
    editor: Browser, draft: ApprovalPolicy, wrong: dict[str, str], said: str
) -> None:
    before = rules_of(draft)
    response = editor.post(url("rule-new", draft), {**RULE, **wrong})
    assert response.status_code == 400
    assert said.casefold() in text(response).casefold()
    assert 'aria-invalid="true"' in text(response)
    assert 'value="Much cash"' in text(response)
    assert rules_of(draft) == before


def test_names_that_the_builder_makes_itself_are_not_asked_for(editor: Browser, draft: ApprovalPolicy) -> None:
    response = editor.post(url("rule-new", draft), {**RULE, "title": "", "when-0-0-amount": "much"})
    assert [at for at, _ in response.context["sheet"].summary] == ["id_when-0-0-amount"]


def test_the_buttons_of_the_form_change_the_form_and_save_nothing(editor: Browser, draft: ApprovalPolicy) -> None:
    before = rules_of(draft)
    page = text(editor.post(url("rule-new", draft), {**RULE, "do": "add-alternative:0"}))
    assert 'name="when-0-1-test"' in page
    assert 'value="200000"' in page
    assert rules_of(draft) == before


def test_every_rule_of_the_template_is_saved_unchanged_by_its_own_form(editor: Browser, draft: ApprovalPolicy) -> None:
    before = rules_of(draft)
    for rule in before:
        editor.post(url("rule", draft, rule["id"]), codec.fields_of(rule))
    assert rules_of(draft) == before


def test_a_rule_that_somebody_else_changed_is_not_overwritten_unseen(
    editor: Browser, draft: ApprovalPolicy, partner: User
) -> None:
    rule = rules_of(draft)[1]
    drafts.save_rule(draft, {**rule, "title": "Theirs"}, key=rule["id"], actor=partner)
    response = editor.post(
        url("rule", draft, rule["id"]), {**codec.fields_of(rule), "title": "Mine", "was": drafts.mark(rule)}
    )
    assert "Somebody else has changed this rule meanwhile." in text(response)
    assert rules_of(draft)[1]["title"] == "Theirs"
    again = response.context["was"]
    editor.post(url("rule", draft, rule["id"]), {**codec.fields_of(rule), "title": "Mine", "was": again})
    assert rules_of(draft)[1]["title"] == "Mine"


def test_a_rule_that_is_gone_meanwhile_is_not_saved_in_its_place(draft: ApprovalPolicy, partner: User) -> None:
    with pytest.raises(ChangedMeanwhile, match="removed this rule"):
        drafts.save_rule(draft, {"when": [], "ask": []}, key="gone", actor=partner)


def test_rules_are_moved_and_removed(editor: Browser, draft: ApprovalPolicy) -> None:
    first, second, *rest = [rule["id"] for rule in rules_of(draft)]
    editor.post(url("move", draft, second), {"to": "up"})
    assert [rule["id"] for rule in rules_of(draft)] == [second, first, *rest]
    editor.post(url("move", draft, second), {"to": "up"})
    assert "Remove the rule" in text(editor.get(url("remove", draft, second)))
    editor.post(url("remove", draft, second))
    assert [rule["id"] for rule in rules_of(draft)] == [first, *rest]


def test_settings_are_saved_and_left_out_where_blank(editor: Browser, draft: ApprovalPolicy) -> None:
    editor.post(url("settings", draft), {"name": "Stricter", "manager_step": "asked", "delta_aware": "on"})
    draft.refresh_from_db()
    kept = {key: value for key, value in draft.document.items() if key not in ("schema", "rules", "otherwise")}
    assert kept == {"name": "Stricter", "manager_step": "asked", "delta_aware": True}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "The name is missing."),
        ({"standard": "0", "critical": "4"}, "The hours for standard hires must be a whole number from 1 to 720."),
        ({"standard": "8", "critical": ""}, "The hours for critical hires is missing."),
        ({"manager_step": "never"}, "must be verbal_counts, asked or none."),
    ],
)
def test_settings_that_are_wrong_are_said_beside_their_field(
    editor: Browser, draft: ApprovalPolicy, wrong: dict[str, str], said: str
) -> None:
    before = draft.document
    response = editor.post(url("settings", draft), {"name": "X", "manager_step": "asked", **wrong})
    assert (response.status_code, said in text(response)) == (400, True)
    draft.refresh_from_db()
    assert draft.document == before


def test_otherwise_may_ask_others_or_nobody(editor: Browser, draft: ApprovalPolicy) -> None:
    editor.post(url("otherwise", draft), {"title": "Rest", "ask-0-who": "role:finance_leader"})
    draft.refresh_from_db()
    assert draft.document["otherwise"] == {"title": "Rest", "ask": [{"role": "finance_leader"}]}
    editor.post(url("otherwise", draft), {"do": "nobody"})
    draft.refresh_from_db()
    assert "otherwise" not in draft.document


def test_somebody_of_another_client_cannot_be_asked(
    editor: Browser, draft: ApprovalPolicy, member: Callable[..., User], client_b: Client
) -> None:
    stranger = member("finance_leader", client=client_b, name="Zoe Other")
    for name in ("rule-new", "otherwise"):
        response = editor.post(url(name, draft), {**RULE, "ask-0-who": f"person:{stranger.pk}"})
        assert response.status_code == 400
        assert "Zoe Other" not in text(response)


def test_a_published_version_is_never_written(editor: Browser, scoped: Client, partner: User) -> None:
    published = ApprovalPolicy.objects.current(scoped.pk)
    for name in ("rule-new", "settings", "otherwise", "publish"):
        assert editor.post(url(name, published), RULE).status_code == 302
    editor.post(url("move", published, "sign-on"), {"to": "up"})
    with pytest.raises(PolicyError, match="published meanwhile"):
        drafts.remove_rule(published, "sign-on", actor=partner)
    published.refresh_from_db()
    assert published.document == starting_document("approval_policy")


# --- beginning, publishing, comparing


def test_a_new_policy_begins_as_a_draft(editor: Browser, scoped: Client) -> None:
    editor.post("/policies/new/", {"client": scoped.pk, "name": "Stricter", "start": "template"})
    begun = ApprovalPolicy.objects.get(name="Stricter")
    assert (begun.version, begun.published_at, begun.document["name"]) == (1, None, "Stricter")


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "x" * 81}, {"start": "magic"}, {"name": "a\tb"}, {"client": "0"}]
)
def test_a_beginning_that_is_wrong_begins_nothing(editor: Browser, scoped: Client, wrong: dict[str, str]) -> None:
    before = ApprovalPolicy.objects.count()
    response = editor.post("/policies/new/", {"client": scoped.pk, "name": "Own", "start": "empty", **wrong})
    assert response.context["form"].errors
    assert ApprovalPolicy.objects.count() == before


def test_publishing_shows_what_changes_and_what_follows(editor: Browser, draft: ApprovalPolicy) -> None:
    editor.post(url("rule-new", draft), RULE)
    page = text(editor.get(url("publish", draft)))
    assert "Ask the finance leader when first-year cash is over 200,000 USD." in page
    assert "Approvals that are running keep the version that they started with." in page


def posted(page: Any, **more: str) -> dict[str, str]:
    return {"seen": page.context["seen"], "against": str(page.context["force"].pk), **more}


def test_warnings_are_confirmed_before_a_draft_is_published(
    editor: Browser, draft: ApprovalPolicy, partner: User
) -> None:
    page = editor.get(url("publish", draft))
    assert page.context["verdict"].warnings
    assert editor.post(url("publish", draft), posted(page)).status_code == 409
    assert editor.post(url("publish", draft), posted(page, confirm="on")).status_code == 302
    draft.refresh_from_db()
    assert draft.published_by == partner


def test_a_draft_that_changed_since_it_was_shown_is_shown_again(editor: Browser, draft: ApprovalPolicy) -> None:
    page = editor.get(url("publish", draft))
    editor.post(url("rule-new", draft), RULE)
    again = editor.post(url("publish", draft), posted(page, confirm="on"))
    assert again.status_code == 409
    assert "has changed since this page was shown" in text(again)


def test_a_draft_is_compared_with_what_is_in_force_at_that_moment(
    editor: Browser, draft: ApprovalPolicy, now: datetime
) -> None:
    page = editor.get(url("publish", draft))
    ApprovalPolicyFactory(client=draft.client, name="Rival", published_at=now + timedelta(hours=1))
    assert editor.post(url("publish", draft), posted(page, confirm="on")).status_code == 409


def test_a_role_that_nobody_holds_stops_publishing(editor: Browser, draft: ApprovalPolicy) -> None:
    editor.post(url("rule-new", draft), {**RULE, "ask-0-who": "role:auditor"})
    page = editor.get(url("publish", draft))
    assert "asks the auditor, and nobody active holds that role here" in text(page)
    assert editor.post(url("publish", draft), posted(page, confirm="on")).status_code == 409
    draft.refresh_from_db()
    assert draft.published_at is None


def test_somebody_who_has_left_the_portal_holds_no_role(
    editor: Browser, draft: ApprovalPolicy, member: Callable[..., User]
) -> None:
    left = member("auditor")
    User.objects.filter(pk=left.pk).update(is_active=False)
    editor.post(url("rule-new", draft), {**RULE, "ask-0-who": "role:auditor"})
    assert "nobody active holds that role here" in text(editor.get(url("publish", draft)))


def test_two_versions_stand_side_by_side(editor: Browser, draft: ApprovalPolicy) -> None:
    editor.post(url("rule-new", draft), RULE)
    page = editor.get(url("compare", draft))
    assert page.context["count"] == 1
    assert "Balanced, version 1" in text(page)


@pytest.mark.parametrize("other", ["0", "x", "9" * 5000, "²"])
def test_a_version_to_compare_with_that_is_none_falls_back(editor: Browser, draft: ApprovalPolicy, other: str) -> None:
    assert editor.get(url("compare", draft), {"with": other}).status_code == 200


def test_the_admin_leads_to_the_builder(editor: Browser, draft: ApprovalPolicy) -> None:
    at = f"/admin/governance/approvalpolicy/{draft.pk}"
    assert editor.get(f"{at}/change/").headers["Location"] == url("policy", draft)
    assert editor.post(f"{at}/publish/").headers["Location"] == url("publish", draft)
    assert editor.get("/admin/governance/approvalpolicy/add/").headers["Location"] == "/policies/new/"


def test_every_change_says_who_made_it(editor: Browser, draft: ApprovalPolicy, partner: User) -> None:
    editor.post(url("rule-new", draft), RULE)
    event = ApprovalPolicy.objects.get(pk=draft.pk).events.order_by("-pgh_id").first()
    assert event.pgh_context["actor"] == partner.pk
    assert event.pgh_context["action"] == "approvalpolicy.add_rule"


def test_nobody_may_begin_a_policy_for_a_client_that_is_not_theirs(editor: Browser, client_b: Client) -> None:
    editor.post("/policies/new/", {"client": client_b.pk, "name": "Mine", "start": "empty"})
    with scope([client_b.pk]):
        assert not ApprovalPolicy.objects.filter(name="Mine").exists()


def test_a_name_that_has_a_draft_is_gone_on_with(draft: ApprovalPolicy) -> None:
    with pytest.raises(PolicyError, match="has a draft already"):
        drafts.begin(draft.client, draft.name, start="empty", actor=UserFactory())
