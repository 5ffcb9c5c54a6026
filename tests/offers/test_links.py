"""Deciding from a mail: the person named decides, once, by a POST; every other link says plainly why it does not."""

import hashlib
import re
import threading

import pytest
import time_machine
from django.core import mail as outbox_of_django
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.access import Role
from governance.models import LinkRule
from governance.tenancy import scope
from offers import escalations, links
from offers.delivery import deliver
from offers.models import Approval, Decision, DecisionToken, Offer, OutboxMessage, VerbalApproval
from offers.models.clocks import EscalationStatus
from offers.models.outbox import MailKind, MailStatus
from offers.sweep import sweep
from tests import factories
from tests.offers.desk import Desk

pytestmark = pytest.mark.django_db

LINK = re.compile(r"http://127.0.0.1:8000(/offers/decide/\S+/)")
HR = Role.HR_PARTNER


@pytest.fixture
def clock(now):
    with time_machine.travel(now, tick=False) as found:
        yield found


LOW = {
    "id": "low",
    "title": "More than 5 % below reference",
    "when": [{"test": "gap_below", "percent": "5"}],
    "ask": [{"role": "hr_partner"}],
}


@pytest.fixture
def asked(desk, clock):
    """An offer 6 % below its reference, in review: the HR partner alone is asked."""
    desk.publish(LOW)
    return desk.do("submit", desk.draft(94_000))


def mails(desk, user, kind):
    """The texts that this person was sent of this kind."""
    deliver(now=desk.now)
    of_kind = {m.message_id for m in OutboxMessage.objects.filter(kind=kind, user=user)}
    return [m.body for m in outbox_of_django.outbox if m.extra_headers["Message-ID"] in of_kind]


def link(desk, by=HR, kind=MailKind.APPROVAL_ASKED, place=0):
    return LINK.findall(mails(desk, desk.people[by], kind)[-1])[place]


def press(address, do, browser=None, **given):
    return (browser or Browser()).post(address, {"do": do, **given})


def decisions():
    return list(Decision.objects.order_by("pk").values_list("user__email", "verdict"))


def said(response):
    return " ".join(response.content.decode().split())


# --- deciding


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_shows_the_terms_and_decides_nothing(desk, asked, method):
    address = link(desk)
    response = getattr(Browser(), method)(address)
    assert response.status_code == 200
    if method == "get":
        for words in ("94,000", "First-year cash", "6 % below", "Approve these terms", "Reject"):
            assert words in said(response)
    assert (decisions(), desk.fresh(asked).status) == ([], "in_review")
    assert DecisionToken.objects.get(digest=links.digest(address.split("/")[3])).used_at is None


def test_a_post_approves_in_the_name_of_the_person_whom_the_mail_was_for(desk, asked):
    approver = desk.people[HR]
    assert press(link(desk), "approved", comment="Fine by us.").status_code == 302
    decision = Decision.objects.select_related("note").get()
    assert (decision.user, decision.verdict, decision.note.text) == (approver, "approved", "Fine by us.")
    event = Approval.pgh_event_model.objects.filter(pgh_obj_id=decision.approval_id).latest("pgh_id")
    assert (event.pgh_context["actor"], event.pgh_context["via"]) == (approver.pk, "mail")


def test_a_rejection_needs_a_comment_and_keeps_the_link_good_until_there_is_one(desk, asked):
    address = link(desk)
    refused = press(address, "rejected", comment="  ")
    assert (refused.status_code, decisions()) == (409, [])
    assert "Say why" in said(refused)
    assert press(address, "rejected", comment="Too low.").status_code == 302
    assert desk.fresh(asked).status == "draft"


def test_asking_for_changes_gives_the_terms_back_as_a_draft(desk, asked):
    assert press(link(desk), "returned", comment="A later start.").status_code == 302
    assert desk.fresh(asked).status == "draft"


@pytest.mark.parametrize("do", ["", "confirm", "acknowledge", "joined"])
def test_what_the_page_does_not_offer_is_refused(desk, asked, do):
    assert press(link(desk), do, comment="x").status_code == 409
    assert decisions() == []


def test_without_any_proof_but_the_link_the_mailbox_hears_of_the_decision(desk, asked):
    press(link(desk), "approved")
    (receipt,) = mails(desk, desk.people[HR], MailKind.RECEIPT)
    assert "from the link in your mail" in receipt


def test_a_client_that_hides_figures_has_none_in_the_mail_and_all_on_the_page(desk, asked):
    desk.client.pay_in_mail = False
    desk.client.save()
    deliver(now=desk.now)
    sent = next(m for m in outbox_of_django.outbox if m.subject.startswith("Please decide"))
    written = sent.body + sent.alternatives[0][0] + sent.subject
    assert not re.search(r"94,000|5\.0 %|-6", written)
    assert "94,000" in said(Browser().get(LINK.findall(sent.body)[0]))


# --- every other link, each its own page


def closed(address, browser=None, *, why, status=410):
    """The page says why, shows nothing of the offer, and a POST decides nothing either."""
    before = decisions()
    browser = browser or Browser()
    for response in (browser.get(address), press(address, "approved", browser)):
        assert response.status_code == status
        assert why in said(response)
        assert "94,000" not in said(response)
    assert decisions() == before


def test_replayed(desk, asked):
    address = link(desk)
    press(address, "approved")
    closed(address, why="Your answer is recorded")


def test_cut_off_or_a_bit_flipped(desk, asked):
    address = link(desk)
    flipped = address[:-2] + chr(ord(address[-2]) ^ 1) + "/"
    other_client = re.sub(r"decide/\d+\.", "decide/999999.", address)
    for broken in (flipped, address[:-9] + "/", other_client, "/offers/decide/x/", address.replace(".", "")):
        closed(broken, why="This link is not whole", status=404)


def test_expired_and_a_new_one_goes_to_the_same_mailbox_once(desk, asked, clock):
    address = link(desk)
    clock.move_to(desk.later(days=7))
    closed(address, why="This link has expired")
    for _ in range(2):
        assert "A new link is on its way" in said(press(address, "renew"))
    fresh = link(desk)
    assert fresh != address
    assert OutboxMessage.objects.filter(kind=MailKind.APPROVAL_ASKED, user=desk.people[HR]).count() == 2
    assert press(fresh, "approved").status_code == 302


def test_a_new_link_for_an_escalation_comes_with_what_is_stuck(desk, clock):
    desk.draft(94_000)
    clock.move_to(desk.later(hours=25))
    sweep(now=desk.now)
    address = link(desk, Role.RECRUITER, MailKind.ESCALATION)
    clock.move_to(desk.later(days=7))
    press(address, "renew")
    fresh = link(desk, Role.RECRUITER, MailKind.ESCALATION)
    assert fresh != address
    assert press(fresh, "acknowledge").status_code == 302


def test_superseded_by_other_terms(desk, asked):
    address = link(desk)
    recalled = desk.do("recall", asked, reason="A better base.")
    closed(address, why="This offer has moved on")
    desk.do("submit", desk.edit(recalled, base=93_000))
    closed(address, why="This offer has moved on")


def test_decided_elsewhere_says_by_whom(desk, asked):
    address = link(desk)
    desk.do("approve", asked, by=HR)
    closed(address, why="You have approved this already")


def test_deactivated(desk, asked):
    address = link(desk)
    person = desk.people[HR]
    person.is_active = False
    person.save()
    closed(address, why="Your access has ended", status=403)


def test_no_longer_in_the_role(desk, asked):
    address = link(desk)
    desk.people[HR].memberships.update(role=Role.AUDITOR)
    closed(address, why="for you no longer")


def test_somebody_elses(desk, asked, browser_client):
    address = link(desk)
    other = browser_client(desk.people[Role.FINANCE_LEADER])
    closed(address, other, why="This link is somebody else", status=403)
    assert press(address, "approved", browser_client(desk.people[HR])).status_code == 302


def test_taken_back_by_an_administrator(desk, asked):
    address = link(desk)
    assert links.revoke(OutboxMessage.objects.values_list("pk", flat=True), now=desk.now) >= 1
    closed(address, why="This link was taken back")


def test_the_editor_of_the_terms_cannot_approve_them_by_link_either(desk, clock):
    desk.publish(LOW)
    offer = desk.do("submit", desk.edit(desk.draft(94_000), by=HR, base=93_900))
    assert mails(desk, desk.people[HR], MailKind.APPROVAL_ASKED) == []
    assert Decision.objects.count() == 0
    assert offer.status == "in_review"


# --- what is kept, and who may see it


def test_the_link_is_kept_as_a_hash_alone(desk, asked):
    address = link(desk)
    text = address.split("/")[3]
    token = DecisionToken.objects.get(digest=hashlib.sha256(text.encode()).hexdigest())
    secret = text.partition(".")[2]
    with connection.cursor() as cursor:
        for table in ("offers_decisiontoken", "offers_outboxmessage"):
            cursor.execute(f"SELECT count(*) FROM {table} row WHERE row::text LIKE %s", [f"%{secret}%"])
            assert cursor.fetchone() == (0,)
    assert (token.user, token.version_id) == (desk.people[HR], asked.version_id)


def test_nothing_between_keeps_the_page_or_hears_of_its_address(desk, asked):
    response = Browser().get(link(desk))
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]


def test_a_browser_that_sends_origin_null_may_decide(desk, asked):
    strict = Browser(enforce_csrf_checks=True, headers={"origin": "null"})
    assert press(link(desk), "approved", strict).status_code == 302


def test_the_portal_does_not_show_the_link_of_anothers_mail(desk, asked, browser_client, settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "config.mail_folder.EmailBackend", tmp_path
    deliver(now=desk.now)
    message = OutboxMessage.objects.get(kind=MailKind.APPROVAL_ASKED, user=desk.people[HR])
    shown = said(browser_client(desk.people[Role.AUDITOR]).get(reverse("offers:mail", args=[message.pk])))
    assert "/offers/decide/…/" in shown
    assert not re.search(r"decide/\d+\.", shown)


def test_a_page_takes_as_many_queries_after_three_versions_as_after_one(desk, asked, django_assert_num_queries):
    address = link(desk)
    with CaptureQueriesContext(connection) as once:
        Browser().get(address)
    for base in (93_000, 92_000):
        asked = desk.do("submit", desk.edit(desk.do("recall", asked), base=base))
    address = link(desk)
    with django_assert_num_queries(len(once)):
        assert Browser().get(address).status_code == 200
    assert len(once) <= 24


# --- a client that asks for more


def code(desk):
    (number,) = re.findall(r": (\d{6})$", outbox_of_django.outbox[-1].body, re.M)
    return number


@pytest.fixture
def coded(desk, asked):
    desk.client.link_rule = LinkRule.CODE
    desk.client.save()
    return link(desk)


def test_with_codes_a_decision_first_asks_for_one_sent_to_the_same_mailbox(desk, coded):
    page = press(coded, "rejected", comment="Too low.")
    assert (page.status_code, decisions()) == (200, [])
    sent = outbox_of_django.outbox[-1]
    assert (sent.to, OutboxMessage.objects.filter(kind="code").count()) == ([desk.people[HR].email], 0)
    assert code(desk) not in sent.subject
    assert 'name="comment" value="Too low."' in said(page)
    assert press(coded, "rejected", comment="Too low.", code=code(desk)).status_code == 302
    assert decisions() == [(desk.people[HR].email, "rejected")]


def test_five_wrong_codes_end_that_code(desk, coded):
    press(coded, "approved")
    right = code(desk)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        assert press(coded, "approved", code=wrong).status_code == 409
    assert "too often" in said(press(coded, "approved", code=right))
    assert decisions() == []


def test_an_old_code_is_no_code(desk, coded, clock):
    press(coded, "approved")
    right = code(desk)
    clock.move_to(desk.later(minutes=10))
    assert press(coded, "approved", code=right).status_code == 409
    assert decisions() == []


def test_a_link_has_five_codes_and_no_more(desk, coded, clock):
    for _ in range(6):
        clock.move_to(desk.later(minutes=1))
        page = press(coded, "approved", again="1")
    assert "5 codes were sent" in said(page)
    assert sum(m.subject == "Your code for Handoff" for m in outbox_of_django.outbox) == 5


def test_codes_are_not_mailed_in_a_row(desk, coded):
    press(coded, "approved")
    assert "a moment ago" in said(press(coded, "approved", again="1"))


def test_a_code_that_cannot_be_mailed_is_said_and_not_kept_waiting(desk, coded, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 9
    page = press(coded, "approved")
    assert (page.status_code, "could not be mailed" in said(page)) == (409, True)


def test_whoever_has_signed_in_needs_no_code(desk, coded, browser_client):
    assert press(coded, "approved", browser_client(desk.people[HR])).status_code == 302


def test_with_sign_in_the_link_alone_decides_nothing(desk, asked, browser_client):
    desk.client.link_rule = LinkRule.SIGN_IN
    desk.client.save()
    address = link(desk)
    assert "Sign in to decide" in said(Browser().get(address))
    assert press(address, "approved").status_code == 409
    assert decisions() == []
    assert press(address, "approved", browser_client(desk.people[HR])).status_code == 302


# --- the other purposes


def test_a_manager_confirms_the_verbal_approval_by_link(desk, clock):
    desk.draft(94_000)
    address = link(desk, Role.HIRING_MANAGER, MailKind.VERBAL_CONFIRM)
    assert press(address, "confirm").status_code == 302
    assert VerbalApproval.objects.get().confirmed_at == desk.now


def test_once_the_offer_has_ended_there_is_nothing_to_confirm(desk, clock):
    offer = desk.draft()
    address = link(desk, Role.HIRING_MANAGER, MailKind.VERBAL_CONFIRM)
    desk.do("withdraw", offer)
    assert Browser().get(address).status_code == press(address, "confirm").status_code == 410
    assert VerbalApproval.objects.get().confirmed_at is None


def test_a_correction_tells_the_recruiter_and_counts_as_no_yes(desk, clock):
    offer = desk.draft(94_000)
    address = link(desk, Role.HIRING_MANAGER, MailKind.VERBAL_CONFIRM)
    assert press(address, "correct").status_code == 409
    assert press(address, "correct", comment="I said 90.").status_code == 302
    assert desk.mailed(MailKind.VERBAL_CORRECTED) == {desk.people[Role.RECRUITER]}
    desk.do("submit", offer)
    assert not any(step.endswith(": given") for step in desk.chain(offer))


def test_an_escalation_is_acknowledged_by_link_and_holds_the_ladder(desk, clock):
    offer = desk.draft(94_000)
    clock.move_to(desk.later(hours=25))
    sweep(now=desk.now)
    address = link(desk, Role.RECRUITER, MailKind.ESCALATION)
    assert "I am on it" in said(Browser().get(address))
    assert press(address, "acknowledge").status_code == 302
    (found,) = offer.escalations.all()
    assert (found.status, found.acknowledged_by) == (EscalationStatus.ACKNOWLEDGED, desk.people[Role.RECRUITER])


def test_an_acknowledgement_by_another_closes_the_link(desk, clock):
    offer = desk.draft(94_000)
    clock.move_to(desk.later(hours=25))
    sweep(now=desk.now)
    address = link(desk, Role.RECRUITER, MailKind.ESCALATION)
    escalations.acknowledge([offer.escalations.get().pk], actor=desk.people[Role.COORDINATOR], now=desk.now)
    closed(address, why="has acknowledged this already")


def test_an_escalation_to_whoever_is_asked_lets_them_decide(desk, asked, clock):
    clock.move_to(desk.later(hours=25))
    sweep(now=desk.now)
    body = mails(desk, desk.people[HR], MailKind.ESCALATION)
    assert body, "the HR partner holds the step"
    address = LINK.findall(body[-1].partition("Decide    ")[2])[0]
    assert press(address, "approved").status_code == 302
    assert decisions() == [(desk.people[HR].email, "approved")]


@pytest.mark.django_db(transaction=True)
def test_of_two_posts_at_once_one_decides(now):
    client = factories.ClientFactory()
    with scope([client.pk]), time_machine.travel(now, tick=False):
        found = Desk(client, now)
        found.publish(LOW)
        found.do("submit", found.draft(94_000))
        address = link(found)
        gate, got = threading.Barrier(2), []

        def work():
            try:
                gate.wait(timeout=10)
                got.append(press(address, "approved").status_code)
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert len(decisions()) == 1
        assert sorted(got) in ([302, 302], [302, 409], [302, 410])
        assert not OutboxMessage.objects.filter(status=MailStatus.FAILED).exists()
        assert Offer.objects.get().status in ("in_review", "approved")
