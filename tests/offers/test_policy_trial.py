"""“Try on past offers”: another policy over frozen facts, and nothing from today's data."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from governance.market import Standing
from governance.models import ApprovalPolicy, Client, User
from governance.policy import Facts
from governance.policy_conditions import _TESTS
from governance.tenancy import scope
from offers import policy_trial
from offers.policy_trial import Past, past_of, past_versions, try_on
from tests.factories import NOW, ApprovalPolicyFactory, OfferFactory, OfferVersionFactory

HR, FINANCE = {"role": "hr_partner"}, {"role": "finance_leader"}
GAP = {"test": "gap_below", "percent": "5"}
BUDGET = {"test": "over_budget", "percent": "10"}


def rule(*when: Any, ask: Any = (HR,), **more: Any) -> dict[str, Any]:
    return {"id": f"r{len(when)}", "title": "Rule", "when": list(when), "ask": list(ask), **more}


def document(*rules: Any, **more: Any) -> dict[str, Any]:
    return {"schema": 1, "name": "Own", "manager_step": "none", "rules": list(rules), **more}


def facts(gap: str = "-0.06", **more: Any) -> Facts:
    standing = Standing(band_position="inside", reference_known=True, unknown_reason=None, gap=Fraction(gap))
    money = Decimal(100_000)
    return Facts(standing=standing, currency="USD", base=money, first_year_cash=money, **more)


def past(held: Facts | None = None, missing: set[str] | None = None, asked: tuple[str, ...] = ()) -> Past:
    return Past(1, "O-1", NOW, held or facts(), frozenset(missing or ()), asked)


ASKS_HR = document(rule(GAP))
ASKS_BOTH = document(rule(GAP, ask=[HR, FINANCE]))
ASKS_NOBODY = document(rule(GAP, ask=[]))


def test_reviews_are_counted_by_whom_they_ask() -> None:
    found = try_on(ASKS_BOTH, ASKS_HR, [past(asked=("hr_partner",)), past(facts("-0.05"))])
    assert (found.n, found.tried) == (2, 2)
    assert found.roles == [("hr_partner", 1, 1, 1), ("finance_leader", 0, 0, 1)]
    assert (found.then.nobody, found.before.nobody, found.after.nobody) == (1, 1, 1)


def test_only_offers_that_are_asked_otherwise_differ() -> None:
    found = try_on(ASKS_NOBODY, ASKS_HR, [past(), past(facts("-0.01"))])
    (one,) = found.differing
    assert (one.before.asked, one.after.asked) == (("hr_partner",), ())


def test_an_offer_that_turns_on_what_was_not_frozen_is_not_tried() -> None:
    lacking = {"the requisition's budget"}
    found = try_on(document(rule(BUDGET)), ASKS_HR, [past(missing=lacking), past()])
    assert (found.n, found.tried, dict(found.untried)) == (2, 1, {"the requisition's budget": 1})


@pytest.mark.parametrize(
    ("when", "tried"),
    [
        ([BUDGET, {"test": "gap_above", "percent": "5"}], 1),
        ([{"any": [BUDGET, GAP]}], 1),
        ([{"any": [BUDGET, {"test": "equity"}]}], 0),
        ([BUDGET, GAP], 0),
    ],
)
def test_what_was_not_frozen_matters_only_where_the_rest_does_not_decide(when: list[Any], tried: int) -> None:
    found = try_on(document(rule(*when)), ASKS_HR, [past(missing={"the requisition's budget"})])
    assert found.tried == tried


def test_an_amount_in_money_without_a_frozen_rate_is_not_guessed() -> None:
    cash = {"test": "first_year_cash_over", "amount": "1", "currency": "EUR"}
    assert try_on(document(rule(cash)), ASKS_HR, [past()]).untried == {"the rate into EUR": 1}
    assert try_on(document(rule(cash)), ASKS_HR, [past(facts(rates={"EUR": Decimal("0.9")}))]).tried == 1


def test_the_managers_step_is_tried_only_where_the_verbal_approval_was_frozen() -> None:
    given = {**ASKS_HR, "manager_step": "verbal_counts"}
    assert try_on(given, ASKS_HR, [past(missing={policy_trial.MANAGER})]).tried == 0
    assert try_on({**given, "manager_step": "asked"}, ASKS_HR, [past(missing={policy_trial.MANAGER})]).tried == 1


def test_every_condition_reads_a_column_or_says_what_it_lacks() -> None:
    columns = {
        "always", "gap_below", "gap_above", "gap_within", "reference_unknown", "reference_stale", "inside_band",
        "outside_band", "no_band", "first_year_cash_over", "sign_on_over", "sign_on_over_share", "clawback_under",
        "equity", "peer_gap", "standard_letter", "non_standard_letter",
    }  # fmt: skip
    assert columns | policy_trial.READS.keys() == _TESTS.keys()


# --- what was frozen


def freeze(client: Client, name: str = "O-1", **more: Any) -> Any:
    """A submitted version, frozen as a submission freezes it."""
    frozen = {
        "annual": Decimal(94_000),
        "first_year_total": Decimal(100_000),
        "band_position": "inside",
        "reference_amount": Decimal(100_000),
        "gap": Decimal("-0.06"),
        "standing": {
            "day": "2026-11-20",
            "band": {"minimum": "80000", "maximum": "120000", "period": "year"},
            "rates": {"USD": "1"},
            "asked": [{"role": "finance_leader", "title": "CFO", "person": None, "given": False}],
            "facts": policy_trial.frozen(facts(terms_no_better_than_verbal=True)),
        },
        "submitted_at": NOW - timedelta(days=3),
        "policy": ApprovalPolicy.objects.filter(client=client).first(),
    }
    return OfferVersionFactory(offer=OfferFactory(client=client, external_id=name), **{**frozen, **more})


def read(client: Client) -> list[Past]:
    return past_versions(client.pk, NOW - timedelta(days=365), NOW)


def test_facts_come_back_as_they_were_frozen(scoped: Client) -> None:
    freeze(scoped)
    (one,) = read(scoped)
    assert (one.facts.base, one.facts.standing.gap) == (Decimal(94_000), Fraction(-6, 100))
    assert (one.facts.terms_no_better_than_verbal, one.missing) == (True, frozenset())
    assert one.asked_then == ("finance_leader CFO",)


@pytest.mark.parametrize(("pay", "share"), [(76_000, Fraction(5, 100)), (80_000, None)])
def test_how_far_pay_lay_outside_the_band_is_read_from_the_frozen_band(
    scoped: Client, pay: int, share: Fraction | None
) -> None:
    freeze(scoped, annual=Decimal(pay), band_position="below" if share else "inside")
    assert read(scoped)[0].facts.standing.under_minimum_share == share


def test_pay_outside_a_band_that_was_not_kept_is_not_tried() -> None:
    row = dict.fromkeys(policy_trial.COLUMNS) | {
        "name": "O-1", "currency": "USD", "annual": Decimal(70_000), "band_position": "below", "submitted_at": NOW,
        "sign_on": Decimal(0), "clawback_months": 0, "equity_value": Decimal(0), "standard_letter": True,
    }  # fmt: skip
    found = try_on(document(rule({"test": "outside_band", "side": "below"})), ASKS_HR, [past_of(row)])
    assert found.untried == {policy_trial.EDGES: 1}


def test_only_what_was_submitted_in_the_period_at_this_client_is_tried(scoped: Client, client_b: Client) -> None:
    freeze(scoped)
    freeze(scoped, "old", submitted_at=NOW - timedelta(days=400))
    freeze(scoped, "draft", submitted_at=None)
    with scope([scoped.pk, client_b.pk]):
        freeze(client_b, "theirs")
        assert [each.name for each in read(scoped)] == ["O-1"]


def test_what_was_decided_elsewhere_was_put_to_no_policy_here(scoped: Client) -> None:
    freeze(scoped, policy=None)
    assert "the requisition's budget" in read(scoped)[0].missing


def test_todays_budget_changes_nothing(scoped: Client) -> None:
    version = freeze(scoped)
    requisition = version.offer.requisition
    requisition.budget_max = Decimal(1)
    requisition.save()
    assert read(scoped)[0].facts.budget_max is None


# --- the page


@pytest.fixture
def draft(scoped: Client) -> ApprovalPolicy:
    return ApprovalPolicyFactory(client=scoped, name="Next", document=ASKS_BOTH, published_at=None)  # type: ignore[no-any-return]


@pytest.fixture
def in_force(scoped: Client, now: datetime) -> ApprovalPolicy:
    return ApprovalPolicyFactory(client=scoped, name="Now", document=ASKS_HR, published_at=now)  # type: ignore[no-any-return]


@pytest.fixture
def editor(member: Callable[..., User], browser_client: Callable[[User], Browser]) -> Browser:
    return browser_client(member("hr_partner"))


def url(policy: ApprovalPolicy) -> str:
    return reverse("offers:policy-trial", args=[policy.pk])


PERIOD = {"since": "2026-01-01", "until": "2027-01-01"}
QUERIES = 10


def test_the_page_names_the_offers_that_would_be_asked_otherwise(
    editor: Browser, scoped: Client, draft: ApprovalPolicy, in_force: ApprovalPolicy
) -> None:
    freeze(scoped, "O-77")
    page = editor.get(url(draft), PERIOD).content.decode()
    assert "n = 1 version tried" in page
    assert "O-77" in page
    assert "HR business partner, Finance leader" in page


@pytest.mark.parametrize("number", [1, 60])
def test_many_offers_cost_no_more_queries_and_fifty_are_listed(
    number: int,
    editor: Browser,
    scoped: Client,
    draft: ApprovalPolicy,
    in_force: ApprovalPolicy,
    django_assert_num_queries: Any,
) -> None:
    for each in range(number):
        freeze(scoped, f"O-{each}")
    editor.get(url(draft), PERIOD)
    with django_assert_num_queries(QUERIES):
        page = editor.get(url(draft), PERIOD)
    assert len(page.context["rows"]) == min(number, 50)


@pytest.mark.parametrize(
    "wrong", [{"since": "x"}, {"until": ""}, {"since": "2027-01-01", "until": "2026-01-01"}, {"since": "2026-02-30"}]
)
def test_a_period_that_is_none_is_said_at_its_field(
    editor: Browser, draft: ApprovalPolicy, in_force: ApprovalPolicy, wrong: dict[str, str]
) -> None:
    page = editor.get(url(draft), {**PERIOD, **wrong})
    assert page.status_code == 200
    assert page.context["form"].errors


def test_a_draft_with_a_fault_says_why_it_cannot_be_tried(
    editor: Browser, draft: ApprovalPolicy, in_force: ApprovalPolicy
) -> None:
    ApprovalPolicy.objects.filter(pk=draft.pk).update(document={"rules": 5})
    assert "is not sound yet" in editor.get(url(draft)).content.decode()


def test_a_policy_of_another_client_is_nowhere(editor: Browser, client_b: Client) -> None:
    with scope([client_b.pk]):
        theirs = ApprovalPolicyFactory(client=client_b, name="Theirs")
    assert editor.get(url(theirs)).status_code == 404
