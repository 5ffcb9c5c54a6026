"""Advice and challenges: what is recommended, what speaks for it, what holds the letter and for how long."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from governance.access import Role
from offers import workflow
from offers.errors import AlreadyDecided, BadInput, NotInThisState, NotReady, NotYours
from offers.evidence import bucket_of, evidence, share
from offers.lifecycle import Status
from offers.mail import Dropped, render
from offers.mail_rows import fetch
from offers.models import Advice, Offer, OfferVersion, OutboxMessage
from offers.queues import advice_for, counts
from offers.views.frame import url_of
from offers.workflow.advice import pass_on_challenges
from tests import factories

RECRUITER, HR, DIRECTOR, MANAGER = Role.RECRUITER, Role.HR_PARTNER, Role.ACCOUNT_DIRECTOR, Role.HIRING_MANAGER
WHY = "She has an offer elsewhere."


def advise(desk, offer: Offer, by: Role = DIRECTOR, **given: Any) -> Advice:
    facts = {"base": D(107_000), "reason": WHY, **given}
    return workflow.advise(offer.pk, actor=desk.people[by], now=desk.now, **facts)


def decide(desk, advice: Advice, decision: str = "refused", by: Role = HR, comment: str = "No budget.") -> Advice:
    return workflow.decide_advice(advice.pk, decision, actor=desk.people[by], now=desk.now, comment=comment)


def may_extend(desk, offer: Offer) -> bool:
    with desk.undone():
        try:
            desk.do("extend", offer)
        except NotReady:
            return False
        return True


# --- giving it


def test_advice_keeps_what_was_recommended_and_what_spoke_for_it(desk):
    offer = desk.bring(Status.APPROVED, base=98_000)
    advice = advise(desk, offer)
    assert (advice.version, advice.currency, advice.recommended_base) == (offer.version, "USD", D(107_000))
    assert advice.reason.text == WHY
    found = advice.evidence
    assert (D(found["base"]), D(found["gap"]), D(found["reference"]["amount"])) == (98_000, D("-0.02"), 100_000)
    assert [row["stood"] for row in found["outcomes"]] == ["up to 5 % below reference", "at or above reference"]
    assert WHY not in str(found)


def test_the_evidence_of_a_draft_is_judged_as_it_stands(desk):
    assert D(advise(desk, desk.draft(90_000)).evidence["gap"]) == D("-0.1")


def test_the_database_keeps_evidence_and_recommendation_as_they_were(desk):
    advice = advise(desk, desk.draft())
    for change in ({"evidence": {}}, {"recommended_base": D(1)}, {"holds_until": desk.now}):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Advice.objects.filter(pk=advice.pk).update(**change)


def test_an_unknown_reference_compares_with_nothing(desk):
    offer = desk.draft(requisition=desk.open_requisition(role_code="NEW"))
    found = advise(desk, offer).evidence
    assert (found["reference"], found["outcomes"]) == (None, [])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"base": None}, "base"),
        ({"base": D(99_999)}, "base"),
        ({"base": D(100_000)}, "base"),
        ({"base": None, "sign_on": D(-1)}, "sign_on"),
        ({"reason": " "}, "reason"),
    ],
)
def test_advice_that_recommends_nothing_better_names_its_field(desk, given, field):
    with pytest.raises(BadInput) as error:
        advise(desk, desk.draft(), **given)
    assert error.value.field == field


@pytest.mark.parametrize("role", [Role.COORDINATOR, HR, MANAGER, Role.AUDITOR])
def test_the_provider_gives_advice_and_nobody_else(desk, role):
    with pytest.raises(NotYours, match="may not give advice"):
        advise(desk, desk.draft(), by=role)


def test_one_piece_of_advice_waits_at_a_time_and_an_ended_offer_takes_none(desk):
    offer = desk.draft()
    advise(desk, offer, by=RECRUITER)
    with pytest.raises(NotReady, match="waits for a decision"):
        advise(desk, offer)
    with pytest.raises(NotInThisState):
        advise(desk, desk.bring(Status.CANCELLED))


def test_the_business_hears_of_it_and_the_provider_of_the_answer(desk):
    advice = advise(desk, desk.draft())
    assert desk.mailed("advice") == {desk.people[HR], desk.people[MANAGER]}
    desk.later(hours=1)
    decide(desk, advice)
    assert desk.mailed("advice_decided") == {desk.people[DIRECTOR], desk.people[RECRUITER]}


def mail(desk, kind: str) -> Any:
    message = OutboxMessage.objects.select_related("client", "user").filter(kind=kind).first()
    return render(message, fetch([message], now=desk.now))


def test_its_mail_says_pay_in_the_body_alone_and_is_dropped_once_it_is_decided(desk):
    advice = advise(desk, desk.draft(), hold=True)
    found = mail(desk, "advice")
    assert "107,000 USD" in found.text
    assert "107" not in found.subject
    assert "The letter waits for your decision until" in found.text
    decide(desk, advice)
    assert isinstance(mail(desk, "advice"), Dropped)
    assert "Refused" in mail(desk, "advice_decided").html


# --- how comparable offers ended


@pytest.mark.parametrize(
    ("gap", "stood"),
    [
        ("-0.1000001", "more than 10 % below reference"),
        ("-0.10", "5 to 10 % below reference"),
        ("-0.0500001", "5 to 10 % below reference"),
        ("-0.05", "up to 5 % below reference"),
        ("0", "at or above reference"),
    ],
)
def test_exactly_at_an_edge_is_on_its_better_side(gap, stood):
    assert bucket_of(D(gap))[0] == stood


def test_a_share_has_its_wilson_interval_and_too_few_have_none():
    found = share(8, 10, minimum=5)  # the textbook's: 0.4902 to 0.9433
    assert (found["rate"], round(found["low"], 4), round(found["high"], 4)) == (0.8, 0.4902, 0.9433)
    assert share(4, 4, minimum=5) == {"n": None, "too_few": True}
    assert share(0, 0, minimum=0) == {"n": None, "too_few": True}


def ended(desk, status: str, gap: str, **fields: Any) -> None:
    number = Offer.objects.count()
    asked = {"external_id": f"E-{number}", "requisition": desk.requisition, **fields}
    asked.setdefault("decided_at", desk.now - timedelta(days=30))
    offer = factories.OfferFactory(client=desk.client, status=status, **asked)
    version = factories.OfferVersionFactory(offer=offer, submitted_at=desk.now, gap=D(gap))
    letter = factories.LetterFactory(offer=offer, version=version)
    Offer.objects.filter(pk=offer.pk).update(letter=letter, version=version)


def test_answered_offers_of_the_role_family_are_compared_by_where_they_stood(desk):
    for status in ("joined", "accepted", "declined", "expired", "withdrawn", "rescinded"):
        ended(desk, status, "-0.06")
    for _ in range(5):
        ended(desk, "joined", "0.01")
    ended(desk, "joined", "-0.06", decided_at=desk.now - timedelta(days=731))
    ended(desk, "joined", "-0.06", decided_at=desk.now)
    ended(desk, "joined", "-0.06", requisition=desk.open_requisition(role_family="Sales"))
    offer = desk.draft(94_000)
    version = OfferVersion.objects.select_related("offer__client", "offer__requisition").get(pk=offer.version_id)
    found = evidence(version, base=D(100_000), now=desk.now)["outcomes"]
    assert [(row["title"], row["accepted"], row["n"]) for row in found] == [
        ("As offered", 2, 5),
        ("As recommended", 5, 5),
    ]


# --- deciding


@pytest.mark.parametrize("role", [HR, MANAGER, Role.TALENT_LEADER])
@pytest.mark.parametrize("decision", ["adjusted", "accepted_risk", "refused"])
def test_the_business_decides(desk, role, decision):
    advice = decide(desk, advise(desk, desk.draft()), decision, by=role)
    assert (advice.decision, advice.decided_by, advice.decided_at) == (decision, desk.people[role], desk.now)
    assert advice.decided_how.text == "No budget."


@pytest.mark.parametrize("role", [RECRUITER, Role.FINANCE_LEADER, Role.AUDITOR, Role.COORDINATOR])
def test_others_do_not_decide(desk, role):
    with pytest.raises(NotYours, match="does not decide on advice"):
        decide(desk, advise(desk, desk.draft()), by=role)


def test_whoever_gave_it_and_another_teams_manager_do_not_decide(desk):
    advice = advise(desk, desk.draft())
    with pytest.raises(NotYours, match="somebody else decides"):
        decide(desk, advice, by=DIRECTOR)
    stranger = desk.person(MANAGER)
    with pytest.raises(NotYours):
        workflow.decide_advice(advice.pk, "refused", actor=stranger, now=desk.now, comment="No.")


@pytest.mark.parametrize(("decision", "comment", "field"), [("maybe", "x", "decision"), ("refused", " ", "comment")])
def test_a_decision_that_cannot_be_names_its_field(desk, decision, comment, field):
    with pytest.raises(BadInput) as error:
        decide(desk, advise(desk, desk.draft()), decision, comment=comment)
    assert error.value.field == field


def test_adjusted_holds_the_letter_of_the_old_terms_until_there_are_better_ones_or_the_risk_is_accepted(desk):
    offer = desk.bring(Status.APPROVED)
    advice = decide(desk, advise(desk, offer), "adjusted")
    assert not may_extend(desk, offer)
    with desk.undone():
        decide(desk, advice, "accepted_risk")
        assert may_extend(desk, offer)
    offer = desk.do("submit", desk.edit(desk.do("revise", offer), base=107_000))
    while offer.status == Status.IN_REVIEW:
        offer = desk.do("approve", offer, by=Role(desk.waiting(offer)[0].role))
    assert may_extend(desk, offer)


def test_a_decision_stands_once_the_letter_is_out(desk):
    offer = desk.bring(Status.APPROVED)
    advice = decide(desk, advise(desk, offer), "accepted_risk")
    desk.do("extend", offer)
    with pytest.raises(AlreadyDecided, match="risk accepted"):
        decide(desk, advice, "adjusted")


# --- challenges


@pytest.mark.parametrize(("priority", "hours"), [("standard", 8), ("critical", 2)])
def test_a_challenge_holds_the_letter_for_its_hours_and_no_longer(desk, priority, hours):
    offer = desk.bring(Status.APPROVED, priority=priority)
    advice = advise(desk, offer, hold=True)
    assert advice.holds_until == desk.now + timedelta(hours=hours)
    desk.now = advice.holds_until - timedelta(microseconds=1)
    with pytest.raises(NotReady, match="challenges these terms as too low"):
        desk.do("extend", offer)
    desk.now = advice.holds_until
    assert desk.do("extend", offer).status == Status.EXTENDED


def test_a_letter_is_not_dated_back_into_the_hold(desk):
    offer = desk.bring(Status.APPROVED)
    inside = desk.later(hours=1)
    advise(desk, offer, hold=True)
    desk.later(hours=9)
    with pytest.raises(NotReady):
        desk.do("extend", offer, at=inside)
    assert desk.do("extend", offer).status == Status.EXTENDED


def test_a_service_level_may_hold_for_less_and_never_for_more(desk):
    template = factories.starting_template()["service_level"]
    for version, (agreed, held) in enumerate([(3, 3), (72, 8)], 2):
        document = {**template, "challenge": {"standard": agreed, "critical": 1}}
        factories.ServiceLevelFactory(client=desk.client, version=version, document=document, published_at=desk.now)
        assert advise(desk, desk.draft(), hold=True).holds_until == desk.now + timedelta(hours=held)
        desk.later(minutes=1)


@pytest.mark.parametrize("decision", ["accepted_risk", "refused"])
def test_a_decision_ends_the_hold(desk, decision):
    offer = desk.bring(Status.APPROVED)
    decide(desk, advise(desk, offer, hold=True), decision)
    assert may_extend(desk, offer)


def test_plain_advice_holds_nothing(desk):
    offer = desk.bring(Status.APPROVED)
    advise(desk, offer)
    assert may_extend(desk, offer)


def test_a_version_is_challenged_once_and_not_after_its_letter(desk):
    offer = desk.bring(Status.APPROVED)
    decide(desk, advise(desk, offer, hold=True))
    with pytest.raises(NotReady, match="challenged already"):
        advise(desk, offer, hold=True)
    assert advise(desk, offer).holds_until is None
    with pytest.raises(NotInThisState, match="letter of these terms is out"):
        advise(desk, desk.bring(Status.EXTENDED), hold=True)


def test_after_its_hours_the_final_authority_of_the_statement_of_work_is_asked_once(desk):
    document = {**factories.starting_template()["statement_of_work"]}
    document["final_authority"] = {"role": "finance_leader", "title": "CFO"}
    factories.StatementOfWorkFactory(engagement=desk.engagement, document=document)
    cfo = desk.person(Role.FINANCE_LEADER, title="CFO")
    advice = advise(desk, desk.bring(Status.APPROVED), hold=True)
    assert pass_on_challenges(now=advice.holds_until - timedelta(seconds=1)) == 0
    assert not advice_for(cfo).exists()
    desk.now = advice.holds_until
    assert [pass_on_challenges(now=desk.now) for _ in range(2)] == [1, 0]
    assert desk.mailed("challenge_final") == {cfo}
    assert "names you as the final authority" in mail(desk, "challenge_final").text
    assert list(advice_for(cfo)) == [advice]
    decided = workflow.decide_advice(advice.pk, "refused", actor=cfo, now=desk.now, comment="We hold.")
    assert decided.decided_by == cfo


def test_without_a_statement_of_work_the_final_authority_is_hr(desk):
    advice = advise(desk, desk.bring(Status.APPROVED), hold=True)
    pass_on_challenges(now=advice.holds_until)
    assert desk.mailed("challenge_final") == {desk.people[HR]}


def test_a_challenge_that_was_decided_or_whose_offer_ended_is_not_passed_on(desk):
    first = advise(desk, desk.bring(Status.APPROVED), hold=True)
    decide(desk, first)
    offer = desk.bring(Status.APPROVED)
    advise(desk, offer, hold=True)
    desk.do("cancel", offer)
    assert pass_on_challenges(now=first.holds_until + timedelta(days=1)) == 0
    assert desk.mailed("challenge_final") == set()


def test_what_waits_for_a_decision_stands_in_the_queue_of_whoever_may_decide(desk):
    advice = advise(desk, desk.draft())
    for role in (HR, MANAGER, Role.TALENT_LEADER):
        assert list(advice_for(desk.people[role])) == [advice]
    for role in (DIRECTOR, RECRUITER, Role.FINANCE_LEADER):
        assert not advice_for(desk.people[role]).exists()
    assert counts(desk.people[Role.TALENT_LEADER])["waiting"] == 1


def stands_in(desk, whom: Any, by: Any) -> None:
    factories.DelegationFactory(client=desk.client, from_user=whom, to_user=by, starts_at=desk.now)


def test_whoever_stands_in_for_the_manager_decides_on_their_behalf(desk):
    stand_in = desk.person(MANAGER)
    stands_in(desk, desk.people[MANAGER], stand_in)
    advice = advise(desk, desk.draft())
    assert stand_in in desk.mailed("advice")
    assert list(advice_for(stand_in, desk.now)) == [advice]
    workflow.decide_advice(advice.pk, "refused", actor=stand_in, now=desk.now, comment="No budget.")
    told = advice.events.latest("pgh_id").pgh_context
    assert (told["actor"], told["on_behalf_of"]) == (stand_in.pk, desk.people[MANAGER].pk)


def test_a_stand_in_decides_nothing_that_either_of_the_two_has_advised(desk):
    director, partner = desk.people[DIRECTOR], desk.people[HR]
    factories.MembershipFactory(client=desk.client, user=director, role=HR)
    other = desk.person(Role.COORDINATOR)
    stands_in(desk, director, other)
    advice = advise(desk, desk.draft())
    assert not advice_for(other, desk.now).exists()
    with pytest.raises(NotYours):
        workflow.decide_advice(advice.pk, "refused", actor=other, now=desk.now, comment="No.")
    stands_in(desk, partner, director)
    with pytest.raises(NotYours, match="You gave this advice"):
        decide(desk, advice, by=DIRECTOR)


# --- pages


def test_advice_is_given_and_decided_on_the_pages_and_opening_them_decides_nothing(desk, browser_client):
    offer = desk.bring(Status.APPROVED)
    director, partner = browser_client(desk.people[DIRECTOR]), browser_client(desk.people[HR])
    form = reverse("offers:act", args=[offer.pk, "advise"])
    assert "too low" in director.get(form).content.decode()
    refused = director.post(form, {"base": "99000", "reason": WHY})
    assert (refused.status_code, Advice.objects.count()) == (409, 0)
    director.post(form, {"base": "107000", "reason": WHY, "hold": "on"})
    page = reverse("offers:advice", args=[Advice.objects.get().pk])
    shown = partner.get(page).content.decode()
    assert "107,000" in shown
    assert Advice.objects.get().decision == ""
    assert "challenges these terms" in director.get(url_of(offer)).content.decode()
    assert partner.post(page, {"decision": "refused", "comment": ""}).status_code == 409
    partner.post(page, {"decision": "refused", "comment": "No budget."})
    assert Advice.objects.get().decision == "refused"
    assert 'name="decision"' not in director.get(page).content.decode()


def test_recent_cases_are_told_without_names_or_pay(desk, browser_client):
    closed = desk.bring(Status.APPROVED)
    decide(desk, advise(desk, closed))
    desk.do("decline", desk.do("extend", closed), theme="competing_offer")
    offer = desk.draft()
    shown = browser_client(desk.people[HR]).get(reverse("offers:cases", args=[offer.pk])).content.decode()
    assert "7\u00a0% more base" in shown
    assert "competing offer" in shown
    assert closed.candidate.display_name not in shown
    assert "107,000" not in shown


def test_what_was_advised_and_decided_stands_in_the_story_of_the_offer(desk, browser_client):
    offer = desk.bring(Status.APPROVED)
    decide(desk, advise(desk, offer, hold=True))
    page = browser_client(desk.people[HR]).get(url_of(offer)).content.decode()
    for said in ("Challenged as too low: the letter waits", "Advice: refused", WHY, "No budget."):
        assert said in page
