"""The written offer: what it renders from, which clocks it stops and starts, and how long it may be answered."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest

from governance.access import Role
from offers import workflow
from offers.errors import BadInput, NotReady
from offers.lifecycle import Status
from offers.models import ApprovalChain, Clock, Letter
from tests import factories


def test_extending_records_the_letter_of_the_approved_version(desk):
    offer = desk.bring(Status.EXTENDED)
    assert (offer.letter.version_id, offer.letter.extended_at) == (offer.version_id, desk.now)
    assert (offer.written_at, offer.letter.extended_by) == (desk.now, desk.people[Role.RECRUITER])


def test_extending_stops_the_clock_to_the_letter_and_starts_the_candidates(desk):
    offer = desk.bring(Status.APPROVED)
    assert desk.clocks(offer) == ["verbal_to_written"]
    offer = desk.do("extend", offer, at=desk.later(hours=7))
    clock = Clock.objects.get(offer=offer, kind="verbal_to_written")
    assert (clock.stopped_at, clock.stop_reason, clock.next_due_at) == (desk.now, "done", None)
    assert desk.clocks(offer) == ["candidate_response"]


def test_the_candidates_clock_runs_to_the_last_day_and_never_reaches_the_ladder(desk):
    offer = desk.bring(Status.EXTENDED)
    clock = Clock.objects.get(offer=offer, kind="candidate_response")
    assert (clock.target_at, clock.due_instants, clock.next_due_at) == (offer.letter.expires_at, [], None)


def test_by_default_the_candidate_has_five_working_days_in_the_clients_zone(desk):
    factories.HolidayFactory(calendar=desk.calendar, date=date(2026, 11, 26))
    offer = desk.bring(Status.EXTENDED)  # on Tuesday; Thursday is closed, so Wednesday of the next week is the fifth
    assert offer.letter.expires_at == datetime(2026, 12, 3, 5, tzinfo=UTC)  # midnight in New York


def test_an_evening_in_new_york_counts_as_its_own_day(desk):
    desk.now = datetime(2026, 11, 25, 2, tzinfo=UTC)  # still Tuesday there
    assert desk.bring(Status.EXTENDED).letter.expires_at == datetime(2026, 12, 2, 5, tzinfo=UTC)


def test_the_versions_own_last_day_is_inside(desk):
    offer = desk.bring(Status.EXTENDED, expires_on=date(2026, 11, 27))
    assert offer.letter.expires_at == datetime(2026, 11, 28, 5, tzinfo=UTC)


def test_the_last_day_lies_before_the_start(desk):
    offer = desk.bring(Status.EXTENDED, start_on=date(2026, 11, 27))
    assert offer.letter.expires_at == datetime(2026, 11, 27, 5, tzinfo=UTC)


def test_a_letter_that_nobody_could_answer_is_not_extended(desk):
    offer = desk.bring(Status.APPROVED, expires_on=date(2026, 11, 24))
    desk.later(days=2)
    with pytest.raises(BadInput, match="the last day, 24 Nov 2026, has passed"):
        desk.do("extend", offer)


def test_a_letter_follows_approval(desk):
    offer = desk.do("submit", desk.draft("94000"))
    submitted = desk.now
    desk.later(hours=2)
    offer = desk.do("approve", desk.do("approve", offer, by=Role.ACCOUNT_DIRECTOR), by=Role.HR_PARTNER)
    with pytest.raises(BadInput, match="before the approval of 24 Nov 2026 at 11:00 UTC"):
        desk.do("extend", offer, at=submitted + timedelta(hours=1))
    found = offer.overrides.get()  # such a letter is suspected, and holds the next one back until it is resolved
    judge = {"actor": desk.people[Role.HR_PARTNER], "now": desk.now}
    workflow.resolve_override(found.pk, resolution="unfounded", how="Typed wrong.", **judge)
    assert desk.do("extend", offer, at=desk.now).status == Status.EXTENDED


def test_a_letter_is_not_dated_in_the_future(desk):
    with pytest.raises(BadInput, match="future"):
        desk.do("extend", desk.bring(Status.APPROVED), at=desk.now + timedelta(minutes=1))


def test_a_letter_renders_only_from_an_approved_version(desk):
    offer = desk.bring(Status.APPROVED)
    ApprovalChain.objects.filter(offer=offer).update(status="void")
    with pytest.raises(NotReady, match="not approved"):
        desk.do("extend", offer)


def test_a_letter_stays_acceptable_until_the_next_one(desk):
    first = desk.bring(Status.EXTENDED).letter
    offer = desk.edit(desk.do("revise", first.offer), base=D(101_000), target_bonus_pct=D(0))
    offer = desk.do("submit", offer)
    offer = desk.do("approve", offer, by=Role.HIRING_MANAGER)
    assert (offer.status, offer.letter, offer.letter_is_out(desk.now)) == (Status.APPROVED, first, True)
    offer = desk.do("extend", offer, at=desk.later(hours=1))
    assert (offer.letter.version.base, offer.written_at) == (D(101_000), first.extended_at)
    assert Letter.objects.get(pk=first.pk).revoked_at == desk.now
    assert desk.clocks(offer) == ["candidate_response"]


def test_the_clock_to_the_letter_never_restarts(desk):
    offer = desk.do("revise", desk.bring(Status.EXTENDED))
    desk.do("extend", desk.do("submit", offer))
    assert Clock.objects.filter(offer=offer, kind="verbal_to_written").count() == 1


def test_a_letter_out_before_any_verbal_approval_starts_no_clock_to_the_letter(desk):
    offer = desk.do("submit", desk.draft(verbal=False))
    offer = desk.do("extend", desk.do("approve", offer, by=Role.HIRING_MANAGER))
    workflow.record_verbal_approval(offer.pk, actor=desk.people[Role.RECRUITER], now=desk.now)
    assert desk.clocks(offer) == ["candidate_response"]


# --- prolonging


def test_prolonging_moves_the_last_day_and_the_clock(desk):
    offer = desk.do("prolong", desk.bring(Status.EXTENDED), until=date(2026, 12, 24))
    midnight = datetime(2026, 12, 25, 5, tzinfo=UTC)
    assert offer.letter.expires_at == midnight
    assert Clock.objects.running().get(offer=offer).target_at == midnight


def test_a_last_day_in_a_year_that_was_mistyped_is_refused_at_its_field(desk):
    offer = desk.bring(Status.EXTENDED)
    for until in (date(2062, 12, 24), date.max):
        with pytest.raises(BadInput, match="more than 5 years ahead") as refusal:
            desk.do("prolong", offer, until=until)
        assert refusal.value.field == "until"


@pytest.mark.parametrize("until", [date(2026, 11, 24), date(2026, 12, 1)])
def test_prolonging_only_gives_more_time(desk, until):
    offer = desk.bring(Status.EXTENDED)  # until 1 December
    with pytest.raises(BadInput, match="after the present one"):
        desk.do("prolong", offer, until=until)


def test_prolonging_ends_before_the_start(desk):
    offer = desk.bring(Status.EXTENDED, start_on=date(2027, 1, 4))
    assert desk.do("prolong", offer, until=date(2027, 1, 3)).status == Status.EXTENDED
    with pytest.raises(BadInput, match="before the start, 04 Jan 2027"):
        desk.do("prolong", offer, until=date(2027, 1, 4))


def test_a_lapsed_letter_can_be_answered_again_once_it_is_prolonged(desk):
    offer = desk.bring(Status.EXTENDED)
    desk.now = offer.letter.expires_at
    assert not offer.letter_is_out(desk.now)
    offer = desk.do("prolong", offer, until=date(2026, 12, 24))
    assert desk.do("accept", offer).status == Status.ACCEPTED
