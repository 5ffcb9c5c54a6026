"""The months after the first day, and approvals given on or left out, through the API."""

import pytest

from governance.access import Role
from offers.lifecycle import Status
from tests.program import error

ADMINISTRATOR, DIRECTOR, RECRUITER = Role.ADMINISTRATOR, Role.ACCOUNT_DIRECTOR, Role.RECRUITER


def test_a_leaving_a_rating_and_a_review_are_recorded_read_and_taken_back(desk, recruiter):
    offer = desk.bring(Status.JOINED)
    path, day = f"offers/{offer.pk}", desk.now.date().isoformat()
    assert recruiter.get(path).json()["actions"] == ["leave", "review-hire", "rate"]
    assert recruiter.post(f"{path}/leave", {"on": day, "reason": "Pay"}).status_code == 200
    recruiter.post(f"{path}/rate", {"satisfaction": 8})
    found = recruiter.post(f"{path}/review-hire", {"manager_rating": 75}).json()
    assert [found[name] for name in ("left_on", "left_reason", "left_voluntary")] == [day, "Pay", True]
    assert (found["satisfaction"], found["review"]["manager_rating"]) == (8, 75)
    assert "take-back-leaving" in found["actions"]
    found = recruiter.post(f"{path}/take-back-leaving", {"reason": "A namesake."}).json()
    assert (found["left_on"], found["left_reason"]) == (None, "")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"on": "2027-01-01", "reason": "Pay"}, "on"),
        ({"on": "2026-11-24", "reason": "Boredom"}, "reason"),
        ({"on": "2026-11-24", "reason": "Pay", "voluntary": False}, "voluntary"),
    ],
)
def test_a_leaving_that_cannot_be_is_refused_by_field(desk, recruiter, given, field):
    answer = recruiter.post(f"offers/{desk.bring(Status.JOINED).pk}/leave", given)
    assert (answer.status_code, error(answer)["field"]) == (400, field)


def test_an_approval_is_handed_on_and_skipped(desk, program):
    offer = desk.bring(Status.IN_REVIEW)
    other = desk.person(DIRECTOR)
    given = {"to": other.pk, "reason": "On a plane."}
    assert program(RECRUITER).post(f"offers/{offer.pk}/reassign", given).status_code == 403
    answer = program(ADMINISTRATOR).post(f"offers/{offer.pk}/reassign", given)
    assert answer.status_code == 200
    assert desk.waiting(offer)[0].person == other
    answer = program(ADMINISTRATOR).post(f"offers/{offer.pk}/skip", {"reason": "Nobody is there."})
    assert [step["status"] for step in answer.json()["approvals"]][1] == "skipped"


def test_of_several_approvals_that_wait_one_is_named(desk, program):
    ask = [{"role": "hr_partner"}, {"role": "finance_leader"}]
    desk.publish({"id": "both", "title": "Both", "mode": "parallel", "when": [{"test": "always"}], "ask": ask})
    offer = desk.do("submit", desk.draft())
    assert len(desk.waiting(offer)) == 2
    administrator = program(ADMINISTRATOR)
    answer = administrator.post(f"offers/{offer.pk}/skip", {"reason": "Away."})
    assert (answer.status_code, error(answer)["field"]) == (400, "approval")
    named = {"reason": "Away.", "approval": desk.waiting(offer)[0].pk}
    assert administrator.post(f"offers/{offer.pk}/skip", named).status_code == 200
    assert len(desk.waiting(offer)) == 1
    strange = administrator.post(f"offers/{offer.pk}/skip", named | {"approval": 10**9})
    assert error(strange)["field"] == "approval"
