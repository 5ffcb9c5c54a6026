"""Another policy over past offers: hours as measured, what would have been caught, and clear refusals."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse

from analytics.backtest import Measured, NoPolicy, hours_of, read_policy, step_times
from analytics.facts import refresh
from governance.models import ApprovalPolicy, Client, User
from governance.tenancy import scope
from tests.factories import NOW, ApprovalFactory, ApprovalPolicyFactory, OfferFactory, OfferVersionFactory

LATER = NOW + timedelta(hours=1)  # after the starting template was
HR, FINANCE = {"role": "hr_partner"}, {"role": "finance_leader"}


def document(percent: str, *ask: Any) -> dict[str, Any]:
    when = [{"test": "gap_below", "percent": percent}]
    rule = {"id": "low", "title": "Low pay", "when": when, "ask": list(ask)}
    return {"schema": 1, "name": f"Below {percent}", "manager_step": "none", "rules": [rule]}


def submitted(client: Client, gap: str, status: str = "declined") -> None:
    """An offer that candidates answered, whose version stood so far from reference."""
    offer = OfferFactory(
        client=client,
        status=status,
        verbal_approved_at=NOW - timedelta(days=9),
        verbal_basis="recorded",
        written_at=NOW - timedelta(days=7),
        decided_at=NOW - timedelta(days=5),
    )
    OfferVersionFactory(
        offer=offer, annual=Decimal(94_000), first_year_total=Decimal(94_000), band_position="inside",
        reference_amount=Decimal(100_000), gap=Decimal(gap), submitted_at=NOW - timedelta(days=8),
    )  # fmt: skip


def run(tmp_path: Path, tried: Any, **options: Any) -> Any:
    file = tmp_path / "policy.json"
    file.write_bytes(tried if isinstance(tried, bytes) else json.dumps(tried).encode())
    out = io.StringIO()
    call_command("backtest", stdout=out, **{"client": "northbridge", "policy": file, "json": True, **options})
    return json.loads(out.getvalue())


@pytest.fixture
def in_force(scoped: Client) -> ApprovalPolicy:
    """Asks HR of offers more than 10 % below reference."""
    return ApprovalPolicyFactory(client=scoped, name="Now", document=document("10", HR), published_at=LATER)  # type: ignore[no-any-return]


# --- hours


def test_turns_follow_each_other_and_those_of_one_turn_wait_together() -> None:
    times = {"hr_partner": Measured(2, 9), "finance_leader": Measured(5, 9), "account_director": Measured(3, 9)}
    chain = (("hr_partner",), ("finance_leader CFO", "account_director"))
    assert hours_of({chain: 10, (): 4}, times) == 70


def test_a_person_who_was_never_measured_is_given_no_hours_of_others() -> None:
    assert hours_of({(("person 5",),): 1}, {"person 7": Measured(9, 9), "person": Measured(9, 9)}) == 0


@pytest.mark.parametrize(("steps", "found"), [(5, {"hr_partner": Measured(3, 5)}), (4, {})])
def test_a_step_takes_the_median_of_enough_decided_ones(scoped: Client, steps: int, found: dict[str, Measured]) -> None:
    for hours in range(1, steps + 1):
        asked = NOW - timedelta(days=2)
        ApprovalFactory(
            chain__version__offer__client=scoped, role="hr_partner", status="approved", asked_at=asked,
            decided_at=asked + timedelta(hours=hours),
        )  # fmt: skip
    ApprovalFactory(
        chain__version__offer__client=scoped, role="hr_partner", status="approved", asked_at=NOW - timedelta(days=1),
        decided_at=NOW - timedelta(days=2),
    )  # fmt: skip
    assert step_times(scoped, now=NOW) == found


# --- what would have been caught


def test_it_says_what_would_have_been_caught_and_what_became_of_it(in_force: ApprovalPolicy, tmp_path: Path) -> None:
    client = in_force.client
    for status in ("declined", "declined", "declined", "accepted", "expired"):
        submitted(client, "-0.06", status)
    submitted(client, "-0.2", "accepted")
    submitted(client, "-0.05", "accepted")
    told = run(tmp_path, document("5", HR, FINANCE))
    assert (told["n"], told["tried"], told["in_force"]) == (7, 7, "Below 10")
    asked = {row["who"]: (row["then"], row["in_force"], row["policy"]) for row in told["reviews"]}
    assert asked == {"hr_partner": (0, 1, 6), "finance_leader": (0, 0, 6)}
    assert told["nobody"] == {"then": 7, "in_force": 6, "policy": 1}
    assert told["hours"]["unmeasured"] == ["finance_leader", "hr_partner"]
    caught = told["caught"]
    assert caught["outcomes"] == {"accepted": 2, "declined": 3, "expired": 1}
    assert (caught["answered"], caught["accepted"], caught["rate"]) == (6, 2, 2 / 6)
    assert caught["ci_low"] < 2 / 6 < caught["ci_high"]
    assert told["released"] == {"n": 0, "suppressed": True, "offers": []}


def test_few_offers_say_nothing_of_what_became_of_them(in_force: ApprovalPolicy, tmp_path: Path) -> None:
    submitted(in_force.client, "-0.06")
    caught = run(tmp_path, document("5", HR))["caught"]
    assert (caught["n"], caught["suppressed"], "rate" in caught) == (1, True, False)


def test_only_the_period_is_tried(in_force: ApprovalPolicy, tmp_path: Path) -> None:
    submitted(in_force.client, "-0.06")
    day = (NOW - timedelta(days=8)).date()
    assert run(tmp_path, document("5", HR), since=day, until=day + timedelta(days=1))["n"] == 1
    assert run(tmp_path, document("5", HR), until=day)["n"] == 0


# --- refusals


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a group of fields"),
        (json.dumps(document("five", HR)).encode(), "Rule 1 “Low pay”, condition 1"),
        (json.dumps(document("5", {"role": "janitor"})).encode(), "Rule 1 “Low pay”, person 1 to ask"),
    ],
)
def test_an_unsound_file_is_refused_by_the_rule_at_fault(content: bytes, named: str) -> None:
    with pytest.raises(NoPolicy, match=named):
        read_policy(content)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"client": "nobody"}, 2),
        ({"policy": Path("/nowhere.json")}, 2),
        ({"since": NOW.date(), "until": NOW.date()}, 2),
        ({}, 1),
    ],
)
def test_wrong_usage_and_refusals_leave_by_their_own_codes(
    client_a: Client, tmp_path: Path, options: dict[str, Any], code: int
) -> None:
    content = b"{" if not options else document("5", HR)
    with pytest.raises(CommandError) as refused:
        run(tmp_path, content, **options)
    assert refused.value.returncode == code


# --- the panel


@pytest.fixture
def browser(member: Callable[..., User], browser_client: Callable[[User], Browser]) -> Browser:
    return browser_client(member("hr_partner"))


PERIOD = {"since": "2026-01-01", "until": "2027-01-01"}


def test_the_builder_shows_it_in_one_click(browser: Browser, in_force: ApprovalPolicy) -> None:
    draft = ApprovalPolicyFactory(client=in_force.client, name="Next", document=document("5", HR), published_at=None)
    for _ in range(5):
        submitted(in_force.client, "-0.06")
    refresh(in_force.client_id, now=NOW)
    page = browser.get(reverse("offers:policy-trial", args=[draft.pk]), PERIOD)
    panel = browser.get(page.context["costs_url"], headers={"X-Panel": "1"}).content.decode()
    assert "Offers it would have caught" in panel
    assert "0 % (0 % to 43.4 %, n = 5)".replace(" %", "\u00a0%") in panel
    assert "<html" not in panel


def test_a_policy_of_another_client_has_no_panel(browser: Browser, client_b: Client) -> None:
    with scope([client_b.pk]):
        theirs = ApprovalPolicyFactory(client=client_b, name="Theirs")
    assert browser.get(reverse("panels:backtest", args=[theirs.pk]), PERIOD).status_code == 404
