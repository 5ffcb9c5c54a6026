"""The statement of work, enforced in the verbs: refused with the clause, or done under a recorded exception."""

import copy
from typing import Any

import pytest

from governance.access import Role
from governance.models import StatementOfWork
from governance.programme import load
from offers import sow, workflow
from offers.errors import BadInput, NotReady, NotYours
from offers.lifecycle import Status
from offers.models import Offer
from offers.standing import assess
from tests import factories

RECRUITER, HR, DIRECTOR = Role.RECRUITER, Role.HR_PARTNER, Role.ACCOUNT_DIRECTOR
OTHERS = {"provider": "client_hr", "client_hr": "provider", "hiring_manager": "client_hr", "finance": "client_hr"}


def publish(desk, **parties: str) -> StatementOfWork:
    """A statement of work in force, which gives these activities to these parties and nothing else to anybody."""
    document: dict[str, Any] = copy.deepcopy(factories.starting_template()["statement_of_work"])
    document["activities"] = {name: {"party": party, "clause": "9.9"} for name, party in parties.items()}
    number = StatementOfWork.objects.count() + 1
    return factories.StatementOfWorkFactory(
        engagement=desk.engagement, version=number, document=document, published_at=desk.now
    )


def refused(desk, action: str, offer: Any, by: Role = RECRUITER, **given: Any) -> str:
    with desk.undone(), pytest.raises(NotYours) as error:
        desk.do(action, offer, by=by, **given)
    assert "clause 9.9" in error.value.rule
    return str(error.value)


def test_a_draft_is_refused_to_the_party_that_does_not_draft(desk):
    publish(desk, first_draft="client_hr")
    with pytest.raises(NotYours, match=r"gives first drafts of offers to client HR \(clause 9.9\)"):
        desk.draft()
    assert desk.draft(actor=HR, verbal=False).status == Status.DRAFT


def test_terms_of_the_first_version_belong_to_the_first_draft_and_later_ones_do_not(desk):
    publish(desk, first_draft="client_hr")
    offer = desk.draft(actor=HR)
    with pytest.raises(NotYours, match="first drafts"):
        desk.edit(offer, base=99_000)
    offer = desk.do("revise", desk.do("submit", offer, by=HR))
    assert desk.edit(offer, base=99_000).version.base == 99_000


@pytest.mark.parametrize(
    ("activity", "status", "action"),
    [
        ("presenting", Status.APPROVED, "extend"),
        ("presenting", Status.EXTENDED, "prolong"),
        ("counter_offers", Status.EXTENDED, "counter"),
        ("counter_offers", Status.NEGOTIATING, "settle"),
        ("counter_offers", Status.NEGOTIATING, "stand"),
        ("decline_capture", Status.EXTENDED, "decline"),
        ("decline_capture", Status.DRAFT, "withdraw"),
        ("decline_capture", Status.ACCEPTED, "renege"),
    ],
)
def test_each_activity_is_refused_by_name_to_the_other_party_and_done_by_its_own(desk, activity, status, action):
    publish(desk, **{activity: "client_hr"})
    offer = bring(desk, status)
    assert sow.ACTIVITIES[activity] in refused(desk, action, offer)
    assert desk.do(action, offer, by=HR)


def bring(desk, status: Status) -> Any:
    """An offer in this status, each step by the HR partner, whom these statements allow everything."""
    way = {
        Status.DRAFT: [],
        Status.APPROVED: ["submit"],
        Status.EXTENDED: ["submit", "extend"],
        Status.NEGOTIATING: ["submit", "extend", "counter"],
        Status.ACCEPTED: ["submit", "extend", "accept"],
    }
    offer = desk.draft()
    for action in way[status]:
        desk.later(minutes=1)
        offer = desk.do(action, offer, by=HR)
    assert offer.status == status
    return offer


def test_the_verbal_offer_and_the_reason_of_a_loss_are_refused_as_well(desk):
    publish(desk, presenting="client_hr", decline_capture="client_hr")
    offer = desk.draft()
    with pytest.raises(NotYours, match="presenting offers to candidates"):
        desk.tell(offer)
    offer = desk.do("withdraw", offer, by=HR)
    with pytest.raises(NotYours, match="capture of declines"):
        workflow.explain(offer.pk, actor=desk.people[RECRUITER], now=desk.now, theme="benefits")


def test_pay_outside_the_band_is_asked_for_by_whoever_negotiates_exceptions(desk):
    publish(desk, exceptions="client_hr")
    assert "exceptions to bands and fees" in refused(desk, "submit", desk.draft(121_000))
    assert desk.do("submit", desk.draft(121_000), by=HR).status == Status.IN_REVIEW
    assert desk.do("submit", desk.draft(120_000)).status != Status.DRAFT
    asked = desk.do("counter", desk.bring(Status.EXTENDED))
    assert "exceptions" in refused(desk, "settle", asked, terms={"base": 121_000})


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_an_approval_is_given_by_the_party_that_is_named_for_it(desk, verdict):
    publish(desk, approval_account_director="client_hr")
    offer = desk.do("submit", desk.draft(94_000))
    assert "the account director's approval" in refused(desk, verdict, offer, by=DIRECTOR)


def test_an_offer_keeps_the_statement_under_which_it_was_drafted(desk):
    publish(desk, presenting="provider")
    offer = desk.bring(Status.APPROVED)
    desk.later(hours=1)
    publish(desk, presenting="client_hr")
    assert "presenting" in refused(desk, "extend", desk.bring(Status.APPROVED))
    assert desk.do("extend", offer).status == Status.EXTENDED


def test_handoff_itself_is_bound_by_no_statement(desk):
    publish(desk, decline_capture="client_hr", presenting="client_hr")
    offer = bring(desk, Status.EXTENDED)
    desk.now = offer.letter.expires_at
    assert workflow.expire(offer.pk, now=desk.now).status == Status.EXPIRED


# --- exceptions


def allow(desk, activity="first_draft", by=HR, **given):
    facts = {"party": "provider", "reason": "The client's desk is closed this week.", **given}
    return sow.record_exception(desk.requisition, activity, actor=desk.people[by], now=desk.now, **facts)


def test_an_exception_opens_the_activity_for_one_requisition_and_is_kept_with_its_reason(desk):
    agreement = publish(desk, first_draft="client_hr")
    found = allow(desk)
    assert (found.agreement, found.granted_by, found.party) == (agreement, desk.people[HR], "provider")
    assert found.reason.text == "The client's desk is closed this week."
    assert desk.draft().status == Status.DRAFT
    with pytest.raises(NotYours):
        desk.draft(requisition=desk.open_requisition())


def test_an_exception_is_made_by_the_party_that_gives_the_activity_up_or_by_the_final_authority(desk):
    publish(desk, first_draft="finance")
    for role in (RECRUITER, DIRECTOR, Role.HIRING_MANAGER, Role.AUDITOR):
        with pytest.raises(NotYours, match="client finance or the final authority"):
            allow(desk, by=role)
    assert allow(desk, by=Role.FINANCE_LEADER) == allow(desk, by=HR)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"activity": "coffee"}, "activity"),
        ({"party": "candidate"}, "party"),
        ({"party": "client_hr"}, "party"),
        ({"reason": "  "}, "reason"),
    ],
)
def test_an_exception_that_cannot_be_names_its_field(desk, given, field):
    publish(desk, first_draft="client_hr")
    with pytest.raises(BadInput) as error:
        allow(desk, **given)
    assert error.value.field == field


def test_where_nobody_is_named_no_exception_is_needed(desk):
    with pytest.raises(NotReady, match="names anybody"):
        allow(desk)


def test_the_policy_hears_of_an_exception(desk):
    publish(desk, first_draft="client_hr")
    allow(desk)
    version = desk.draft().version
    assert assess(version, now=desk.now).facts.sow_exception is True


def test_what_the_statement_keeps_from_a_person_is_said_in_one_query(desk, django_assert_num_queries):
    publish(desk, presenting="client_hr", first_draft="client_hr")
    allow(desk)
    offer = Offer.objects.for_list().get(pk=desk.bring(Status.APPROVED).pk)
    programme, user = load(desk.client.pk), desk.people[RECRUITER]
    assert user.roles
    with django_assert_num_queries(1):
        found = sow.refusals(offer, user, programme)
    assert set(found) == {"verbal_offer", "extend", "prolong"}
