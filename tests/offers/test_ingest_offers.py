"""Offers from files: history and open work, all or nothing, as often as one likes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from governance.access import Role
from governance.models import Note, Person
from offers.erasure import erase
from offers.ingest.offers import OFFERS
from offers.lifecycle import Status
from offers.models import Candidate, Clock, Letter, Loss, Offer, OfferVersion, Requisition, VerbalApproval
from offers.models.clocks import ClockKind
from offers.standing import assess
from offers.workflow import approve, extend, submit
from tests.factories import NOW, BenchmarkFactory, JobMatchFactory, MarketSourceFactory, SalaryBandFactory
from tests.governance.ingest.helpers import counts, refusals, take_in, written

pytestmark = pytest.mark.django_db

REQUIRED = {
    "external_id": "OF-1",
    "candidate_ref": "C-1",
    "requisition_ref": "R-1",
    "base_salary": "95000",
    "currency": "USD",
    "outcome": "open",
}
VERBAL, WRITTEN, DECIDED = "2026-11-02T09:00:00-05:00", "2026-11-03T15:00:00-05:00", "2026-11-05T10:00:00-05:00"
DECLINED = REQUIRED | {
    "outcome": "declined",
    "verbal_approved_at": VERBAL,
    "written_at": WRITTEN,
    "decided_at": DECIDED,
    "decline_theme": "compensation",
    "decline_reason": "Base too low",
    "decline_note": "“They offered me more.”",
}
JOINED = DECLINED | {"outcome": "joined", "joined_on": "2026-11-16"} | dict.fromkeys(
    ("decline_theme", "decline_reason", "decline_note"), ""
)  # fmt: skip


@pytest.fixture
def offers(scoped, tmp_path):
    """`offers(row, …)` takes in a file of these rows, a column each that any of them names."""

    def load(*rows, **options):
        columns = list(dict.fromkeys(name for row in rows for name in row))
        lines = [",".join(columns), *(",".join(f'"{row.get(name, "")}"' for name in columns) for row in rows)]
        return take_in(OFFERS, scoped, written(tmp_path, "\n".join(lines)), **options)

    return load


def the_offer():
    return Offer.objects.select_related("version", "letter", "requisition", "candidate__person").get()


# --- what a row becomes


def test_an_open_row_is_a_draft_whose_terms_can_be_edited_and_whose_clock_runs_from_the_verbal_approval(offers):
    assert counts(offers(REQUIRED | {"verbal_approved_at": VERBAL, "priority": "critical"})) == (1, 0, 0)
    offer = the_offer()
    assert (offer.status, offer.imported, offer.version.submitted_at, offer.letter) == ("draft", True, None, None)
    clock = Clock.objects.get()
    assert clock.kind == ClockKind.VERBAL_TO_WRITTEN
    assert clock.started_at == datetime(2026, 11, 2, 14, tzinfo=UTC)
    assert clock.thresholds == [8, 16, 24]
    assert clock.next_due_at == clock.started_at + timedelta(hours=8)


def test_an_open_row_with_a_letter_is_extended_and_can_be_answered_to_the_end_of_its_last_day(offers):
    offers(REQUIRED | {"verbal_approved_at": VERBAL, "written_at": WRITTEN, "expires_on": "2026-11-30"})
    offer = the_offer()
    assert offer.status == "extended"
    assert offer.letter.extended_at == offer.written_at == offer.version.submitted_at
    assert offer.letter.expires_at == datetime(2026, 12, 1, 5, tzinfo=UTC)  # midnight in New York
    assert offer.first_approved == offer.version
    assert [clock.kind for clock in Clock.objects.all()] == [ClockKind.CANDIDATE_RESPONSE]


def test_a_decided_row_keeps_its_instants_asks_nobody_and_runs_no_clock(offers):
    offers(JOINED)
    offer = the_offer()
    assert (offer.status, offer.joined_on) == ("joined", date(2026, 11, 16))
    assert offer.decided_at == offer.moved_at == datetime(2026, 11, 5, 15, tzinfo=UTC)
    assert offer.version.is_frozen
    assert (offer.chains.count(), Clock.objects.count(), Loss.objects.count()) == (0, 0, 0)


def test_a_loss_keeps_its_theme_reason_and_words_where_they_can_be_erased(offers):
    offers(DECLINED)
    loss = Loss.objects.get()
    assert (loss.stage, loss.theme, loss.reason) == ("written", "compensation", "Base too low")
    assert loss.verbatim.text == "“They offered me more.”"
    assert loss.recorded_at == the_offer().decided_at


@pytest.mark.parametrize(
    ("changes", "stage"),
    [({}, "written"), ({"written_at": ""}, "verbal"), ({"lost_stage": "verbal"}, "verbal")],
)
def test_an_offer_that_ended_without_a_letter_was_lost_after_verbal_approval(offers, changes, stage):
    offers(DECLINED | changes)
    assert Loss.objects.get().stage == stage
    assert Letter.objects.count() == (0 if changes.get("written_at") == "" else 1)


def test_the_row_names_requisition_candidate_and_people(offers, member):
    ada, ben = member(Role.RECRUITER), member(Role.HIRING_MANAGER)
    row = {
        "candidate_name": "Chloë O’Neil", "candidate_email": "Chloe@example.org", "recruiter_email": ada.email.upper(),
        "hiring_manager_email": ben.email, "role_code": "SWE", "grade": "G5", "location": "New York", "openings": "3",
        "requisition_opened_on": "2026-10-01", "posted_min": "90000", "posted_max": "110000",
        "expected_salary": "99000",        "candidate_type": "rehire", "source_channel": "Referral",
        "verbal_approved_at": VERBAL,
    }  # fmt: skip
    offers(REQUIRED | row)
    offer = the_offer()
    requisition = offer.requisition
    assert (offer.candidate.person.name, offer.candidate.person.email) == ("Chloë O’Neil", "chloe@example.org")
    assert (offer.recruiter, offer.hiring_manager, offer.holder) == (ada, ben, ada)
    assert (requisition.recruiter, requisition.hiring_manager, requisition.openings) == (ada, ben, 3)
    assert (requisition.country, requisition.opened_on, requisition.posted_max) == ("US", date(2026, 10, 1), 110000)
    assert (offer.expected_salary, offer.expected_currency, offer.candidate_type) == (99000, "USD", "rehire")
    verbal = VerbalApproval.objects.get()
    assert (verbal.approved_by, verbal.base, verbal.recorded_by) == (ben, 95000, None)


@pytest.mark.parametrize("basis", ["inferred", "missing"])
def test_a_verbal_approval_that_was_not_recorded_is_no_managers_yes(offers, member, basis):
    manager = member(Role.HIRING_MANAGER)
    offers(JOINED | {"verbal_basis": basis, "hiring_manager_email": manager.email})
    assert the_offer().verbal_basis == basis
    assert not VerbalApproval.objects.exists()


def test_every_component_of_pay_arrives_on_the_version(offers):
    pay = {
        "period": "hour", "base_salary": "40.25", "fte": "0.8", "hours_per_week": "32", "sign_on": "2500",
        "bonus_pct": "7.5",        "equity_value": "1000", "relocation": "500.10", "budget_max": "45",
        "start_on": "2027-01-04",
    }  # fmt: skip
    offers(REQUIRED | pay)
    version = the_offer().version
    assert (version.base_annual, version.fte, version.weekly_hours) == (Decimal("83720"), Decimal("0.8"), 32)
    assert (version.sign_on, version.target_bonus_pct, version.equity_value) == (2500, Decimal("7.5"), 1000)
    assert (version.relocation, version.start_on) == (Decimal("500.10"), date(2027, 1, 4))
    assert the_offer().requisition.budget_max == 45 * 2080


def test_frozen_terms_are_judged_as_the_portal_would_have_judged_them_that_day(offers, scoped):
    source = MarketSourceFactory(client=scoped, country="US")
    BenchmarkFactory(source=source, role_code="15-1252", location="NY", as_of=date(2025, 5, 31), p50=Decimal(120000))
    BenchmarkFactory(
        source=source,
        role_code="15-1252",
        location="NY",
        as_of=date(2026, 11, 10),
        p10=None,
        p25=None,
        p50=Decimal(50000),
    )
    JobMatchFactory(
        source=source, role_code="SWE", grade="", location="New York", source_role_code="15-1252", source_location="NY"
    )
    SalaryBandFactory(
        client=scoped, role_code="SWE", grade="G5", location="New York", minimum=96000, midpoint=110000, maximum=124000,
        valid_from=date(2025, 1, 1),
    )  # fmt: skip
    offers(JOINED | {"role_code": "SWE", "grade": "G5", "location": "New York"})
    version = the_offer().version
    expected = assess(version, now=version.submitted_at)
    assert (version.band_position, version.second_review, version.benchmark.as_of) == ("below", True, date(2025, 5, 31))
    assert version.gap == round(Decimal(expected.standing.gap.numerator) / expected.standing.gap.denominator, 12)
    assert version.policy is None


def test_a_requisition_whose_openings_are_all_accepted_is_filled(offers):
    two = [JOINED | {"external_id": f"OF-{n}", "candidate_ref": f"C-{n}", "openings": "2"} for n in (1, 2)]
    offers(two[0])
    assert Requisition.objects.get().status == "open"
    offers(*two)
    assert Requisition.objects.get().status == "filled"


def test_rows_that_share_a_requisition_and_a_candidate_make_one_of_each(offers):
    again = JOINED | {"external_id": "OF-2", "business_unit": "Cards", "candidate_name": "Ada"}
    assert counts(offers(DECLINED, again)) == (2, 0, 0)
    assert (Requisition.objects.get().business_unit, Candidate.objects.get().person.name) == ("Cards", "Ada")


def test_rows_that_describe_a_requisition_differently_are_noted_and_the_last_counts(offers):
    report = offers(DECLINED | {"grade": "G5"}, JOINED | {"external_id": "OF-2", "grade": "G6"})
    assert report.notes == [
        "Requisitions that rows describe differently: 1, such as R-1 in grade; the last row counts."
    ]
    assert Requisition.objects.get().grade == "G6"


def test_an_offer_that_the_employer_took_back_leaves_no_letter_out(offers):
    offers(DECLINED | {"outcome": "rescinded"})
    assert the_offer().letter.revoked_at == the_offer().decided_at
    assert not Loss.objects.exists()


# --- again, and with changes


def test_the_same_file_again_is_all_unchanged(offers):
    rows = (
        DECLINED | {"candidate_name": "Ada"},
        JOINED | {"external_id": "OF-2", "candidate_ref": "C-2", "sign_on": "500.50"},
        REQUIRED | {"external_id": "OF-3", "candidate_ref": "C-3", "verbal_approved_at": VERBAL},
        REQUIRED | {"external_id": "OF-4", "candidate_ref": "C-4", "written_at": WRITTEN, "expires_on": "2026-11-30"},
    )
    assert counts(offers(*rows)) == (4, 0, 0)
    assert counts(offers(*rows)) == (0, 0, 4)
    assert (OfferVersion.objects.count(), Note.objects.count(), Clock.objects.count()) == (4, 1, 2)


def test_an_open_draft_takes_new_terms_in_place(offers):
    offers(REQUIRED)
    assert counts(offers(REQUIRED | {"base_salary": "97000"})) == (0, 1, 0)
    assert list(OfferVersion.objects.values_list("number", "base")) == [(1, 97000)]


def test_a_corrected_amount_of_a_decided_offer_is_a_next_version(offers):
    offers(JOINED)
    assert counts(offers(JOINED | {"base_salary": "97000"})) == (0, 1, 0)
    assert counts(offers(JOINED | {"base_salary": "97000"})) == (0, 0, 1)
    offer = the_offer()
    assert (offer.version.number, offer.version.base, offer.letter.version) == (2, 97000, offer.version)
    assert list(offer.versions.order_by("number").values_list("base", flat=True)) == [95000, 97000]


def test_what_is_left_blank_later_stays_as_it_was(offers):
    offers(JOINED | {"sign_on": "500", "candidate_name": "Ada", "source_channel": "Referral"})
    assert counts(offers(JOINED | {"sign_on": "", "candidate_name": ""})) == (0, 0, 1)
    assert (the_offer().version.sign_on, the_offer().source_channel) == (500, "Referral")


def test_an_open_offer_that_the_file_decides_ends_and_its_clock_stops_then(offers):
    offers(REQUIRED | {"verbal_approved_at": VERBAL})
    assert counts(offers(DECLINED)) == (0, 1, 0)
    offer = the_offer()
    assert (offer.status, offer.version.is_frozen, offer.letter.extended_at) == ("declined", True, offer.written_at)
    assert Clock.objects.get().stopped_at == offer.written_at
    assert Loss.objects.get().theme == "compensation"


def test_an_open_draft_whose_letter_went_out_is_extended_and_its_clock_is_met(offers):
    offers(REQUIRED | {"verbal_approved_at": VERBAL})
    assert counts(offers(REQUIRED | {"written_at": WRITTEN, "expires_on": "2026-11-30"})) == (0, 1, 0)
    offer = the_offer()
    assert (offer.status, offer.letter.version.is_frozen) == ("extended", True)
    stopped = dict(Clock.objects.values_list("kind", "stopped_at"))
    assert stopped == {ClockKind.VERBAL_TO_WRITTEN: offer.written_at, ClockKind.CANDIDATE_RESPONSE: None}


def test_an_outcome_that_was_wrong_is_corrected_and_the_reason_goes_with_it(offers):
    offers(DECLINED)
    assert counts(offers(JOINED)) == (0, 1, 0)
    assert the_offer().status == "joined"
    assert (Loss.objects.count(), Note.objects.count()) == (0, 0)


def test_leaving_is_added_to_a_joined_offer(offers):
    offers(JOINED)
    assert counts(offers(JOINED | {"left_on": "2026-11-20", "left_voluntary": "yes"})) == (0, 1, 0)
    assert (the_offer().left_on, the_offer().left_voluntary) == (date(2026, 11, 20), True)


def test_a_corrected_verbal_approval_moves_the_running_clock(offers, member):
    manager = member(Role.HIRING_MANAGER)
    row = REQUIRED | {"verbal_approved_at": VERBAL, "hiring_manager_email": manager.email}
    offers(row)
    offers(row | {"verbal_approved_at": "2026-11-01T09:00:00-05:00"})
    first = datetime(2026, 11, 1, 14, tzinfo=UTC)
    assert (Clock.objects.get().started_at, VerbalApproval.objects.get().approved_at) == (first, first)
    assert Clock.objects.get().next_due_at == first + timedelta(hours=24)


def test_a_file_does_not_reopen_what_has_ended(offers):
    offers(DECLINED)
    report = offers(REQUIRED)
    assert refusals(report) == [(2, "outcome")]
    assert the_offer().status == "declined"


def test_an_offer_that_people_work_on_here_is_left_alone_and_flagged_where_the_file_differs(offers, member):
    row = REQUIRED | {"verbal_approved_at": VERBAL}
    offers(row)
    submit(the_offer().pk, actor=member(Role.COORDINATOR), now=NOW)
    report = offers(row)
    assert (counts(report), report.flagged) == ((0, 0, 1), [])
    report = offers(row | {"base_salary": "120000"})
    assert counts(report) == (0, 0, 1)
    assert [(each.row, each.key, each.flags) for each in report.flagged] == [(2, "OF-1", ["worked_on_here"])]
    assert (the_offer().status, the_offer().version.base) == (Status.IN_REVIEW, 95000)


def test_an_imported_draft_goes_on_through_the_portal(offers, member):
    coordinator, partner = member(Role.COORDINATOR), member(Role.HR_PARTNER)
    manager = member(Role.HIRING_MANAGER).email
    offers(REQUIRED | {"verbal_approved_at": VERBAL, "hiring_manager_email": manager, "expires_on": "2026-11-30"})
    submit(the_offer().pk, actor=coordinator, now=NOW)
    asked = the_offer().approvals.get(status="asked")  # no reference is known; the manager's yes counts as given
    approve(asked.pk, actor=partner, now=NOW)
    assert extend(the_offer().pk, actor=coordinator, now=NOW).status == "extended"
    assert Clock.objects.get(kind=ClockKind.VERBAL_TO_WRITTEN).stopped_at == NOW


# --- what is kept and flagged


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"written_at": "2026-11-02T08:00:00-05:00"}, ["written_before_verbal"]),
        ({"decided_at": "2026-11-03T14:59:59-05:00"}, ["decided_before_written"]),
        ({"written_at": "", "decided_at": "2026-11-01T10:00:00Z"}, ["decided_before_verbal"]),
        ({}, []),
    ],
)
def test_instants_that_contradict_are_kept_and_flagged(offers, changes, flags):
    report = offers(DECLINED | changes)
    assert counts(report) == (1, 0, 0)
    assert [each.flags for each in report.flagged] == ([flags] if flags else [])
    assert the_offer().flags == flags


@pytest.mark.parametrize("outcome", ["joined", "open", "rescinded"])
def test_a_reason_for_a_loss_that_was_none_is_flagged_by_its_column(offers, outcome):
    row = {"open": REQUIRED, "joined": JOINED, "rescinded": JOINED | {"joined_on": ""}}[outcome]
    report = offers(row | {"outcome": outcome, "decline_theme": "compensation", "decline_note": "Too little."})
    assert [(each.row, each.flags) for each in report.flagged] == [
        (2, ["decline_theme_not_kept", "decline_note_not_kept"])
    ]
    assert not Loss.objects.exists()
    assert the_offer().flags == []


# --- what is refused


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (DECLINED | {"decided_at": "2026-11-24T09:00:01Z"}, "decided_at", "in the future"),
        (DECLINED | {"written_at": "2026-11-24T10:00:00Z"}, "written_at", "in the future"),
        (REQUIRED | {"verbal_approved_at": "2026-11-25T00:00:00Z"}, "verbal_approved_at", "in the future"),
        (JOINED | {"joined_on": "2026-11-25"}, "joined_on", "in the future"),
        (JOINED | {"left_on": "2026-11-25"}, "left_on", "in the future"),
        (JOINED | {"left_on": "2026-11-15"}, "left_on", "before the first day"),
        (DECLINED | {"left_on": "2026-11-15"}, "left_on", "before joining"),
        (DECLINED | {"decided_at": "2026-11-05T10:00:00"}, "decided_at", "no offset"),
        (DECLINED | {"decided_at": "2026-02-30T10:00:00Z"}, "decided_at", "There is no such"),
        (JOINED | {"joined_on": "2026-11-31"}, "joined_on", "There is no such"),
        (DECLINED | {"decided_at": ""}, "decided_at", "needs decided_at"),
        (JOINED | {"decided_at": ""}, "decided_at", "the acceptance"),
        (DECLINED | {"outcome": "reneged", "decided_at": ""}, "decided_at", "the acceptance"),
        (JOINED | {"joined_on": ""}, "joined_on", "the first day"),
        (REQUIRED | {"decided_at": DECIDED}, "decided_at", "An open offer has no decision"),
        (REQUIRED | {"base_salary": "0"}, "base_salary", "Zero"),
        (REQUIRED | {"base_salary": "0.00"}, "base_salary", "Zero"),
        (REQUIRED | {"base_salary": "-95000"}, "base_salary", "plain digits"),
        (REQUIRED | {"base_salary": "95,000"}, "base_salary", "plain digits"),
        (REQUIRED | {"base_salary": "9.5e4"}, "base_salary", "plain digits"),
        (REQUIRED | {"base_salary": "NaN"}, "base_salary", "plain digits"),
        (REQUIRED | {"base_salary": "95000.001"}, "base_salary", "at most 2 decimals"),
        (REQUIRED | {"base_salary": "95000.5", "currency": "JPY"}, "base_salary", "JPY has no decimals"),
        (REQUIRED | {"base_salary": "1" * 13}, "base_salary", "12 digits"),
        (REQUIRED | {"base_salary": "9" * 12, "period": "hour"}, "base_salary", "12 digits"),
        (REQUIRED | {"posted_max": "9" * 12, "period": "hour"}, "posted_max", "12 digits"),
        (REQUIRED | {"expected_salary": "9" * 12, "period": "hour"}, "expected_salary", "12 digits"),
        (REQUIRED | {"currency": "DOLLAR"}, "currency", "no currency"),
        (REQUIRED | {"outcome": "hired"}, "outcome", "not one of open, accepted"),
        (REQUIRED | {"fte": "1.1"}, "fte", "more than 1"),
        (REQUIRED | {"fte": "0"}, "fte", "Zero"),
        (REQUIRED | {"sign_on": "-1"}, "sign_on", "plain digits"),
        (REQUIRED | {"bonus_pct": "10%"}, "bonus_pct", "plain digits"),
        (REQUIRED | {"satisfaction": "11"}, "satisfaction", "from 0 to 10"),
        (REQUIRED | {"openings": "0"}, "openings", "from 1"),
        (REQUIRED | {"posted_min": "100", "posted_max": "99"}, "posted_max", "below the posted minimum"),
        (REQUIRED | {"start_on": "2027-01-04", "expires_on": "2027-01-04"}, "expires_on", "before the start"),
        (REQUIRED | {"candidate_email": "nobody"}, "candidate_email", "not an e-mail"),
        (REQUIRED | {"decline_theme": "money"}, "decline_theme", "not one of compensation"),
        (REQUIRED | {"recruiter_email": "who@example.org"}, "recruiter_email", "who@example.org --client northbridge"),
        (REQUIRED | {"hiring_manager_email": "who@example.org"}, "hiring_manager_email", "--role hiring_manager"),
        (REQUIRED | {"external_id": "x" * 61}, "external_id", "At most 60"),
        (REQUIRED | {"candidate_ref": ""}, "candidate_ref", "required and blank"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused_by_column(offers, row, column, words):
    good = REQUIRED | {"external_id": "OF-0", "candidate_ref": "C-0"}
    report = offers(good, row)
    assert refusals(report) == [(3, column)]
    assert words in report.refused[0].error
    assert not Offer.objects.exists()


@pytest.mark.parametrize("column", ["current_salary", "previous_base", "salary_history", "shoe_size"])
def test_a_column_for_prior_pay_or_an_unknown_one_is_refused_by_name(offers, column):
    report = offers(REQUIRED | {column: "90000"})
    assert refusals(report) == [(1, column)]
    assert f"“{column}”" in report.refused[0].error


def test_an_external_id_twice_needs_the_same_content(offers):
    assert counts(offers(DECLINED, DECLINED)) == (1, 0, 1)
    report = offers(DECLINED, DECLINED | {"base_salary": "95001"})
    assert refusals(report) == [(3, "external_id")]
    assert "line 2 with other content (base_salary)" in report.refused[0].error


def test_one_candidate_has_one_open_offer_of_a_requisition(offers):
    second = REQUIRED | {"external_id": "OF-2"}
    assert refusals(offers(REQUIRED, second)) == [(3, "outcome")]
    offers(REQUIRED)
    assert refusals(offers(second)) == [(2, "outcome")]
    assert counts(offers(DECLINED, second)) == (1, 1, 0)


def test_a_dry_run_shows_before_and_after_and_writes_nothing(offers):
    offers(REQUIRED)
    report = offers(REQUIRED | {"base_salary": "97000", "grade": "G6"}, dry_run=True)
    assert counts(report) == (0, 1, 0)
    assert [each.changes for each in report.diff] == [{"base": ["95000", "97000"], "grade": ["", "G6"]}]
    assert (the_offer().version.base, the_offer().requisition.grade) == (95000, "")


@pytest.mark.parametrize(
    ("said", "listed", "apart"),
    [
        ("Pay", "Pay", ""),
        ("Resigned, her mother is ill", "", "Resigned, her mother is ill"),
        ("The contract expired", "End of fixed term", "The contract expired"),
        ("Endometriosis", "", "Endometriosis"),
    ],
)
def test_why_somebody_left_is_a_listed_reason_or_words_apart_that_can_be_erased(offers, said, listed, apart):
    row = JOINED | {"left_on": "2026-11-20", "left_reason": said}
    offers(row)
    offer = the_offer()
    assert (offer.left_reason, offer.left_words, offer.why_left) == (listed, apart, said)
    assert counts(offers(row)) == (0, 0, 1)


def test_the_same_file_brings_nothing_back_of_a_person_who_was_erased_and_says_so(offers):
    """Files hold what was: the next one is mostly the last one again."""
    named = {"candidate_name": "Tom Marsh", "candidate_email": "tom@example.org"}
    left = JOINED | named | {"left_on": "2026-11-20", "left_voluntary": "yes", "left_reason": "He was ill"}
    lost = DECLINED | named | {"external_id": "OF-2", "requisition_ref": "R-2"}
    offers(left, lost)
    erase(Candidate.objects.get().pk, actor=None, now=NOW)
    for _ in range(2):
        report = offers(left, lost)
        assert counts(report) == (0, 0, 2)
        assert [(each.row, each.flags) for each in report.flagged] == [(2, ["erased_person"]), (3, ["erased_person"])]
    assert not Person.objects.exists()
    assert not Note.objects.exists()
    assert (Loss.objects.get().reason, set(Offer.objects.values_list("left_words", flat=True))) == ("", {""})


def test_the_number_of_queries_does_not_grow_with_the_rows(offers, django_assert_num_queries):
    for count, references in ((1, "A"), (30, "B")):
        keys = [f"{references}{n}" for n in range(count)]
        rows = [DECLINED | {"external_id": key, "candidate_ref": key, "requisition_ref": key} for key in keys]
        with django_assert_num_queries(36):
            offers(*rows)
