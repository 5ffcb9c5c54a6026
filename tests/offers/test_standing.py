"""What an offer is judged by: the right rows of the client, dated before it, and exact."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from governance.access import Role
from governance.models import SalaryBand
from governance.tenancy import scope
from offers import workflow
from offers.errors import NotReady
from offers.lifecycle import Status
from offers.models import Offer
from offers.standing import assess, snapshot
from tests import factories


def judged(desk, base, **terms):
    offer = desk.draft(base, **terms)
    version = Offer.objects.select_related("client", "requisition", "version").get(pk=offer.pk).version
    return assess(version, now=desk.now)


@pytest.mark.parametrize(
    ("base", "second"), [("95000", False), ("94999.99", True), ("120000", False), ("120000.01", True)]
)
def test_second_review_begins_just_beyond_5_percent_below_and_just_outside_the_band(desk, base, second):
    assert judged(desk, base).second_review is second


def test_the_roles_own_band_comes_before_the_familys(desk):
    family = {"client": desk.client, "role_code": "", "minimum": D(10), "midpoint": D(20), "maximum": D(30)}
    factories.SalaryBandFactory(**family, role_family="Engineering")
    assert judged(desk, 100_000).band.maximum == D(120_000)


def test_the_familys_band_judges_a_role_without_one(desk):
    factories.SalaryBandFactory(client=desk.client, role_code="", role_family="Sales", maximum=D(140_000))
    requisition = desk.open_requisition(role_code="", role_family="Sales")
    assert judged(desk, 140_000, requisition=requisition).standing.band_position == "inside"


def test_a_band_whose_time_has_not_come_judges_nothing(desk):
    factories.SalaryBandFactory(client=desk.client, role_code="LATER", valid_from=desk.now.date() + timedelta(days=1))
    requisition = desk.open_requisition(role_code="LATER")
    assert judged(desk, 100_000, requisition=requisition).standing.band_position == "none"


def test_an_hourly_step_scale_is_read_with_the_clients_divisor(desk):
    for step in (D(20), D(25), D(30)):
        factories.SalaryBandFactory(
            client=desk.client, code="UNION", role_code="OP", kind="step", period="hour",
            minimum=step, midpoint=step, maximum=step,
        )  # fmt: skip
    requisition = desk.open_requisition(role_code="OP", budget_max=None)
    found = judged(desk, "25", pay_period="hour", requisition=requisition)
    assert (found.standing.band_position, found.band.minimum) == ("on_step", D(25))
    assert (found.scale.minimum, found.scale.maximum) == (D(41_600), D(62_400))
    assert snapshot(found)["band"]["period"] == "year"


def test_a_reference_dated_after_the_offer_is_never_used(desk):
    later = desk.now.date() + timedelta(days=1)
    factories.BenchmarkFactory(
        source=desk.match.source, role_code=desk.match.source_role_code, as_of=later, p50=D(110_000)
    )
    assert judged(desk, 100_000).standing.gap == 0


def test_the_newest_yearly_reference_of_the_currency_is_used(desk):
    same = {"source": desk.match.source, "role_code": desk.match.source_role_code}
    factories.BenchmarkFactory(**same, as_of=date(2026, 10, 1), p50=D(50), p75=None, p90=None, p25=None, p10=None,
                               period="hour")  # fmt: skip
    factories.BenchmarkFactory(**same, as_of=date(2026, 9, 1), p50=D(110_000))
    found = judged(desk, 99_000)
    assert (found.benchmark.as_of, found.standing.gap.numerator) == (date(2026, 9, 1), -1)


def test_a_match_of_the_grade_comes_first_even_where_it_has_no_reference(desk):
    factories.JobMatchFactory(source=desk.match.source, role_code="ENG", grade="G5", source_role_code="none")
    assert judged(desk, 100_000).standing.unknown_reason == "missing"


def test_a_step_scale_asks_nobody_about_the_reference(desk):
    factories.SalaryBandFactory(
        client=desk.client, role_code="OP", kind="step", minimum=D(60_000), midpoint=D(60_000), maximum=D(60_000)
    )
    factories.JobMatchFactory(source=desk.match.source, role_code="OP", source_role_code=desk.match.source_role_code)
    found = judged(desk, 60_000, requisition=desk.open_requisition(role_code="OP"))
    assert (found.standing.gap, found.second_review) == (D("-0.4"), False)


def peers(desk, *amounts):
    for amount in amounts:
        desk.bring(Status.APPROVED, base=amount)


def test_peers_are_shown_from_five_on_with_their_exact_median(desk):
    peers(desk, "96000.01", "97000", "98000.01", "99000.02")
    assert not judged(desk, 100_000).peers.enough
    peers(desk, 100_000, 101_000)
    found = judged(desk, 100_000).peers
    assert (found.count, found.median, found.enough) == (6, D("98500.015"), True)
    assert (found.lowest, found.highest) == (D("96000.01"), D("101000"))


def test_drafts_declines_and_other_currencies_are_no_peers(desk):
    peers(desk, 100_000)
    desk.draft(110_000)
    desk.bring(Status.DECLINED)
    assert judged(desk, 100_000).peers.count == 1


def test_a_peer_counts_with_what_the_candidate_holds(desk):
    offer = desk.bring(Status.EXTENDED)
    desk.edit(desk.do("revise", offer), base=D(119_000))
    assert judged(desk, 100_000).peers.highest == D(100_000)


def test_people_in_the_role_are_peers_by_their_yearly_pay(desk):
    paid = ((95_000, {}), (8_000, {"period": "month"}), (50, {"period": "hour"}), (99_000, {"hired_on": None}))
    for base, more in paid:
        factories.IncumbentFactory(client=desk.client, base=base, **more)
    for other in ({"grade": "G6"}, {"currency": "EUR"}, {"hired_on": desk.now.date() + timedelta(days=1)}):
        factories.IncumbentFactory(client=desk.client, **other)
    peers(desk, 101_000)
    found = judged(desk, 100_000).peers
    assert (found.count, found.incumbents, found.below) == (5, 4, 3)  # 104,000 an hour's year, and 101,000, above
    assert (found.median, found.quarter, found.three_quarters) == (D(99_000), D(96_000), D(101_000))


def test_somebody_who_joined_by_an_offer_of_the_year_counts_once(desk):
    day = desk.now.date() - timedelta(days=30)
    offer = factories.OfferFactory(
        client=desk.client, requisition=desk.requisition, status="joined", joined_on=day, decided_at=desk.now
    )
    offer.version = factories.OfferVersionFactory(offer=offer, annual=D(98_000), submitted_at=desk.now)
    offer.save()
    factories.IncumbentFactory(client=desk.client, hired_on=day, base=98_000)
    found = judged(desk, 100_000).peers
    assert (found.count, found.incumbents) == (1, 0)


@pytest.mark.parametrize(("base", "inverted"), [(99_000, False), (D("99000.01"), True)])
def test_pay_above_the_median_of_those_who_have_held_the_role_for_a_year_is_inverted(desk, base, inverted):
    for amount in (97_000, 98_000, 99_000, 104_000, 105_000):
        factories.IncumbentFactory(client=desk.client, base=amount)
    factories.IncumbentFactory(client=desk.client, base=70_000, hired_on=desk.now.date() - timedelta(days=100))
    assert judged(desk, base).facts.inversion is inverted


def test_pay_outside_a_strict_band_asks_the_head_of_rewards_whatever_the_policy_says(desk):
    desk.publish()
    assert judged(desk, 121_000).evaluation.steps == ()
    SalaryBand.objects.update(strict=True)
    assert [(step.role, step.title) for step in judged(desk, 121_000).evaluation.steps] == [
        ("hr_partner", "Head of rewards")
    ]
    assert judged(desk, 120_000).evaluation.steps == ()


def test_peers_older_than_a_year_are_left_out(desk):
    peers(desk, 100_000)
    desk.later(days=365)
    assert judged(desk, 100_000).peers.count == 0


def test_exchange_rates_of_the_day_serve_cash_thresholds_in_both_directions(desk):
    factories.ExchangeRateFactory(client=desk.client, rate=D("1.10"), as_of=date(2026, 11, 1))
    factories.ExchangeRateFactory(client=desk.client, rate=D("1.20"), as_of=date(2026, 11, 20))
    factories.ExchangeRateFactory(client=desk.client, rate=D("9"), as_of=date(2026, 12, 1))
    factories.ExchangeRateFactory(client=desk.client, base="USD", quote="PLN", rate=D("4"), as_of=date(2026, 11, 20))
    assert judged(desk, 100_000, currency="EUR").facts.rates == {"EUR": 1, "USD": D("1.20")}
    assert judged(desk, 100_000, currency="PLN").facts.rates == {"PLN": 1, "USD": D("0.25")}


def test_openings_count_other_live_and_accepted_offers(desk):
    requisition = desk.open_requisition(openings=3)
    desk.draft(requisition=requisition)
    desk.bring(Status.ACCEPTED, requisition=requisition)
    desk.bring(Status.DECLINED, requisition=requisition)
    assert judged(desk, 100_000, requisition=requisition).facts.headcount_left == 1
    assert judged(desk, 100_000, requisition=desk.open_requisition(evergreen=True)).facts.headcount_left is None


def verbal(desk, offer, **said):
    workflow.record_verbal_approval(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now, **said)


def covered(desk, offer):
    version = Offer.objects.select_related("client", "requisition", "version").get(pk=offer.pk).version
    return assess(version, now=desk.now).facts.terms_no_better_than_verbal


def test_a_verbal_approval_covers_terms_that_are_no_better(desk):
    offer = desk.draft(100_000)
    assert covered(desk, offer)
    assert covered(desk, desk.edit(offer, base=D(99_000)))
    assert not covered(desk, desk.edit(offer, base=D("100000.01")))
    assert not covered(desk, desk.edit(offer, base=D(100_000), sign_on=D(1)))


def test_the_newest_verbal_approval_speaks(desk):
    offer = desk.draft(100_000)
    desk.later(hours=1)
    verbal(desk, offer, base=D(99_000))
    assert not covered(desk, offer)


def test_only_the_offers_own_manager_speaks_for_the_managers_step(desk):
    offer = desk.draft(verbal=False)
    verbal(desk, offer, by=desk.person(Role.HIRING_MANAGER))
    assert not covered(desk, offer)


def test_a_manager_who_wrote_the_terms_does_not_cover_them(desk):
    manager = desk.person(Role.HIRING_MANAGER, Role.RECRUITER)
    offer = desk.draft(requisition=desk.open_requisition(hiring_manager=manager))
    assert covered(desk, offer)
    workflow.save_terms(offer.version_id, {"base": D(99_000)}, actor=manager, now=desk.now)
    assert not covered(desk, offer)


def test_without_a_published_policy_nothing_can_be_judged(desk):
    version = factories.OfferVersionFactory()  # of another client, which has no rules yet
    with scope([version.client_id]), pytest.raises(NotReady, match="no published approval policy"):
        assess(version, now=desk.now)


def test_an_amount_exactly_at_a_threshold_stays_at_it_through_an_inverted_rate(desk):
    over = {"test": "first_year_cash_over", "amount": "200000", "currency": "USD"}
    desk.publish({"id": "cash", "title": "Cash", "when": [over], "ask": [{"role": "finance_leader"}]})
    factories.ExchangeRateFactory(client=desk.client, base="USD", quote="PLN", rate=D(7), as_of=date(2026, 11, 1))
    found = [judged(desk, base, currency="PLN") for base in (1_400_000, D("1400000.0001"))]
    assert [len(each.evaluation.steps) for each in found] == [0, 1]


def test_a_budget_and_a_posted_range_in_another_currency_are_never_taken_as_kept(desk):
    budget = {"id": "budget", "title": "Budget", "when": [{"test": "over_budget"}], "ask": [{"role": "finance_leader"}]}
    posted = {
        "id": "posted", "title": "Posted", "when": [{"test": "outside_posted_range"}], "ask": [{"role": "hr_partner"}]
    }  # fmt: skip
    desk.publish(budget, posted)
    requisition = desk.open_requisition(budget_max=D(130_000), posted_min=D(90_000), posted_max=D(125_000))
    assert judged(desk, 100_000, requisition=requisition).evaluation.steps == ()
    found = judged(desk, 100_000, requisition=requisition, currency="EUR").evaluation
    assert [step.reason for step in found.steps] == [
        "The posted range is in USD, the offer in EUR",
        "The requisition's budget is in USD, the offer in EUR",
    ]
