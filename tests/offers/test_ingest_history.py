"""The history of imported offers and what recruiting cost, from files."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from governance.models import Client
from offers.ingest import KINDS
from offers.models import Advice, Approval, ApprovalChain, Cost, CounterOffer, Decision, Offer, Override
from tests.factories import NOW, MembershipFactory, OfferFactory, OfferVersionFactory, UserFactory
from tests.governance.ingest.helpers import counts, refusals, take_in, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(scoped: Client) -> Offer:
    """An accepted offer of 100,000 a year that came from a file."""
    found = OfferFactory(client=scoped, external_id="O-1", status="accepted", decided_at=NOW - timedelta(days=3))
    found.version = OfferVersionFactory(offer=found, annual=Decimal(100_000), submitted_at=NOW)
    found.save()
    return found


def test_costs_come_in_once(scoped: Client, tmp_path: Path) -> None:
    text = "month,kind,amount,currency,source_channel\n2026-03,agency,1200.50,USD,Board\n2026-03,rebate,-200,USD,\n"
    path = written(tmp_path, text)
    assert counts(take_in(KINDS["costs"], scoped, path)) == (2, 0, 0)
    assert counts(take_in(KINDS["costs"], scoped, path)) == (0, 0, 2)
    assert list(Cost.objects.order_by("kind").values_list("month", "amount")) == [
        (date(2026, 3, 1), Decimal("1200.5")),
        (date(2026, 3, 1), Decimal(-200)),
    ]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("2026-13,agency,1,USD", "month"),
        ("2026-3,agency,1,USD", "month"),
        ("2026-03,agency,-1,USD", "amount"),
        ("2026-03,rebate,1,USD", "amount"),
        ("2026-03,agency,1.005,USD", "amount"),
        ("2026-03,agency,--1,USD", "amount"),
        ("2026-03,beer,1,USD", "kind"),
    ],
)
def test_a_cost_that_cannot_be_is_refused(scoped: Client, tmp_path: Path, line: str, column: str) -> None:
    report = take_in(KINDS["costs"], scoped, written(tmp_path, f"month,kind,amount,currency\n{line}\n"))
    assert refusals(report) == [(2, column)]
    assert not Cost.objects.exists()


APPROVALS = """external_id,offer,step,role,person_email,asked_at,decided_at,decision
A1,O-1,1,hr_partner,hr@example.org,2026-11-01T09:00Z,2026-11-01T15:00Z,approved
A2,O-1,2,finance_leader,,2026-11-01T15:00Z,2026-11-02T15:00Z,{}
"""


def test_steps_of_an_imported_offer_make_one_chain(offer: Offer, scoped: Client, tmp_path: Path) -> None:
    MembershipFactory(client=scoped, user=UserFactory(email="hr@example.org"), role="hr_partner")
    path = written(tmp_path, APPROVALS.format("approved"))
    assert counts(take_in(KINDS["approvals"], scoped, path)) == (2, 0, 0)
    assert counts(take_in(KINDS["approvals"], scoped, path)) == (0, 0, 2)
    assert ApprovalChain.objects.get().status == "approved"
    assert Decision.objects.get().user.email == "hr@example.org"
    assert counts(take_in(KINDS["approvals"], scoped, written(tmp_path, APPROVALS.format("rejected")))) == (0, 1, 1)
    assert ApprovalChain.objects.get().status == "rejected"
    assert list(Approval.objects.order_by("step").values_list("status", flat=True)) == ["approved", "rejected"]


def test_a_step_of_somebody_unknown_is_refused(offer: Offer, scoped: Client, tmp_path: Path) -> None:
    report = take_in(KINDS["approvals"], scoped, written(tmp_path, APPROVALS.format("approved")))
    assert refusals(report) == [(2, "person_email")]


def test_a_counter_offer_keeps_what_was_asked_and_agreed(offer: Offer, scoped: Client, tmp_path: Path) -> None:
    text = (
        "external_id,offer,countered_at,asked,settled,inside_guardrail,answered_at,outcome\n"
        "K1,O-1,2026-11-03T09:00Z,110000,104000,yes,2026-11-03T12:00Z,closed\n"
    )
    path = written(tmp_path, text)
    assert counts(take_in(KINDS["counters"], scoped, path)) == (1, 0, 0)
    assert counts(take_in(KINDS["counters"], scoped, path)) == (0, 0, 1)
    found = CounterOffer.objects.get()
    assert (found.asked_base, found.settled_base, found.inside_guardrail) == (110_000, 104_000, True)


@pytest.mark.parametrize(("amount", "period"), [("104000.125", "year"), ("999999999999", "hour")])
def test_an_amount_of_a_counter_offer_is_held_to_the_offers_currency_and_size(
    offer: Offer, scoped: Client, tmp_path: Path, amount: str, period: str
) -> None:
    Offer.objects.update(version=OfferVersionFactory(offer=offer, number=2, pay_period=period))
    head = "external_id,offer,countered_at,settled,inside_guardrail,outcome\n"
    text = f"{head}K1,O-1,2026-11-03T09:00Z,{amount},yes,closed\n"
    assert refusals(take_in(KINDS["counters"], scoped, written(tmp_path, text))) == [(2, "settled")]


def test_overrides_come_in_with_how_they_were_put_right(offer: Offer, scoped: Client, tmp_path: Path) -> None:
    text = (
        "external_id,offer,kind,found_at,found_by,resolution,resolved_at\n"
        "V1,O-1,lowball,2026-11-03T09:00Z,detected,ratified,2026-11-04T09:00Z\n"
        "V2,O-1,direct_contact,2026-11-03T09:00Z,,,\n"
    )
    path = written(tmp_path, text)
    assert counts(take_in(KINDS["overrides"], scoped, path)) == (2, 0, 0)
    assert counts(take_in(KINDS["overrides"], scoped, path)) == (0, 0, 2)
    assert list(Override.objects.order_by("external_id").values_list("status", "found_by")) == [
        ("confirmed", "detected"),
        ("suspected", "reported"),
    ]


ADVICE = "external_id,offer,given_at,recommended,decision,decided_at\n"


def test_advice_comes_in_with_what_was_decided_on_it(offer: Offer, scoped: Client, tmp_path: Path) -> None:
    text = f"{ADVICE}D1,O-1,2026-11-03T09:00Z,107000,adjusted,2026-11-04T09:00Z\nD2,O-1,2026-11-05T09:00Z,,,\n"
    path = written(tmp_path, text)
    assert counts(take_in(KINDS["advice"], scoped, path)) == (2, 0, 0)
    assert counts(take_in(KINDS["advice"], scoped, path)) == (0, 0, 2)
    assert list(Advice.objects.order_by("external_id").values_list("recommended_base", "version", "decision")) == [
        (107_000, offer.version_id, "adjusted"),
        (None, offer.version_id, ""),
    ]


def test_a_later_file_corrects_advice_that_was_given_elsewhere(offer: Offer, scoped: Client, tmp_path: Path) -> None:
    line = "D1,O-1,2026-11-03T09:00Z,{},refused,2026-11-04T09:00Z\n"
    take_in(KINDS["advice"], scoped, written(tmp_path, ADVICE + line.format(107_000)))
    assert counts(take_in(KINDS["advice"], scoped, written(tmp_path, ADVICE + line.format(105_000)))) == (0, 1, 0)
    assert Advice.objects.get().recommended_base == 105_000


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("D1,O-1,2026-11-03T09:00Z,107000,adjusted,", "decided_at"),
        ("D1,O-1,2026-11-03T09:00Z,107000,,2026-11-04T09:00Z", "decided_at"),
        ("D1,O-1,2026-11-03T09:00Z,107000,adjusted,2026-11-02T09:00Z", "decided_at"),
        ("D1,O-1,2027-11-03T09:00Z,107000,,", "given_at"),
        ("D1,O-1,2026-11-03T09:00Z,0,,", "recommended"),
        ("D1,O-1,2026-11-03T09:00Z,107000.125,,", "recommended"),
        ("D1,O-1,2026-11-03T09:00Z,107000,ignored,2026-11-04T09:00Z", "decision"),
    ],
)
def test_advice_that_cannot_be_is_refused(offer: Offer, scoped: Client, tmp_path: Path, line: str, column: str) -> None:
    report = take_in(KINDS["advice"], scoped, written(tmp_path, f"{ADVICE}{line}\n"))
    assert refusals(report) == [(2, column)]


def test_one_piece_of_advice_on_an_offer_waits_at_a_time(offer: Offer, scoped: Client, tmp_path: Path) -> None:
    first, second = (f"D{n},O-1,2026-11-0{n}T09:00Z,,,\n" for n in (1, 2))
    assert refusals(take_in(KINDS["advice"], scoped, written(tmp_path, ADVICE + first + second))) == [(3, "decision")]
    take_in(KINDS["advice"], scoped, written(tmp_path, ADVICE + first))
    assert refusals(take_in(KINDS["advice"], scoped, written(tmp_path, ADVICE + second))) == [(2, "decision")]


@pytest.mark.parametrize("kind", ["approvals", "counters", "overrides", "advice"])
def test_history_of_an_offer_that_is_not_there_or_was_made_here_is_refused(
    scoped: Client, tmp_path: Path, kind: str
) -> None:
    OfferFactory(client=scoped, external_id="OWN")
    columns, values = {
        "approvals": ("step,role,asked_at", "1,hr_partner,2026-11-01T09:00Z"),
        "counters": ("countered_at,inside_guardrail,outcome", "2026-11-01T09:00Z,no,lost"),
        "overrides": ("kind,found_at", "lowball,2026-11-01T09:00Z"),
        "advice": ("given_at", "2026-11-01T09:00Z"),
    }[kind]
    text = f"external_id,offer,{columns}\nX1,NONE,{values}\nX2,OWN,{values}\n"
    assert refusals(take_in(KINDS[kind], scoped, written(tmp_path, text))) == [(2, "offer"), (3, "offer")]
