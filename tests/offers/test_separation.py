"""Nobody gives themselves an approval, whatever way they take to it; and a yes that was taken back counts no more."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from governance.access import Role
from governance.delegation import delegate
from governance.models import Guardrail
from offers import workflow
from offers.errors import NotReady, NotYours
from offers.lifecycle import Status
from offers.models import VerbalApproval

DIRECTOR, PARTNER, RECRUITER = Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER, Role.RECRUITER
MANAGER = Role.HIRING_MANAGER


def away(desk, who, stand_in):
    today = desk.now.date()
    given = {"first": today, "last": today + timedelta(days=3), "actor": who, "now": desk.now}
    return delegate(client=desk.client, from_user=who, to_user=stand_in, **given)


def test_nobody_hands_an_approval_to_somebody_for_whom_they_stand_in(desk):
    partner, other = desk.people[PARTNER], desk.person(DIRECTOR)
    away(desk, other, partner)
    asked = desk.waiting(desk.do("submit", desk.draft("94000")))[0]
    with pytest.raises(NotYours, match="stand in for"):
        workflow.reassign(asked.pk, to=other, actor=partner, now=desk.now, reason="Knows the role.")
    asked.refresh_from_db()
    assert asked.person is None


def test_a_guardrail_grants_nothing_to_whoever_published_it(desk):
    partner = desk.people[PARTNER]
    own = Guardrail.objects.create(client=desk.client, name="Mine", document=Guardrail.objects.get().document)
    own.publish(actor=partner, now=desk.now)
    asked = desk.do("counter", desk.bring(Status.EXTENDED))
    with desk.undone():
        assert desk.do("settle", asked, terms={"base": D(101_000)}).status == Status.APPROVED
    assert desk.do("settle", asked, by=PARTNER, terms={"base": D(101_000)}).status == Status.IN_REVIEW


def test_a_reopened_offer_keeps_whoever_wrote_its_terms_from_approving_them(desk):
    desk.publish({"id": "all", "title": "All", "when": [{"test": "always"}], "ask": [{"role": PARTNER}]})
    offer = desk.do("withdraw", desk.edit(desk.draft("94000"), by=PARTNER, base=D(93_000)))
    again = workflow.reopen(offer.pk, actor=desk.people[Role.COORDINATOR], now=desk.later(minutes=1))
    asked = desk.waiting(desk.do("submit", again))[0]
    with pytest.raises(NotYours, match="wrote or changed"):
        workflow.approve(asked.pk, actor=desk.people[PARTNER], now=desk.now)


# --- a verbal yes that was not given


def correct(desk, comment="I never said so."):
    said = VerbalApproval.objects.get()
    return workflow.correct_verbal_approval(
        said.pk, actor=desk.people[MANAGER], now=desk.later(minutes=1), comment=comment
    )


def test_a_verbal_yes_corrected_during_review_is_asked_of_the_manager(desk):
    offer = desk.do("submit", desk.draft("94000"))
    assert desk.chain(offer)[0] == "1 hiring_manager: given"
    correct(desk)
    assert desk.chain(offer)[:2] == ["1 hiring_manager: asked", "2 account_director: asked"]
    offer = desk.do("approve", desk.do("approve", offer, by=MANAGER), by=DIRECTOR)
    assert desk.do("approve", offer, by=PARTNER).status == Status.APPROVED


def test_a_letter_waits_where_the_verbal_yes_that_its_approval_rests_on_was_corrected(desk):
    offer = desk.bring(Status.APPROVED)
    correct(desk)
    with pytest.raises(NotReady, match="corrected"):
        desk.do("extend", offer)
    assert desk.do("submit", desk.do("revise", offer)).status == Status.IN_REVIEW
    assert desk.do("approve", desk.fresh(offer), by=MANAGER).status == Status.APPROVED
    assert desk.do("extend", desk.fresh(offer)).status == Status.EXTENDED


def test_a_guardrail_grants_nothing_over_a_verbal_yes_that_was_taken_back_and_what_it_granted_waits_too(desk):
    asked = desk.do("counter", desk.tell(desk.bring(Status.APPROVED)))
    with desk.undone():
        granted = desk.do("settle", asked, terms={"base": D(101_000)})
        correct(desk)
        with pytest.raises(NotReady, match="corrected"):
            desk.do("extend", granted)
    correct(desk)
    assert desk.do("settle", asked, terms={"base": D(101_000)}).status == Status.IN_REVIEW
    assert desk.chain(asked)[0] == "1 hiring_manager: asked"
