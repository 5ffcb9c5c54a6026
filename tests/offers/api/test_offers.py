"""Offers through the API: reading, drafting, changing, checking, and the verbs."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from governance.access import Role
from governance.models import StoredAnswer
from offers.lifecycle import Status
from offers.models import ApprovalChain, Offer
from tests import factories
from tests.program import Program, error


def money(amount, currency="USD"):
    return {"amount": amount, "currency": currency}


@pytest.fixture
def wanted(desk):
    """A new offer as it is asked for."""
    return {
        "requisition": desk.requisition.pk,
        "new_candidate": {"external_id": "C-77", "name": "Robin Vale", "email": "robin@example.com"},
        "terms": {"base": money("98000.00"), "sign_on": money("2000"), "start_on": "2027-02-01"},
    }


# --- reading


def test_an_offer_reads_as_it_stands(desk, recruiter):
    offer = desk.bring(Status.IN_REVIEW)
    found = recruiter.get(f"offers/{offer.pk}").json()
    assert found["client"] == desk.client.code
    assert (found["status"], found["version"]["number"]) == ("in_review", 1)
    assert found["version"]["terms"]["base"] == money("94000.00")
    assert found["version"]["standing"]["gap"] == "-0.060000000000"
    assert found["version"]["standing"]["reference_amount"] == money("100000.00")
    assert found["verbal_approved_at"] == offer.verbal_approved_at.isoformat().replace("+00:00", "Z")
    assert [step["role"] for step in found["approvals"]] == ["hiring_manager", "account_director", "hr_partner"]
    assert found["actions"] == ["recall", "withdraw", "cancel"]


def test_names_of_candidates_stand_at_the_candidate_alone(desk, recruiter):
    offer = desk.draft()
    person = offer.candidate.person
    assert person.name not in recruiter.get(f"offers/{offer.pk}").content.decode()
    assert recruiter.get(f"candidates/{offer.candidate_id}").json()["name"] == person.name


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_as_many_queries_whatever_its_length(desk, recruiter, rows, django_assert_num_queries):
    for _ in range(rows):
        desk.bring(Status.IN_REVIEW)
    partner = recruiter
    for path in ("offers", "requisitions", "candidates", "clocks", "escalations", "approvals"):
        partner.get(path)
        with django_assert_num_queries(7):  # as for every list: tests/governance/api
            partner.get(path)


def test_one_offer_takes_ten_more_queries_at_most(desk, recruiter, django_assert_max_num_queries):
    offer = desk.bring(Status.EXTENDED)
    recruiter.get("offers")
    with django_assert_max_num_queries(17):
        recruiter.get(f"offers/{offer.pk}")


def test_a_list_is_filtered_by_what_is_wanted_daily(desk, recruiter):
    draft, out = desk.draft(), desk.bring(Status.EXTENDED)

    def found(**query):
        return {row["id"] for row in recruiter.get("offers", **query).json()["results"]}

    assert found(status="draft") == {draft.pk}
    assert found(status="draft,extended") == found(live="true") == {draft.pk, out.pk}
    assert found(external_id=out.external_id) == {out.pk}
    assert found(moved_since=(desk.now + timedelta(hours=1)).isoformat()) == set()
    assert found(requisition=desk.requisition.pk + 1) == set()


def test_a_hiring_manager_reads_the_offers_they_answer_for(desk, program):
    theirs = desk.draft()
    another = desk.draft(requisition=desk.open_requisition(hiring_manager=None), verbal=False)
    manager = program(Role.HIRING_MANAGER)
    assert [row["id"] for row in manager.get("offers").json()["results"]] == [theirs.pk]
    assert manager.get(f"offers/{another.pk}").status_code == 404
    assert manager.get("clocks").status_code == 403


def test_what_waits_is_what_waits_for_whoever_asks(desk, program):
    offer = desk.bring(Status.IN_REVIEW)
    (waits,) = program(Role.ACCOUNT_DIRECTOR).get("approvals").json()["results"]
    assert (waits["offer"]["id"], waits["role"]) == (offer.pk, "account_director")
    assert waits["version"]["terms"]["base"] == money("94000.00")
    assert program(Role.HR_PARTNER).get("approvals").json()["results"] == []


def test_clocks_are_filtered_by_an_instant_with_its_offset(desk, recruiter):
    assert recruiter.get("clocks", due_before="2026-12-01T00:00:00+01:00").status_code == 200
    for text in ("2026-12-01T00:00:00", "9999-12-31T23:59:59-23:59"):
        assert error(recruiter.get("clocks", due_before=text))["field"] == "due_before"


def test_a_clock_says_how_long_it_runs_and_by_when(desk, recruiter):
    offer = desk.draft()
    (clock,) = recruiter.get("clocks", running="true", offer=offer.pk).json()["results"]
    assert (clock["kind"], clock["hours"], clock["met"], clock["target_hours"]) == ("verbal_to_written", 0, None, 48)


# --- drafting and changing


def test_a_draft_is_made_with_its_terms_and_its_candidate(desk, recruiter, wanted):
    response = recruiter.post("offers", wanted)
    found = response.json()
    assert (response.status_code, found["status"], found["external_id"]) == (
        201,
        "draft",
        f"{desk.requisition.external_id}-1",
    )
    offer = Offer.objects.get(pk=found["id"])
    assert (offer.version.base, offer.version.sign_on, offer.version.currency) == (98_000, 2_000, "USD")
    assert offer.candidate.person.name == "Robin Vale"
    assert offer.recruiter == desk.people[Role.RECRUITER]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"requisition": 999_999}, "requisition"),
        ({"requisition": "REQ-1"}, "requisition"),
        ({"candidate": 999_999, "new_candidate": None}, "candidate"),
        ({"new_candidate": None}, "candidate"),
        ({"terms": {}}, "terms.base"),
        ({"terms": {"base": "98000"}}, "terms.base"),
        ({"terms": {"base": money("9e4")}}, "terms.base"),
        ({"terms": {"base": money("98000.001")}}, "terms.base"),
        ({"terms": {"base": money("0")}}, "terms.base"),
        ({"terms": {"base": money("98000"), "sign_on": money("1", "EUR")}}, "terms.sign_on"),
        ({"terms": {"base": money("98000"), "salary": 1}}, "terms.salary"),
        ({"terms": {"base": money("98000"), "fte": "2"}}, "terms.fte"),
        ({"terms": {"base": money("98000"), "target_bonus_pct": "-1"}}, "terms.target_bonus_pct"),
        (
            {"terms": {"base": money("98000"), "start_on": "2026-12-01", "expires_on": "2026-12-01"}},
            "terms.expires_on",
        ),
        ({"recruiter": 999_999}, "recruiter"),
        ({"current_salary": money("1")}, "current_salary"),
        ({"expected_salary": 5}, "expected_salary"),
    ],
)
def test_a_draft_that_cannot_be_is_refused_by_its_field(desk, recruiter, wanted, change, field):
    asked = {name: value for name, value in {**wanted, **change}.items() if value is not None}
    response = recruiter.post("offers", asked)
    assert (response.status_code, error(response)["field"]) == (400, field)
    assert not Offer.objects.exists()


def test_nobody_drafts_whose_role_does_not(desk, program, wanted):
    response = program(Role.FINANCE_LEADER).post("offers", wanted)
    assert (response.status_code, Offer.objects.count()) == (400, 0)


def test_terms_and_details_change_together(desk, recruiter):
    offer = desk.draft()
    revision = recruiter.get(f"offers/{offer.pk}").json()["revision"]
    change = {"revision": revision, "terms": {"base": money("99500")}, "source_channel": "Referral"}
    found = recruiter.patch(f"offers/{offer.pk}", change).json()
    assert (found["version"]["terms"]["base"], found["source_channel"]) == (money("99500.00"), "Referral")
    assert found["revision"] != revision


def test_a_change_of_terms_says_only_what_changes(desk, recruiter):
    offer = desk.draft()
    before = recruiter.get(f"offers/{offer.pk}").json()
    change = {"revision": before["revision"], "terms": {"leave_days": "28"}}
    found = recruiter.patch(f"offers/{offer.pk}", change).json()
    assert found["version"]["terms"] == before["version"]["terms"] | {"leave_days": "28.00"}


def test_a_change_made_on_an_older_reading_is_refused(desk, recruiter):
    offer = desk.draft()
    revision = recruiter.get(f"offers/{offer.pk}").json()["revision"]
    desk.edit(offer, base=Decimal(99_000))
    response = recruiter.patch(f"offers/{offer.pk}", {"revision": revision, "terms": {"base": money("91000")}})
    assert (response.status_code, error(response)["code"]) == (409, "stale")
    assert "Read it again" in error(response)["next_step"]
    assert desk.fresh(offer).version.base == 99_000


def test_a_refused_term_leaves_the_details_too(desk, recruiter):
    offer = desk.bring(Status.APPROVED)
    revision = recruiter.get(f"offers/{offer.pk}").json()["revision"]
    change = {"revision": revision, "source_channel": "Referral", "terms": {"base": money("1")}}
    response = recruiter.patch(f"offers/{offer.pk}", change)
    assert (response.status_code, error(response)["code"]) == (409, "not_ready")
    assert desk.fresh(offer).source_channel == ""


def test_another_currency_needs_every_amount_anew(desk, recruiter):
    offer = desk.draft(sign_on=Decimal(2_000))
    revision = recruiter.get(f"offers/{offer.pk}").json()["revision"]
    response = recruiter.patch(f"offers/{offer.pk}", {"revision": revision, "terms": {"base": money("90000", "EUR")}})
    assert (response.status_code, error(response)["field"]) == (400, "terms.sign_on")


# --- checking before submitting


def test_a_check_says_who_would_be_asked_and_by_which_numbers(desk, recruiter):
    offer = desk.draft(94_000)
    found = recruiter.get(f"offers/{offer.pk}/check").json()
    assert (found["possible"], found["becomes"], found["why_not"]) == (True, "in_review", None)
    assert [(step["role"], step["given"]) for step in found["asked"]] == [
        ("hiring_manager", True),
        ("account_director", False),
        ("hr_partner", False),
    ]
    director = desk.people[Role.ACCOUNT_DIRECTOR]
    assert found["asked"][1]["people"] == [{"id": director.pk, "name": director.name}]
    assert [rule["rule"] for rule in found["rules"]] == ["below-reference"]
    assert (found["base"], found["standing"]["gap"]) == (money("94000.00"), "-0.060000")


def test_a_check_tries_other_terms_and_writes_nothing(desk, program):
    offer = desk.draft(94_000)
    reader = program(Role.RECRUITER, "read")
    found = reader.post(f"offers/{offer.pk}/check", {"terms": {"base": money("95000")}}).json()
    assert [step["role"] for step in found["asked"]] == ["hiring_manager"]
    assert [rule["rule"] for rule in found["rules"]] == ["within-limits"]
    assert desk.fresh(offer).version.base == 94_000
    assert not ApprovalChain.objects.exists()


def test_a_check_says_why_it_could_not_be_submitted(desk, program):
    offer = desk.bring(Status.APPROVED)
    found = program(Role.RECRUITER).get(f"offers/{offer.pk}/check").json()
    assert (found["possible"], found["why_not"]["code"]) == (False, "not_in_this_state")
    assert program(Role.AUDITOR).get(f"offers/{offer.pk}/check").json()["why_not"]["code"] == "not_yours"


def test_a_check_refuses_terms_that_no_offer_may_have(desk, recruiter):
    offer = desk.draft()
    response = recruiter.post(f"offers/{offer.pk}/check", {"terms": {"target_bonus_pct": "-1"}})
    assert (response.status_code, error(response)["field"]) == (400, "terms.target_bonus_pct")


# --- the verbs


def act(program: Program, offer: Offer, action: str, **data):
    return program.post(f"offers/{offer.pk}/{action}", data)


def test_an_offer_walks_from_draft_to_its_first_day(desk, program, recruiter, wanted):
    partner, director = program(Role.HR_PARTNER), program(Role.ACCOUNT_DIRECTOR)
    offer = Offer.objects.get(pk=recruiter.post("offers", wanted | {"terms": {"base": money("94000")}}).json()["id"])
    statuses = []
    for by, action, data in (
        (recruiter, "verbal-approval", {}),
        (recruiter, "submit", {}),
        (director, "decide", {"verdict": "approved"}),
        (partner, "decide", {"verdict": "approved", "comment": "Hot skill."}),
        (recruiter, "extend", {"at": desk.now.isoformat()}),
        (recruiter, "counter", {"asked_base": money("97000"), "origin": "candidate_ask"}),
        (recruiter, "settle", {"terms": {"base": money("95000")}}),
        (recruiter, "extend", {}),
        (recruiter, "accept", {}),
        *((recruiter, "contingency", {"kind": kind, "status": "clear"}) for kind in ("background", "references")),
        (recruiter, "contingency", {"kind": "right_to_work", "status": "waived"}),
        (recruiter, "join", {}),
    ):
        response = act(by, offer, action, **data)
        assert response.status_code == 200, (action, response.json())
        statuses.append(response.json()["status"])
    assert statuses == [
        "draft", "in_review", "in_review", "approved", "extended", "negotiating", "approved", "extended",
        *["accepted"] * 4, "joined",
    ]  # fmt: skip


def test_the_other_ends_of_an_offer(desk, recruiter):
    for status, action, data, then in (
        (Status.IN_REVIEW, "recall", {"reason": "A slip."}, "draft"),
        (Status.APPROVED, "revise", {}, "draft"),
        (Status.EXTENDED, "prolong", {"until": "2026-12-24"}, "extended"),
        (Status.EXTENDED, "decline", {"theme": "compensation", "secondary": ["location"]}, "declined"),
        (Status.NEGOTIATING, "stand", {}, "extended"),
        (Status.DRAFT, "withdraw", {"theme": "personal", "verbatim": "I move away."}, "withdrawn"),
        (Status.EXTENDED, "rescind", {"reason": "The budget was cut."}, "rescinded"),
        (Status.DRAFT, "cancel", {"reason": "The role is gone."}, "cancelled"),
        (Status.ACCEPTED, "renege", {"theme": "current_employer_counter"}, "reneged"),
    ):
        with desk.undone():
            offer = desk.bring(status)
            with time_machine.travel(desk.now, tick=False):
                response = act(recruiter, offer, action, **data)
            assert (response.status_code, response.json().get("status")) == (200, then), (action, response.json())


def test_reopening_answers_with_the_new_offer(desk, recruiter):
    offer = desk.bring(Status.DECLINED)
    found = act(recruiter, offer, "reopen").json()
    assert (found["external_id"], found["status"]) == (f"{offer.external_id}-R1", "draft")


@pytest.mark.parametrize(
    ("action", "data", "status", "field"),
    [
        ("decline", {}, 400, "theme"),
        ("decline", {"theme": "money"}, 400, "theme"),
        ("accept", {"at": "2026-11-24T09:00:00"}, 400, "at"),
        ("accept", {"at": "2030-01-01T09:00:00Z"}, 400, "at"),
        ("accept", {"at": 5}, 400, "at"),
        ("accept", {"when": "now"}, 400, "when"),
        ("counter", {"asked_base": money("1", "EUR")}, 400, "asked_base"),
        ("rescind", {}, 400, "reason"),
        ("prolong", {"until": "soon"}, 400, "until"),
        ("join", {}, 409, ""),
        ("submit", {}, 409, ""),
        ("decide", {"verdict": "approved"}, 403, "approval"),
        ("contingency", {"kind": "background", "status": "clear"}, 403, ""),
    ],
)
def test_an_action_that_cannot_be_says_why(desk, recruiter, action, data, status, field):
    offer = desk.bring(Status.EXTENDED)
    response = act(recruiter, offer, action, **data)
    assert (response.status_code, error(response)["field"]) == (status, field)
    assert error(response)["message"]
    assert desk.fresh(offer).status == "extended"


def test_a_rejection_needs_a_comment(desk, program):
    offer = desk.bring(Status.IN_REVIEW)
    response = act(program(Role.ACCOUNT_DIRECTOR), offer, "decide", verdict="rejected")
    assert (response.status_code, error(response)["field"]) == (400, "comment")


def test_a_read_token_changes_nothing(desk, program):
    offer = desk.draft()
    response = act(program(Role.RECRUITER, "read"), offer, "submit")
    assert (response.status_code, error(response)["code"]) == (403, "read_only")
    assert desk.fresh(offer).status == "draft"


def test_history_names_the_person_and_the_api(desk, recruiter):
    offer = desk.draft()
    act(recruiter, offer, "submit")
    event = Offer.pgh_event_model.objects.filter(pgh_obj_id=offer.pk).latest("pgh_id")
    named = {key: event.pgh_context[key] for key in ("actor", "action", "via")}
    assert named == {"actor": desk.people[Role.RECRUITER].pk, "action": "offer.submit", "via": "api"}


# --- once


def test_the_same_key_and_body_is_answered_again_and_done_once(desk, recruiter, wanted):
    first = recruiter.post("offers", wanted, Idempotency_Key="draft-1")
    again = recruiter.post("offers", wanted, Idempotency_Key="draft-1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert Offer.objects.count() == 1


def test_a_key_is_for_one_request(desk, recruiter, wanted):
    recruiter.post("offers", wanted, Idempotency_Key="draft-1")
    response = recruiter.post("offers", wanted | {"source_channel": "Other"}, Idempotency_Key="draft-1")
    assert (response.status_code, error(response)["code"]) == (422, "key_reused")
    assert Offer.objects.count() == 1


def test_a_refusal_is_not_kept_under_its_key(desk, recruiter, wanted):
    desk.requisition.status = "on_hold"
    desk.requisition.save()
    assert recruiter.post("offers", wanted, Idempotency_Key="draft-1").status_code == 409
    desk.requisition.status = "open"
    desk.requisition.save()
    assert recruiter.post("offers", wanted, Idempotency_Key="draft-1").status_code == 201


def test_a_key_is_the_persons_own_and_expires(desk, program, recruiter, wanted):
    recruiter.post("offers", wanted, Idempotency_Key="draft-1")
    other = {**wanted, "new_candidate": {"external_id": "C-78"}}
    assert program(Role.COORDINATOR).post("offers", other, Idempotency_Key="draft-1").status_code == 201
    StoredAnswer.objects.update(expires_at=timezone.now())
    third = {**wanted, "new_candidate": {"external_id": "C-79"}}
    assert recruiter.post("offers", third, Idempotency_Key="draft-1").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "ä"])
def test_a_key_that_is_none_is_refused(desk, recruiter, wanted, key):
    response = recruiter.post("offers", wanted, Idempotency_Key=key)
    assert (response.status_code, error(response)["field"]) == (400, "Idempotency-Key")


# --- the wall


def test_a_token_of_one_client_reaches_nothing_of_another(desk, program, client_b):
    """By no address and no key in a body, and the error says the same as for what is not there at all."""
    theirs = factories.OfferVersionFactory(offer__client=client_b).offer
    partner = program(Role.HR_PARTNER)
    for path in ("", "/check"):
        refused, nothing = partner.get(f"offers/{theirs.pk}{path}"), partner.get(f"offers/999999999{path}")
        assert (refused.status_code, refused.json()) == (404, nothing.json())
    for action in ("submit", "decide", "withdraw"):
        assert act(partner, theirs, action).status_code == 404
    for field, row in (("requisition", theirs.requisition), ("candidate", theirs.candidate)):
        asked = {"requisition": desk.requisition.pk, "candidate": 1, "terms": {"base": money("1")}, field: row.pk}
        refused, nothing = partner.post("offers", asked), partner.post("offers", asked | {field: 999_999_999})
        assert (refused.status_code, refused.json()) == (400, nothing.json())
    stranger = factories.MembershipFactory(client=client_b, role=Role.RECRUITER).user
    mine = desk.draft()
    revision = partner.get(f"offers/{mine.pk}").json()["revision"]
    refused = partner.patch(f"offers/{mine.pk}", {"revision": revision, "recruiter": stranger.pk})
    assert (refused.status_code, stranger.name in refused.content.decode()) == (400, False)
