"""Ways around the process: reported or detected, judged by others than those named, and in the letter's way."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from governance.access import Role
from offers import workflow
from offers.errors import AlreadyDecided, BadInput, NotInThisState, NotReady, NotYours, OfferError
from offers.ingest.offers import OFFERS
from offers.lifecycle import Status
from offers.mail import render
from offers.mail_rows import fetch
from offers.models import OutboxMessage, Override
from tests.factories import NOW
from tests.governance.ingest.helpers import take_in, written
from tests.offers.screen import Screen, text

JUDGE = Role.HR_PARTNER
STATEMENT = "He promised her a car on the phone."


def report(desk, offer, by=Role.COORDINATOR, **given):
    given = {"kind": "unapproved_promise", "severity": "severe", "statement": STATEMENT, **given}
    return workflow.report_override(offer.pk, actor=desk.people[by], now=desk.now, **given)


def resolve(desk, override, resolution, by=JUDGE, how="Told both sides."):
    actor = desk.people[by]
    return workflow.resolve_override(override.pk, actor=actor, now=desk.now, resolution=resolution, how=how)


# --- reporting and judging


def test_a_report_is_a_suspicion_whose_words_can_be_erased(desk):
    override = report(desk, desk.bring(Status.APPROVED), who=desk.people[Role.HIRING_MANAGER])
    assert (override.status, override.found_by, override.found_at) == ("suspected", "reported", desk.now)
    assert (override.statement.text, override.version.number) == (STATEMENT, 1)
    assert all(STATEMENT not in str(event) for event in override.events.values())


def test_whoever_judges_is_mailed_but_not_who_is_named(desk):
    report(desk, desk.draft(), who=desk.people[Role.ACCOUNT_DIRECTOR])
    assert desk.mailed("override") == {desk.people[Role.HR_PARTNER], desk.people[Role.TALENT_LEADER]}


def test_the_mail_says_what_happened_and_keeps_pay_and_names_out_of_its_subject(desk):
    offer = desk.bring(Status.APPROVED)
    with pytest.raises(BadInput):
        desk.do("extend", offer, letter_base=D(105_000))
    found = OutboxMessage.objects.select_related("client", "user").filter(kind="override")[0]
    mail = render(found, fetch([found], now=desk.now))
    assert mail.subject == f"Held back: Suspected override, offer {offer}, Engineer, New York"
    assert "approved 100,000\u00a0USD; found 105,000\u00a0USD" in mail.text
    found.client.pay_in_mail = False
    assert "105,000" not in render(found, fetch([found], now=desk.now)).html


def test_a_severe_one_holds_the_letter_back_until_it_is_resolved(desk):
    offer = desk.bring(Status.APPROVED)
    override = report(desk, offer)
    with pytest.raises(NotInThisState, match="a severe override is unresolved; ratify it by a new version"):
        desk.do("extend", offer)
    resolve(desk, override, "retracted")
    assert desk.do("extend", offer).status == Status.EXTENDED


@pytest.mark.parametrize("given", [{"severity": "minor"}, {"severity": "severe", "confirmed_as": "minor"}])
def test_a_minor_one_holds_nothing(desk, given):
    offer = desk.bring(Status.APPROVED)
    confirmed_as = given.pop("confirmed_as", "")
    override = report(desk, offer, **given)
    workflow.confirm_override(override.pk, actor=desk.people[JUDGE], now=desk.now, severity=confirmed_as)
    assert desk.do("extend", offer).status == Status.EXTENDED


@pytest.mark.parametrize("resolution", ["retracted", "disclosed", "unfounded"])
def test_what_is_resolved_counts_as_confirmed_unless_unfounded(desk, resolution):
    override = report(desk, desk.draft())
    desk.later(hours=5)
    override = resolve(desk, override, resolution)
    assert override.status == ("suspected" if resolution == "unfounded" else "confirmed")
    assert (override.age(desk.now), override.resolved_how.text) == (timedelta(hours=5), "Told both sides.")
    assert desk.mailed("override_over") == {desk.people[Role.COORDINATOR]}


def test_only_a_version_approved_since_ratifies_it(desk):
    offer = desk.bring(Status.APPROVED)
    override = report(desk, offer)
    with pytest.raises(NotReady, match="Revise the offer to the terms that were given"):
        resolve(desk, override, "ratified", how="")
    desk.later(minutes=5)
    desk.do("revise", offer)
    desk.edit(offer, base=D(101_000))
    workflow.record_verbal_approval(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now)
    offer = desk.do("submit", offer)
    assert resolve(desk, override, "ratified", how="").ratified_by == offer.version
    assert desk.do("extend", offer).status == Status.EXTENDED


def test_nobody_judges_what_names_them(desk):
    override = report(desk, desk.draft(), who=desk.people[JUDGE])
    for verb, given in (
        (workflow.confirm_override, {}),
        (workflow.resolve_override, {"resolution": "unfounded", "how": "No."}),
    ):
        with pytest.raises(NotYours, match="somebody else judges it"):
            verb(override.pk, actor=desk.people[JUDGE], now=desk.now, **given)


@pytest.mark.parametrize("by", [Role.COORDINATOR, Role.RECRUITER, Role.HIRING_MANAGER, Role.AUDITOR])
def test_others_report_and_do_not_judge(desk, by):
    override = report(desk, desk.draft(), by=by)
    with pytest.raises(NotYours, match="Ask one of: account director, hr business partner, talent leader"):
        resolve(desk, override, "unfounded", by=by)


def test_what_is_resolved_stays_so(desk):
    override = resolve(desk, report(desk, desk.draft()), "unfounded")
    with pytest.raises(AlreadyDecided, match="resolved as unfounded"):
        resolve(desk, override, "disclosed")


def test_bad_input_is_refused_at_its_field(desk):
    offer = desk.draft()
    stranger = desk.person()
    bad = {
        "kind": {"kind": "gossip"}, "severity": {"severity": "fatal"}, "statement": {"statement": "  "},
        "found_at": {"at": desk.now + timedelta(minutes=1)}, "who": {"who": stranger},
    }  # fmt: skip
    for field, given in bad.items():
        with pytest.raises(BadInput) as refused:
            report(desk, offer, **given)
        assert refused.value.field == field
    override = report(desk, offer)
    for given, field in (({"resolution": "forgiven"}, "resolution"), ({"resolution": "disclosed", "how": " "}, "how")):
        with pytest.raises(BadInput) as refused:
            resolve(desk, override, **given)
        assert refused.value.field == field


# --- detected


def test_a_letter_that_says_other_pay_is_refused_and_suspected(desk):
    offer = desk.bring(Status.APPROVED)
    with pytest.raises(BadInput, match=r"The letter says 104,000.USD as base.*A suspected override is opened"):
        desk.do("extend", offer, letter_base=D(104_000))
    override = Override.objects.get()
    assert (override.kind, override.severity, override.found_by) == ("unapproved_promise", "severe", "detected")
    assert override.differences == [
        {"term": "base, full-time rate", "approved": "100,000\u00a0USD", "found": "104,000\u00a0USD"}
    ]
    with pytest.raises(NotInThisState, match="severe override"):
        desk.do("extend", offer)


def test_a_letter_that_says_less_is_a_lowball(desk):
    with pytest.raises(BadInput, match=r"letter says 0.USD as sign-on"):
        desk.do("extend", desk.bring(Status.APPROVED, sign_on=D(2_000), clawback_months=12), letter_sign_on=D(0))
    assert Override.objects.get().kind == "lowball"


def test_a_letter_that_says_what_was_approved_is_recorded(desk):
    offer = desk.do("extend", desk.bring(Status.APPROVED), letter_base=D("100000.00"), letter_sign_on=D(0))
    assert (offer.status, Override.objects.count()) == (Status.EXTENDED, 0)


def test_a_letter_before_its_approval_is_refused_and_suspected(desk):
    offer = desk.bring(Status.APPROVED)
    with pytest.raises(BadInput, match="before the approval") as refused:
        desk.do("extend", offer, at=desk.now - timedelta(hours=3))
    assert refused.value.field == "extended_at"
    assert (Override.objects.get().kind, Override.objects.get().severity) == ("bypassed_process", "severe")


def test_a_start_that_differs_is_suspected_and_does_not_keep_anybody_from_starting(desk):
    start = desk.now.date() + timedelta(days=20)
    offer = desk.bring(Status.ACCEPTED, start_on=start)
    desk.clear(offer)
    desk.later(days=22)
    offer = desk.do("join", offer, on=start + timedelta(days=1), contract_base=D(99_000))
    assert offer.status == Status.JOINED
    found = Override.objects.order_by("severity").values_list("kind", "severity", "cause")
    assert list(found) == [
        ("unapproved_promise", "minor", "start:1:start_on"),
        ("lowball", "severe", "start:1:base"),
    ]


@pytest.fixture
def ats(desk, tmp_path):
    """`ats(offer, base_salary=…)` takes in what the ATS says of an offer that is worked on here."""

    def load(offer, dry_run=False, **says):
        row = {
            "external_id": offer.external_id, "candidate_ref": offer.candidate.external_id,
            "requisition_ref": offer.requisition.external_id, "base_salary": "100000", "currency": "USD",
            "outcome": "open", "written_at": NOW.isoformat(), **says,
        }  # fmt: skip
        file = written(tmp_path, f"{','.join(row)}\n{','.join(map(str, row.values()))}")
        return take_in(OFFERS, desk.client, file, dry_run=dry_run)

    return load


def flags(done):
    return [flag for each in done.flagged for flag in each.flags]


def test_an_ats_that_says_other_terms_than_approved_opens_a_suspected_override_once(desk, ats):
    offer = desk.bring(Status.EXTENDED)
    assert "differs_from_approved" in flags(ats(offer, base_salary="103000", dry_run=True))
    assert not Override.objects.exists()
    for _ in range(2):
        assert "differs_from_approved" in flags(ats(offer, base_salary="103000"))
    override = Override.objects.get()
    assert (override.kind, override.found_by, override.version) == ("unapproved_promise", "detected", offer.version)
    assert desk.mailed("override") >= {desk.people[Role.HR_PARTNER]}


def test_an_ats_that_agrees_opens_nothing(desk, ats):
    assert flags(ats(desk.bring(Status.EXTENDED), sign_on="0.00")) == ["worked_on_here"]
    assert not Override.objects.exists()


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW])
def test_an_ats_with_a_letter_where_nothing_is_approved_opens_a_severe_one(desk, ats, status):
    assert "letter_before_approval" in flags(ats(desk.bring(status)))
    assert (Override.objects.get().kind, Override.objects.get().severity) == ("bypassed_process", "severe")


# --- pages


def test_the_page_lets_whoever_judges_confirm_and_resolve(desk):
    override = report(desk, desk.bring(Status.APPROVED))
    path = f"/offers/overrides/{override.pk}/"
    judge = Screen(desk, JUDGE)
    assert STATEMENT in text(judge.get(path))
    judge.post(path, do="confirm", **{"confirm-severity": "severe"})
    page = text(judge.post(path, do="resolve", **{"resolve-resolution": "disclosed"}))
    assert "Say how: what was taken back" in page
    judge.post(path, do="resolve", **{"resolve-resolution": "disclosed", "resolve-how": "The client was told."})
    override.refresh_from_db()
    assert (override.status, override.resolution) == ("confirmed", "disclosed")
    assert "Disclosed" in Screen(desk, Role.COORDINATOR).offer(override.offer)


def test_others_read_the_page_without_a_way_to_judge(desk):
    override = report(desk, desk.draft())
    page = Screen(desk, Role.RECRUITER).get(f"/offers/overrides/{override.pk}/")
    assert "resolve-resolution" not in page.content.decode()
    assert Screen(desk, Role.HIRING_MANAGER).get(f"/offers/overrides/{override.pk}/").status_code == 404


def test_it_is_reported_from_the_page_of_its_offer(desk):
    offer = desk.draft()
    screen = Screen(desk, Role.HIRING_MANAGER)
    path = f"/offers/{offer.pk}/override/"
    assert screen.post(path, kind="lowball", severity="minor", statement="").status_code == 200
    screen.post(path, kind="lowball", severity="minor", statement="I offered less.")
    assert Override.objects.get().reported_by == desk.people[Role.HIRING_MANAGER]


def test_the_register_filters_and_can_be_downloaded(desk):
    held, over = report(desk, desk.draft()), resolve(desk, report(desk, desk.draft(), kind="lowball"), "unfounded")
    screen = Screen(desk, Role.AUDITOR)
    path = "/admin/offers/override/"
    assert str(held.offer) in text(screen.get(path, state="holding"))
    assert str(over.offer) not in text(screen.get(path, state="holding"))
    sheet = screen.post(path, action="download_csv", _selected_action=[over.pk]).content.decode()
    assert f"override-{over.pk},{over.offer},lowball,2026-11-24 09:00:00+00:00,reported,unfounded" in sheet


@pytest.mark.parametrize("verb", [workflow.confirm_override, workflow.resolve_override])
def test_one_of_another_client_is_not_there(desk, verb):
    given = {"resolution": "unfounded", "how": "No."} if verb is workflow.resolve_override else {}
    with pytest.raises(OfferError, match="no such override among yours"):
        verb(0, actor=desk.people[JUDGE], now=desk.now, **given)
