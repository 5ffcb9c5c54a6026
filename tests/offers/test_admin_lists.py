"""The lists around offers: requisitions, candidates, what verbs have written, and the mail outbox."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.access import Role
from governance.history import because
from offers.lifecycle import Status
from offers.models import Candidate, CounterOffer, Escalation, OutboxMessage, Requisition
from offers.models.outbox import MailStatus
from offers.sweep import sweep
from tests import factories
from tests.offers.desk import Desk
from tests.offers.screen import Screen, text


def stuck(desk: Desk) -> None:
    desk.draft()
    sweep(now=desk.later(hours=25))


ROWS: dict[str, tuple[Callable[[Desk], object], int]] = {
    "requisition": (lambda desk: desk.draft(requisition=desk.open_requisition()), 10),
    "candidate": (lambda desk: desk.draft(), 8),
    "counteroffer": (lambda desk: desk.bring(Status.NEGOTIATING), 8),
    "escalation": (stuck, 10),
    "outboxmessage": (lambda desk: desk.draft(), 8),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_list_needs_as_many_queries_for_three_rows_as_for_one(desk: Desk, name: str) -> None:
    make, expected = ROWS[name]
    screen, seen = Screen(desk, Role.COORDINATOR), []
    for more in (1, 2):
        for _ in range(more):
            make(desk)
        with screen.signed_in(), CaptureQueriesContext(connection) as captured:
            assert screen.browser.get(f"/admin/offers/{name}/").status_code == 200
        seen.append(len(captured))
    assert seen == [expected, expected]


def test_a_requisition_says_how_many_openings_are_taken(desk: Desk) -> None:
    desk.draft()
    desk.bring(Status.DECLINED)
    assert "1 of 10" in text(Screen(desk, Role.COORDINATOR).get("/admin/offers/requisition/"))


def test_a_requisition_is_added_in_the_admin(desk: Desk) -> None:
    screen = Screen(desk, Role.COORDINATOR)
    given = {"external_id": "R-900", "status": "open", "priority": "standard", "openings": 1, "currency": "USD",
             "employment_type": "permanent"}  # fmt: skip
    assert screen.post("/admin/offers/requisition/add/", **given).status_code == 302
    assert Requisition.objects.get(external_id="R-900").client == desk.client


def test_a_candidates_name_lies_in_person_alone(desk: Desk) -> None:
    screen = Screen(desk, Role.COORDINATOR)
    screen.post(
        "/admin/offers/candidate/add/", external_id="C-900", name="Rita Moss", email="rita@example.com", phone=""
    )
    candidate = Candidate.objects.get(external_id="C-900")
    assert (candidate.person.name, candidate.person.client) == ("Rita Moss", desk.client)
    path = reverse("admin:offers_candidate_change", args=[candidate.pk])
    screen.post(path, external_id="C-900", name="Rita Moss-Hill", email="")
    candidate.person.refresh_from_db()
    assert (candidate.person.name, candidate.person.email) == ("Rita Moss-Hill", "")
    assert "Rita" not in text(screen.get(reverse("admin:offers_candidate_history", args=[candidate.pk])))


def test_a_candidate_without_a_name_has_no_person(desk: Desk) -> None:
    Screen(desk, Role.COORDINATOR).post(
        "/admin/offers/candidate/add/", external_id="C-901", name="", email="", phone=""
    )
    assert Candidate.objects.get(external_id="C-901").person is None


@pytest.mark.parametrize("model", [CounterOffer, Escalation, OutboxMessage])
def test_what_verbs_have_written_is_read_and_never_changed(desk: Desk, model: type) -> None:
    desk.bring(Status.NEGOTIATING)
    stuck(desk)
    row, name = model.objects.first(), model._meta.model_name
    for role in (Role.ACCOUNT_DIRECTOR, Role.ADMINISTRATOR):
        screen = Screen(desk, role)
        assert screen.get(f"/admin/offers/{name}/add/").status_code == 403
        assert screen.post(f"/admin/offers/{name}/{row.pk}/change/", outcome="settled").status_code == 403
        assert screen.post(f"/admin/offers/{name}/{row.pk}/delete/", post="yes").status_code == 403


def test_an_empty_list_says_what_to_do(desk: Desk) -> None:
    assert "is recorded on the page of its offer" in text(
        Screen(desk, Role.COORDINATOR).get("/admin/offers/counteroffer/")
    )


# --- the outbox


@pytest.fixture
def failed(desk: Desk) -> OutboxMessage:
    with because(actor=None, action="test"):
        mail: OutboxMessage = factories.OutboxMessageFactory(
            offer=desk.draft(), status=MailStatus.FAILED, attempts=12, error="SMTPRecipientsRefused: 550"
        )
    return mail


def try_again(desk: Desk, role: Role, *mails: OutboxMessage, action: str = "try_again") -> str:
    screen = Screen(desk, role)
    data = {"action": action, "_selected_action": [mail.pk for mail in mails], "index": 0, "confirm": 1}
    screen.post("/admin/offers/outboxmessage/", **data)
    return text(screen.get("/admin/offers/outboxmessage/"))


def test_a_failed_mail_is_queued_again(desk: Desk, failed: OutboxMessage) -> None:
    assert "1 mail is queued again." in try_again(desk, Role.ADMINISTRATOR, failed)
    failed.refresh_from_db()
    assert (failed.status, failed.attempts, failed.error, failed.due_at) == ("queued", 0, "", desk.now)


def test_before_it_is_sent_again_the_page_says_which_mails(desk: Desk, failed: OutboxMessage) -> None:
    data = {"action": "try_again", "_selected_action": [failed.pk], "index": 0}
    asked = Screen(desk, Role.ADMINISTRATOR).post("/admin/offers/outboxmessage/", **data)
    assert failed.recipient in text(asked)
    failed.refresh_from_db()
    assert failed.status == MailStatus.FAILED


def test_an_administrator_takes_back_the_links_of_a_mail(desk: Desk, failed: OutboxMessage) -> None:
    token = factories.DecisionTokenFactory(message=failed, user=desk.people[Role.HR_PARTNER])
    assert "1 link decides nothing any more." in try_again(desk, Role.ADMINISTRATOR, failed, action="revoke_links")
    token.refresh_from_db()
    assert token.revoked_at == desk.now


def test_a_mail_that_was_sent_is_not_sent_again(desk: Desk, failed: OutboxMessage) -> None:
    OutboxMessage.objects.update(status=MailStatus.SENT)
    assert "None of these has failed" in try_again(desk, Role.ADMINISTRATOR, failed)
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"sent"}


def test_who_may_only_read_the_outbox_sends_nothing_again(desk: Desk, failed: OutboxMessage) -> None:
    try_again(desk, Role.COORDINATOR, failed)
    failed.refresh_from_db()
    assert failed.status == MailStatus.FAILED
