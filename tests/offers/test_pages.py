"""The pages of the work: what they show, whom they let act, and what they never do."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.access import Role
from governance.history import because
from governance.models import Note, Person
from governance.programme import load
from governance.tenancy import scope
from offers import approvals, workflow
from offers.lifecycle import CONSEQUENCE, Status
from offers.models import Approval, Candidate, Offer, OfferVersion, OutboxMessage
from offers.queues import counts, stuck, waiting_for
from offers.sweep import sweep
from offers.views.acts import ACTS
from offers.views.frame import Page, url_of
from offers.views.queues import stuck_rows
from tests import factories
from tests.offers.desk import Desk
from tests.offers.screen import Screen, acts, text

ASIDE = {
    "contact",
    "leave",
    "rate",
    "review_hire",
    "pause",
    "resume",
    "escalate",
    "verbal_approval",
    "verbal_offer",
    "advise",
    "explain",
    "undo",
}  # not in the table of the offer's life


def form(response: Any) -> dict[str, Any]:
    """What the forms of a page would send as they stand."""
    found = {}
    for name in ("about", "form"):
        shown = response.context.get(name)
        found |= {field.html_name: field.value() for field in shown or [] if field.value() not in (None, False)}
    return found


# --- the workbench


@pytest.mark.parametrize("status", [status for status in Status if status != Status.EXPIRED])
def test_the_workbench_offers_what_the_table_allows_and_nothing_else(desk: Desk, status: Status) -> None:
    offer = desk.bring(status)
    allowed = {row.action for row in workflow.possible(offer, now=desk.now, actor=desk.people[Role.RECRUITER])}
    page = Screen(desk, Role.RECRUITER).get(url_of(offer))
    assert acts(page) - ASIDE == allowed & set(ACTS)
    assert all(CONSEQUENCE[name] in text(page) for name in allowed & set(ACTS))


def test_what_a_guard_stands_against_is_shown_with_its_reason(desk: Desk) -> None:
    page = Screen(desk, Role.RECRUITER).offer(desk.bring(Status.ACCEPTED))
    assert "Record the first day A contingency is still pending or has failed." in page


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.FINANCE_LEADER])
def test_who_may_only_read_is_offered_nothing(desk: Desk, role: Role) -> None:
    page = Screen(desk, role).get(url_of(desk.bring(Status.EXTENDED)))
    assert acts(page) == set()
    assert "Edit terms" not in text(page)


def test_the_workbench_says_what_was_judged_asked_and_written(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    desk.do("reject", offer, Role.ACCOUNT_DIRECTOR, comment="Another bid is higher.")
    page = Screen(desk, Role.RECRUITER).offer(offer)
    for words in (
        "94,000 USD",
        "Version 2 against Version 1",
        "Rejected: Account director",
        "“Another bid is higher.”",
        "Verbal approval to letter",
        "due in 47 h",
        "Held by",
    ):
        assert words.lower() in page.lower(), words


def test_an_earlier_letter_is_shown_while_it_can_be_accepted(desk: Desk) -> None:
    offer = desk.do("revise", desk.bring(Status.EXTENDED))
    offer = desk.do("submit", desk.edit(offer, base=Decimal(94_000)))
    assert offer.status == Status.IN_REVIEW
    assert "An earlier letter is out" in Screen(desk, Role.RECRUITER).offer(offer)


def test_the_workbench_needs_as_many_queries_after_many_events_as_after_few(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    screen = Screen(desk, Role.RECRUITER)
    screen.offer(offer)
    few = queries(screen, url_of(offer))
    for step in range(3):
        offer = desk.do("recall", offer, reason=f"Once more {step}.")
        offer = desk.do("submit", desk.edit(offer, base=Decimal(93_000 + step)))
    assert (few, queries(screen, url_of(offer))) == (24, 25)  # one more for the notes that there are now


def queries(screen: Screen, path: str) -> int:
    with screen.signed_in(), CaptureQueriesContext(connection) as seen:
        assert screen.browser.get(path).status_code == 200
    return len(seen)


def test_nobody_opens_another_clients_offer(desk: Desk) -> None:
    other = factories.ClientFactory()
    offer = factories.OfferFactory(client=other)
    with scope([desk.client.pk, other.pk]):
        screen = Screen(desk, Role.ACCOUNT_DIRECTOR)
        assert screen.get(url_of(offer)).status_code == 302
        for name in ("terms", "settle", "details"):
            assert screen.get(reverse(f"offers:{name}", args=[offer.pk])).status_code == 404
        assert screen.do(offer, "cancel", reason="No.").status_code == 404


def test_a_hiring_manager_opens_their_own_offers_only(desk: Desk) -> None:
    offer = desk.draft()
    other = Screen(desk, desk.person(Role.HIRING_MANAGER))
    assert Screen(desk, Role.HIRING_MANAGER).get(url_of(offer)).status_code == 200
    assert other.get(url_of(offer)).status_code == 302
    assert other.get(reverse("offers:act", args=[offer.pk, "cancel"])).status_code == 404


# --- acting


def test_an_act_is_done_by_its_verb_and_said(desk: Desk) -> None:
    offer = desk.bring(Status.APPROVED)
    screen = Screen(desk, Role.RECRUITER)
    assert screen.do(offer, "extend").url == url_of(offer)
    assert desk.fresh(offer).status == Status.EXTENDED
    assert "Letter recorded." in screen.offer(offer)


def test_opening_the_page_of_an_act_does_nothing(desk: Desk) -> None:
    offer = desk.bring(Status.APPROVED)
    page = text(Screen(desk, Role.RECRUITER).get(reverse("offers:act", args=[offer.pk, "extend"])))
    assert CONSEQUENCE["extend"] in page
    assert desk.fresh(offer).status == Status.APPROVED


def test_times_are_read_in_the_persons_own_zone(desk: Desk) -> None:
    offer = desk.bring(Status.APPROVED)
    desk.later(hours=3)
    person = desk.person(Role.RECRUITER, zone="America/New_York")
    Screen(desk, person).do(offer, "extend", at="2026-11-24T06:30")
    assert desk.fresh(offer).letter.extended_at.isoformat() == "2026-11-24T11:30:00+00:00"


def test_what_is_refused_is_said_on_the_same_page_with_the_input_kept(desk: Desk) -> None:
    offer = desk.bring(Status.EXTENDED)
    page = Screen(desk, Role.RECRUITER).do(offer, "prolong", until="2026-11-20")
    assert page.status_code == 409
    assert "The new last day must lie after the present one and after today." in text(page)
    assert 'value="2026-11-20"' in page.content.decode()


def test_a_state_that_has_moved_on_is_said_with_what_is_possible(desk: Desk) -> None:
    offer = desk.bring(Status.DECLINED)
    page = Screen(desk, Role.RECRUITER).do(offer, "accept")
    assert "An offer that is declined cannot accept. It can: reopen." in text(page).replace("  ", " ")


def test_a_role_that_may_not_act_is_told_whom_to_ask(desk: Desk) -> None:
    offer = desk.bring(Status.APPROVED)
    page = text(Screen(desk, Role.AUDITOR).do(offer, "extend"))
    assert "Your role may not extend this offer. Ask one of: coordinator" in page
    assert desk.fresh(offer).status == Status.APPROVED


def test_a_decline_needs_its_theme(desk: Desk) -> None:
    offer = desk.bring(Status.EXTENDED)
    screen = Screen(desk, Role.RECRUITER)
    assert "Main theme : This field is required." in text(screen.do(offer, "decline", theme=""))
    screen.do(offer, "decline", theme="compensation", secondary=["location"], verbatim="The number decided.")
    loss = offer.losses.get()
    assert (loss.theme, loss.secondary, loss.verbatim.text) == ("compensation", ["location"], "The number decided.")


def test_a_verbal_approval_starts_the_clock_from_the_page(desk: Desk) -> None:
    offer = desk.draft(verbal=False)
    manager = desk.people[Role.HIRING_MANAGER]
    Screen(desk, Role.RECRUITER).do(offer, "verbal-approval", by=manager.pk, means="call")
    assert desk.clocks(offer) == ["verbal_to_written"]


def test_reopening_leads_to_the_new_offer(desk: Desk) -> None:
    offer = desk.bring(Status.DECLINED)
    went = Screen(desk, Role.RECRUITER).do(offer, "reopen")
    assert went.url == url_of(Offer.objects.get(revives=offer))


def test_only_an_account_director_is_offered_an_undo_and_only_for_a_day(desk: Desk) -> None:
    offer = desk.bring(Status.DECLINED)
    director, recruiter = Screen(desk, Role.ACCOUNT_DIRECTOR), Screen(desk, Role.RECRUITER)
    assert "undo" in acts(director.get(url_of(offer)))
    assert "undo" not in acts(recruiter.get(url_of(offer)))
    desk.later(hours=24, minutes=1)
    assert "undo" not in acts(director.get(url_of(offer)))


def test_contingencies_are_set_where_they_are_read(desk: Desk) -> None:
    offer = desk.bring(Status.ACCEPTED)
    first = offer.contingencies.first()
    screen = Screen(desk, Role.RECRUITER)
    screen.post(reverse("offers:contingency", args=[offer.pk]), contingency=first.pk, status="clear")
    first.refresh_from_db()
    assert first.status == "clear"


@pytest.mark.parametrize("contingency", ["", "x", "1.5", "9" * 5000, "1e400", "a\0b"])
def test_a_contingency_that_is_none_is_not_found(desk: Desk, contingency: str) -> None:
    page = reverse("offers:contingency", args=[desk.bring(Status.ACCEPTED).pk])
    assert Screen(desk, Role.RECRUITER).post(page, contingency=contingency, status="clear").status_code == 404


def test_whoever_takes_over_as_recruiter_holds_the_offer(desk: Desk) -> None:
    offer, other = desk.draft(), desk.person(Role.RECRUITER)
    screen, path = Screen(desk, Role.COORDINATOR), reverse("offers:details", args=[offer.pk])
    screen.post(path, **(form(screen.get(path)) | {"recruiter": other.pk}))
    assert desk.fresh(offer).holder == other


# --- deciding


def test_who_is_asked_decides_on_the_workbench(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    asked = desk.waiting(offer)[0]
    screen = Screen(desk, Role.ACCOUNT_DIRECTOR)
    assert "Decide as Account director" in screen.offer(offer)
    screen.post(reverse("offers:decide", args=[asked.pk]), verdict="approved", comment="")
    assert desk.waiting(offer)[0].role == Role.HR_PARTNER


def test_opening_a_decision_decides_nothing(desk: Desk) -> None:
    asked = desk.waiting(desk.bring(Status.IN_REVIEW))[0]
    assert "Approve these terms" in text(
        Screen(desk, Role.ACCOUNT_DIRECTOR).get(reverse("offers:decide", args=[asked.pk]))
    )
    assert desk.waiting(asked.offer) == [asked]


def test_a_rejection_without_a_comment_is_refused_beside_its_field(desk: Desk) -> None:
    asked = desk.waiting(desk.bring(Status.IN_REVIEW))[0]
    page = Screen(desk, Role.ACCOUNT_DIRECTOR).post(
        reverse("offers:decide", args=[asked.pk]), verdict="rejected", comment=" "
    )
    assert "Say why: a rejection needs a comment." in text(page)
    assert desk.waiting(asked.offer) == [asked]


def test_who_is_not_asked_is_told_so_and_keeps_their_words(desk: Desk) -> None:
    asked = desk.waiting(desk.bring(Status.IN_REVIEW))[0]
    screen = Screen(desk, Role.FINANCE_LEADER)
    page = screen.post(reverse("offers:decide", args=[asked.pk]), verdict="approved", comment="Looks fine.")
    assert "This waits for Account director, not for you." in text(page)
    assert "Looks fine." in text(page)
    assert not Note.objects.filter(text="Looks fine.").exists()


# --- drafting


def new_offer(desk: Desk, **more: Any) -> dict[str, Any]:
    return {
        "requisition": desk.requisition.pk, "new_reference": "C-900", "new_name": "Rita Moss",
        "candidate_type": "external", "base": "94000", "currency": "USD", "pay_period": "year",
        "payments_a_year": "12", "employment_type": "permanent", "standard_letter": "on", **more,
    }  # fmt: skip


def test_a_new_offer_is_drafted_for_a_new_candidate(desk: Desk) -> None:
    went = Screen(desk, Role.RECRUITER).post("/admin/offers/offer/add/", **new_offer(desk))
    offer = Offer.objects.get()
    assert went.url == url_of(offer)
    assert (offer.external_id, offer.candidate.person.name) == (f"{desk.requisition.external_id}-1", "Rita Moss")
    assert (offer.version.base, offer.version.sign_on) == (94_000, 0)


def test_a_draft_that_is_refused_leaves_no_candidate_behind(desk: Desk) -> None:
    desk.requisition.status = "on_hold"
    desk.requisition.save()
    page = Screen(desk, Role.RECRUITER).post("/admin/offers/offer/add/", **new_offer(desk))
    assert "is on hold. Reopen it, or choose another." in text(page)
    assert not Candidate.objects.exists()


def test_a_draft_names_one_candidate_and_not_two(desk: Desk) -> None:
    known = factories.CandidateFactory(client=desk.client)
    page = Screen(desk, Role.RECRUITER).post("/admin/offers/offer/add/", **new_offer(desk, candidate=known.pk))
    assert "Choose a candidate or give a new one's reference: one of the two." in text(page)


def test_checking_the_standing_without_a_script_saves_nothing(desk: Desk) -> None:
    page = text(Screen(desk, Role.RECRUITER).post("/admin/offers/offer/add/", check="1", **new_offer(desk)))
    assert "6 % below reference" in page
    assert not Offer.objects.exists()
    assert not Person.objects.exists()


def test_the_preview_says_where_the_terms_stand_and_who_will_be_asked(desk: Desk) -> None:
    page = text(Screen(desk, Role.RECRUITER).post(reverse("offers:standing"), **new_offer(desk)))
    for words in (
        "below reference",
        "Inside band",
        "More than 5 % below reference",
        "Account director",
        "HR business partner",
    ):
        assert words in page


def test_the_preview_writes_nothing(desk: Desk) -> None:
    offer = desk.draft()
    screen = Screen(desk, Role.RECRUITER)
    with screen.signed_in(), CaptureQueriesContext(connection) as seen:
        screen.browser.post(reverse("offers:standing"), new_offer(desk))
        screen.browser.post(reverse("offers:standing-of", args=[offer.pk]), new_offer(desk))
    written = [each["sql"] for each in seen if each["sql"].split(";")[-1].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert written == []
    assert desk.fresh(offer).version.base == 100_000


def test_the_preview_asks_for_what_it_needs(desk: Desk) -> None:
    page = text(Screen(desk, Role.RECRUITER).post(reverse("offers:standing"), **new_offer(desk, base="")))
    assert "Give a requisition and a base" in page


def test_a_requisition_of_another_client_is_no_choice(desk: Desk) -> None:
    other = factories.RequisitionFactory(client=factories.ClientFactory())
    screen = Screen(desk, Role.RECRUITER)
    assert "Give a requisition" in text(
        screen.post(reverse("offers:standing"), **new_offer(desk, requisition=other.pk))
    )
    screen.post("/admin/offers/offer/add/", **new_offer(desk, requisition=other.pk))
    with scope([desk.client.pk, other.client_id]):
        assert not Offer.objects.exists()


def test_terms_are_changed_while_they_are_a_draft(desk: Desk) -> None:
    offer = desk.draft()
    screen, path = Screen(desk, Role.COORDINATOR), reverse("offers:terms", args=[offer.pk])
    screen.post(path, **(form(screen.get(path)) | {"base": "99000"}))
    version = desk.fresh(offer).version
    assert version.base == 99_000
    assert desk.people[Role.COORDINATOR].pk in approvals.editors_of(version)


def test_frozen_terms_are_refused_at_the_door(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    screen, path = Screen(desk, Role.RECRUITER), reverse("offers:terms", args=[offer.pk])
    page = screen.get(path)
    assert "These terms are frozen: they were submitted. Prepare a next version" in text(page)
    screen.post(path, **(form(page) | {"base": "1"}))
    assert [each.base for each in OfferVersion.objects.filter(offer=offer)] == [94_000]


def test_a_settlement_shows_the_ask_and_the_room_and_is_approved_inside_it(desk: Desk) -> None:
    offer = desk.bring(Status.NEGOTIATING)
    screen, path = Screen(desk, Role.RECRUITER), reverse("offers:settle", args=[offer.pk])
    page = screen.get(path)
    assert "Base 104,000 USD" in text(page)
    assert "Base up to 105,000 USD" in text(page)
    screen.post(path, **(form(page) | {"base": "103000"}))
    assert (desk.fresh(offer).status, desk.fresh(offer).version.base) == (Status.APPROVED, 103_000)


# --- queues and home


def test_waiting_for_me_is_exactly_what_i_may_decide(desk: Desk) -> None:
    """The set that pages read, against the rule that verbs follow: every person, every approval."""
    desk.person(Role.FINANCE_LEADER, title="CFO")
    people = [*desk.people.values(), desk.person(Role.HIRING_MANAGER), desk.person(Role.FINANCE_LEADER)]
    offers = [
        desk.bring(Status.IN_REVIEW, base=base, verbal=verbal) for base, verbal in ((94_000, True), (125_000, False))
    ]
    offers.append(desk.bring(Status.IN_REVIEW, base=99_000, sign_on=Decimal(300_000), actor=Role.HR_PARTNER))
    programme = load(desk.client.pk)
    for asked in Approval.objects.filter(offer__in=offers, status="asked").select_related("offer", "chain__version"):
        eligible = approvals.eligible(asked, asked.offer, programme, approvals.editors_of(asked.chain.version))
        assert {user.pk for user in people if waiting_for(user).filter(pk=asked.pk).exists()} == set(eligible) & {
            user.pk for user in people
        }


def test_what_waits_says_why_and_how_long(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    desk.later(hours=9)
    page = text(Screen(desk, Role.ACCOUNT_DIRECTOR).get(reverse("offers:waiting")))
    for words in (offer.external_id, "below reference (limit 5 %)", "6 % below, in band", "9:00 h", "late by 1 h"):
        assert words in page
    assert "Nothing waits for you" in text(Screen(desk, Role.FINANCE_LEADER).get(reverse("offers:waiting")))


def test_stuck_offers_stand_under_the_threshold_they_have_passed(desk: Desk) -> None:
    offer = desk.draft()
    sweep(now=desk.later(hours=49))
    page = text(Screen(desk, Role.COORDINATOR).get(reverse("offers:stuck")))
    for words in (
        "Past 48 h",
        offer.external_id,
        str(desk.people[Role.RECRUITER]),
        "Submit the terms",
        "overdue by 1 h",
    ):
        assert words in page
    desk.do("submit", offer)
    desk.do("extend", offer)
    assert "Nothing is stuck" in text(Screen(desk, Role.COORDINATOR).get(reverse("offers:stuck")))


@pytest.mark.parametrize(("path", "few"), [("offers:waiting", 9), ("offers:stuck", 11), ("admin:index", 15)])
def test_queues_and_home_need_as_many_queries_for_three_offers_as_for_one(desk: Desk, path: str, few: int) -> None:
    screen = Screen(desk, Role.ACCOUNT_DIRECTOR)
    seen = []
    for more in (1, 2):
        for _ in range(more):
            desk.bring(Status.IN_REVIEW)
        sweep(now=desk.later(hours=25))
        screen.get(reverse(path))
        seen.append(queries(screen, reverse(path)))
    assert seen == [few, few]


def test_the_numbers_of_the_sidebar_take_one_query(desk: Desk, django_assert_num_queries: Any) -> None:
    desk.bring(Status.IN_REVIEW)
    sweep(now=desk.later(hours=25))
    user = desk.people[Role.ACCOUNT_DIRECTOR]
    assert user.roles
    with django_assert_num_queries(1):
        assert counts(user) == {"waiting": 1, "stuck": 1, "undelivered": 0}
    assert stuck(user).get().threshold_hours == 24


def test_home_says_what_waits_what_is_stuck_and_with_whom(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    sweep(now=desk.later(hours=25))
    page = text(Screen(desk, Role.ACCOUNT_DIRECTOR).get(reverse("admin:index")))
    for words in (
        "1 approval waits for you and 1 offer is stuck.",
        f"held by {desk.people[Role.ACCOUNT_DIRECTOR]}",
        str(offer),
    ):
        assert words in page


def test_home_has_a_critical_hire_at_the_top_before_a_standard_one_below_it(desk: Desk) -> None:
    standard = desk.draft(requisition=desk.open_requisition())
    desk.later(hours=24)
    critical = desk.draft(priority="critical", requisition=desk.open_requisition())
    sweep(now=desk.later(hours=25))  # 49 h, the second level of three; and 25 h, critical, the third
    rows = stuck_rows(Page(Screen(desk, Role.RECRUITER).get("/admin/").wsgi_request))
    assert rows == [critical, standard]


def test_home_of_a_day_without_work_says_so(desk: Desk) -> None:
    page = text(Screen(desk, Role.ACCOUNT_DIRECTOR).get(reverse("admin:index")))
    assert "Nothing waits for you and nothing is stuck." in page


# --- mail


def test_a_mail_is_read_as_it_would_be_sent(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    mail = OutboxMessage.objects.filter(kind="approval_asked").first()
    page = text(Screen(desk, Role.RECRUITER).get(reverse("offers:mail", args=[mail.pk])))
    assert "as it would read now" in page
    assert offer.external_id in page


def kept(mail: OutboxMessage, folder: Path, **head: str) -> None:
    """Write a mail's file as the demo keeps it, these headers in place of its own."""
    mail.status, mail.sent_at = "sent", factories.NOW
    mail.save()
    lines = {"Message-ID": mail.message_id, "To": mail.recipient, "Subject": "As sent", **head}
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    (folder / f"{mail.pk}.eml").write_text(f"{text}\nDear Dana\n")


def test_a_kept_mail_is_read_as_it_was_sent(desk: Desk, settings: Any, tmp_path: Path) -> None:
    desk.bring(Status.IN_REVIEW)
    settings.EMAIL_FILE_PATH = tmp_path
    mail = OutboxMessage.objects.first()
    kept(mail, tmp_path)
    page = text(Screen(desk, Role.RECRUITER).get(reverse("offers:mail", args=[mail.pk])))
    assert "as it was sent Dear Dana" in page


@pytest.mark.parametrize("head", [{"Message-ID": "<other@handoff>"}, {"To": "somebody@else.example"}])
def test_a_file_of_another_outbox_is_not_taken_for_the_mail(
    desk: Desk, settings: Any, tmp_path: Path, head: dict[str, str]
) -> None:
    desk.bring(Status.IN_REVIEW)
    settings.EMAIL_FILE_PATH = tmp_path
    mail = OutboxMessage.objects.first()
    kept(mail, tmp_path, **head)
    assert "Dear Dana" not in text(Screen(desk, Role.RECRUITER).get(reverse("offers:mail", args=[mail.pk])))


def test_a_mail_of_another_client_is_not_found(desk: Desk) -> None:
    other = factories.OutboxMessageFactory(offer=factories.OfferFactory(client=factories.ClientFactory()))
    assert Screen(desk, Role.RECRUITER).get(reverse("offers:mail", args=[other.pk])).status_code == 404


# --- what no page carries


def test_no_page_carries_inline_style_or_script(desk: Desk) -> None:
    offer, asked = desk.bring(Status.NEGOTIATING), desk.waiting(desk.bring(Status.IN_REVIEW))[0]
    screen = Screen(desk, Role.ACCOUNT_DIRECTOR)
    paths = [
        url_of(offer), url_of(asked.offer), "/admin/offers/offer/add/", "/admin/offers/offer/",
        reverse("offers:settle", args=[offer.pk]), reverse("offers:decide", args=[asked.pk]), reverse("offers:waiting"),
        reverse("offers:act", args=[offer.pk, "decline"]), reverse("offers:stuck"),
    ]  # fmt: skip
    for path in paths:
        body = screen.get(path).content.decode()
        assert " style=" not in body, path
        assert "<style" not in body, path
        assert re.search(r"<script(?![^>]*\bsrc=)", body) is None, path


# --- the timeline


def lines(screen: Screen, offer: Offer) -> list[tuple[str, str]]:
    """Title and person of every line, newest first."""
    return [(each["title"], each["who"]) for each in screen.get(url_of(offer)).context["events"]]


def test_the_timeline_says_what_happened_and_by_whom_the_cause_before_the_effect(desk: Desk) -> None:
    offer = desk.bring(Status.IN_REVIEW)
    desk.later(hours=1)
    desk.do("reject", offer, Role.ACCOUNT_DIRECTOR, comment="Another bid is higher.")
    director, recruiter = str(desk.people[Role.ACCOUNT_DIRECTOR]), str(desk.people[Role.RECRUITER])
    assert lines(Screen(desk, Role.RECRUITER), offer) == [
        ("Back to draft", director),
        ("Rejected: Account director", director),
        ("Submitted for review", recruiter),
        ("Verbal approval", recruiter),
        ("Offer drafted", recruiter),
    ]


def test_a_threshold_that_was_passed_stands_in_the_timeline(desk: Desk) -> None:
    offer = desk.draft()
    sweep(now=desk.later(hours=25))
    assert lines(Screen(desk, Role.RECRUITER), offer)[0] == ("24 h passed: verbal approval to letter", "Handoff")


def test_an_imported_offer_says_each_of_its_instants_once_and_names_nobody_for_them(desk: Desk) -> None:
    with because(actor=None, action="test"):
        offer = factories.OfferFactory(
            client=desk.client, status="declined", verbal_approved_at=factories.NOW, verbal_basis="recorded",
            written_at=factories.NOW + timedelta(hours=30), decided_at=factories.NOW + timedelta(hours=50),
        )  # fmt: skip
        factories.VerbalApprovalFactory(offer=offer)
    desk.later(days=4)
    found = [title for title, who in lines(Screen(desk, Role.RECRUITER), offer) if title != "Imported" and not who]
    assert found == ["Declined", "Letter sent", "Verbal approval"]


def test_an_imported_hire_joins_and_leaves_in_the_timeline(desk: Desk) -> None:
    now = factories.NOW
    with because(actor=None, action="test"):
        offer = factories.OfferFactory(
            client=desk.client, status="joined", decided_at=now - timedelta(days=90),
            joined_on=(now - timedelta(days=60)).date(), left_on=(now - timedelta(days=60)).date(),
            left_reason="Resigned", left_voluntary=True,
        )  # fmt: skip
    page = Screen(desk, Role.RECRUITER).get(url_of(offer))
    days = {each["title"]: each["iso"] for each in page.context["events"]}
    assert (days["Joined"], days["Left"]) == (offer.joined_on.isoformat(), offer.left_on.isoformat())
    assert [title for title in days if title != "Imported"] == ["Left", "Joined", "Accepted"]
