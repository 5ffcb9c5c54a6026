"""Counter-offers: recorded, answered inside the cumulative guardrail, reviewed beyond it, or refused."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from governance.access import Role
from governance.models import Guardrail
from offers import workflow
from offers.errors import BadInput, NotReady
from offers.lifecycle import Status
from offers.models import Clock, CounterOffer, Offer, OfferVersion
from offers.workflow.counter import leeway
from tests import factories
from tests.offers.screen import Screen, text

MANAGER = Role.HIRING_MANAGER
USUAL_TERMS = {
    "currency": "USD", "pay_period": "year", "payments_a_year": "12", "fte": "1", "employment_type": "permanent",
    "standard_letter": "on",
}  # fmt: skip


def ask(desk, offer, **given):
    return desk.do("counter", offer, **given)


def settle(desk, offer, **terms):
    return desk.do("settle", offer, terms=terms)


def agreed(desk, offer, **terms):
    """Asked, settled and, where it was granted, extended."""
    return desk.do("extend", settle(desk, ask(desk, offer), **terms))


# --- asking


def test_a_counter_is_kept_with_what_it_answers_and_its_clock(desk):
    offer = ask(
        desk, desk.bring(Status.EXTENDED), asked_base=D(107_000), note="Has a bid.", origin="competing_employer"
    )
    counter = CounterOffer.objects.get(offer=offer)
    assert (counter.asked_base, counter.currency, counter.against_id) == (D(107_000), "USD", offer.version_id)
    assert (counter.note.text, counter.origin, counter.outcome) == ("Has a bid.", "competing_employer", "open")
    clock = Clock.objects.running().get(counter=counter)
    assert (clock.target_hours, clock.next_due_at) == (24, None)
    assert offer.letter_is_out(desk.now)


def test_nobody_asks_for_a_base_of_nothing(desk):
    offer = desk.bring(Status.EXTENDED)
    with pytest.raises(BadInput, match="more than nothing") as refusal:
        ask(desk, offer, asked_base=D(0))
    assert (refusal.value.field, CounterOffer.objects.exists()) == ("asked_base", False)


def test_a_counter_stands_against_the_letter_even_while_a_next_version_is_prepared(desk):
    offer = ask(desk, desk.do("revise", desk.bring(Status.EXTENDED)))
    assert CounterOffer.objects.get(offer=offer).against.number == 1


def test_a_counter_stops_the_running_chain(desk):
    offer = ask(desk, desk.tell(desk.bring(Status.IN_REVIEW)))
    assert (offer.chains.get().status, desk.waiting(offer)) == ("void", [])
    assert desk.clocks(offer) == ["counter_response", "verbal_to_written"]


def test_a_counter_that_cannot_be_taken_names_its_field(desk):
    offer = desk.bring(Status.EXTENDED)
    for given in ({"origin": "neighbour"}, {"asked_base": D(-1)}, {"asked_sign_on": D(-1)}):
        with pytest.raises(BadInput) as refusal:
            ask(desk, offer, **given)
        assert refusal.value.field in given


# --- inside the guardrail


def test_inside_the_guardrail_a_settlement_is_approved_at_once(desk):
    offer = settle(desk, ask(desk, desk.bring(Status.EXTENDED)), base=D(105_000))
    assert (offer.status, offer.version.number, offer.version.base) == (Status.APPROVED, 2, D(105_000))
    assert offer.version.is_frozen
    assert (
        offer.chains.get(version=offer.version).because
        == "Inside the guardrail “Balanced, version 1”: nobody is asked again"
    )
    counter = offer.counters.get()
    assert (counter.outcome, counter.inside_guardrail, counter.settled_id) == ("settled", True, offer.version_id)
    assert (counter.granted_by, counter.answered_at) == ("Balanced, version 1", desk.now)
    assert desk.clocks(offer) == ["candidate_response"]


BEYOND: list[dict[str, Any]] = [
    {"base": D("105000.01")},
    {"base": D(99_999)},
    {"sign_on": D("5000.01")},
    {"base": D(104_000), "sign_on": D(3_001)},
    {"leave_days": D(6)},
    {"target_bonus_pct": D(1)},
    {"clawback_months": 1},
    {"equity_value": D(1)},
    {"standard_letter": False},
    {"probation_months": 1},
    {"benefits": "Car"},
]
WITHIN: list[dict[str, Any]] = [
    {"base": D(105_000)},
    {"sign_on": D(5_000)},
    {"base": D(104_000), "sign_on": D(3_000)},
    {"leave_days": D(5)},
    {"home_days": D(2)},
    {"start_on": date(2027, 2, 1)},
]


def test_the_guardrail_grants_what_it_names_and_sends_everything_else_to_the_approvers(desk):
    offer = desk.bring(Status.NEGOTIATING)
    for terms, granted in [*((terms, False) for terms in BEYOND), *((terms, True) for terms in WITHIN)]:
        with desk.undone():
            settled = settle(desk, offer, **terms)
            assert settled.counters.get().inside_guardrail is granted, terms
            assert settled.chains.get(version=settled.version).because.startswith("Inside") is granted, terms


def test_four_nudges_that_pass_5_percent_together_are_stopped_at_the_fourth(desk):
    offer = desk.bring(Status.EXTENDED)
    for base in (D(101_300), D(102_600), D(103_900)):
        offer = agreed(desk, offer, base=base)
    offer = settle(desk, ask(desk, offer), base=D(105_200))
    assert (offer.status, desk.chain(offer)) == (Status.IN_REVIEW, ["1 hiring_manager: asked"])
    assert list(offer.counters.values_list("inside_guardrail", flat=True)) == [True, True, True, False]


def test_what_the_approvers_grant_beyond_it_does_not_widen_the_guardrail(desk):
    offer = settle(desk, ask(desk, desk.bring(Status.EXTENDED)), base=D(108_000))
    offer = desk.do("extend", desk.do("approve", offer, by=MANAGER))
    assert settle(desk, ask(desk, offer), base=D(108_001)).status == Status.IN_REVIEW


def test_terms_under_review_are_not_approved_by_settling_on_them(desk):
    offer = desk.edit(desk.do("revise", desk.bring(Status.EXTENDED)), base=D(119_000))
    offer = ask(desk, desk.do("submit", offer))
    assert settle(desk, offer).status == Status.IN_REVIEW


def test_settling_on_a_version_in_preparation_takes_the_agreed_terms_and_measures_from_the_approved_ones(desk):
    offer = desk.edit(desk.do("revise", desk.bring(Status.EXTENDED)), base=D(119_000))
    offer = settle(desk, ask(desk, offer), sign_on=D(1_000))
    assert (offer.status, offer.version.number) == (Status.IN_REVIEW, 2)
    assert (offer.version.base, offer.version.sign_on) == (D(119_000), D(1_000))


def test_beyond_the_guardrail_the_policy_can_ask_for_it_by_name(desk):
    desk.publish(
        {"id": "far", "title": "Far", "when": [{"test": "guardrail_exceeded"}], "ask": [{"role": "finance_leader"}]}
    )
    offer = settle(desk, ask(desk, desk.bring(Status.EXTENDED)), base=D(106_000))
    assert desk.chain(offer) == ["1 finance_leader: asked"]


@pytest.mark.parametrize(
    ("requisition", "base"),
    [({"budget_max": 103_000}, "103000.01"), ({"posted_max": 102_000}, "102000.01")],
)
def test_the_guardrail_never_passes_budget_or_posted_maximum(desk, requisition, base):
    offer = desk.bring(Status.EXTENDED, requisition=desk.open_requisition(**requisition))
    assert settle(desk, ask(desk, offer), base=D(base)).counters.get().inside_guardrail is False


def test_the_guardrail_never_passes_the_maximum_of_an_hourly_band(desk):
    hourly = {"period": "hour", "minimum": D(40), "midpoint": D(45), "maximum": D(50)}
    factories.SalaryBandFactory(client=desk.client, role_code="HR", **hourly)
    requisition = desk.open_requisition(role_code="HR", budget_max=None)
    offer = desk.do("submit", desk.draft("49", pay_period="hour", requisition=requisition))
    offer = desk.do("extend", desk.do("approve", offer, by=Role.HR_PARTNER))
    assert settle(desk, ask(desk, offer), base=D("50.01")).counters.get().inside_guardrail is False


@pytest.mark.parametrize("engagement", ["project", "none"])
def test_recruiters_who_are_not_embedded_have_no_guardrail(desk, engagement):
    found = factories.EngagementFactory(client=desk.client, embedded=False) if engagement == "project" else None
    offer = desk.bring(Status.EXTENDED, requisition=desk.open_requisition(engagement=found))
    assert settle(desk, ask(desk, offer), base=D(100_001)).status == Status.IN_REVIEW


def test_before_anything_is_approved_there_is_no_guardrail(desk):
    offer = settle(desk, ask(desk, desk.tell(desk.bring(Status.IN_REVIEW))), base=D(94_001))
    assert offer.counters.get().inside_guardrail is False


def trying(offer, **terms):
    """The offer's newest terms with these, as they stand on a page before anything is saved."""
    version = OfferVersion(client=offer.client, offer=offer, number=0, **{**offer.version.terms(), **terms})
    version.offer = offer
    return version


def test_what_can_be_offered_now_says_what_these_terms_leave(desk):
    offer = agreed(desk, desk.bring(Status.EXTENDED), base=D(102_000))
    found = leeway(offer, trying(offer, base=D(104_000)), now=desk.now)
    assert (found.room.base_max, found.room.cash_left) == (D(105_000), D(5_000))
    assert (found.verdict.inside, found.after.cash_left, found.asked) == (True, D(3_000), ())
    assert found.benefits == ("Leave up to 5 days.", "Also more home-working days and another start.")
    beyond = leeway(offer, trying(offer, base=D("105000.01")), now=desk.now)
    assert not beyond.verdict.inside
    assert [step.role for step in beyond.asked] == ["hiring_manager"]
    assert leeway(desk.draft(), trying(offer), now=desk.now) is None


def test_a_role_family_has_its_own_guardrail_where_one_is_written(desk):
    offer = desk.bring(Status.EXTENDED)
    document = factories.starting_template()["guardrails"]
    own = {"embedded": {**document["embedded"], "base_percent": "2"}}
    families = {"Engineering": own, "Sales": {"embedded": None}}
    factories.GuardrailFactory(
        client=desk.client, version=2, document=document | {"families": families}, published_at=desk.now
    )
    assert leeway(offer, trying(offer), now=desk.now).room.base_max == D(102_000)
    desk.requisition.role_family = "Sales"
    desk.requisition.save()
    Offer.objects.update(role_family="Sales")
    assert leeway(desk.fresh(offer), trying(offer), now=desk.now).granted_by == ""


@pytest.mark.parametrize(
    ("families", "problem"),
    [
        ([], "“families” says for each role family"),
        ({"Sales": []}, "Sales: say embedded, project or union."),
        ({"Sales": {"agency": None}}, "Sales: “agency” is not known here"),
        ({"Sales": {"embedded": {"schema": 1}}}, "Sales: embedded: "),
    ],
)
def test_a_guardrail_of_a_role_family_is_checked_as_any(families, problem):
    found = Guardrail.problems({"embedded": None, "families": families})
    assert found[0].startswith(problem)


def test_the_page_answers_what_can_be_offered_while_terms_are_typed(desk):
    offer = desk.bring(Status.NEGOTIATING)
    screen = Screen(desk, Role.RECRUITER)
    assert "Settle on these terms" in text(screen.get(f"/offers/{offer.pk}/settle/"))
    terms = {**USUAL_TERMS, "base": "103000"}
    said = text(screen.post(f"/offers/{offer.pk}/standing/", **terms))
    assert "Inside: approved at once" in said
    assert "4,000 USD of first-year cash is left then" in said
    said = text(screen.post(f"/offers/{offer.pk}/standing/", **{**terms, "base": "105001"}))
    assert "Beyond: goes to the approvers" in said
    assert "Beyond it the policy asks: Hiring manager" in said


def test_before_anybody_asks_the_page_tries_terms_and_saves_none(desk):
    page = text(Screen(desk, Role.RECRUITER).get(f"/offers/{desk.bring(Status.EXTENDED).pk}/settle/"))
    assert "Nobody has asked for anything yet" in page
    assert "Settle on these terms" not in page


def test_rounds_are_numbered_and_say_how_each_was_answered(desk):
    offer = agreed(desk, desk.bring(Status.EXTENDED), base=D(102_000))
    ask(desk, offer, origin="current_employer")
    page = Screen(desk, Role.RECRUITER).offer(offer)
    assert page.index("Round 2: the current employer bids") < page.index("Round 1: the candidate asks")
    assert "Version 2: base 102,000 USD, inside Balanced" in page


def test_the_room_left_is_measured_from_the_first_approval(desk):
    offer = agreed(desk, desk.bring(Status.EXTENDED), base=D(103_000))
    assert leeway(offer, offer.version, now=desk.now).room.base_max == D(105_000)


def test_settling_makes_the_one_who_settles_an_editor(desk):
    offer = settle(desk, ask(desk, desk.bring(Status.EXTENDED)), base=D(101_000))
    assert desk.people[Role.RECRUITER].pk in offer.version.editors.values_list("user_id", flat=True)


def test_settling_on_a_term_that_no_offer_has_is_refused(desk):
    with pytest.raises(BadInput, match="no term “car”"):
        settle(desk, ask(desk, desk.bring(Status.EXTENDED)), car="red")


# --- refusing


def test_standing_leaves_the_letter_that_is_out(desk):
    offer = desk.do("stand", desk.bring(Status.NEGOTIATING), reason="The budget is spent.")
    assert (offer.status, offer.letter_is_out(desk.now)) == (Status.EXTENDED, True)
    assert offer.counters.get().outcome == "stood"
    assert desk.clocks(offer) == ["candidate_response"]


def test_standing_without_a_letter_goes_back_to_the_approved_terms(desk):
    offer = desk.do("stand", ask(desk, desk.tell(desk.bring(Status.APPROVED))))
    assert desk.do("extend", offer).status == Status.EXTENDED


def test_standing_keeps_a_newer_approved_version_ready_to_go_out(desk):
    offer = desk.edit(desk.do("revise", desk.bring(Status.EXTENDED)), base=D(99_000))
    offer = desk.do("stand", ask(desk, desk.do("submit", offer)))
    assert offer.status == Status.APPROVED
    assert desk.do("extend", offer).letter.version.base == D(99_000)


def test_there_is_nothing_to_stand_on_before_approval(desk):
    offer = ask(desk, desk.tell(desk.bring(Status.IN_REVIEW)))
    with pytest.raises(NotReady, match="nothing to stand on"):
        desk.do("stand", offer)
    assert settle(desk, offer).status == Status.IN_REVIEW


# --- the candidate's answer while it is negotiated


def test_accepting_the_letter_closes_the_counter(desk):
    offer = desk.do("accept", desk.bring(Status.NEGOTIATING))
    assert (offer.status, offer.counters.get().outcome) == (Status.ACCEPTED, "closed")


def test_leaving_loses_the_counter(desk):
    offer = desk.do("decline", desk.bring(Status.NEGOTIATING))
    assert offer.counters.get().outcome == "lost"


def test_a_counter_is_recorded_when_it_was_said(desk):
    said = desk.bring(Status.EXTENDED)
    at = desk.now
    desk.later(hours=5)
    offer = ask(desk, said, at=at)
    assert Clock.objects.running().get(offer=offer, kind="counter_response").started_at == at
    with pytest.raises(BadInput, match="future"):
        workflow.counter(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now, at=desk.now + timedelta(seconds=1))
