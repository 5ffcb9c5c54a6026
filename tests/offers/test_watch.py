"""Handoff watches itself: what is due and not taken up raises an alarm that clears by itself."""

from datetime import date, timedelta

import pytest

from config.embedded.processes import free_port
from governance.access import Role
from governance.models import Holiday
from offers import calendar_effect, pauses
from offers.delivery import deliver
from offers.errors import BadInput, NotYours
from offers.lapse import expire_lapsed
from offers.lifecycle import Status
from offers.models import Alarm, Approval, Clock, OutboxMessage
from offers.sweep import sweep
from offers.watch import neglected, watch
from tests import factories
from tests.offers.desk import Desk
from tests.offers.screen import Screen, text

MINUTES = timedelta(minutes=1)


def standing():
    return set(Alarm.objects.filter(cleared_at=None).values_list("kind", flat=True))


def test_a_threshold_that_no_sweep_took_up_raises_one_alarm_until_it_is_flagged(desk: Desk) -> None:
    desk.draft()
    OutboxMessage.objects.all().delete()
    due = desk.now + timedelta(hours=24)
    assert watch(now=due + 5 * MINUTES) == (0, 0)
    for _ in range(2):
        watch(now=due + 6 * MINUTES)
    assert (standing(), Alarm.objects.count(), neglected(now=due + 6 * MINUTES)) == ({"not_flagged"}, 1, 1)
    sweep(now=due + 7 * MINUTES)
    assert watch(now=due + 7 * MINUTES) == (0, 1)
    assert standing() == set()


def test_mail_that_nobody_takes_up_raises_an_alarm(desk: Desk) -> None:
    factories.OutboxMessageFactory(client=desk.client, offer=None, due_at=desk.now, created_at=desk.now)
    watch(now=desk.now + 6 * MINUTES)
    assert standing() == {"not_sent"}


def test_mail_that_the_server_does_not_take_raises_an_alarm_after_an_hour_until_it_does(desk: Desk, settings) -> None:
    """The worker takes it up each time, so nothing else would say so before mails are given up, two days later."""
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", free_port()
    desk.do("submit", desk.draft("94000"))
    asked = OutboxMessage.objects.earliest("created_at").created_at
    for minutes in (0, 20, 40, 60):
        deliver(now=asked + minutes * MINUTES)
        watch(now=asked + minutes * MINUTES)
        assert standing() == set()
    watch(now=asked + 61 * MINUTES)
    assert standing() == {"not_delivered"}
    OutboxMessage.objects.update(status="sent")
    watch(now=asked + 62 * MINUTES)
    assert standing() == set()


def test_a_letter_that_lapsed_and_was_not_closed_raises_an_alarm(desk: Desk) -> None:
    offer = desk.bring(Status.EXTENDED)
    late = offer.letter.expires_at + 16 * MINUTES
    OutboxMessage.objects.all().delete()
    sweep(now=late)
    OutboxMessage.objects.all().delete()
    watch(now=late)
    assert standing() == {"not_closed"}
    expire_lapsed(now=late)
    watch(now=late)
    assert standing() == set()


def test_auditors_see_on_their_home_page_what_is_neglected_even_without_a_worker(desk: Desk) -> None:
    desk.draft()
    desk.later(hours=24, minutes=6)
    page = text(Screen(desk, Role.AUDITOR).get("/admin/"))
    assert "due and not done" in page
    assert "Alarms" not in text(Screen(desk, Role.HIRING_MANAGER).get("/admin/"))


def holiday(desk: Desk, day: date) -> None:
    Holiday.objects.create(client=desk.client, calendar=desk.calendar, country="US", date=day, name="Founders' day")


def test_a_new_holiday_moves_nothing_until_somebody_moves_it_with_a_reason(desk: Desk) -> None:
    offer = desk.do("submit", desk.draft("94000"))
    critical = desk.draft(priority="critical", requisition=desk.open_requisition())
    before = dict(Clock.objects.values_list("pk", "target_at"))
    holiday(desk, desk.now.date() + timedelta(days=1))
    assert dict(Clock.objects.values_list("pk", "target_at")) == before
    partner, url = Screen(desk, Role.HR_PARTNER), f"/offers/calendars/{desk.calendar.pk}/effect/"
    assert "1 clock would be due at another time" in text(partner.get(url))
    partner.post(url, reason="The client closes.")
    clock = Clock.objects.get(offer=offer, kind="verbal_to_written")
    assert clock.target_at == before[clock.pk] + timedelta(days=1)
    assert Clock.objects.get(offer=critical).target_at == before[Clock.objects.get(offer=critical).pk]
    assert calendar_effect.effect(desk.calendar) == []


@pytest.mark.parametrize("priority", ["standard", "critical"])
def test_a_threshold_in_business_hours_moves_although_the_target_before_it_does_not(desk: Desk, priority: str) -> None:
    document = factories.starting_template()["escalation_path"] | {
        "hours": "business",
        "thresholds": {"standard": [24, 96], "critical": [8, 96]},
    }
    factories.EscalationPathFactory(client=desk.client, version=2, document=document, published_at=desk.now)
    desk.draft(priority=priority)
    before = Clock.objects.get()
    assert calendar_effect.effect(desk.calendar) == []
    holiday(desk, date(2026, 11, 27))  # Friday: the target is met or missed by Thursday, 96 h are reached on Monday
    url = f"/offers/calendars/{desk.calendar.pk}/effect/"
    assert "96 h threshold" in text(Screen(desk, Role.HR_PARTNER).get(url))
    calendar_effect.move(desk.calendar, actor=desk.people[Role.HR_PARTNER], now=desk.now, reason="Closed.")
    after = Clock.objects.get()
    assert after.target_at == before.target_at
    assert after.due_instants == [before.due_instants[0], before.due_instants[1] + timedelta(days=1)]
    assert calendar_effect.effect(desk.calendar) == []


def test_a_calendar_by_which_no_clock_counts_says_so(desk: Desk) -> None:
    desk.draft()
    other = factories.BusinessCalendarFactory(client=desk.client, name="Plant", is_default=False)
    page = Screen(desk, Role.HR_PARTNER).get(f"/offers/calendars/{other.pk}/effect/")
    assert "No clock counts by this calendar" in text(page)


def test_an_approval_moves_with_its_clock(desk: Desk) -> None:
    offer = desk.do("submit", desk.draft("94000"))
    due = Approval.objects.get(offer=offer, status="asked").due_at
    holiday(desk, desk.now.date())
    calendar_effect.move(desk.calendar, actor=desk.people[Role.HR_PARTNER], now=desk.now, reason="Closed.")
    assert Approval.objects.get(offer=offer, status="asked").due_at > due


def test_a_pause_after_the_target_had_passed_makes_no_clock_due_again(desk: Desk) -> None:
    """A breach stays one: what looks at the calendar must not take the pause for a reason to move it."""
    offer, recruiter = desk.draft(), desk.people[Role.RECRUITER]
    for before, paused in ((24, 24), (48, 72)):  # the second pause begins after the target
        pauses.pause(offer.pk, actor=recruiter, now=desk.later(hours=before), reason="A visit.")
        pauses.resume(offer.pk, actor=recruiter, now=desk.later(hours=paused))
    target = Clock.objects.get(offer=offer).target_at
    assert (target < desk.now, calendar_effect.effect(desk.calendar)) == (True, [])
    holiday(desk, factories.NOW.date())
    [moved] = calendar_effect.effect(desk.calendar)
    assert moved.now < desk.now


@pytest.mark.parametrize(
    ("role", "reason", "refused"), [(Role.RECRUITER, "x", NotYours), (Role.HR_PARTNER, " ", BadInput)]
)
def test_clocks_are_moved_by_who_keeps_the_calendar_and_with_a_reason(desk: Desk, role, reason, refused) -> None:
    with pytest.raises(refused):
        calendar_effect.move(desk.calendar, actor=desk.people[role], now=desk.now, reason=reason)
